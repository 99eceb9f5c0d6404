/** The auditors' slider through an emission's history: letting go of it opens the chosen version. */

export function startReplay(): void {
  const slider = document.querySelector<HTMLInputElement>("#replay-slider");
  if (!slider) return;
  const output = document.querySelector<HTMLOutputElement>("#replay-version");
  slider.addEventListener("input", () => {
    if (output) output.value = slider.value;
  });
  slider.addEventListener("change", () => slider.form?.requestSubmit());
}
