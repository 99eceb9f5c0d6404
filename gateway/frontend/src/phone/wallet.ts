/** The way from the link to the signed term. */
import { chromeIntent, platform } from "../room/platform";
import { Api, Offline, Refused } from "./api";
import { fromBase64, signatureValue, toBase64 } from "./bytes";
import { type Lack, lackOf } from "./capability";
import { Done, type Result } from "./done";
import { type KeepHint, openedByIcon } from "./keep";
import { allKept, keyFor, kept, signWith, usable } from "./keys";
import { Declined, offersLock } from "./passkey";
import { Place } from "./place";
import { certificateRequest } from "./request";
import { type TermToSign, belongsTogether } from "./term";
import { isoDate, validCpf } from "./typed";
import type { View } from "./view";

const REMEMBERED = "titular.holder";

interface Link {
  step: "data" | "code" | "request" | "sign" | "done";
  office_name: string | null;
  renewable: boolean;
}
interface CodeSent {
  channel: string;
  address_masked: string;
  sends_left: number;
}
interface Session {
  holder_session: string;
  nonce: string;
  step: string;
  emission_id: string;
  holder_name: string;
}

export class Wallet {
  private readonly api: Api;
  private token = "";
  private session: Session | null = null;
  private term: TermToSign | null = null;
  private lockable = false;
  private readonly done: Done;

  constructor(
    private readonly view: View,
    private readonly hint: KeepHint,
  ) {
    this.api = new Api(view.api);
    this.done = new Done(view, this.api, hint);
  }

  async start(): Promise<void> {
    this.bind();
    this.token = decodeURIComponent(window.location.hash.slice(1)).trim();
    if (!this.token) return this.startOwn();
    const lack = await lackOf();
    if (lack !== null) return this.stopHere(lack);
    await this.attempt(() => this.resume(), true);
  }

  /** Without a link: what is kept here, or that the link is incomplete. */
  private async startOwn(): Promise<void> {
    const found = await allKept().catch(() => []);
    const nothing = openedByIcon() ? "empty_icon" : "no_token";
    if (found.length === 0) return this.view.stop(this.view.text(nothing), this.view.text(`${nothing}_help`), ["office"]);
    new Place(this.view, this.api, (act) => this.attempt(act)).start(found);
    this.hint.offerIn(this.view.element("own-step"));
  }

  private bind(): void {
    const { view } = this;
    document.querySelector('[data-go="data"]')?.addEventListener("click", () => view.show("data"));
    this.onSubmit("data-form", null, () => this.sendData());
    this.onSubmit("code-form", null, () => this.sendCode());
    this.onSubmit("sign-form", "sign-busy", () => this.sign());
    this.onClick("resend", null, () => this.resend());
    this.onClick("renew", null, () => this.renew());
    this.onClick("create-key", "key-busy", () => this.createKey(this.lockable));
    this.onClick("create-plain", "key-busy", () => this.createKey(false));
    this.onClick("download-term", null, () => this.done.saveTerm());
    this.onClick("download-certificate", null, () => this.done.saveCertificate());
    const read = view.element<HTMLInputElement>("read");
    read.addEventListener("change", () => this.allowSigning());
  }

  private onSubmit(id: string, line: string | null, act: () => Promise<void>): void {
    const form = this.view.element<HTMLFormElement>(id);
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      const button = form.querySelector<HTMLButtonElement>("button[type=submit]");
      if (button && !button.disabled) void this.view.busy(button, line, () => this.attempt(act));
    });
  }

  private onClick(id: string, line: string | null, act: () => Promise<void>): void {
    const button = this.view.element<HTMLButtonElement>(id);
    button.addEventListener("click", () => void this.view.busy(button, line, () => this.attempt(act)));
  }

  /** Say what went wrong in the reader's words; some refusals end the way. */
  private async attempt(act: () => Promise<void>, first = false, again = false): Promise<void> {
    this.view.clearProblem();
    try {
      await act();
    } catch (error) {
      if (!again && this.wentOn(error)) return this.attempt(() => this.resume(), first, true);
      const say = (text: string, help = ""): void => (first ? this.view.stop(text, help) : this.view.problem(text, help));
      if (error instanceof Refused) return this.refused(error, say);
      if (error instanceof Declined) return this.declined();
      say(this.view.text(error instanceof Offline ? "offline" : "failed"));
    }
  }

  /** Whether another window of this browser is further than this one, which then takes up its step. */
  private wentOn(error: unknown): boolean {
    if (!(error instanceof Refused) || this.remembered() === null) return false;
    return error.problem.code === "illegal_step" || error.problem.reason === "used";
  }

  /** The device was not unlocked: it can be tried again; a key that is still to be born can do without. */
  private declined(): void {
    const unborn = !this.view.element("key-step").hidden;
    this.view.element("create-plain").hidden = !unborn;
    this.view.problem(this.view.text("declined"), this.view.text(unborn ? "declined_new" : "declined_help"));
  }

  private refused(error: Refused, say: (text: string, help?: string) => void): void {
    const text = error.problem.text || this.view.text("failed");
    if (error.problem.code === "locked" || error.problem.code === "link_unusable") {
      localStorage.removeItem(REMEMBERED);
      const renewable = error.problem.details?.renewable === true;
      if (renewable) return this.view.stop(this.view.text("renewable"), "", ["renew", "office"]);
      return this.view.stop(text, "", ["office"]);
    }
    say(text);
  }

  /** This browser cannot keep a key: say why, and where it does go on. */
  private stopHere(lack: Lack): void {
    const { view } = this;
    view.element<HTMLInputElement>("link-address").value = window.location.href;
    const { system } = platform();
    const chrome = view.element<HTMLAnchorElement>("open-chrome");
    chrome.hidden = system !== "android";
    if (system === "android") chrome.href = chromeIntent(window.location.href);
    view.stop(view.text(`lack_${lack}`), view.text(`lack_${lack}_help`), lack === "insecure" ? ["office"] : ["browser", "computer", "clerk"]);
  }

  /** Go on where this window stopped, or begin at the link's step. */
  private async resume(): Promise<void> {
    const link = await this.api.post<Link>("link", { token: this.token });
    this.view.put("office-name", link.office_name ?? "");
    const session = await this.rememberedSession();
    if (session) return this.enter(session);
    if (link.step === "data") return this.view.show("intro");
    // Used, and it was us: the answer to the code got lost. The same code and words bring it again.
    const ours = link.step !== "done" && this.api.unanswered("codigo");
    if (link.step === "code" || ours) {
      this.view.show("code");
      return this.view.put("code-sent", this.view.text("code_again"));
    }
    this.view.stop(this.view.text("used_elsewhere"), this.view.text("used_elsewhere_help"), link.renewable ? ["renew", "office"] : ["office"]);
  }

  /** The session that this browser began by this link, while it lives: a closed page, too, goes on where it was. */
  private async rememberedSession(): Promise<Session | null> {
    const remembered = this.remembered();
    if (!remembered) return null;
    try {
      return await this.api.post<Session>("sessao", { holder_session: remembered });
    } catch (error) {
      if (!(error instanceof Refused) || error.problem.reason !== "expired") throw error;
      localStorage.removeItem(REMEMBERED);
      return null;
    }
  }

  private async renew(): Promise<void> {
    await this.api.post("link/novo", { token: this.token });
    this.view.element("renew").hidden = true;
    this.view.element("renewed").hidden = false;
  }

  private remembered(): string | null {
    const found = JSON.parse(localStorage.getItem(REMEMBERED) ?? "null") as { token: string; session: string } | null;
    return found?.token === this.token ? found.session : null;
  }

  private async sendData(): Promise<void> {
    const cpf = validCpf(this.view.element<HTMLInputElement>("cpf").value);
    if (!cpf) return this.view.problem(this.view.text("cpf_invalid"));
    const birthDate = isoDate(this.view.element<HTMLInputElement>("birth-date").value);
    if (!birthDate) return this.view.problem(this.view.text("date_invalid"));
    this.codeSent(await this.api.post<CodeSent>("dados", { token: this.token, cpf, birth_date: birthDate }));
  }

  private codeSent(sent: CodeSent): void {
    this.view.show("code");
    const key = sent.channel === "sms" ? "code_sent_sms" : "code_sent_email";
    const left = sent.sends_left > 0 ? "" : ` ${this.view.text("no_sends_left")}`;
    this.view.put("code-sent", this.view.text(key, { address: sent.address_masked }) + left);
    this.view.element("resend").hidden = sent.sends_left <= 0;
  }

  private async resend(): Promise<void> {
    this.codeSent(await this.api.post<CodeSent>("codigo/reenviar", { token: this.token }));
  }

  private async sendCode(): Promise<void> {
    const code = this.view.element<HTMLInputElement>("code").value.replace(/\D/g, "");
    if (code.length !== 6) return this.view.problem(this.view.text("code_six"));
    const words = this.view.element<HTMLInputElement>("words").value.trim();
    if (!words) return this.view.problem(this.view.text("words_missing"));
    const session = await this.api.post<Session>("codigo", { token: this.token, code, words });
    localStorage.setItem(REMEMBERED, JSON.stringify({ token: this.token, session: session.holder_session }));
    await this.enter(session);
  }

  /** Show the step at which a session stands. */
  private async enter(session: Session): Promise<void> {
    this.session = session;
    if (session.step === "done") return this.done.show(await this.ask<Result>("resultado"), session.holder_session);
    const present = await kept(session.emission_id);
    if (session.step === "sign") {
      if (!present) return this.view.stop(this.view.text("key_lost"), this.view.text("key_lost_help"));
      return this.showTerm(await this.ask<TermToSign>("termo"));
    }
    // Known before the tap: asking for the device's unlock must follow the tap at once.
    this.lockable = await offersLock();
    this.view.show("key");
    this.view.element("create-plain").hidden = true;
    this.view.put("key-protection", this.view.text(this.lockable ? "protected_by_device" : "protected_by_browser"));
    this.view.put("greeting", this.view.text("greeting", { name: session.holder_name }));
  }

  private ask<Answer>(path: string, body: Record<string, unknown> = {}): Promise<Answer> {
    return this.api.post<Answer>(path, { ...body, holder_session: this.session?.holder_session });
  }

  private async createKey(locked: boolean): Promise<void> {
    if (!this.session) return;
    const keys = await keyFor(this.session.emission_id, locked ? this.session.holder_name : null);
    const csr = toBase64(await certificateRequest(keys, this.session.nonce));
    await this.showTerm(await this.ask<TermToSign>("solicitacao", { csr }));
  }

  private async showTerm(term: TermToSign): Promise<void> {
    const together = await belongsTogether(term);
    this.view.show("term");
    this.term = together ? term : null;
    const link = this.view.element<HTMLAnchorElement>("open-term");
    link.href = URL.createObjectURL(new Blob([fromBase64(term.document)], { type: "application/pdf" }));
    const line = this.view.element("term-check");
    line.textContent = this.view.text(together ? "term_checked" : "term_differs");
    line.classList.toggle("bad", !together);
    this.allowSigning();
  }

  private allowSigning(): void {
    const read = this.view.element<HTMLInputElement>("read").checked;
    this.view.element<HTMLButtonElement>("sign").disabled = !read || this.term === null;
  }

  private async sign(): Promise<void> {
    const { session, term } = this;
    if (!session || !term) return;
    const present = await kept(session.emission_id);
    if (!present) return this.view.stop(this.view.text("key_lost"), this.view.text("key_lost_help"));
    const { privateKey } = await usable(session.emission_id, present);
    const raw = await signWith(privateKey, fromBase64(term.signed_attributes));
    const result = await this.ask<Result>("assinatura", { signature: toBase64(signatureValue(raw)) });
    await this.done.show(result, session.holder_session);
  }
}
