/** The holder's own place: the certificates kept here; one is opened, and revoked, by its key. */
import { type Api, Refused } from "./api";
import { signatureValue, toBase64 } from "./bytes";
import { type Kept, signWith, usable } from "./keys";
import { save } from "./save";
import type { View } from "./view";

interface Owned {
  emission_id: string;
  protocol: string;
  office_name: string | null;
  status: "valid" | "revoked" | "expired";
  serial: string;
  not_after: string;
  revoked_at: string | null;
  certificate_pem: string;
  /** Null where it cannot be told now. */
  seen: { at: string; what: string; role: string; office: string | null }[] | null;
}

export class Place {
  private found: [string, Kept][] = [];
  private opened: { id: string; kept: Kept; session: string; owned: Owned } | null = null;
  private reason = "";

  constructor(
    private readonly view: View,
    private readonly api: Api,
    private readonly attempt: (act: () => Promise<void>) => Promise<void>,
  ) {}

  start(found: [string, Kept][]): void {
    this.found = found;
    const { view } = this;
    this.onClick("place-term", null, () => this.saveTerm());
    this.onClick("place-certificate", null, () => this.saveCertificate());
    this.onClick("place-back", null, async () => this.list());
    this.onClick("revoke", "revoke-busy", () => this.revoke());
    this.onClick("revoke-not", null, async () => view.show("place"));
    view.element<HTMLFormElement>("revoke-form").addEventListener("submit", (event) => {
      event.preventDefault();
      this.reason = String(new FormData(event.target as HTMLFormElement).get("reason"));
      view.show("revoke");
      view.put("revoke-reason", view.text(`reason_${this.reason}`));
    });
    this.list();
  }

  private onClick(id: string, line: string | null, act: () => Promise<void>): void {
    const button = this.view.element<HTMLButtonElement>(id);
    button.addEventListener("click", () => void this.view.busy(button, line, () => this.attempt(() => this.living(act))));
  }

  /** A session that has ended leads back to the list, where the key opens it again. */
  private async living(act: () => Promise<void>): Promise<void> {
    try {
      await act();
    } catch (error) {
      if (!(error instanceof Refused) || error.problem.code !== "link_unusable") throw error;
      this.list();
      this.view.problem(this.view.text("place_expired"));
    }
  }

  private list(): void {
    this.opened = null;
    const rows = this.found.map(([id, kept]) => {
      const button = document.createElement("button");
      button.type = "button";
      button.className = "btn btn-outline-primary btn-xl";
      const until = kept.notAfter ? ` ${this.view.text("status_valid", { day: this.day(kept.notAfter) })}` : "";
      button.textContent = `${this.view.text("protocol", { protocol: kept.protocol ?? "" })}.${until}`;
      button.addEventListener("click", () => void this.view.busy(button, null, () => this.attempt(() => this.open(id, kept))));
      const row = document.createElement("li");
      row.append(button);
      return row;
    });
    this.view.element("own-list").replaceChildren(...rows);
    this.view.show("own");
  }

  private async open(id: string, kept: Kept): Promise<void> {
    const { challenge, signature } = await this.signed(id, kept, (fresh) => `titular holder access\n${id}\n${fresh}`);
    const proof = { emission_id: id, challenge, signature };
    const { place_session } = await this.api.post<{ place_session: string }>("meu/abrir", proof);
    await this.reload(id, kept, place_session);
  }

  private async reload(id: string, kept: Kept, session: string): Promise<void> {
    const owned = await this.api.post<Owned>("meu/certificado", { place_session: session });
    this.opened = { id, kept, session, owned };
    const { view } = this;
    view.show("place");
    view.put("place-status", view.text(`status_${owned.status}`, { day: this.day(owned.revoked_at ?? owned.not_after) }));
    view.put("place-facts", [view.text("protocol", { protocol: owned.protocol }), owned.office_name].filter(Boolean).join(" · "));
    view.put("office-name", owned.office_name ?? "");
    view.element("revoke-way").hidden = owned.status !== "valid";
    this.showSeen(owned);
  }

  private showSeen({ seen }: Owned): void {
    const { view } = this;
    const lines = (seen ?? []).map((look) => {
      const when = new Date(look.at).toLocaleString(document.documentElement.lang, { dateStyle: "short", timeStyle: "short" });
      return view.text(look.office ? "seen_line" : "seen_line_no_office", { ...look, when, office: look.office ?? "" });
    });
    const none = view.text(seen === null ? "seen_unknown" : "seen_nobody");
    const rows = (lines.length ? lines : [none]).map((line) => {
      const row = document.createElement("li");
      row.textContent = line;
      return row;
    });
    view.element("place-seen").replaceChildren(...rows);
  }

  /** A fresh challenge, signed by the certificate's key within what is said. */
  private async signed(id: string, kept: Kept, say: (challenge: string) => string): Promise<{ challenge: string; signature: string }> {
    // The device's unlock must follow the tap at once: the key comes before the question.
    const { privateKey } = await usable(id, kept);
    const { challenge } = await this.api.post<{ challenge: string }>("meu/desafio", { emission_id: id });
    const raw = await signWith(privateKey, new TextEncoder().encode(say(challenge)));
    return { challenge, signature: toBase64(signatureValue(raw)) };
  }

  private async revoke(): Promise<void> {
    if (!this.opened) return;
    const { id, kept, session, owned } = this.opened;
    const { reason } = this;
    const say = (fresh: string): string => `titular holder revocation\n${id}\n${owned.serial}\n${reason}\n${fresh}`;
    const { challenge, signature } = await this.signed(id, kept, say);
    await this.api.post("meu/revogar", { emission_id: id, challenge, reason, signature });
    await this.reload(id, kept, session);
  }

  private async saveTerm(): Promise<void> {
    if (!this.opened) return;
    const content = await this.api.bytes("meu/termo", { place_session: this.opened.session });
    save(content, `termo-de-titularidade-${this.opened.owned.protocol}.pdf`);
  }

  private async saveCertificate(): Promise<void> {
    if (!this.opened) return;
    const { certificate_pem, protocol } = this.opened.owned;
    save(new Blob([certificate_pem], { type: "application/x-pem-file" }), `certificado-${protocol}.pem`);
  }

  private day(moment: string): string {
    return new Date(moment).toLocaleDateString(document.documentElement.lang);
  }
}
