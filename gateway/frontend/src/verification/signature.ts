/** A signature's container (CMS, RFC 5652) and the time stamp in it (RFC 3161). */
import { Certificate, ContentInfo, IssuerAndSerialNumber, SignedData, type SignerInfo, TSTInfo } from "pkijs";
import type { Bytes } from "./pdf";

const SIGNED_DATA = "1.2.840.113549.1.7.2";
const TIME_STAMP = "1.2.840.113549.1.9.16.1.4";
const TIME_STAMP_TOKEN = "1.2.840.113549.1.9.16.2.14";
const MESSAGE_DIGEST = "1.2.840.113549.1.9.4";

/** A moment that a time-stamping service vouches for, by whose certificate. */
export interface Stamp {
  at: Date;
  by: Certificate;
}

export interface Signed {
  /** Whether it is over this content, and made by the key of this certificate. */
  stands: boolean;
  certificate: Certificate;
  certificates: Certificate[];
  stamp: Stamp | null;
}

export function containerOf(container: Bytes): SignedData {
  const content = ContentInfo.fromBER(container);
  if (content.contentType !== SIGNED_DATA) throw new TypeError("no signature");
  return new SignedData({ schema: content.content });
}

export function isTimeStamp(data: SignedData): boolean {
  return data.encapContentInfo.eContentType === TIME_STAMP;
}

/** A signature over content that is not in its container. */
export async function signatureOver(content: Bytes, data: SignedData): Promise<Signed> {
  const signer = onlySigner(data);
  const certificates = certificatesOf(data);
  const certificate = signerOf(signer, certificates);
  const stated = signer.signedAttrs?.attributes.filter((one) => one.type === MESSAGE_DIGEST) ?? [];
  const stands = stated.length === 1 && (await data.verify({ signer: 0, data: content.buffer, checkChain: false }).catch(() => false));
  return { stands, certificate, certificates, stamp: await stampIn(signer) };
}

/** A time stamp over content; null where it is over something else, or its signature does not stand. */
export async function stampOver(content: Bytes, data: SignedData): Promise<Stamp | null> {
  const token = data.encapContentInfo.eContent?.valueBlock.valueHexView;
  if (!isTimeStamp(data) || !token) return null;
  const information = TSTInfo.fromBER(new Uint8Array(token));
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", content));
  const stated = information.messageImprint.hashedMessage.valueBlock.valueHexView;
  const whole = stated.length === digest.length && stated.every((byte, at) => byte === digest[at]);
  const signed = await data.verify({ signer: 0, data: content.buffer, checkChain: false }).catch(() => false);
  if (!whole || !signed) return null;
  return { at: information.genTime, by: signerOf(onlySigner(data), certificatesOf(data)) };
}

async function stampIn(signer: SignerInfo): Promise<Stamp | null> {
  const token = signer.unsignedAttrs?.attributes.find((one) => one.type === TIME_STAMP_TOKEN)?.values[0];
  if (!token) return null;
  const content = new Uint8Array(signer.signature.valueBlock.valueHexView) as Bytes;
  return stampOver(content, containerOf(new Uint8Array(token.toBER()) as Bytes));
}

function onlySigner(data: SignedData): SignerInfo {
  if (data.signerInfos.length !== 1) throw new TypeError("one signer is expected");
  return data.signerInfos[0] as SignerInfo;
}

function certificatesOf(data: SignedData): Certificate[] {
  return (data.certificates ?? []).filter((one): one is Certificate => one instanceof Certificate);
}

function signerOf(signer: SignerInfo, certificates: Certificate[]): Certificate {
  const wanted = signer.sid as IssuerAndSerialNumber;
  const found = certificates.find((one) => one.serialNumber.isEqual(wanted.serialNumber) && one.issuer.isEqual(wanted.issuer));
  if (!found) throw new TypeError("the signer's certificate is missing");
  return found;
}
