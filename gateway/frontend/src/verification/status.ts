/** What the authority says of a certificate today (OCSP, RFC 6960). */
import { BasicOCSPResponse, type Certificate, OCSPRequest, OCSPResponse, getCrypto } from "pkijs";
import { type Authority, inForce, issuerOf, mayBeUsedFor, signedBy } from "./chain";

const BASIC_RESPONSE = "1.3.6.1.5.5.7.48.1.1";
const OCSP_SIGNING = "1.3.6.1.5.5.7.3.9";
const REASONS = ["unspecified", "keyCompromise", "cACompromise", "affiliationChanged", "superseded", "cessationOfOperation", "certificateHold"];

export type Status =
  | { state: "good" }
  | { state: "revoked" | "hold"; since: Date; reason: string }
  | { state: "unknown" }
  | { state: "unreachable" };

export async function statusOf(certificate: Certificate, authority: Authority, base: string): Promise<Status> {
  const issuer = await issuerOf(certificate, authority);
  if (!issuer) return { state: "unknown" };
  const request = new OCSPRequest();
  await request.createForCertificate(certificate, { hashAlgorithm: "SHA-1", issuerCertificate: issuer });
  const body = request.toSchema(true).toBER();
  const response = await fetch(`${base}/ocsp`, { method: "POST", headers: { "Content-Type": "application/ocsp-request" }, body }).catch(() => null);
  if (!response?.ok) return { state: "unreachable" };
  const answer = OCSPResponse.fromBER(await response.arrayBuffer());
  if (answer.responseStatus.valueBlock.valueDec !== 0) return { state: "unknown" };
  if (answer.responseBytes?.responseType !== BASIC_RESPONSE) return { state: "unreachable" };
  const basic = BasicOCSPResponse.fromBER(new Uint8Array(answer.responseBytes.response.valueBlock.valueHexView));
  if (!(await isOf(basic, issuer))) return { state: "unreachable" };
  return stated(basic, certificate, issuer);
}

/** Signed by the issuing authority's delegated responder (RFC 6960, 4.2.2.2), and current. */
async function isOf(answer: BasicOCSPResponse, issuer: Certificate): Promise<boolean> {
  const now = new Date();
  const current = answer.tbsResponseData.responses.every((one) => !one.nextUpdate || one.nextUpdate >= now);
  for (const responder of answer.certs ?? []) {
    const delegated = mayBeUsedFor(responder, OCSP_SIGNING) && inForce(responder, now) && (await signedBy(responder, issuer));
    if (current && delegated && (await madeBy(answer, responder))) return true;
  }
  return false;
}

async function madeBy(answer: BasicOCSPResponse, responder: Certificate): Promise<boolean> {
  const content = new Uint8Array(answer.tbsResponseData.tbsView);
  const key = responder.subjectPublicKeyInfo;
  return getCrypto(true).verifyWithPublicKey(content, answer.signature, key, answer.signatureAlgorithm).catch(() => false);
}

async function stated(answer: BasicOCSPResponse, certificate: Certificate, issuer: Certificate): Promise<Status> {
  const found = await answer.getCertificateStatus(certificate, issuer);
  if (!found.isForCertificate) return { state: "unreachable" };
  if (found.status === 0) return { state: "good" };
  const revoked = answer.tbsResponseData.responses.map((one) => one.certStatus).find((one) => one?.idBlock?.tagNumber === 1);
  if (found.status !== 1 || !revoked) return { state: "unknown" };
  const [since, reason] = revoked.valueBlock.value;
  const number = reason?.valueBlock.value[0]?.valueBlock.valueDec ?? 0;
  const state = REASONS[number] === "certificateHold" ? "hold" : "revoked";
  return { state, since: since.toDate(), reason: REASONS[number] ?? "unspecified" };
}
