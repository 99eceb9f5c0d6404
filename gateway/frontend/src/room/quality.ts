/** How good the connection is, from what the browser measures (W3C webrtc-stats). */

export type Quality = "good" | "fair" | "weak";

/** `roundTrip` in milliseconds; `loss` as a share of the packets since the last look. */
export interface Reading {
  roundTrip: number;
  loss: number;
}

interface Received {
  lost: number;
  received: number;
}

const LOOK_MS = 3000;
const FAIR: Reading = { roundTrip: 250, loss: 0.03 };
const WEAK: Reading = { roundTrip: 600, loss: 0.08 };

export function rate({ roundTrip, loss }: Reading): Quality {
  if (roundTrip > WEAK.roundTrip || loss > WEAK.loss) return "weak";
  return roundTrip > FAIR.roundTrip || loss > FAIR.loss ? "fair" : "good";
}

export class QualityWatch {
  private timer = 0;
  private readonly before = new Map<RTCPeerConnection, Received>();
  private readonly reported = new WeakMap<RTCPeerConnection, Map<unknown, unknown>>();
  private last: Quality | null = null;

  constructor(
    private readonly connections: () => RTCPeerConnection[],
    private readonly tell: (quality: Quality) => void,
  ) {}

  start(): void {
    this.stop();
    this.timer = window.setInterval(() => void this.look(), LOOK_MS);
    void this.look();
  }

  stop(): void {
    clearInterval(this.timer);
    this.before.clear();
    this.last = null;
  }

  /** What has been seen twice in a row is told: one bad moment is none. */
  private async look(): Promise<void> {
    const readings = await Promise.all(this.connections().map((connection) => this.read(connection)));
    if (readings.length === 0) return;
    const worst = { roundTrip: 0, loss: 0 };
    for (const { roundTrip, loss } of readings) {
      worst.roundTrip = Math.max(worst.roundTrip, roundTrip);
      worst.loss = Math.max(worst.loss, loss);
    }
    const quality = rate(worst);
    if (this.last === null || this.last === quality) this.tell(quality);
    this.last = quality;
  }

  private async read(connection: RTCPeerConnection): Promise<Reading> {
    const now: Received = { lost: 0, received: 0 };
    const reading: Reading = { roundTrip: 0, loss: 0 };
    (await connection.getStats()).forEach((report: Record<string, unknown>) => {
      const number = (key: string): number => (typeof report[key] === "number" ? report[key] : 0);
      if (report.type === "candidate-pair" && report.nominated === true) {
        reading.roundTrip = Math.max(reading.roundTrip, number("currentRoundTripTime") * 1000);
      } else if (report.type === "remote-inbound-rtp" && this.isFresh(connection, report)) {
        reading.loss = Math.max(reading.loss, number("fractionLost"));
      } else if (report.type === "inbound-rtp") {
        now.lost += number("packetsLost");
        now.received += number("packetsReceived");
      }
    });
    const before = this.before.get(connection) ?? now;
    const lost = Math.max(0, now.lost - before.lost);
    const all = lost + Math.max(0, now.received - before.received);
    this.before.set(connection, now);
    return { ...reading, loss: Math.max(reading.loss, all > 0 ? lost / all : 0) };
  }

  /** Of a picture that is no longer sent the other side reports nothing more: its last report says nothing about now. */
  private isFresh(connection: RTCPeerConnection, report: Record<string, unknown>): boolean {
    const known = this.reported.get(connection) ?? new Map<unknown, unknown>();
    this.reported.set(connection, known);
    const fresh = known.get(report.id) !== report.timestamp;
    known.set(report.id, report.timestamp);
    return fresh;
  }
}
