/** Changes in the room, said once: shown for a moment, and read out by screen readers. */

import type { Page } from "./page";

const SHOWN_MS = 6000;
/** More would cover the other's face on a phone. */
const AT_ONCE = 2;

export class Announcer {
  constructor(private readonly page: Page) {}

  /** A sentence of the page's texts by key. */
  say(key: string, values: Record<string, string> = {}): void {
    this.sayText(this.page.text(key, values));
  }

  sayText(text: string): void {
    const place = this.page.find("announcements");
    if (!place) return;
    const sentence = document.createElement("p");
    sentence.textContent = text;
    place.append(sentence);
    while (place.childElementCount > AT_ONCE) place.firstElementChild?.remove();
    setTimeout(() => sentence.remove(), SHOWN_MS);
  }
}
