/** The room from the device check to the end: join, publish, reconnect, share, mute, leave. */

import { Announcer } from "./announcer";
import { leadOut } from "./browser_instead";
import { Camera } from "./camera";
import { DeviceCheck } from "./check";
import { Company } from "./company";
import { alreadyAllowed } from "./devices";
import { DocumentPicture } from "./document_picture";
import { RoomError } from "./errors";
import { bindKeys } from "./keyboard";
import { Lights } from "./lights";
import { OwnSide } from "./own_side";
import { isOver, Page, Refused } from "./page";
import type { RoomAccess } from "./page";
import { QualityWatch } from "./quality";
import { Sections } from "./sections";
import type { ScreenPlace } from "./shared_screen";
import { SharedScreen } from "./shared_screen";
import { SfuStay } from "./sfu";
import { Stage } from "./stage";
import { watchWaiting } from "./waiting_cue";
import { turnedAway, TurnedAwayError, WaitingRoom } from "./waiting_room";
import type { TurnedAway } from "./waiting_room";

const STATE_MS = 3000;
const RECONNECT_MS = [0, 500, 1000, 2000, 4000];
const LAST_STAY = "titular.room.stay";

export class Room {
  private readonly page: Page;
  private readonly stage: Stage;
  private readonly sections: Sections;
  private readonly camera: Camera;
  private readonly company: Company;
  private readonly own: OwnSide;
  private readonly lights: Lights;
  private readonly quality: QualityWatch;
  private readonly check: DeviceCheck;
  private readonly screen: SharedScreen;
  private readonly waitingRoom: WaitingRoom;
  private readonly picture: DocumentPicture;
  private stay: SfuStay | null = null;
  private access: RoomAccess | null = null;
  private displayName = "";
  /** Counts joins and leaves: work that finds another number than it began with has been overtaken. */
  private turn = 0;
  private watching = 0;

  constructor(root: HTMLElement) {
    this.page = new Page(root);
    this.stage = new Stage(this.page);
    this.sections = new Sections(this.page);
    this.camera = new Camera(() => this.stay && this.sections.say("device_lost"));
    const announcer = new Announcer(this.page);
    this.company = new Company(this.stage, announcer);
    this.picture = new DocumentPicture(this.page, this.camera, announcer);
    this.own = new OwnSide(
      this.page,
      this.stage,
      this.camera,
      announcer,
      () => this.stay,
      () => this.picture.showCamera(),
    );
    this.screen = new SharedScreen(this.page, this.sections, () => this.screenPlace());
    this.lights = new Lights(this.page, announcer);
    this.quality = new QualityWatch(
      () => this.stay?.connections() ?? [],
      (quality) => {
        this.lights.showQuality(quality);
        this.own.fallback.hear(quality);
      },
    );
    this.check = new DeviceCheck(this.page, this.camera);
    this.waitingRoom = new WaitingRoom(this.page, this.sections, this.camera);
    if (this.page.role === "clerk") watchWaiting(root, announcer);
  }

  async start(): Promise<void> {
    this.bind();
    this.page.status = "prejoin";
    this.stage.showLocal(null);
    if (leadOut(this.page, () => void this.begin())) this.sections.show("in-app");
    else await this.begin();
  }

  private async begin(): Promise<void> {
    this.sections.show("prejoin");
    const found = this.page.role === "holder" ? await this.lookBeforeJoining() : "ready";
    if (found === "closed") return;
    void this.check.checkConnection();
    if (found === "waiting") return this.join();
    if (await alreadyAllowed()) await this.check.open().catch((error: unknown) => this.refuse(error));
  }

  private bind(): void {
    this.check.bind();
    const join = (event: Event): void => {
      event.preventDefault();
      void this.join();
    };
    // The page comes with the button switched off: a tap before this moment would be lost without a word.
    this.page.buttons("join").forEach((button) => {
      button.addEventListener("click", join);
      button.disabled = false;
    });
    this.page.find("prejoin")?.addEventListener("submit", join);
    this.own.bind();
    this.picture.bind();
    this.page.buttons("leave").forEach((button) => button.addEventListener("click", () => void this.leave()));
    bindKeys();
    this.screen.bind();
    addEventListener("pagehide", () => this.leaveWithPage());
    // Shown again from the browser's memory, the page finds everything closed.
    addEventListener("pageshow", (event) => event.persisted && this.backToPrejoin("left"));
    addEventListener("online", () => this.stay === null && this.access && void this.reconnect());
  }

  /** The holder learns at once whether the link still opens a conference; a reloaded page that was waiting goes on so. */
  private async lookBeforeJoining(): Promise<"ready" | "waiting" | "closed"> {
    try {
      const state = await this.page.state();
      const office = this.page.find("office-name");
      if (office) office.textContent = state.office_name ?? "";
      if (isOver(state)) this.finish();
      if (isOver(state)) return "closed";
      return this.waitingRoom.recall(state) ? "waiting" : "ready";
    } catch (error) {
      this.refuse(error);
      const lasting = (error instanceof Refused && error.lasting) || error instanceof RoomError;
      return lasting ? "closed" : "ready";
    }
  }

  private async join(): Promise<void> {
    const turn = ++this.turn;
    this.sections.say("");
    try {
      this.displayName = this.page.find<HTMLInputElement>("display-name")?.value.trim() ?? "";
      if (!this.displayName) throw new RoomError("name_missing");
      this.setJoining(true);
      await this.check.open();
      const overtaken = (): boolean => turn !== this.turn;
      if (this.page.role === "holder" && !(await this.waitingRoom.pass(this.displayName, overtaken))) return;
      this.sections.say("connecting");
      await this.enter(turn, sessionStorage.getItem(LAST_STAY));
    } catch (error) {
      if (turn === this.turn) this.refuse(error);
    } finally {
      this.setJoining(false);
    }
  }

  /** Join as the page's person. */
  private async enter(turn: number, lastStay: string | null): Promise<void> {
    this.page.status = "connecting";
    const access = await this.page.join(this.displayName, "camera", lastStay);
    if (turn !== this.turn || !this.camera.stream) return;
    this.access = access;
    sessionStorage.setItem(LAST_STAY, access.participant_id);
    const stay = new SfuStay(access, {
      onRemoteTrack: (publisher, track, on) => this.company.showTrack(publisher, track, on),
      onRemoteOff: (publisherId, off) => this.company.showOff(publisherId, off),
      onRemoteGone: (publisherId) => this.company.remove(publisherId),
      onEnd: (why) => this.stay === stay && void this.onEnd(why),
    });
    await stay.enter(this.camera.stream, this.displayName);
    if (turn !== this.turn) return stay.leave();
    this.stay = stay;
    this.sections.show(null);
    this.sections.say("");
    this.own.showPicture();
    this.page.status = "connected";
    this.check.rest();
    this.own.limitPicture();
    this.own.showOff();
    this.quality.start();
    void this.own.offerFlip();
    this.watch();
    await this.screen.publish();
  }

  private async onEnd(why: "lost" | "sent_out" | "closed"): Promise<void> {
    this.stay = null;
    this.company.clear();
    if (why === "sent_out") return this.sentOut();
    if (why === "closed") {
      const state = await this.page.state().catch(() => null);
      if (state && isOver(state)) return this.finish();
    }
    await this.reconnect();
  }

  /** The clerk may have removed the person, or admitted another; else the same person came in elsewhere. */
  private async sentOut(): Promise<void> {
    this.backToPrejoin(turnedAway(await this.page.state().catch(() => null)) ?? "left");
  }

  /** Join anew under the same name until it works, the conference is over, or the person leaves. The recording goes on. */
  private async reconnect(): Promise<void> {
    const turn = ++this.turn;
    this.page.status = "reconnecting";
    this.sections.say("reconnecting");
    for (let attempt = 0; turn === this.turn; attempt++) {
      await pause(RECONNECT_MS[Math.min(attempt, RECONNECT_MS.length - 1)] ?? 4000);
      if (turn !== this.turn) return;
      try {
        return await this.enter(turn, this.access?.participant_id ?? null);
      } catch (error) {
        if (turn !== this.turn) return;
        if (error instanceof RoomError || (error instanceof Refused && error.lasting)) return this.refuse(error);
        this.page.status = "reconnecting";
        this.sections.say("reconnecting");
      }
    }
  }

  private screenPlace(): ScreenPlace | null {
    const { stay, access, displayName } = this;
    return stay && access ? { stay, participantId: access.participant_id, displayName } : null;
  }

  private async leave(): Promise<void> {
    const participantId = this.access?.participant_id;
    this.backToPrejoin("left");
    if (participantId) await this.page.leave(participantId).catch(() => undefined);
    if (this.page.afterLeave) location.assign(this.page.afterLeave);
  }

  private leaveWithPage(): void {
    const participantId = this.access?.participant_id;
    this.close();
    if (participantId) void this.page.leave(participantId, true).catch(() => undefined);
  }

  private close(): void {
    this.turn++;
    this.stay?.leave();
    this.stay = null;
    this.access = null;
    clearInterval(this.watching);
    this.screen.stop();
    this.company.clear();
    this.stage.showLocal(null);
    this.camera.close();
    this.check.reset();
    this.quality.stop();
    this.picture.want(null);
    this.lights.putOut();
    this.own.fallback.reset();
    this.own.showOff();
  }

  private backToPrejoin(text: "left" | TurnedAway): void {
    this.close();
    this.page.status = text;
    this.sections.show("prejoin");
    this.sections.say(text);
  }

  private finish(): void {
    this.close();
    this.page.status = "ended";
    this.sections.say("");
    if (this.sections.has("ended")) this.sections.show("ended");
    else if (this.page.afterLeave) location.assign(this.page.afterLeave);
    else this.sections.say("ended");
  }

  /** The holder's page has nobody else to tell it of the recording and of the end; the clerk's page shows the recording itself. */
  private watch(): void {
    clearInterval(this.watching);
    const look = async (): Promise<void> => {
      if (this.page.role === "clerk") return this.lights.showRecording(this.page.shownRecording === "on");
      const state = await this.page.state().catch(() => null);
      if (!state || !this.access) return;
      this.lights.showRecording(state.recording === "on");
      this.picture.want(state.picture_wanted ?? null);
      const why = turnedAway(state);
      if (isOver(state)) this.finish();
      else if (why) this.backToPrejoin(why);
    };
    this.watching = window.setInterval(() => void look(), STATE_MS);
    void look();
  }

  /** Say what went wrong, where the person can do something about it. */
  private refuse(error: unknown): void {
    if (error instanceof RoomError && error.code === "ended") return this.finish();
    if (error instanceof TurnedAwayError) return this.backToPrejoin(error.why);
    if (error instanceof Refused && error.body.reason === "not_admitted") return void this.sentOut();
    if (error instanceof Refused && error.body.code === "link_unusable") return this.refuseLink(error);
    if (error instanceof Refused && error.body.code === "illegal_step") return this.finish();
    if (this.access !== null) this.close();
    this.page.status = "error";
    this.sections.show("prejoin");
    this.sections.say("");
    if (error instanceof Refused && error.body.text) return this.sections.sayText(error.body.text);
    if (error instanceof RoomError && this.check.explain(error)) return;
    const code = error instanceof RoomError ? error.code : "failed";
    this.sections.say(code === "in_app" ? "insecure" : code);
  }

  private refuseLink(error: Refused): void {
    if (error.body.reason === "ended") return this.finish();
    this.close();
    this.page.status = "unusable";
    this.sections.showUnusable(error.body.text ?? "");
  }

  private setJoining(joining: boolean): void {
    this.page.buttons("join").forEach((button) => (button.disabled = joining));
  }
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
