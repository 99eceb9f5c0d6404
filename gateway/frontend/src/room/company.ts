/** The others in the room: their pictures, their coming and going, what they have switched off. */

import type { Announcer } from "./announcer";
import { SCREEN_SUFFIX } from "./sfu";
import type { Off, Publisher } from "./sfu";
import type { Stage } from "./stage";

const NOTHING_OFF: Off = { audio: false, video: false, picture: false };

export class Company {
  private readonly people = new Map<string, { name: string; off: Off }>();

  constructor(
    private readonly stage: Stage,
    private readonly announcer: Announcer,
  ) {}

  showTrack(publisher: Publisher, track: MediaStreamTrack, on: boolean): void {
    this.stage.showRemote(publisher, track, on);
    if (publisher.id.endsWith(SCREEN_SUFFIX)) return;
    const known = this.people.get(publisher.id);
    if (known) return this.stage.showOff(publisher.id, known.off);
    this.people.set(publisher.id, { name: publisher.display ?? "", off: NOTHING_OFF });
    this.announcer.say("arrived", { name: publisher.display ?? "" });
    this.showOff(publisher.id, publisher.off ?? NOTHING_OFF);
  }

  showOff(publisherId: string, off: Off): void {
    const person = this.people.get(publisherId);
    if (!person) return;
    for (const kind of ["audio", "video", "picture"] as const) {
      if (person.off[kind] !== off[kind]) this.announcer.say(`their_${kind}_${off[kind] ? "off" : "on"}`, { name: person.name });
    }
    person.off = off;
    this.stage.showOff(publisherId, off);
  }

  remove(publisherId: string): void {
    this.stage.removeRemote(publisherId);
    const person = this.people.get(publisherId);
    if (this.people.delete(publisherId)) this.announcer.say("departed", { name: person?.name ?? "" });
  }

  clear(): void {
    this.people.clear();
    this.stage.clear();
  }
}
