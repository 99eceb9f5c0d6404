/** One still at the camera's full resolution, without what the SFU's stream is scaled to (W3C mediacapture-image). */

interface PhotoCapabilities {
  imageWidth?: { max: number };
  imageHeight?: { max: number };
}

interface Photographer {
  getPhotoCapabilities(): Promise<PhotoCapabilities>;
  takePhoto(settings?: { imageWidth?: number; imageHeight?: number }): Promise<Blob>;
}

type PhotographerClass = new (track: MediaStreamTrack) => Photographer;

const KEPT = ["image/jpeg", "image/png"];
const LARGEST_BYTES = 9 * 1024 * 1024;
const QUALITIES = [0.95, 0.85, 0.7];
const PATIENCE_MS = 10_000;
const SETTLE_MS = 3000;

/** A JPEG or PNG of at most 9 MB. */
export async function takeStill(track: MediaStreamTrack): Promise<Blob> {
  const still = await largerOf(track);
  if (KEPT.includes(still.type) && still.size <= LARGEST_BYTES) return still;
  return encoded(await createImageBitmap(still));
}

/** The camera's own photograph, unless a frame of the track can be larger: some browsers photograph in the stream's size. */
async function largerOf(track: MediaStreamTrack): Promise<Blob> {
  const photograph = await photographed(track).catch(() => null);
  const { width, height } = track.getCapabilities?.() ?? {};
  const most = (width?.max ?? 0) * (height?.max ?? 0);
  const taken = photograph ? await pixelsOf(photograph) : 0;
  if (photograph && taken >= most) return photograph;
  const frame = await frameOf(track);
  return photograph && taken >= (await pixelsOf(frame)) ? photograph : frame;
}

async function pixelsOf(picture: Blob): Promise<number> {
  const decoded = await createImageBitmap(picture);
  const pixels = decoded.width * decoded.height;
  decoded.close();
  return pixels;
}

/** By the camera itself, where the browser can ask it; none where it cannot, or does not answer. */
async function photographed(track: MediaStreamTrack): Promise<Blob | null> {
  const { ImageCapture } = window as unknown as { ImageCapture?: PhotographerClass };
  if (!ImageCapture) return null;
  const camera = new ImageCapture(track);
  const { imageWidth, imageHeight } = await withinPatience(camera.getPhotoCapabilities());
  const largest = imageWidth?.max && imageHeight?.max ? { imageWidth: imageWidth.max, imageHeight: imageHeight.max } : {};
  return withinPatience(camera.takePhoto(largest));
}

/** One frame of the track at the camera's largest size; afterwards the track is as before. */
async function frameOf(track: MediaStreamTrack): Promise<Blob> {
  const before = track.getConstraints();
  const { width, height } = track.getCapabilities?.() ?? {};
  const enlarged = width?.max && height?.max ? { width: { ideal: width.max }, height: { ideal: height.max } } : null;
  if (enlarged) await track.applyConstraints({ ...before, ...enlarged }).catch(() => undefined);
  try {
    return await encoded(await nextFrame(track));
  } finally {
    if (enlarged) await track.applyConstraints(before).catch(() => undefined);
  }
}

/** The first frame of the size that the track says to have, or whichever there is after a while. */
async function nextFrame(track: MediaStreamTrack): Promise<ImageBitmap> {
  const video = document.createElement("video");
  video.muted = true;
  video.playsInline = true;
  video.srcObject = new MediaStream([track]);
  try {
    await video.play();
    const until = performance.now() + SETTLE_MS;
    const settled = (): boolean => video.videoWidth > 0 && video.videoWidth === (track.getSettings().width ?? video.videoWidth);
    while (!settled() && performance.now() < until) await new Promise(requestAnimationFrame);
    return await createImageBitmap(video);
  } finally {
    video.srcObject = null;
  }
}

async function encoded(picture: ImageBitmap): Promise<Blob> {
  const canvas = document.createElement("canvas");
  canvas.width = picture.width;
  canvas.height = picture.height;
  canvas.getContext("2d")?.drawImage(picture, 0, 0);
  picture.close();
  for (const quality of QUALITIES) {
    const blob = await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve, "image/jpeg", quality));
    if (blob && blob.size <= LARGEST_BYTES) return blob;
  }
  throw new Error("the picture cannot be made small enough");
}

function withinPatience<T>(asked: Promise<T>): Promise<T> {
  const late = new Promise<never>((_, reject) => setTimeout(() => reject(new Error("the camera does not answer")), PATIENCE_MS));
  return Promise.race([asked, late]);
}
