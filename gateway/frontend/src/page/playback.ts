/** The page of a recording: its time line follows the video, and places in it can be gone to. */

export function startPlayback(): void {
  const part = document.querySelector<HTMLElement>("[data-playback]");
  const video = part?.querySelector("video");
  if (!part || !video) return;
  const seconds = Number(part.dataset.seconds);
  video.addEventListener("timeupdate", () => {
    const x = String(Math.round((1000 * video.currentTime) / seconds));
    for (const now of part.querySelectorAll(".lane-now")) now.setAttribute("x", x);
  });
  for (const lane of part.querySelectorAll<SVGElement>(".lane")) {
    lane.addEventListener("click", (event) => {
      const place = lane.getBoundingClientRect();
      video.currentTime = (seconds * (event.clientX - place.left)) / place.width;
    });
  }
  for (const button of part.querySelectorAll<HTMLElement>("[data-seek]")) {
    button.addEventListener("click", () => {
      video.currentTime = Number(button.dataset.seek);
      void video.play();
      video.scrollIntoView({ block: "nearest" });
    });
  }
}
