/** Server-sent events wake the parts of a page that show an emission; without them the parts look by themselves. */
import htmx from "htmx.org";

const PAUSE_MS = 250;

export function startStreams(): void {
  for (const element of document.querySelectorAll<HTMLElement>("[data-stream]")) follow(element);
}

function follow(element: HTMLElement): void {
  const source = new EventSource(element.dataset.stream as string, { withCredentials: true });
  let waiting: number | undefined;
  const refresh = (): void => {
    // Events come in bursts: one look is enough for all of them.
    waiting ??= window.setTimeout(() => {
      waiting = undefined;
      htmx.trigger(element, "refresh");
    }, PAUSE_MS);
  };
  source.addEventListener("changed", refresh);
  // What happened between the page and the stream, or while the stream was lost, came without a word.
  source.addEventListener("open", refresh);
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "visible") refresh();
  });
  window.addEventListener("pagehide", () => source.close());
}
