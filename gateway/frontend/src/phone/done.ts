/** The last step: certificate and term to keep, and the hint to keep the page. */
import type { Api } from "./api";
import type { KeepHint } from "./keep";
import { keep, kept } from "./keys";
import { save } from "./save";
import type { View } from "./view";

export interface Result {
  emission_id: string;
  protocol: string;
  certificate_pem: string;
  not_after: string;
}

export class Done {
  private result: Result | null = null;
  private session = "";

  constructor(
    private readonly view: View,
    private readonly api: Api,
    private readonly hint: KeepHint,
  ) {}

  async show(result: Result, session: string): Promise<void> {
    this.result = result;
    this.session = session;
    const { view } = this;
    view.show("done");
    const day = new Date(result.not_after).toLocaleDateString(document.documentElement.lang);
    view.put("done-text", view.text("done", { protocol: result.protocol, day }));
    const present = await kept(result.emission_id);
    if (!present) return;
    view.put("done-protection", view.text(present.locked ? "protected_by_device" : "protected_by_browser"));
    await keep(result.emission_id, {
      ...present,
      certificate: result.certificate_pem,
      protocol: result.protocol,
      notAfter: result.not_after,
    });
    this.hint.offerIn(view.element("done-step"));
  }

  async saveTerm(): Promise<void> {
    const content = await this.api.bytes("termo-assinado", { holder_session: this.session });
    save(content, `termo-de-titularidade-${this.result?.protocol ?? ""}.pdf`);
  }

  async saveCertificate(): Promise<void> {
    if (!this.result) return;
    save(new Blob([this.result.certificate_pem], { type: "application/x-pem-file" }), `certificado-${this.result.protocol}.pem`);
  }
}
