/** The lights above the pictures: whether it is recorded, and how good the connection is. */

import type { Announcer } from "./announcer";
import type { Page } from "./page";
import type { Quality } from "./quality";

export class Lights {
  private recording = false;

  constructor(
    private readonly page: Page,
    private readonly announcer: Announcer,
  ) {}

  showRecording(on: boolean): void {
    if (on !== this.recording) this.announcer.say(on ? "recording_on" : "recording_off");
    this.recordingIs(on);
  }

  showQuality(quality: Quality): void {
    const light = this.page.find("network-quality");
    if (!light || light.dataset.quality === quality) return;
    if (quality === "weak") this.announcer.say("network_weak_said");
    light.dataset.quality = quality;
    light.hidden = false;
    this.page.element("network-quality-text").textContent = this.page.text(`network_${quality}`);
  }

  /** Without a word: the person is no longer in the room. */
  putOut(): void {
    this.recordingIs(false);
    const light = this.page.find("network-quality");
    light?.removeAttribute("data-quality");
    light?.toggleAttribute("hidden", true);
  }

  /** The clerk's page has a light of its own, which the gateway keeps up to date. */
  private recordingIs(on: boolean): void {
    this.recording = on;
    const light = this.page.find("holder-recording");
    if (light) light.hidden = !on;
  }
}
