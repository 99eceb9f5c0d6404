/** Keys of the room: M and V switch microphone and camera, Escape closes what lies beside the pictures. */

const SHORTCUTS: Record<string, string> = { m: "mute-audio", v: "mute-video" };

export function bindKeys(): void {
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey || event.repeat || event.defaultPrevented) return;
    if (document.querySelector("dialog[open]")) return;
    if (event.key === "Escape") return closePanel();
    if (event.target instanceof Element && event.target.closest("input, textarea, select, [contenteditable]")) return;
    const action = SHORTCUTS[event.key.toLowerCase()];
    const button = document.querySelector<HTMLButtonElement>(`[data-action="${action}"]`);
    // Before and after the meeting the buttons are not shown, and their keys do nothing.
    if (button && button.offsetParent !== null) button.click();
  });
}

function closePanel(): void {
  const panel = document.querySelector<HTMLElement>(".room-panel:not([hidden])");
  if (!panel) return;
  panel.querySelector<HTMLButtonElement>("[data-panel]")?.click();
  document.querySelector<HTMLElement>(`[data-panel="#${panel.id}"][aria-expanded]`)?.focus();
}
