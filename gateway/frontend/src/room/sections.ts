/** What the stage shows beside the pictures: one section at a time, and one sentence above all. */

import type { Page } from "./page";

const SECTIONS = ["prejoin", "waiting", "ended", "unusable", "in-app"] as const;
export type Section = (typeof SECTIONS)[number] | null;

export class Sections {
  constructor(private readonly page: Page) {}

  show(section: Section): void {
    for (const id of SECTIONS) {
      const element = this.page.find(id);
      if (element) element.hidden = id !== section;
    }
  }

  has(section: Exclude<Section, null>): boolean {
    return this.page.find(section) !== null;
  }

  showUnusable(text: string): void {
    const place = this.page.find("unusable-text");
    if (place) place.textContent = text;
    this.show("unusable");
  }

  /** A sentence of the page's texts; none where the key is empty. */
  say(key: string): void {
    this.sayText(key ? this.page.text(key) : "");
  }

  sayText(text: string): void {
    const place = this.page.element("room-error");
    place.textContent = text;
    place.hidden = !text;
  }
}
