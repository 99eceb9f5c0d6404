/** The page: take a file, say what is found. The file stays in this browser. */
import { type Authority, authorityAt } from "./chain";
import type { Bytes } from "./pdf";
import { type Check, type Facts, type Verdict, verdictOn } from "./verdict";

const LARGEST = 20 * 1024 * 1024;

export class VerificationPage {
  private readonly texts: Record<string, string>;
  private readonly input: HTMLInputElement;
  private readonly result: HTMLElement;
  private authority: Promise<Authority> | null = null;

  constructor(private readonly root: HTMLElement) {
    this.texts = JSON.parse(document.getElementById("verification-texts")?.textContent || "{}") as Record<string, string>;
    this.input = root.querySelector("#file") as HTMLInputElement;
    this.result = root.querySelector("#result") as HTMLElement;
  }

  start(): void {
    this.input.addEventListener("change", () => void this.take(this.input.files?.[0]));
    this.root.addEventListener("dragover", (event) => event.preventDefault());
    this.root.addEventListener("drop", (event) => {
      event.preventDefault();
      void this.take(event.dataTransfer?.files[0]);
    });
    const protocol = decodeURIComponent(window.location.hash.slice(1));
    if (/^[\d.-]{20,40}$/.test(protocol)) this.say("#from-term", this.text("from_term", { protocol }));
  }

  private async take(file: File | undefined): Promise<void> {
    if (!file) return;
    this.say("#busy", this.text("busy", { name: file.name }));
    this.result.replaceChildren();
    try {
      if (file.size > LARGEST) throw new RangeError("too large");
      const content = new Uint8Array(await file.arrayBuffer()) as Bytes;
      this.authority ??= authorityAt(this.base);
      this.show(file.name, await verdictOn(content, await this.authority, this.base));
    } catch (error) {
      this.authority = null;
      this.failed(error instanceof RangeError ? "too_large" : "unreachable_authority");
    } finally {
      this.say("#busy", "");
      this.input.value = "";
    }
  }

  private get base(): string {
    return this.root.dataset.authority ?? "";
  }

  private show(name: string, verdict: Verdict): void {
    const banner = element("div", `verdict verdict-${verdict.genuine}`);
    const title = element("h2", "", this.text(`${verdict.kind}_${verdict.genuine}`));
    title.tabIndex = -1;
    banner.append(title, element("p", "muted", name));
    this.result.replaceChildren(banner);
    if (verdict.checks.length) this.result.append(this.checks(verdict.checks));
    if (verdict.facts) this.result.append(element("h3", "", this.text("facts")), this.facts(verdict.facts));
    title.focus();
  }

  private failed(why: string): void {
    const banner = element("div", "verdict verdict-unknown");
    banner.append(element("p", "", this.text(why)));
    this.result.replaceChildren(banner);
  }

  private checks(checks: Check[]): HTMLElement {
    const list = element("ul", "verdict-checks");
    for (const check of checks) {
      const line = element("li", `check-${check.answer}`);
      line.append(
        element("span", "check-answer", this.text(`answer_${check.answer}`)),
        element("strong", "", this.text(`question_${check.question}`)),
        element("span", "check-why", this.text(`why_${check.why}`, { moment: check.moment ? this.moment(check.moment) : "" })),
      );
      list.append(line);
    }
    return list;
  }

  private facts(facts: Facts): HTMLElement {
    const list = element("dl", "data-list");
    const lines: [string, string | undefined, string?][] = [
      ["name", facts.name],
      ["cpf", facts.cpf.replace(/^(\d{3})(\d{3})(\d{3})(\d{2})$/, "$1.$2.$3-$4")],
      ["signed_at", facts.signedAt && this.moment(facts.signedAt)],
      ["validity", `${this.moment(facts.from)} – ${this.moment(facts.until)}`],
      ["serial", facts.serial, "code"],
      ["sha256", facts.sha256, "code"],
    ];
    for (const [name, value, kind] of lines) {
      if (!value) continue;
      const line = element("div", "");
      line.append(element("dt", "", this.text(`fact_${name}`)), element("dd", kind ?? "", value));
      list.append(line);
    }
    return list;
  }

  private moment(moment: Date): string {
    return moment.toLocaleString(document.documentElement.lang, { dateStyle: "short", timeStyle: "short" });
  }

  private text(key: string, values: Record<string, string> = {}): string {
    return (this.texts[key] ?? key).replace(/\{(\w+)\}/g, (whole, name: string) => values[name] ?? whole);
  }

  private say(selector: string, text: string): void {
    const place = this.root.querySelector<HTMLElement>(selector);
    if (!place) return;
    place.textContent = text;
    place.hidden = !text;
  }
}

function element(tag: string, kind: string, text = ""): HTMLElement {
  const made = document.createElement(tag);
  if (kind) made.className = kind;
  made.textContent = text;
  return made;
}
