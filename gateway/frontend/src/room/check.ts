/** The check before joining: picture, microphone, loudspeaker and the way to the room, each with what to do where it fails. */

import type { Camera } from "./camera";
import { tryConnection } from "./connection";
import { listDevices, showLevel } from "./devices";
import type { DeviceKind } from "./devices";
import { RoomError } from "./errors";
import type { Page } from "./page";
import { Repairs } from "./repairs";
import type { RepairCode } from "./repairs";
import { playNotes } from "./sound";

type Part = "camera" | "microphone" | "sound" | "connection";
/** As words and icons show it; `doubt` never keeps anybody from joining. */
type Finding = "idle" | "busy" | "good" | "doubt" | "bad";

/** On the meter's scale: -42 dB, above the noise of a quiet room. */
const HEARD_LEVEL = 0.3;
const HEARD_FRAMES = 3;
const SILENCE_MS = 8000;
const DEVICE_KINDS: DeviceKind[] = ["camera", "microphone"];

export class DeviceCheck {
  private readonly repairs: Repairs;
  private endLevel: (() => void) | null = null;
  private silence = 0;

  constructor(
    private readonly page: Page,
    private readonly camera: Camera,
  ) {
    this.repairs = new Repairs(page);
  }

  bind(): void {
    this.on("open-devices", () => void this.tryDevices());
    this.on("hear-sound", () => void this.playSound());
    this.on("sound-heard", () => this.soundHeard(true));
    this.on("sound-not-heard", () => this.soundHeard(false));
    this.on("help-microphone", () => this.repairs.show("silent", () => void this.tryDevices(), false));
    this.on("help-connection", () => this.repairs.show("connection", () => void this.checkConnection(), false));
    for (const kind of DEVICE_KINDS) {
      this.page.find<HTMLSelectElement>(`${kind}-choice`)?.addEventListener("change", (event) => {
        void this.tryDevices({ kind, id: (event.target as HTMLSelectElement).value });
      });
    }
    navigator.mediaDevices?.addEventListener?.("devicechange", () => this.camera.stream && void this.listChoices());
  }

  /** Open camera and microphone and show them; throws a RoomError. */
  async open(chosen?: { kind: DeviceKind; id: string }): Promise<MediaStream> {
    this.say("camera", "busy");
    const stream = chosen ? await this.camera.choose(chosen.kind, chosen.id) : await this.camera.open();
    this.repairs.hide("permission_denied", "no_device", "device_busy", "insecure", "failed", "silent");
    const preview = this.page.find<HTMLVideoElement>("device-video");
    if (preview && preview.srcObject !== stream) preview.srcObject = stream;
    this.page.buttons("open-devices").forEach((button) => (button.hidden = true));
    this.say("camera", "good");
    this.listen(stream);
    await this.listChoices();
    return stream;
  }

  /** Show what a person can do about that failure; false where the page has no words for it. */
  explain(error: unknown): boolean {
    const code = error instanceof RoomError ? error.code : "failed";
    if (!this.repairs.knows(code)) return false;
    this.say("camera", "bad");
    this.say("microphone", "bad");
    this.page.buttons("open-devices").forEach((button) => (button.hidden = false));
    this.repairs.show(code as RepairCode, () => void this.tryDevices(), true);
    return true;
  }

  /** The way to the room, as the gateway names it. */
  async checkConnection(): Promise<void> {
    if (!this.page.offersRoute) return;
    this.say("connection", "busy");
    const finding = await this.page.route().then(tryConnection, () => "no_signalling" as const);
    const shown = finding === "good" ? "good" : finding === "weak" ? "doubt" : "bad";
    this.say("connection", shown);
    if (shown === "good") this.repairs.hide("connection");
  }

  /** Stop measuring; camera and microphone stay as they are. */
  rest(): void {
    this.endLevel?.();
    this.endLevel = null;
    clearTimeout(this.silence);
  }

  /** As before the first look, for who comes back. */
  reset(): void {
    this.rest();
    this.repairs.hide();
    this.say("camera", "idle");
    this.say("microphone", "idle");
    this.page.buttons("open-devices").forEach((button) => (button.hidden = false));
  }

  private async tryDevices(chosen?: { kind: DeviceKind; id: string }): Promise<void> {
    await this.open(chosen).catch((error: unknown) => this.explain(error));
  }

  private listen(stream: MediaStream): void {
    this.rest();
    const meter = this.page.find<HTMLMeterElement>("microphone-level");
    if (!meter) return;
    this.say("microphone", "busy");
    let loud = 0;
    let heard = false;
    this.endLevel = showLevel(stream, meter, (level) => {
      loud = level > HEARD_LEVEL ? loud + 1 : 0;
      if (heard || loud < HEARD_FRAMES) return;
      heard = true;
      clearTimeout(this.silence);
      this.say("microphone", "good");
      this.repairs.hide("silent");
    });
    this.silence = window.setTimeout(() => this.say("microphone", "doubt"), SILENCE_MS);
  }

  /** A choice among one device is none. */
  private async listChoices(): Promise<void> {
    for (const kind of DEVICE_KINDS) {
      const select = this.page.find<HTMLSelectElement>(`${kind}-choice`);
      if (!select) continue;
      const devices = await listDevices(kind);
      select.replaceChildren(
        ...devices.map((device, position) => {
          const name = device.label || this.page.text(`${kind}_number`, { number: String(position + 1) });
          return new Option(name, device.deviceId, false, this.camera.uses(device));
        }),
      );
      select.parentElement?.toggleAttribute("hidden", devices.length < 2);
    }
  }

  private async playSound(): Promise<void> {
    this.say("sound", "busy");
    await playNotes().catch(() => undefined);
    this.say("sound", "idle");
    this.askWhetherHeard(true);
  }

  private soundHeard(heard: boolean): void {
    this.askWhetherHeard(false);
    this.say("sound", heard ? "good" : "doubt");
    if (heard) this.repairs.hide("sound");
    else this.repairs.show("sound", () => void this.playSound(), false);
  }

  private askWhetherHeard(asking: boolean): void {
    const question = this.page.find("sound-question");
    if (!question) return;
    question.hidden = !asking;
    this.page.buttons("hear-sound").forEach((button) => (button.hidden = asking));
    if (asking) this.page.buttons("sound-heard")[0]?.focus();
  }

  private say(part: Part, finding: Finding): void {
    const line = document.querySelector<HTMLElement>(`[data-check="${part}"]`);
    if (!line) return;
    line.dataset.finding = finding;
    const said = line.querySelector(".check-said");
    if (said) said.textContent = this.page.text(`${part}_${finding}`);
    // Where the devices cannot be opened, the steps are shown already.
    const helpful = finding === "doubt" || (finding === "bad" && part === "connection");
    this.page.buttons(`help-${part}`).forEach((button) => (button.hidden = !helpful));
  }

  private on(action: string, act: () => void): void {
    this.page.buttons(action).forEach((button) => button.addEventListener("click", act));
  }
}
