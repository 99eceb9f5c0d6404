/** Brings one connection back to life by an ICE restart (RFC 8445, 9); where that does not help, it is given up. */

/** Short gaps of a radio network heal by themselves. */
const PATIENCE_MS = 2000;
const RESTART_MS = 8000;

export class IceRecovery {
  private timer = 0;
  private restarted = false;

  /** `judge`: asked some time after a restart that was not followed by a connection. */
  constructor(
    private readonly restart: () => void,
    private readonly judge: () => void,
  ) {}

  /** The state of the connection, as the browser tells it. */
  hear(state: RTCIceConnectionState | string): void {
    if (state === "connected" || state === "completed") this.rest();
    if (state === "disconnected" && !this.timer) this.timer = window.setTimeout(() => this.begin(), PATIENCE_MS);
    if (state === "failed" && !this.restarted) this.begin();
  }

  /** All is well, or over. */
  rest(): void {
    clearTimeout(this.timer);
    this.timer = 0;
    this.restarted = false;
  }

  private begin(): void {
    clearTimeout(this.timer);
    this.restarted = true;
    this.timer = window.setTimeout(() => {
      this.rest();
      this.judge();
    }, RESTART_MS);
    this.restart();
  }
}
