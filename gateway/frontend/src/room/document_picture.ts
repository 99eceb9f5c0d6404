/** The holder takes a picture of the identity document when the clerk asks for one, looks at it, and sends it. */

import type { Announcer } from "./announcer";
import { canFlip } from "./camera";
import type { Camera } from "./camera";
import { RoomError } from "./errors";
import { Refused } from "./page";
import type { Page } from "./page";
import { takeStill } from "./still";

type Step = "aim" | "taking" | "look" | "sending";
const BUTTONS: Record<string, Step[]> = {
  "take-picture": ["aim", "taking"],
  "send-picture": ["look", "sending"],
  "retake-picture": ["look", "sending"],
};

export class DocumentPicture {
  private wanted: string | null = null;
  private still: Blob | null = null;
  private step: Step = "aim";

  constructor(
    private readonly page: Page,
    private readonly camera: Camera,
    private readonly announcer: Announcer,
  ) {}

  bind(): void {
    const on = (action: string, act: () => void): void =>
      this.page.buttons(action).forEach((button) => button.addEventListener("click", act));
    on("take-picture", () => void this.take());
    on("send-picture", () => void this.send());
    on("retake-picture", () => this.aim());
    on("open-picture", () => this.open());
    on("close-picture", () => this.dialog?.close());
    this.dialog?.addEventListener("close", () => this.rest());
  }

  /** `pictureId`: what the clerk awaits now; asked anew, the person begins anew. */
  want(pictureId: string | null): void {
    if (pictureId === this.wanted) return;
    this.wanted = pictureId;
    this.page.buttons("open-picture").forEach((button) => (button.hidden = pictureId === null));
    if (pictureId === null) return this.dialog?.close();
    this.announcer.say("picture_asked");
    this.open();
  }

  /** The camera was turned around. */
  showCamera(): void {
    const video = this.page.find<HTMLVideoElement>("document-video");
    if (video && this.dialog?.open) video.srcObject = this.camera.stream;
  }

  private get dialog(): HTMLDialogElement | null {
    return this.page.find<HTMLDialogElement>("document-picture");
  }

  private open(): void {
    if (!this.dialog?.open) this.dialog?.showModal();
    this.aim();
  }

  private aim(): void {
    this.forget();
    this.showCamera();
    this.show("aim", this.camera.off.video ? "picture_camera_off" : "picture_aim");
  }

  private async take(): Promise<void> {
    const track = this.camera.stream?.getVideoTracks()[0];
    if (!track || this.camera.off.video) return this.aim();
    this.show("taking", "picture_taking");
    try {
      this.still = await takeStill(track);
      const preview = this.page.element<HTMLImageElement>("document-preview");
      preview.src = URL.createObjectURL(this.still);
      if (this.dialog?.open) this.show("look", "picture_look");
    } catch {
      this.show("aim", "picture_failed");
    }
  }

  private async send(): Promise<void> {
    const pictureId = this.wanted;
    if (!this.still || !pictureId) return;
    this.show("sending", "picture_sending");
    try {
      await this.page.sendPicture(pictureId, this.still);
      this.done("picture_sent");
    } catch (error) {
      if (pictureId !== this.wanted) return;
      this.show("look", "picture_not_sent");
      if (error instanceof RoomError || !(error instanceof Refused)) return;
      if (error.body.reason === "picture_not_wanted") return this.done("picture_not_wanted", error.body.text);
      if (error.body.text) this.tell(error.body.text);
    }
  }

  private done(key: string, sentence?: string): void {
    this.step = "aim";
    this.want(null);
    if (sentence) this.announcer.sayText(sentence);
    else this.announcer.say(key);
  }

  private rest(): void {
    this.forget();
    this.step = "aim";
    const video = this.page.find<HTMLVideoElement>("document-video");
    if (video) video.srcObject = null;
  }

  private forget(): void {
    this.still = null;
    const preview = this.page.find<HTMLImageElement>("document-preview");
    if (!preview?.src) return;
    URL.revokeObjectURL(preview.src);
    preview.removeAttribute("src");
  }

  private show(step: Step, key: string): void {
    this.step = step;
    const looking = step === "look" || step === "sending";
    for (const [action, steps] of Object.entries(BUTTONS)) {
      for (const button of this.page.buttons(action)) {
        button.hidden = !steps.includes(step);
        button.disabled = step === "taking" || step === "sending" || (step === "aim" && this.camera.off.video);
      }
    }
    this.page.element("document-preview").hidden = !looking;
    this.dialog?.classList.toggle("looking", looking);
    this.tell(this.page.text(key));
    const flips = this.dialog?.querySelector<HTMLButtonElement>('[data-action="flip-camera"]');
    if (flips) void canFlip().then((can) => (flips.hidden = !can || this.step !== "aim"));
  }

  private tell(sentence: string): void {
    this.page.element("document-picture-text").textContent = sentence;
  }
}
