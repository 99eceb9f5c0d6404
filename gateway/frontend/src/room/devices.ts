/** Camera, microphone and screen. */

import { RoomError, deviceErrorCode } from "./errors";
import { platform } from "./platform";

export type DeviceKind = "camera" | "microphone";
/** Device ids that a person chose; others are up to the browser. */
export type Choice = Partial<Record<DeviceKind, string>>;
export type Facing = "user" | "environment";

const SOUND: MediaTrackConstraints = { echoCancellation: true, noiseSuppression: true, autoGainControl: true };
const PICTURE: MediaTrackConstraints = {
  width: { ideal: 1280 },
  height: { ideal: 720 },
  frameRate: { ideal: 15, max: 24 },
};
const SCREEN_FRAME_RATE = 10;

/** Ask for camera and microphone; throws a RoomError that says what the person can do. */
export async function openDevices({ camera, microphone }: Choice): Promise<MediaStream> {
  const video = camera ? { ...PICTURE, deviceId: { exact: camera } } : { ...PICTURE, facingMode: "user" };
  const audio = microphone ? { ...SOUND, deviceId: { exact: microphone } } : SOUND;
  try {
    return await ask({ audio, video });
  } catch (error) {
    const chosen = camera !== undefined || microphone !== undefined;
    // What was chosen once may be unplugged today: then any other will do.
    if (chosen && error instanceof RoomError && error.code === "no_device") return openDevices({});
    throw error;
  }
}

/** The camera on that side of a phone. */
export function openFacing(facing: Facing): Promise<MediaStream> {
  return ask({ video: { ...PICTURE, facingMode: { exact: facing } } });
}

async function ask(constraints: MediaStreamConstraints): Promise<MediaStream> {
  if (typeof navigator.mediaDevices?.getUserMedia !== "function") throw new RoomError(platform().app ? "in_app" : "insecure");
  try {
    return await navigator.mediaDevices.getUserMedia(constraints);
  } catch (error) {
    throw new RoomError(deviceErrorCode(error), String(error));
  }
}

/** Chrome's other names for devices that it lists as well. */
const ALIASES = ["default", "communications"];

/** The devices of one kind; without permission browsers name none of them. */
export async function listDevices(kind: DeviceKind): Promise<MediaDeviceInfo[]> {
  const wanted = kind === "camera" ? "videoinput" : "audioinput";
  const all = (await navigator.mediaDevices?.enumerateDevices?.().catch(() => [])) ?? [];
  return all.filter((device) => device.kind === wanted && device.deviceId && !ALIASES.includes(device.deviceId));
}

/** Ask for a window or screen; must be called from a click. */
export async function openScreen(): Promise<MediaStream> {
  if (!canShareScreen()) throw new RoomError("screen_denied");
  try {
    return await navigator.mediaDevices.getDisplayMedia({ video: { frameRate: SCREEN_FRAME_RATE }, audio: false });
  } catch (error) {
    throw new RoomError("screen_denied", String(error));
  }
}

/** Phones have no screen sharing: the button is then hidden. */
export function canShareScreen(): boolean {
  return typeof navigator.mediaDevices?.getDisplayMedia === "function";
}

/** Whether camera and microphone are allowed already, so that a preview can be shown without asking. */
export async function alreadyAllowed(): Promise<boolean> {
  try {
    const asked = ["camera", "microphone"].map((name) => navigator.permissions.query({ name: name as PermissionName }));
    return (await Promise.all(asked)).every((status) => status.state === "granted");
  } catch {
    return false; // this browser does not tell
  }
}

export function stopAll(stream: MediaStream | null): void {
  stream?.getTracks().forEach((track) => track.stop());
}

/** Shows how loud the microphone is on a `<meter>` and tells each time; returns a function that ends it. */
export function showLevel(stream: MediaStream, meter: HTMLMeterElement, onLevel: (level: number) => void): () => void {
  const context = new AudioContext();
  const analyser = context.createAnalyser();
  analyser.fftSize = 512;
  context.createMediaStreamSource(stream).connect(analyser);
  const samples = new Float32Array(analyser.fftSize);
  let frame = 0;
  const draw = (): void => {
    analyser.getFloatTimeDomainData(samples);
    const power = samples.reduce((sum, sample) => sum + sample * sample, 0) / samples.length;
    // Decibels from -60 (silence) to 0 as 0 to 1: loudness is heard that way.
    meter.value = Math.max(0, 1 + (10 * Math.log10(power + 1e-9)) / 60);
    onLevel(meter.value);
    frame = requestAnimationFrame(draw);
  };
  void context.resume().catch(() => undefined);
  draw();
  return () => {
    cancelAnimationFrame(frame);
    meter.value = 0;
    void context.close();
  };
}
