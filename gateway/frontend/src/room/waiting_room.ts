/** The holder's waiting room: asks to come in, waits for the clerk's decision, and says what it is. */

import type { Camera } from "./camera";
import { RoomError } from "./errors";
import { isOver, Refused } from "./page";
import type { AdmissionState, Page, RoomState } from "./page";
import type { Sections } from "./sections";

const LOOK_MS = 2000;
const TURNED_AWAY = ["refused", "ejected", "replaced"] as const;
export type TurnedAway = (typeof TURNED_AWAY)[number];

/** Why this browser may not be in the room any more; null where it waits or is admitted. */
export function turnedAway(state: { admission_state?: AdmissionState | null } | null): TurnedAway | null {
  return TURNED_AWAY.find((one) => one === state?.admission_state) ?? null;
}

/** The clerk did not let this browser in. */
export class TurnedAwayError extends Error {
  constructor(readonly why: TurnedAway) {
    super(why);
  }
}

export class WaitingRoom {
  constructor(
    private readonly page: Page,
    private readonly sections: Sections,
    private readonly camera: Camera,
  ) {}

  /** After a reload: the name is typed already, and a refusal is said again. True where this browser was waiting. */
  recall(state: RoomState): boolean {
    const name = this.page.find<HTMLInputElement>("display-name");
    const kept = this.page.keptAdmission();
    if (name && kept && !name.value) name.value = kept.name;
    const why = turnedAway(state);
    if (why) this.sections.say(why);
    return state.admission_state === "waiting" && kept !== null;
  }

  /** Ask to come in and wait: true once admitted, false where the person went away meanwhile. Throws what the clerk decided. */
  async pass(name: string, overtaken: () => boolean): Promise<boolean> {
    let state: RoomState = await this.page.requestAdmission(name);
    let waited = false;
    while (!overtaken()) {
      if (isOver(state)) throw new RoomError("ended");
      const why = turnedAway(state);
      if (why) throw new TurnedAwayError(why);
      if (state.admission_state === "admitted") {
        if (waited) this.tell("admitted");
        return true;
      }
      this.show(state);
      waited = true;
      await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
      if (!overtaken()) state = await this.look(state);
    }
    return false;
  }

  /** A look that fails for now changes nothing. */
  private async look(before: RoomState): Promise<RoomState> {
    try {
      return await this.page.state();
    } catch (error) {
      if (error instanceof Refused && error.lasting) throw error;
      return before;
    }
  }

  private show(state: RoomState): void {
    this.page.status = "waiting";
    this.sections.say("");
    this.sections.show("waiting");
    const picture = this.page.find<HTMLVideoElement>("waiting-video");
    if (picture && picture.srcObject !== this.camera.stream) picture.srcObject = this.camera.stream;
    this.tell(state.state === "started" ? "waiting_started" : "waiting_open");
  }

  /** The sentence is read out once: it is put there only where it is another one. */
  private tell(key: string): void {
    const place = this.page.find("waiting-text");
    const sentence = this.page.text(key);
    if (place && place.textContent !== sentence) place.textContent = sentence;
  }
}
