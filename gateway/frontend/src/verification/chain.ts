/** Whether a certificate comes from this authority: up to its root, which the site itself hands out. */
import { BasicConstraints, Certificate, ExtKeyUsage } from "pkijs";

const BASIC_CONSTRAINTS = "2.5.29.19";
const EXTENDED_KEY_USAGE = "2.5.29.37";

export interface Authority {
  root: Certificate;
  /** All generations of the issuing authority. */
  issuing: Certificate[];
}

export async function authorityAt(base: string): Promise<Authority> {
  const [root, issuing] = await Promise.all(["raiz.pem", "emissoras.pem"].map((name) => certificatesAt(`${base}/${name}`)));
  if (!root?.[0] || !issuing?.[0]) throw new Error(`${base}: no certificates`);
  return { root: root[0], issuing };
}

/** The generation that has signed this certificate. */
export async function issuerOf(certificate: Certificate, authority: Authority): Promise<Certificate | null> {
  for (const one of authority.issuing) if (await signedBy(certificate, one)) return one;
  return null;
}

/** Its issuer (one of those at hand, or the authority's own) up to the root, each in force at that moment. */
export async function comesFrom(certificate: Certificate, authority: Authority, others: Certificate[], at: Date): Promise<boolean> {
  const issuers = [...authority.issuing, ...others].filter((one) => !same(one, certificate) && isAuthority(one));
  if (!inForce(certificate, at)) return false;
  for (const issuer of issuers) {
    if (!(await signedBy(certificate, issuer)) || !inForce(issuer, at)) continue;
    if (await signedBy(issuer, authority.root)) return inForce(authority.root, at);
  }
  return false;
}

export async function signedBy(certificate: Certificate, issuer: Certificate): Promise<boolean> {
  if (!certificate.issuer.isEqual(issuer.subject)) return false;
  return certificate.verify(issuer).catch(() => false);
}

export function inForce(certificate: Certificate, at: Date): boolean {
  return certificate.notBefore.value <= at && at <= certificate.notAfter.value;
}

export function mayBeUsedFor(certificate: Certificate, purpose: string): boolean {
  const found = certificate.extensions?.find((one) => one.extnID === EXTENDED_KEY_USAGE)?.parsedValue;
  return found instanceof ExtKeyUsage && found.keyPurposes.includes(purpose);
}

export function serialOf(certificate: Certificate): string {
  const digits = [...new Uint8Array(certificate.serialNumber.valueBlock.valueHexView)];
  return digits.map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

export function commonName(certificate: Certificate): string {
  const found = certificate.subject.typesAndValues.find((one) => (one.type as unknown as string) === "2.5.4.3");
  return String(found?.value.valueBlock.value ?? "");
}

function isAuthority(certificate: Certificate): boolean {
  const found = certificate.extensions?.find((one) => one.extnID === BASIC_CONSTRAINTS)?.parsedValue;
  return found instanceof BasicConstraints && found.cA;
}

function same(one: Certificate, other: Certificate): boolean {
  return one.serialNumber.isEqual(other.serialNumber) && one.issuer.isEqual(other.issuer);
}

/** Those in a text (RFC 7468). */
export function certificatesIn(text: string): Certificate[] {
  const found = text.matchAll(/-----BEGIN CERTIFICATE-----([A-Za-z0-9+/=\s]+)-----END CERTIFICATE-----/g);
  return [...found].map(([, content = ""]) =>
    Certificate.fromBER(Uint8Array.from(atob(content.replace(/\s/g, "")), (character) => character.charCodeAt(0))),
  );
}

async function certificatesAt(address: string): Promise<Certificate[]> {
  const response = await fetch(address);
  if (!response.ok) throw new Error(`${address}: ${response.status}`);
  return certificatesIn(await response.text());
}
