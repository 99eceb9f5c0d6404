/** What keeps the page at hand: its service worker, and a hint once there is a key to be kept. */
import { platform } from "../room/platform";

interface InstallPrompt extends Event {
  prompt(): Promise<unknown>;
}
type Way = "prompt" | "ios" | "menu";

const CLOSED = "titular.keep_closed";

/** Keep what the page is made of, once the page itself has all it needs. Without a worker everything works, only not offline. */
export function startWorker(address: string): void {
  if (!("serviceWorker" in navigator)) return;
  const register = (): void => {
    navigator.serviceWorker.register(address, { scope: new URL(".", new URL(address, window.location.href)).pathname }).catch(() => {});
  };
  if (document.readyState === "complete") register();
  else window.addEventListener("load", register);
}

/** Whether the page was opened by an icon of its own. */
export function openedByIcon(): boolean {
  return window.matchMedia("(display-mode: standalone)").matches || (navigator as { standalone?: boolean }).standalone === true;
}

/** The hint: what the browser offers, or words where it offers nothing. Closed once, it stays closed. */
export class KeepHint {
  private offered: InstallPrompt | null = null;
  private wanted = false;

  constructor(private readonly root: HTMLElement) {
    window.addEventListener("beforeinstallprompt", (event) => {
      event.preventDefault();
      this.offered = event as InstallPrompt;
      if (this.wanted) this.show();
    });
    window.addEventListener("appinstalled", () => this.close());
    root.querySelector("#keep-install")?.addEventListener("click", () => void this.install());
    root.querySelector("#keep-close")?.addEventListener("click", () => this.close());
  }

  /** Show it in this section, unless it was closed or the page has its icon already. */
  offerIn(section: HTMLElement): void {
    if (localStorage.getItem(CLOSED) !== null || openedByIcon()) return;
    if (!section.contains(this.root)) section.append(this.root);
    this.wanted = true;
    this.show();
  }

  private show(): void {
    const way = this.way();
    this.root.hidden = way === null;
    for (const words of this.root.querySelectorAll<HTMLElement>("[data-keep]")) words.hidden = words.dataset.keep !== way;
  }

  private way(): Way | null {
    if (this.offered) return "prompt";
    const { system } = platform();
    if (system === "ios") return "ios";
    return system === "android" ? "menu" : null;
  }

  /** A browser's offer serves once; what comes of it the browser tells by `appinstalled`. */
  private async install(): Promise<void> {
    const offered = this.offered;
    this.offered = null;
    await offered?.prompt();
    if (this.wanted) this.show();
  }

  private close(): void {
    localStorage.setItem(CLOSED, "1");
    this.wanted = false;
    this.root.hidden = true;
  }
}
