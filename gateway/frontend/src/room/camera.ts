/** The person's own camera and microphone: opened, chosen, switched off and on, turned around. */

import { listDevices, openDevices, openFacing, stopAll } from "./devices";
import type { Choice, DeviceKind, Facing } from "./devices";

export type TrackKind = "audio" | "video";
const CHOICE = "titular.room.devices";

export class Camera {
  stream: MediaStream | null = null;
  private facing: Facing = "user";
  private opening: Promise<MediaStream> | null = null;

  /** `onLost`: a device was pulled out, or taken away by a phone call. */
  constructor(private readonly onLost: () => void) {}

  /** The open stream, or a new one of the devices that were chosen; asked twice at once it is opened once. */
  open(): Promise<MediaStream> {
    this.opening ??= this.openChosen().finally(() => (this.opening = null));
    return this.opening;
  }

  /** Close what is open and open it with that device. */
  async choose(kind: DeviceKind, deviceId: string): Promise<MediaStream> {
    remember({ ...choice(), [kind]: deviceId });
    this.close();
    return this.open();
  }

  /** Whether that device is in use, perhaps under another name. */
  uses(device: MediaDeviceInfo): boolean {
    const used = this.track(device.kind === "videoinput" ? "video" : "audio")?.getSettings();
    return used?.deviceId === device.deviceId || (used?.deviceId === "default" && used.groupId === device.groupId);
  }

  /** A disabled track goes on as silence or a black picture, so the recording has no hole. */
  toggle(kind: TrackKind): void {
    const track = this.track(kind);
    if (track) track.enabled = !track.enabled;
  }

  /** What is switched off. */
  get off(): Record<TrackKind, boolean> {
    const off = (kind: TrackKind): boolean => this.track(kind)?.enabled === false;
    return { audio: off("audio"), video: off("video") };
  }

  /** Whether the picture is the person's own face, to be shown as in a mirror. */
  get mirrored(): boolean {
    return this.facing === "user";
  }

  /** Show the other side of a phone; the way back is opened where that fails. Returns the new track. */
  async flip(): Promise<MediaStreamTrack | null> {
    const before = this.track("video");
    if (!this.stream || !before) return null;
    const { stream } = this;
    const back = this.facing;
    const forth: Facing = back === "user" ? "environment" : "user";
    // Phones open one camera at a time.
    before.stop();
    const opened = await openFacing(forth).then(
      (found) => ({ found, facing: forth }),
      async () => ({ found: await openFacing(back), facing: back }),
    );
    const track = opened.found.getVideoTracks()[0];
    if (!track) return null;
    track.enabled = before.enabled;
    track.addEventListener("ended", () => this.onLost());
    stream.removeTrack(before);
    stream.addTrack(track);
    this.facing = opened.facing;
    return track;
  }

  close(): void {
    stopAll(this.stream);
    this.stream = null;
  }

  private async openChosen(): Promise<MediaStream> {
    if (this.stream?.getTracks().every((track) => track.readyState === "live")) return this.stream;
    stopAll(this.stream);
    this.stream = await openDevices(choice());
    this.facing = "user";
    this.stream.getTracks().forEach((track) => track.addEventListener("ended", () => this.onLost()));
    return this.stream;
  }

  private track(kind: TrackKind): MediaStreamTrack | undefined {
    return this.stream?.getTracks().find((track) => track.kind === kind);
  }
}

/** A phone with a camera on either side. */
export async function canFlip(): Promise<boolean> {
  return matchMedia("(pointer: coarse)").matches && (await listDevices("camera")).length > 1;
}

function choice(): Choice {
  try {
    return JSON.parse(localStorage.getItem(CHOICE) ?? "{}") as Choice;
  } catch {
    return {}; // a browser that keeps nothing
  }
}

function remember(chosen: Choice): void {
  try {
    localStorage.setItem(CHOICE, JSON.stringify(chosen));
  } catch {
    // A browser that keeps nothing: chosen for this time only.
  }
}
