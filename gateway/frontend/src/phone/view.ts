/** The page: one section at a time, the progress above it, problems with what to do about them. */

export type Step = "loading" | "intro" | "data" | "code" | "key" | "term" | "done" | "own" | "place" | "revoke" | "stopped";
/** What somebody can do where the page cannot go on. */
export type Way = "renew" | "browser" | "computer" | "clerk" | "office";
const ORDER: Step[] = ["data", "code", "key", "term", "done"];

export class View {
  private readonly texts: Record<string, string>;

  constructor(private readonly root: HTMLElement) {
    this.texts = JSON.parse(document.getElementById("phone-texts")?.textContent || "{}") as Record<string, string>;
  }

  get api(): string {
    return this.root.dataset.api ?? "";
  }

  text(key: string, values: Record<string, string> = {}): string {
    return (this.texts[key] ?? key).replace(/\{(\w+)\}/g, (whole, name: string) => values[name] ?? whole);
  }

  element<T extends HTMLElement>(id: string): T {
    return document.getElementById(id) as T;
  }

  put(id: string, text: string): void {
    this.element(id).textContent = text;
  }

  show(step: Step): void {
    for (const section of this.root.querySelectorAll<HTMLElement>("[data-step]")) section.hidden = section.dataset.step !== step;
    this.clearProblem();
    const position = ORDER.indexOf(step);
    this.element("phone-steps").hidden = position < 0;
    for (const mark of this.root.querySelectorAll<HTMLElement>("[data-mark]")) {
      const own = ORDER.indexOf(mark.dataset.mark as Step);
      mark.classList.toggle("passed", own < position || step === "done");
      if (own === position) mark.setAttribute("aria-current", "step");
      else mark.removeAttribute("aria-current");
    }
    window.scrollTo(0, 0);
    // Readers by ear are told of the new step; a field to type in is what everybody wants next.
    const section = this.root.querySelector<HTMLElement>(`[data-step="${step}"]`);
    const wanted = section?.querySelector<HTMLElement>("input:not([type=checkbox], [type=radio])") ?? section?.querySelector("h1");
    if (wanted?.tagName === "H1") wanted.tabIndex = -1;
    wanted?.focus({ preventScroll: true });
  }

  problem(text: string, help = ""): void {
    this.put("phone-problem-text", text);
    this.put("phone-problem-help", help);
    const notice = this.element("phone-problem");
    notice.hidden = false;
    notice.scrollIntoView({ block: "nearest" });
    notice.focus();
  }

  clearProblem(): void {
    this.element("phone-problem").hidden = true;
  }

  /** It does not go on from here; the reader learns why, and which ways there are. */
  stop(text: string, help = "", ways: Way[] = []): void {
    this.show("stopped");
    this.put("stopped-text", text);
    this.put("stopped-help", help);
    for (const way of this.root.querySelectorAll<HTMLElement>("[data-way]")) way.hidden = !ways.includes(way.dataset.way as Way);
  }

  /** While work goes on, its button rests and the line beside it says so. */
  async busy(button: HTMLButtonElement, line: string | null, work: () => Promise<void>): Promise<void> {
    button.disabled = true;
    if (line) this.element(line).hidden = false;
    try {
      await work();
    } finally {
      button.disabled = false;
      if (line) this.element(line).hidden = true;
    }
  }
}
