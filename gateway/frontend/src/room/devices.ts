/** Camera, microphone and screen. */

import { RoomError, deviceErrorCode, openInsideApp } from "./errors";

const SOUND: MediaTrackConstraints = { echoCancellation: true, noiseSuppression: true, autoGainControl: true };
const PICTURE: MediaTrackConstraints = {
  width: { ideal: 1280 },
  height: { ideal: 720 },
  frameRate: { ideal: 15, max: 24 },
  facingMode: "user",
};
const SCREEN_FRAME_RATE = 10;

/** Ask for camera and microphone; throws a RoomError that says what the person can do. */
export async function openCamera(): Promise<MediaStream> {
  requireDevices();
  try {
    return await navigator.mediaDevices.getUserMedia({ audio: SOUND, video: PICTURE });
  } catch (error) {
    throw new RoomError(deviceErrorCode(error), String(error));
  }
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

function requireDevices(): void {
  if (typeof navigator.mediaDevices?.getUserMedia === "function") return;
  throw new RoomError(openInsideApp() ? "in_app" : "insecure");
}

/** Shows how loud the microphone is on a `<meter>`; returns a function that ends it. */
export function showLevel(stream: MediaStream, meter: HTMLMeterElement): () => void {
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
