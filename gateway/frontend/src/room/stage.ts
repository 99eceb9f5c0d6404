/** The pictures on the page: those of others, the shared screen, the own one. */

import type { Page } from "./page";
import { SCREEN_SUFFIX } from "./sfu";
import type { Off, Publisher } from "./sfu";

export class Stage {
  constructor(private readonly page: Page) {}

  showLocal(stream: MediaStream | null, mirrored = true): void {
    const video = this.page.element<HTMLVideoElement>("local-video");
    video.muted = true;
    video.srcObject = stream;
    video.hidden = !stream;
    video.classList.toggle("not-mirrored", !mirrored);
  }

  /** Signs on the own picture of what is switched off. */
  showOwnOff(off: Off): void {
    const tile = this.page.element("local-video").parentElement;
    if (tile) showSigns(tile, off);
  }

  /** Signs on another person's picture. */
  showOff(publisherId: string, off: Off): void {
    const figure = this.figure(publisherId);
    if (!figure) return;
    showSigns(figure, off);
    // The last picture would stand still, as if the person did.
    figure.classList.toggle("without-picture", off.picture);
  }

  showRemote(publisher: Publisher, track: MediaStreamTrack, on: boolean): void {
    const video = publisher.id.endsWith(SCREEN_SUFFIX) ? this.screen() : this.tile(publisher);
    const stream = video.srcObject instanceof MediaStream ? video.srcObject : new MediaStream();
    if (on && !stream.getTracks().includes(track)) stream.addTrack(track);
    if (!on) stream.removeTrack(track);
    if (video.srcObject !== stream) video.srcObject = stream;
    play(video);
  }

  removeRemote(publisherId: string): void {
    if (publisherId.endsWith(SCREEN_SUFFIX)) {
      const screen = this.screen();
      screen.srcObject = null;
      screen.hidden = true;
    } else {
      this.figure(publisherId)?.remove();
    }
  }

  clear(): void {
    this.page.element("remote-videos").replaceChildren();
    this.removeRemote(SCREEN_SUFFIX);
  }

  private screen(): HTMLVideoElement {
    const video = this.page.element<HTMLVideoElement>("screen-video");
    video.hidden = false;
    return video;
  }

  private tile(publisher: Publisher): HTMLVideoElement {
    const known = this.figure(publisher.id)?.querySelector("video");
    if (known) return known;
    const figure = document.createElement("figure");
    figure.className = "remote-video";
    figure.dataset.participant = publisher.id;
    const video = document.createElement("video");
    video.autoplay = true;
    video.playsInline = true;
    const caption = document.createElement("figcaption");
    caption.textContent = publisher.display ?? "";
    video.setAttribute("aria-label", publisher.display ?? "");
    figure.append(video, caption);
    const signs = this.page.find<HTMLTemplateElement>("tile-signs");
    if (signs instanceof HTMLTemplateElement) figure.append(signs.content.cloneNode(true));
    this.page.element("remote-videos").append(figure);
    return video;
  }

  private figure(publisherId: string): HTMLElement | null {
    return this.page.element("remote-videos").querySelector(`[data-participant="${CSS.escape(publisherId)}"]`);
  }
}

function showSigns(tile: HTMLElement, off: Off): void {
  for (const sign of tile.querySelectorAll<HTMLElement>("[data-off]")) sign.hidden = !off[sign.dataset.off as keyof Off];
}

/** Browsers may refuse to play sound before a touch: then the next one starts it. */
function play(video: HTMLVideoElement): void {
  video.play().catch(() => {
    document.addEventListener("pointerdown", () => void video.play().catch(() => undefined), { once: true });
  });
}
