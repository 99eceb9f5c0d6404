/** Spares a weak connection: first the picture is sent in fewer bits, then not at all, so that the sound goes on. */

import type { Quality } from "./quality";

export type SentPicture = "full" | "reduced" | "paused";

const LEVELS: readonly SentPicture[] = ["full", "reduced", "paused"];
/** Findings in a row (one each 3 s) after which less is sent. */
const WEAK_FINDINGS = 3;
/** Findings in a row after which more is sent again; doubled each time that the picture had to be stopped anew. */
const BETTER_FINDINGS = 5;
const MOST_FINDINGS = 40;
/** Bits per second. */
const REDUCED_BITS = 150_000;

export class AudioFallback {
  private level = 0;
  private weak = 0;
  private better = 0;
  private wanted = BETTER_FINDINGS;
  /** Whether the picture was stopped before. */
  private stopped = false;

  constructor(private readonly apply: (picture: SentPicture, before: SentPicture) => void) {}

  get picture(): SentPicture {
    return LEVELS[this.level] ?? "full";
  }

  /** The next finding about the connection. */
  hear(quality: Quality): void {
    this.weak = quality === "weak" ? this.weak + 1 : 0;
    this.better = quality === "weak" ? 0 : this.better + 1;
    if (this.weak >= WEAK_FINDINGS && this.picture !== "paused") this.change(this.level + 1);
    else if (this.better >= this.wanted && this.level > 0) this.change(this.level - 1);
  }

  /** The person wants the picture sent again now, as long as the connection bears it. */
  resume(): void {
    if (this.picture !== "paused") return;
    this.stopped = false;
    this.change(this.level - 1);
  }

  /** The person is no longer in the room. */
  reset(): void {
    this.level = this.weak = this.better = 0;
    this.wanted = BETTER_FINDINGS;
    this.stopped = false;
  }

  private change(level: number): void {
    const before = this.picture;
    this.level = level;
    this.weak = this.better = 0;
    if (this.picture === "paused") {
      this.wanted = this.stopped ? Math.min(2 * this.wanted, MOST_FINDINGS) : BETTER_FINDINGS;
      this.stopped = true;
    }
    this.apply(this.picture, before);
  }
}

/** Send the picture in full, in fewer bits, or not at all. */
export async function limit(sender: RTCRtpSender, picture: SentPicture): Promise<void> {
  const parameters = sender.getParameters();
  for (const encoding of parameters.encodings) {
    encoding.active = picture !== "paused";
    if (picture === "full") delete encoding.maxBitrate;
    else encoding.maxBitrate = REDUCED_BITS;
  }
  await sender.setParameters(parameters);
}
