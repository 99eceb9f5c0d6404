/** What a person can do about a failure, step by step, as it is done in this browser on this system. */

import type { Page } from "./page";
import { platform } from "./platform";
import type { Platform } from "./platform";

export type RepairCode =
  | "permission_denied"
  | "no_device"
  | "device_busy"
  | "insecure"
  | "failed"
  | "silent"
  | "sound"
  | "connection"
  | "in_app";

/** Steps by key: the failure's code, then from the most special to the most general `.browser.system`, `.system`, `.browser`. */
export type RepairTexts = Record<string, string[]>;

export function stepsFor(texts: RepairTexts, code: string, { browser, system, app }: Platform): string[] {
  const place = code === "in_app" ? (app ?? "other") : browser;
  const keys = [`${code}.${place}.${system}`, `${code}.${system}`, `${code}.${place}`, code];
  const found = keys.find((key) => texts[key]);
  const settings = texts[`${code}.settings.${system}`] ?? [];
  return [...(found ? (texts[found] ?? []) : []), ...settings];
}

export class Repairs {
  private readonly texts: RepairTexts;
  private again: (() => void) | null = null;

  constructor(private readonly page: Page) {
    this.texts = JSON.parse(document.getElementById("room-repairs")?.textContent || "{}") as RepairTexts;
    this.page.buttons("try-again").forEach((button) => button.addEventListener("click", () => this.again?.()));
  }

  /** Whether the page has steps for that failure and a place to show them. */
  knows(code: string): boolean {
    return this.page.find("repair") !== null && this.steps(code).length > 0;
  }

  /** `again`: what “try again” does. `vital`: without it the person cannot be identified, so that entering makes no sense. */
  show(code: RepairCode, again: () => void, vital: boolean): void {
    const panel = this.page.find("repair");
    if (!panel) return;
    this.again = again;
    this.page.element("repair-title").textContent = this.page.text(code);
    list(this.page.element("repair-steps"), this.steps(code));
    this.page.element("repair-anyway").hidden = vital;
    panel.dataset.code = code;
    panel.hidden = false;
    panel.scrollIntoView({ block: "nearest" });
  }

  /** Away with it, if it speaks of one of those failures (of any, if none is named). */
  hide(...codes: RepairCode[]): void {
    const panel = this.page.find("repair");
    if (panel && (codes.length === 0 || codes.includes(panel.dataset.code as RepairCode))) panel.hidden = true;
  }

  steps(code: string): string[] {
    return stepsFor(this.texts, code, platform());
  }
}

export function list(place: HTMLElement, steps: string[]): void {
  place.replaceChildren(
    ...steps.map((step) => {
      const item = document.createElement("li");
      item.textContent = step;
      return item;
    }),
  );
}
