/** A lock that opens with the device's unlock: a passkey whose `prf` extension (WebAuthn Level 3, 10.1.4) gives a secret for wrapping. */
import type { Bytes } from "./bytes";

export interface Lock {
  credential: ArrayBuffer;
  salt: Bytes;
}

/** The person did not unlock the device, or did not want to. */
export class Declined extends Error {}

const INFO = new TextEncoder().encode("titular key wrapping");
const TIMEOUT_MS = 120_000;

/** Whether this device is known to give such secrets. Where it does not say so, nobody is asked for a passkey in vain. */
export async function offersLock(): Promise<boolean> {
  try {
    const able = await PublicKeyCredential.getClientCapabilities();
    return able["extension:prf"] === true && (await PublicKeyCredential.isUserVerifyingPlatformAuthenticatorAvailable());
  } catch {
    return false;
  }
}

/** A new lock and its wrapping key; null where the passkey gives no secret after all. Raises Declined. */
export async function newLock(name: string): Promise<{ lock: Lock; wrapping: CryptoKey } | null> {
  const salt = random(32);
  const made = await asked(() =>
    navigator.credentials.create({
      publicKey: {
        rp: { id: window.location.hostname, name: "Titular" },
        user: { id: random(16), name, displayName: name },
        challenge: random(32),
        pubKeyCredParams: [-7, -257].map((alg) => ({ type: "public-key", alg })),
        authenticatorSelection: { authenticatorAttachment: "platform", userVerification: "required", residentKey: "preferred" },
        extensions: { prf: { eval: { first: salt } } },
        timeout: TIMEOUT_MS,
      },
    }),
  );
  const lock = { credential: made.rawId, salt };
  const { prf } = made.getClientExtensionResults();
  if (prf?.results?.first) return { lock, wrapping: await wrappingKey(prf.results.first) };
  return prf?.enabled ? { lock, wrapping: await openLock(lock) } : null;
}

/** The wrapping key of a lock, after the device's unlock. Raises Declined. */
export async function openLock(lock: Lock): Promise<CryptoKey> {
  const shown = await asked(() =>
    navigator.credentials.get({
      publicKey: {
        rpId: window.location.hostname,
        challenge: random(32),
        allowCredentials: [{ type: "public-key", id: lock.credential }],
        userVerification: "required",
        extensions: { prf: { eval: { first: lock.salt } } },
        timeout: TIMEOUT_MS,
      },
    }),
  );
  const secret = shown.getClientExtensionResults().prf?.results?.first;
  if (!secret) throw new Declined();
  return wrappingKey(secret);
}

async function asked(ask: () => Promise<Credential | null>): Promise<PublicKeyCredential> {
  const answer = await ask().catch(() => null);
  if (!(answer instanceof PublicKeyCredential)) throw new Declined();
  return answer;
}

async function wrappingKey(secret: BufferSource): Promise<CryptoKey> {
  const material = await crypto.subtle.importKey("raw", secret, "HKDF", false, ["deriveKey"]);
  const how = { name: "HKDF", hash: "SHA-256", salt: new Uint8Array(), info: INFO };
  return crypto.subtle.deriveKey(how, material, { name: "AES-GCM", length: 256 }, false, ["wrapKey", "unwrapKey"]);
}

function random(size: number): Bytes {
  return crypto.getRandomValues(new Uint8Array(size));
}
