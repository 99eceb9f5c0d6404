/** Base64 and the little DER (X.690) that a certificate request and a signature need. */

export type Bytes = Uint8Array<ArrayBuffer>;

export function fromBase64(text: string): Bytes {
  return Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
}

export function toBase64(bytes: Uint8Array): string {
  let text = "";
  for (let start = 0; start < bytes.length; start += 0x8000) text += String.fromCharCode(...bytes.subarray(start, start + 0x8000));
  return btoa(text);
}

export function joined(...parts: ArrayLike<number>[]): Bytes {
  const whole = new Uint8Array(parts.reduce((size, part) => size + part.length, 0));
  let position = 0;
  for (const part of parts) {
    whole.set(part, position);
    position += part.length;
  }
  return whole;
}

/** Tag, length, value. */
export function der(tag: number, ...parts: ArrayLike<number>[]): Bytes {
  const content = joined(...parts);
  return joined([tag], lengthOf(content.length), content);
}

function lengthOf(size: number): number[] {
  if (size < 0x80) return [size];
  if (size < 0x100) return [0x81, size];
  if (size < 0x10000) return [0x82, size >> 8, size & 0xff];
  throw new RangeError("longer than anything that is built here");
}

/** An unsigned number as INTEGER: no leading zeros, one where the first bit is set. */
function integer(bytes: Uint8Array): Bytes {
  let start = 0;
  while (start < bytes.length - 1 && bytes[start] === 0) start++;
  const short = bytes.subarray(start);
  return (short[0] as number) & 0x80 ? der(0x02, [0], short) : der(0x02, short);
}

/** WebCrypto's r||s (IEEE P1363) as ECDSA-Sig-Value (RFC 3279, 2.2.3). */
export function signatureValue(raw: Uint8Array): Bytes {
  const half = raw.length / 2;
  return der(0x30, integer(raw.subarray(0, half)), integer(raw.subarray(half)));
}
