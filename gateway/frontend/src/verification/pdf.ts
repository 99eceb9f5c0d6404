/** Where the signatures of a PDF are, and what of it they cover (ISO 32000-1, 12.8.1). */

export type Bytes = Uint8Array<ArrayBuffer>;

export interface SignaturePlace {
  /** The signature's container (DER, with zeros behind it). */
  container: Bytes;
  covered: Bytes;
  /** Up to which byte of the file it covers everything but its own container. */
  end: number;
}

export class NotCovering extends Error {}

const BYTE_RANGE = /\/ByteRange\s*\[\s*(\d+)\s+(\d+)\s+(\d+)\s+(\d+)\s*\]/g;

export function isPdf(file: Bytes): boolean {
  return new TextDecoder("latin1").decode(file.subarray(0, 5)) === "%PDF-";
}

/** All signatures, the one that covers least first. Raises NotCovering where one leaves out more than its own container. */
export function signaturesIn(file: Bytes): SignaturePlace[] {
  const text = new TextDecoder("latin1").decode(file);
  return [...text.matchAll(BYTE_RANGE)]
    .map((found) => placeOf(file, text, found.slice(1, 5).map(Number) as [number, number, number, number]))
    .sort((one, other) => one.end - other.end);
}

function placeOf(file: Bytes, text: string, [start, length, next, rest]: [number, number, number, number]): SignaturePlace {
  const end = next + rest;
  const hex = text.slice(length, next);
  if (start !== 0 || end > file.length || !/^<[0-9A-Fa-f]+>$/.test(hex)) throw new NotCovering();
  const covered = new Uint8Array(length + rest);
  covered.set(file.subarray(0, length));
  covered.set(file.subarray(next, end), length);
  return { container: fromHex(hex.slice(1, -1)), covered, end };
}

function fromHex(hex: string): Bytes {
  const bytes = new Uint8Array(hex.length >> 1);
  for (let at = 0; at < bytes.length; at++) bytes[at] = Number.parseInt(hex.slice(2 * at, 2 * at + 2), 16);
  return bytes;
}
