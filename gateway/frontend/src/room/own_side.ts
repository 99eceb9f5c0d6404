/** What the person does with camera and microphone while in the room, and what a weak connection leaves of it. */

import type { Announcer } from "./announcer";
import { AudioFallback } from "./audio_fallback";
import type { SentPicture } from "./audio_fallback";
import { canFlip } from "./camera";
import type { Camera, TrackKind } from "./camera";
import type { Page } from "./page";
import type { SfuStay } from "./sfu";
import type { Stage } from "./stage";

export class OwnSide {
  readonly fallback = new AudioFallback((picture, before) => this.changeSent(picture, before));

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
    this.page.buttons("resume-picture").forEach((button) => button.addEventListener("click", () => this.fallback.resume()));
  }

  showPicture(): void {
    this.stage.showLocal(this.camera.stream, this.camera.mirrored);
  }

  /** What is switched off or spared: on the buttons, on the own picture, in what is sent, and at the others'. */
  showOff(): void {
    const paused = this.fallback.picture === "paused";
    const off = { ...this.camera.off, picture: paused };
    for (const kind of ["audio", "video"] as const) {
      this.page.buttons(`mute-${kind}`).forEach((button) => button.setAttribute("aria-pressed", String(off[kind])));
    }
    this.page.buttons("resume-picture").forEach((button) => (button.hidden = !paused));
    this.stage.showOwnOff(off);
    this.stay()?.describe(off);
  }

  /** Send as much of the picture as the connection bears; also of a stay that has just begun. */
  limitPicture(): void {
    void this.stay()?.limitPicture(this.fallback.picture).catch(() => undefined); // a connection that is being replaced
  }

  async offerFlip(): Promise<void> {
    const flips = await canFlip();
    this.page.buttons("flip-camera").forEach((button) => (button.hidden = !flips));
  }

  private changeSent(picture: SentPicture, before: SentPicture): void {
    if (picture === "paused") this.announcer.say("own_picture_off");
    else if (before === "paused") this.announcer.say("own_picture_on");
    this.limitPicture();
    this.showOff();
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
