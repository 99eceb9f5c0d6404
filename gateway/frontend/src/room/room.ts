/** The room from the device check to the end: join, publish, reconnect, share, mute, leave. */

import { Announcer } from "./announcer";
import { leadOut } from "./browser_instead";
import { Camera, canFlip } from "./camera";
import type { TrackKind } from "./camera";
import { DeviceCheck } from "./check";
import { Company } from "./company";
import { alreadyAllowed, canShareScreen, openScreen, stopAll } from "./devices";
import { RoomError } from "./errors";
import { bindKeys } from "./keyboard";
import { Page, Refused } from "./page";
import type { RoomAccess, RoomState } from "./page";
import { QualityWatch } from "./quality";
import type { Quality } from "./quality";
import { Sections } from "./sections";
import { SfuStay } from "./sfu";
import { Stage } from "./stage";

const STATE_MS = 3000;
const RECONNECT_MS = [0, 500, 1000, 2000, 4000];
const LAST_STAY = "titular.room.stay";

export class Room {
  private readonly page: Page;
  private readonly stage: Stage;
  private readonly sections: Sections;
  private readonly camera: Camera;
  private readonly announcer: Announcer;
  private readonly company: Company;
  private readonly quality = new QualityWatch(
    () => this.stay?.connections() ?? [],
    (quality) => this.showQuality(quality),
  );
  private recording = false;
  private readonly check: DeviceCheck;
  private screen: MediaStream | null = null;
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
    this.announcer = new Announcer(this.page);
    this.company = new Company(this.stage, this.announcer);
    this.check = new DeviceCheck(this.page, this.camera);
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
    if (this.page.role === "holder" && !(await this.lookBeforeJoining())) return;
    void this.check.checkConnection();
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
    this.page.buttons("mute-audio").forEach((button) => button.addEventListener("click", () => this.toggle("audio")));
    this.page.buttons("mute-video").forEach((button) => button.addEventListener("click", () => this.toggle("video")));
    this.page.buttons("leave").forEach((button) => button.addEventListener("click", () => void this.leave()));
    this.page.buttons("flip-camera").forEach((button) => button.addEventListener("click", () => void this.flip(button)));
    bindKeys();
    for (const button of this.page.buttons("share-screen")) {
      button.hidden = !canShareScreen();
      button.addEventListener("click", () => void this.toggleScreen());
    }
    addEventListener("pagehide", () => this.leaveWithPage());
    // Shown again from the browser's memory, the page finds everything closed.
    addEventListener("pageshow", (event) => event.persisted && this.backToPrejoin("left"));
    addEventListener("online", () => this.stay === null && this.access && void this.reconnect());
  }

  /** The holder learns at once whether the link still opens a conference. */
  private async lookBeforeJoining(): Promise<boolean> {
    try {
      const state = await this.page.state();
      const office = this.page.find("office-name");
      if (office) office.textContent = state.office_name ?? "";
      if (isOver(state)) this.finish();
      return !isOver(state);
    } catch (error) {
      this.refuse(error);
      return !(error instanceof Refused && error.lasting) && !(error instanceof RoomError);
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
      this.sections.say("connecting");
      await this.enter(turn, sessionStorage.getItem(LAST_STAY));
    } catch (error) {
      if (turn === this.turn) this.refuse(error);
    } finally {
      this.setJoining(false);
    }
  }

  /** Join as the page's person; a holder waits until the clerk has started the conference. */
  private async enter(turn: number, lastStay: string | null): Promise<void> {
    this.page.status = "connecting";
    const access = await this.accessWhenStarted(turn, lastStay);
    if (!access || turn !== this.turn || !this.camera.stream) return;
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
    this.stage.showLocal(this.camera.stream, this.camera.mirrored);
    this.page.status = "connected";
    this.check.rest();
    this.showOff();
    this.quality.start();
    const flips = await canFlip();
    this.page.buttons("flip-camera").forEach((button) => (button.hidden = !flips));
    this.watch();
    if (this.screen) await this.publishScreen();
  }

  private async accessWhenStarted(turn: number, lastStay: string | null): Promise<RoomAccess | null> {
    while (turn === this.turn) {
      try {
        return await this.page.join(this.displayName, "camera", lastStay);
      } catch (error) {
        if (!(error instanceof Refused) || error.body.reason !== "not_started") throw error;
      }
      this.page.status = "waiting";
      this.sections.say("");
      this.sections.show("waiting");
      if (this.sections.has("waiting")) this.stage.showLocal(this.camera.stream, this.camera.mirrored);
      await this.started(turn);
    }
    return null;
  }

  /** Resolves when the conference has started; throws where it has ended. */
  private async started(turn: number): Promise<void> {
    while (turn === this.turn) {
      await pause(STATE_MS);
      const state = await this.page.state().catch(() => null);
      if (state && isOver(state)) throw new RoomError("ended");
      if (state?.state === "started") return;
    }
  }

  private async onEnd(why: "lost" | "sent_out" | "closed"): Promise<void> {
    this.stay = null;
    this.company.clear();
    if (why === "sent_out") return this.backToPrejoin("left");
    if (why === "closed") {
      const state = await this.page.state().catch(() => null);
      if (state && isOver(state)) return this.finish();
    }
    await this.reconnect();
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

  private toggle(kind: TrackKind): void {
    if (!this.camera.stream) return;
    this.camera.toggle(kind);
    this.showOff();
    this.announcer.say(`own_${kind}_${this.camera.off[kind] ? "off" : "on"}`);
  }

  /** On the buttons, on the own picture, and at the others'. */
  private showOff(): void {
    const { off } = this.camera;
    for (const kind of ["audio", "video"] as const) {
      this.page.buttons(`mute-${kind}`).forEach((button) => button.setAttribute("aria-pressed", String(off[kind])));
    }
    this.stage.showOwnOff(off);
    this.stay?.describe(off);
  }

  private async flip(button: HTMLButtonElement): Promise<void> {
    button.disabled = true;
    try {
      const track = await this.camera.flip();
      if (track) await this.stay?.replacePicture(track);
      this.stage.showLocal(this.camera.stream, this.camera.mirrored);
    } catch {
      this.sections.say("device_lost");
    } finally {
      button.disabled = false;
    }
  }

  private showQuality(quality: Quality): void {
    const light = this.page.find("network-quality");
    if (!light || light.dataset.quality === quality) return;
    if (quality === "weak") this.announcer.say("network_weak_said");
    light.dataset.quality = quality;
    light.hidden = false;
    this.page.element("network-quality-text").textContent = this.page.text(`network_${quality}`);
  }

  private async toggleScreen(): Promise<void> {
    if (this.screen) return this.stopScreen();
    try {
      this.screen = await openScreen();
      // The browser's own "stop sharing" ends the track.
      this.screen.getVideoTracks()[0]?.addEventListener("ended", () => void this.stopScreen());
      await this.publishScreen();
    } catch (error) {
      await this.stopScreen();
      this.sections.say(error instanceof RoomError ? error.code : "failed");
    }
  }

  private async publishScreen(): Promise<void> {
    const track = this.screen?.getVideoTracks()[0];
    if (!track || !this.stay || !this.access) return;
    const access = await this.page.join(this.displayName, "screen", this.access.participant_id);
    await this.stay.share(track, access, this.page.text("screen_of", { name: this.displayName }));
    this.page.buttons("share-screen").forEach((button) => button.setAttribute("aria-pressed", "true"));
  }

  private async stopScreen(): Promise<void> {
    stopAll(this.screen);
    this.screen = null;
    this.stay?.unshare();
    this.page.buttons("share-screen").forEach((button) => button.setAttribute("aria-pressed", "false"));
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
    void this.stopScreen();
    this.company.clear();
    this.stage.showLocal(null);
    this.camera.close();
    this.check.reset();
    this.quality.stop();
    this.recording = false;
    this.page.find("network-quality")?.removeAttribute("data-quality");
    this.page.find("network-quality")?.toggleAttribute("hidden", true);
    this.showOff();
  }

  private backToPrejoin(text: string): void {
    this.close();
    this.page.status = "left";
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
      if (this.page.role === "clerk") return this.showRecording(this.page.shownRecording === "on");
      const state = await this.page.state().catch(() => null);
      if (!state || !this.access) return;
      this.showRecording(state.recording === "on");
      if (isOver(state)) this.finish();
    };
    this.watching = window.setInterval(() => void look(), STATE_MS);
    void look();
  }

  private showRecording(on: boolean): void {
    const light = this.page.find("holder-recording");
    if (light) light.hidden = !on;
    if (on !== this.recording) this.announcer.say(on ? "recording_on" : "recording_off");
    this.recording = on;
  }

  /** Say what went wrong, where the person can do something about it. */
  private refuse(error: unknown): void {
    if (error instanceof RoomError && error.code === "ended") return this.finish();
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

function isOver(state: RoomState): boolean {
  return state.state === "ended" || state.state === "abandoned";
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
