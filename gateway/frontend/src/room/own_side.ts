/** What the person does with camera and microphone while in the room. */

import type { Announcer } from "./announcer";
import { canFlip } from "./camera";
import type { Camera, TrackKind } from "./camera";
import type { Page } from "./page";
import type { SfuStay } from "./sfu";
import type { Stage } from "./stage";

export class OwnSide {
  constructor(
    private readonly page: Page,
    private readonly stage: Stage,
    private readonly camera: Camera,
    private readonly announcer: Announcer,
    private readonly stay: () => SfuStay | null,
    private readonly flipped: () => void,
  ) {}

  bind(): void {
    for (const kind of ["audio", "video"] as const) {
      this.page.buttons(`mute-${kind}`).forEach((button) => button.addEventListener("click", () => this.toggle(kind)));
    }
    this.page.buttons("flip-camera").forEach((button) => button.addEventListener("click", () => void this.flip(button)));
  }

  showPicture(): void {
    this.stage.showLocal(this.camera.stream, this.camera.mirrored);
  }

  /** What is switched off: on the buttons, on the own picture, and at the others'. */
  showOff(): void {
    const { off } = this.camera;
    for (const kind of ["audio", "video"] as const) {
      this.page.buttons(`mute-${kind}`).forEach((button) => button.setAttribute("aria-pressed", String(off[kind])));
    }
    this.stage.showOwnOff(off);
    this.stay()?.describe(off);
  }

  async offerFlip(): Promise<void> {
    const flips = await canFlip();
    this.page.buttons("flip-camera").forEach((button) => (button.hidden = !flips));
  }

  private toggle(kind: TrackKind): void {
    if (!this.camera.stream) return;
    this.camera.toggle(kind);
    this.showOff();
    this.announcer.say(`own_${kind}_${this.camera.off[kind] ? "off" : "on"}`);
  }

  private async flip(button: HTMLButtonElement): Promise<void> {
    button.disabled = true;
    try {
      const track = await this.camera.flip();
      if (track) await this.stay()?.replacePicture(track);
      this.showPicture();
      this.flipped();
    } catch {
      this.announcer.say("device_lost");
    } finally {
      button.disabled = false;
    }
  }
}
