/** What can be said of a file: each question with its answer, and the verdict that follows from them. */
import { Certificate } from "pkijs";
import { type Authority, certificatesIn, comesFrom, commonName, inForce, mayBeUsedFor, serialOf } from "./chain";
import { type Bytes, NotCovering, isPdf, signaturesIn } from "./pdf";
import { type Signed, type Stamp, containerOf, isTimeStamp, signatureOver, stampOver } from "./signature";
import { type Status, statusOf } from "./status";

const TIME_STAMPING = "1.3.6.1.5.5.7.3.8";

export type Answer = "yes" | "no" | "unknown";
export type Question = "whole" | "signed" | "issued" | "stamped" | "in_force" | "long_term";

export interface Check {
  question: Question;
  answer: Answer;
  /** Why, as a key of the page's sentences, and what is filled in there. */
  why: string;
  moment?: Date;
}

export interface Facts {
  name: string;
  cpf: string;
  serial: string;
  from: Date;
  until: Date;
  sha256: string;
  signedAt?: Date;
}

export interface Verdict {
  kind: "term" | "certificate" | "unreadable";
  genuine: Answer;
  checks: Check[];
  facts: Facts | null;
}

export async function verdictOn(file: Bytes, authority: Authority, base: string): Promise<Verdict> {
  if (isPdf(file)) return verdictOnTerm(file, authority, base);
  const certificate = certificateIn(file);
  return certificate ? verdictOnCertificate(certificate, file, authority, base) : unreadable();
}

async function verdictOnTerm(file: Bytes, authority: Authority, base: string): Promise<Verdict> {
  const read = await signaturesOf(file).catch((error: unknown) => (error instanceof NotCovering ? "not_covering" : "unreadable"));
  if (read === "unreadable" || read === "not_covering") return altered(read);
  const { signed, later, end } = read;
  if (!signed) return { ...unreadable(), kind: "term", checks: [{ question: "signed", answer: "no", why: "no_signature" }] };
  const stamps = await Promise.all(later.map((one) => trusted(one, authority)));
  const own = signed.stamp && (await trusted(signed.stamp, authority)) ? signed.stamp : null;
  const covered = end === file.length && stamps.every(Boolean);
  const at = own?.at ?? new Date();
  const issued = await comesFrom(signed.certificate, authority, signed.certificates, at);
  const status = issued ? await statusOf(signed.certificate, authority, base).catch(unreachable) : unreachable();
  const last = later.at(-1);
  const checks: Check[] = [
    { question: "whole", answer: yes(signed.stands && covered), why: signed.stands && covered ? "whole" : signed.stands ? "added_to" : "changed" },
    { question: "signed", answer: yes(signed.stands), why: signed.stands ? "signed" : "not_signed" },
    { question: "issued", answer: yes(issued), why: issued ? "issued" : "not_issued" },
    { question: "stamped", answer: yes(own !== null), why: own ? "stamped" : "not_stamped", moment: own?.at },
    forceOf(signed.certificate, status, own?.at),
    { question: "long_term", answer: last ? "yes" : "unknown", why: last ? "long_term" : "not_long_term", moment: last?.at },
  ];
  const facts = { ...(await factsOf(signed.certificate, file)), signedAt: own?.at };
  return { kind: "term", genuine: genuine(checks.filter((one) => one.question !== "long_term")), checks, facts };
}

async function verdictOnCertificate(certificate: Certificate, file: Bytes, authority: Authority, base: string): Promise<Verdict> {
  const issued = await comesFrom(certificate, authority, [], certificate.notBefore.value);
  const status = issued ? await statusOf(certificate, authority, base).catch(unreachable) : unreachable();
  const checks: Check[] = [
    { question: "issued", answer: yes(issued), why: issued ? "issued" : "not_issued" },
    forceOf(certificate, status),
  ];
  return { kind: "certificate", genuine: genuine(checks), checks, facts: await factsOf(certificate, file) };
}

/** The one signature, the time stamps over the file that came after it, and up to where the last of them covers it. */
async function signaturesOf(file: Bytes): Promise<{ signed: Signed | null; later: (Stamp | null)[]; end: number }> {
  const [first, ...others] = signaturesIn(file);
  if (!first) return { signed: null, later: [], end: 0 };
  const signed = await signatureOver(first.covered, containerOf(first.container));
  const later: (Stamp | null)[] = [];
  for (const one of others) {
    const data = containerOf(one.container);
    later.push(isTimeStamp(data) ? await stampOver(one.covered, data) : null);
  }
  return { signed, later, end: others.at(-1)?.end ?? first.end };
}

async function trusted(stamp: Stamp | null, authority: Authority): Promise<boolean> {
  return stamp !== null && mayBeUsedFor(stamp.by, TIME_STAMPING) && (await comesFrom(stamp.by, authority, [], stamp.at));
}

/** A signature stays good when its certificate ends or is revoked later: what counts is the moment of its time stamp. */
function forceOf(certificate: Certificate, status: Status, signedAt?: Date): Check {
  const question = "in_force";
  const then = signedAt ?? new Date();
  if (status.state === "revoked" && then < status.since)
    return { question, answer: "yes", why: `revoked_later_${status.reason}`, moment: status.since };
  if (status.state === "revoked") return { question, answer: "no", why: `revoked_${status.reason}`, moment: status.since };
  if (status.state === "hold") return { question, answer: "no", why: "on_hold" };
  if (!inForce(certificate, then)) return { question, answer: "no", why: "expired", moment: certificate.notAfter.value };
  if (status.state === "good") return { question, answer: "yes", why: signedAt ? "in_force_then" : "in_force_now" };
  return { question, answer: "unknown", why: status.state };
}

async function factsOf(certificate: Certificate, file: Bytes): Promise<Facts> {
  const [name = "", cpf = ""] = commonName(certificate).split(":");
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", file));
  const sha256 = [...digest].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return { name, cpf, serial: serialOf(certificate), from: certificate.notBefore.value, until: certificate.notAfter.value, sha256 };
}

function certificateIn(file: Bytes): Certificate | null {
  try {
    return certificatesIn(new TextDecoder("latin1").decode(file))[0] ?? Certificate.fromBER(file);
  } catch {
    return null;
  }
}

function altered(why: string): Verdict {
  return { kind: "term", genuine: "no", checks: [{ question: "whole", answer: "no", why }], facts: null };
}

function unreadable(): Verdict {
  return { kind: "unreadable", genuine: "no", checks: [], facts: null };
}

function unreachable(): Status {
  return { state: "unreachable" };
}

function yes(found: boolean): Answer {
  return found ? "yes" : "no";
}

function genuine(checks: Check[]): Answer {
  if (checks.some((one) => one.answer === "no")) return "no";
  return checks.every((one) => one.answer === "yes") ? "yes" : "unknown";
}
