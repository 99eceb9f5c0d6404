/** The page's side: what it says in its data attributes, its texts, and the questions to the gateway. */

import type { Route } from "./connection";
import { RoomError } from "./errors";

export interface RoomAccess {
  conference_id: string;
  participant_id: string;
  room: string;
  signalling_url: string;
  gateway_token: string;
  room_token: string;
  ice_servers: RTCIceServer[];
  bitrate: number;
}

export type AdmissionState = "waiting" | "admitted" | "refused" | "ejected" | "replaced";

/** What this browser keeps to be known as the one that asked to come in. */
interface KeptAdmission {
  admission: string;
  name: string;
}

export interface RoomState {
  state: "open" | "started" | "ended" | "abandoned";
  recording: "off" | "requested" | "on" | "stopped";
  office_name?: string | null;
  /** Of this browser, on the holder's page. */
  admission_state?: AdmissionState | null;
  /** The picture of the document that the clerk awaits from this browser, on the holder's page. */
  picture_wanted?: string | null;
}

export function isOver(state: RoomState): boolean {
  return state.state === "ended" || state.state === "abandoned";
}

const ADMISSION = "titular.room.admission.";

/** A refusal of the gateway: its error's code, reason and details, and a text for the reader. */
export class Refused extends Error {
  constructor(
    readonly status: number,
    readonly body: { code?: string; reason?: string; text?: string },
  ) {
    super(body.code ?? `status ${status}`);
  }

  /** Another try cannot help. */
  get lasting(): boolean {
    return this.status >= 400 && this.status < 500 && this.status !== 408 && this.status !== 429;
  }
}

export class Page {
  readonly role: "clerk" | "holder";
  readonly afterLeave: string | undefined;
  private readonly texts: Record<string, string>;

  constructor(private readonly root: HTMLElement) {
    this.role = root.dataset.role === "holder" ? "holder" : "clerk";
    this.afterLeave = root.dataset.afterLeaveUrl;
    this.texts = JSON.parse(document.getElementById("room-texts")?.textContent || "{}") as Record<string, string>;
  }

  /** A sentence of the page by key, with `{name}` filled in. */
  text(key: string, values: Record<string, string> = {}): string {
    const sentence = this.texts[key] ?? this.texts.failed ?? key;
    return sentence.replace(/\{(\w+)\}/g, (whole, name: string) => values[name] ?? whole);
  }

  /** The element with that id; the page promises it. */
  element<T extends HTMLElement>(id: string): T {
    const found = this.find<T>(id);
    if (!found) throw new Error(`the page has no #${id}`);
    return found;
  }

  find<T extends HTMLElement>(id: string): T | null {
    return document.getElementById(id) as T | null;
  }

  buttons(action: string): HTMLButtonElement[] {
    return [...document.querySelectorAll<HTMLButtonElement>(`[data-action="${action}"]`)];
  }

  /** The recording's state on the clerk's page, which the gateway keeps up to date. */
  get shownRecording(): string | undefined {
    return document.querySelector<HTMLElement>("[data-recording]")?.dataset.recording;
  }

  /** The status for styles and for whoever looks from outside. */
  set status(status: string) {
    this.root.dataset.status = status;
  }

  /** The holder asks to come in; asked again, this browser keeps its place or its admission. */
  async requestAdmission(name: string): Promise<RoomState> {
    const reply = await this.ask<RoomState & { admission: string }>("admission", { display_name: name });
    localStorage.setItem(this.admissionKey(), JSON.stringify({ admission: reply.admission, name } satisfies KeptAdmission));
    return reply;
  }

  keptAdmission(): KeptAdmission | null {
    return JSON.parse(localStorage.getItem(this.admissionKey()) ?? "null") as KeptAdmission | null;
  }

  join(displayName: string, purpose: "camera" | "screen", participantId: string | null): Promise<RoomAccess> {
    return this.ask("join", { display_name: displayName, purpose, participant_id: participantId });
  }

  /** Whether the way to the room can be asked for beforehand. */
  get offersRoute(): boolean {
    return this.address("route") !== "";
  }

  route(): Promise<Route> {
    return this.ask<Route>("route", {});
  }

  /** `closing`: the page goes away, and the question must outlive it. */
  async leave(participantId: string, closing = false): Promise<void> {
    await this.ask("leave", { participant_id: participantId }, closing);
  }

  /** The holder sends a picture of the document. */
  async sendPicture(pictureId: string, picture: Blob): Promise<RoomState> {
    const { token, admission } = this.proof();
    const body = new FormData();
    for (const [name, value] of Object.entries({ token, admission: admission ?? "", picture_id: pictureId })) body.append(name, value);
    body.append("picture", picture, "picture");
    return this.send<RoomState>(this.address("picture"), { method: "POST", headers: this.headers(), body });
  }

  async state(): Promise<RoomState> {
    if (this.role === "holder") return this.ask<RoomState>("state", {});
    return this.send<RoomState>(this.address("state"), { headers: { Accept: "application/json" } });
  }

  private ask<T>(what: string, body: Record<string, unknown>, keepalive = false): Promise<T> {
    return this.send<T>(this.address(what), {
      method: "POST",
      keepalive,
      headers: { ...this.headers(), "Content-Type": "application/json" },
      body: JSON.stringify(this.role === "holder" ? { ...body, ...this.proof() } : body),
    });
  }

  private headers(): Record<string, string> {
    const csrf = document.querySelector<HTMLMetaElement>('meta[name="csrf-token"]')?.content ?? "";
    return { Accept: "application/json", "X-CSRFToken": csrf };
  }

  /** That the person has the link, and which browser this is. */
  private proof(): { token: string; admission: string | null } {
    return { token: this.token(), admission: this.keptAdmission()?.admission ?? null };
  }

  private admissionKey(): string {
    return ADMISSION + this.token().split(".")[0];
  }

  /** The holder's token stands in the address's fragment, which browsers do not send. */
  private token(): string {
    const token = decodeURIComponent(location.hash.slice(1));
    if (!token) throw new RoomError("no_token");
    return token;
  }

  private address(what: string): string {
    return this.root.dataset[`${what}Url`] ?? "";
  }

  private async send<T>(address: string, options: RequestInit): Promise<T> {
    const response = await fetch(address, { credentials: "same-origin", cache: "no-store", ...options });
    const body: unknown = await response.json().catch(() => ({}));
    if (!response.ok) throw new Refused(response.status, body as Refused["body"]);
    return body as T;
  }
}
