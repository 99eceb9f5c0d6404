/** The certificate request, PKCS#10 (RFC 2986), with the link's nonce as challengePassword (RFC 2985, 5.4.1). */
import { type Bytes, der, signatureValue } from "./bytes";
import { signWith } from "./keys";

const COMMON_NAME = [0x06, 3, 0x55, 4, 3];
const CHALLENGE_PASSWORD = [0x06, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 9, 7];
const ECDSA_WITH_SHA256 = [0x06, 8, 0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 3, 2];
const VERSION_1 = [0x02, 1, 0];

/** DER of the signed request. The subject says nothing: the authority takes the key alone from it. */
export async function certificateRequest(keys: CryptoKeyPair, nonce: string): Promise<Bytes> {
  const text = new TextEncoder();
  const publicKey = new Uint8Array(await crypto.subtle.exportKey("spki", keys.publicKey));
  const subject = der(0x30, der(0x31, der(0x30, COMMON_NAME, der(0x0c, text.encode("titular")))));
  const challenge = der(0x30, CHALLENGE_PASSWORD, der(0x31, der(0x0c, text.encode(nonce))));
  const information = der(0x30, VERSION_1, subject, publicKey, der(0xa0, challenge));
  const signature = signatureValue(await signWith(keys.privateKey, information));
  return der(0x30, information, der(0x30, ECDSA_WITH_SHA256), der(0x03, [0], signature));
}
