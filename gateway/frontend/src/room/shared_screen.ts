/** The person's own screen, shown to the others as a second publisher. */

import { canShareScreen, openScreen, stopAll } from "./devices";
import { RoomError } from "./errors";
import type { Page } from "./page";
import type { Sections } from "./sections";
import type { SfuStay } from "./sfu";

export interface ScreenPlace {
  stay: SfuStay;
  participantId: string;
  displayName: string;
}

export class SharedScreen {
  private stream: MediaStream | null = null;

  /** `place`: where it is shown, none while out of the room. */
  constructor(
    private readonly page: Page,
    private readonly sections: Sections,
    private readonly place: () => ScreenPlace | null,
  ) {}

  bind(): void {
    for (const button of this.page.buttons("share-screen")) {
      button.hidden = !canShareScreen();
      button.addEventListener("click", () => void this.toggle());
    }
  }

  /** Show what is shared, if anything is: also after a connection was lost. */
  async publish(): Promise<void> {
    const track = this.stream?.getVideoTracks()[0];
    const place = this.place();
    if (!track || !place) return;
    const access = await this.page.join(place.displayName, "screen", place.participantId);
    await place.stay.share(track, access, this.page.text("screen_of", { name: place.displayName }));
    this.press(true);
  }

  stop(): void {
    stopAll(this.stream);
    this.stream = null;
    this.place()?.stay.unshare();
    this.press(false);
  }

  private async toggle(): Promise<void> {
    if (this.stream) return this.stop();
    try {
      this.stream = await openScreen();
      // The browser's own "stop sharing" ends the track.
      this.stream.getVideoTracks()[0]?.addEventListener("ended", () => this.stop());
      await this.publish();
    } catch (error) {
      this.stop();
      this.sections.say(error instanceof RoomError ? error.code : "failed");
    }
  }

  private press(pressed: boolean): void {
    this.page.buttons("share-screen").forEach((button) => button.setAttribute("aria-pressed", String(pressed)));
  }
}
