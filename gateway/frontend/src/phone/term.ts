/** What is signed must be what was read: the digest of the shown document must stand in the signed attributes (RFC 5652, 11.2). */
import { type Bytes, fromBase64, joined } from "./bytes";

export interface TermToSign {
  emission_id: string;
  step: string;
  document: string;
  reserved_start: number;
  reserved_end: number;
  signed_attributes: string;
}

// messageDigest, SET of one OCTET STRING of 32 bytes
const MESSAGE_DIGEST = [0x06, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 9, 4, 0x31, 0x22, 0x04, 0x20];

/** Whether the attributes hold exactly one message digest, and it is that of the document without the reserved bytes. */
export async function belongsTogether(term: TermToSign): Promise<boolean> {
  const pdf = fromBase64(term.document);
  const { reserved_start: start, reserved_end: end } = term;
  if (!(start > 0 && start < end && end < pdf.length)) return false;
  const covered = joined(pdf.subarray(0, start), pdf.subarray(end));
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", covered));
  const stated = digestsIn(fromBase64(term.signed_attributes));
  return stated.length === 1 && equal(stated[0] as Uint8Array, digest);
}

function digestsIn(attributes: Bytes): Uint8Array[] {
  const found: Uint8Array[] = [];
  for (let at = 0; at + MESSAGE_DIGEST.length + 32 <= attributes.length; at++) {
    if (!MESSAGE_DIGEST.every((byte, offset) => attributes[at + offset] === byte)) continue;
    found.push(attributes.subarray(at + MESSAGE_DIGEST.length, at + MESSAGE_DIGEST.length + 32));
  }
  return found;
}

function equal(one: Uint8Array, other: Uint8Array): boolean {
  return one.length === other.length && one.every((byte, position) => byte === other[position]);
}
