/** Tells the clerk that somebody asks to come in, wherever the eyes are: a sentence, and two notes. */

import type { Announcer } from "./announcer";
import { playChime } from "./sound";

/** `root` holds the list of who waits, whose elements have `data-waiting` (an id) and `data-name`. */
export function watchWaiting(root: HTMLElement, announcer: Announcer): void {
  let known = new Set<string>();
  const look = (): void => {
    const shown = [...root.querySelectorAll<HTMLElement>("[data-waiting]")];
    const fresh = shown.filter((one) => !known.has(one.dataset.waiting ?? ""));
    known = new Set(shown.map((one) => one.dataset.waiting ?? ""));
    for (const one of fresh) announcer.say("asks_in", { name: one.dataset.name ?? "" });
    // Before the first touch browsers play nothing, and would play it late.
    if (fresh.length > 0 && navigator.userActivation?.hasBeenActive) void playChime().catch(() => undefined);
  };
  new MutationObserver(look).observe(root, { childList: true, subtree: true });
  look();
}
