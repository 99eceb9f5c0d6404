/** Whether a certificate comes from this authority: up to its root, which the site itself hands out. */
import { BasicConstraints, Certificate, ExtKeyUsage } from "pkijs";

const BASIC_CONSTRAINTS = "2.5.29.19";
const EXTENDED_KEY_USAGE = "2.5.29.37";

export interface Authority {
  root: Certificate;
  issuing: Certificate;
}

export async function authorityAt(base: string): Promise<Authority> {
  const [root, issuing] = await Promise.all(["raiz.cer", "emissora.cer"].map((name) => certificateAt(`${base}/${name}`)));
  return { root: root as Certificate, issuing: issuing as Certificate };
}

/** Its issuer (one of those at hand, or the authority's own) up to the root, each in force at that moment. */
export async function comesFrom(certificate: Certificate, authority: Authority, others: Certificate[], at: Date): Promise<boolean> {
  const issuers = [authority.issuing, ...others].filter((one) => !same(one, certificate) && isAuthority(one));
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

async function certificateAt(address: string): Promise<Certificate> {
  const response = await fetch(address);
  if (!response.ok) throw new Error(`${address}: ${response.status}`);
  return Certificate.fromBER(await response.arrayBuffer());
}
