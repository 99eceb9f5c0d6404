/** Small conveniences named by data attributes: masks, copying, dialogs, panels, reload, unsaved typing. */

export function startConveniences(): void {
  document.addEventListener("input", (event) => mask(event.target));
  document.addEventListener("click", (event) => {
    if (event.target instanceof Element) clicked(event.target, event);
  });
  for (const form of document.querySelectorAll<HTMLFormElement>("form[data-guard]")) guardTyping(form);
  document.addEventListener("submit", submitOnce);
  if (window.matchMedia("(max-width: 48rem)").matches) {
    for (const panel of document.querySelectorAll<HTMLElement>(".room-panel:not([hidden])")) togglePanel(`#${panel.id}`);
  }
  window.addEventListener("pageshow", (event) => {
    if (event.persisted) for (const form of document.querySelectorAll("form[data-sent]")) delete (form as HTMLElement).dataset.sent;
  });
}

/** `000.000.000-00` and `dd/mm/aaaa` while typing at the end of the field. */
export function mask(target: EventTarget | null): void {
  if (!(target instanceof HTMLInputElement) || target.selectionStart !== target.value.length) return;
  const kind = target.dataset.mask;
  if (kind === "cpf" && /^[\d.\- ]*$/.test(target.value)) target.value = grouped(target.value, [3, 3, 3, 2], "..-");
  if (kind === "date" && /^[\d/]*$/.test(target.value)) target.value = grouped(target.value, [2, 2, 4], "//");
}

export function grouped(typed: string, sizes: number[], marks: string): string {
  let digits = typed.replace(/\D/g, "");
  let shown = "";
  sizes.forEach((size, position) => {
    if (!digits) return;
    shown += (position ? marks[position - 1] : "") + digits.slice(0, size);
    digits = digits.slice(size);
  });
  return shown;
}

function clicked(target: Element, event: Event): void {
  const closing = target.closest<HTMLElement>("[data-dialog-close]");
  closing?.closest("dialog")?.close();
  const opening = target.closest<HTMLElement>("[data-dialog]");
  if (opening) {
    event.preventDefault();
    document.querySelector<HTMLDialogElement>(opening.dataset.dialog as string)?.showModal();
  }
  const panel = target.closest<HTMLElement>("[data-panel]");
  if (panel) togglePanel(panel.dataset.panel as string);
  const copying = target.closest<HTMLElement>("[data-copy]");
  if (copying) {
    const source = document.querySelector<HTMLInputElement>(copying.dataset.copy as string);
    if (source) void copyText(source.value, copying, source);
  }
  if (target.closest("[data-reload]")) window.location.reload();
  if (target instanceof HTMLInputElement && target.dataset.select !== undefined) target.select();
}

function togglePanel(selector: string): void {
  const panel = document.querySelector<HTMLElement>(selector);
  if (!panel) return;
  for (const other of document.querySelectorAll<HTMLElement>(".room-panel")) other.hidden = other === panel ? !other.hidden : true;
  for (const button of document.querySelectorAll<HTMLElement>("[data-panel][aria-expanded]")) {
    const own = document.querySelector<HTMLElement>(button.dataset.panel as string);
    button.setAttribute("aria-expanded", String(!own?.hidden));
  }
}

/** Copy, and say so on the button; where the clipboard is closed to us the text is selected, to be copied by hand. */
export async function copyText(text: string, button: HTMLElement, source?: HTMLInputElement): Promise<void> {
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    source?.select();
    if (!document.execCommand("copy")) return;
  }
  const shown = button.querySelector("span") ?? button;
  const before = shown.textContent;
  shown.textContent = button.dataset.copied ?? before;
  window.setTimeout(() => (shown.textContent = before), 2500);
}

/** Leaving a page with unsaved typing asks first. */
function guardTyping(form: HTMLFormElement): void {
  let typed = false;
  form.addEventListener("input", () => (typed = true));
  form.addEventListener("submit", () => (typed = false));
  window.addEventListener("beforeunload", (event) => {
    if (typed) event.preventDefault();
  });
}

/** The second click of a double click sends nothing; the server would not act on it twice either. */
function submitOnce(event: SubmitEvent): void {
  const form = event.target;
  if (!(form instanceof HTMLFormElement) || form.method !== "post" || form.hasAttribute("hx-post")) return;
  if (form.dataset.sent) {
    event.preventDefault();
    return;
  }
  form.dataset.sent = "yes";
  window.setTimeout(() => delete form.dataset.sent, 5000);
}
