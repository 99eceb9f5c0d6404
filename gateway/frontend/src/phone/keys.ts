/** The key: born here, kept in this browser's IndexedDB as a handle whose bytes no script can read. */
import type { Bytes } from "./bytes";
import { type Lock, newLock, openLock } from "./passkey";

const DATABASE = "titular";
const STORE = "certificates";
const CURVE: EcKeyGenParams = { name: "ECDSA", namedCurve: "P-256" };
const SIGNATURE: EcdsaParams = { name: "ECDSA", hash: "SHA-256" };

/** The private key, wrapped (AES-GCM over PKCS#8): of no use without the device's unlock. */
interface Locked {
  lock: Lock;
  publicKey: CryptoKey;
  wrapped: ArrayBuffer;
  iv: Bytes;
}
export interface Kept {
  keys?: CryptoKeyPair;
  locked?: Locked;
  certificate?: string;
  protocol?: string;
  notAfter?: string;
}

/** Locked keys that were opened in this sitting. */
const opened = new Map<string, CryptoKeyPair>();

/** The key pair of an emission: the one that is there, or a new one, kept before it is used. Locked where `lockedFor` names whose it is. */
export async function keyFor(emissionId: string, lockedFor: string | null): Promise<CryptoKeyPair> {
  const present = await kept(emissionId);
  if (present) return usable(emissionId, present);
  const made = lockedFor === null ? null : await newLock(lockedFor);
  const keys = made ? await lockedPair(emissionId, made.lock, made.wrapping) : await plainPair(emissionId);
  // Asks the browser not to clear this storage by itself; it may decline.
  await navigator.storage?.persist?.().catch(() => false);
  return keys;
}

/** The kept key pair, for signing; a locked one asks for the device's unlock once in a sitting (Declined where it is not given). */
export async function usable(emissionId: string, { keys, locked }: Kept): Promise<CryptoKeyPair> {
  const open = keys ?? opened.get(emissionId);
  if (open) return open;
  if (!locked) throw new Error("a record without a key");
  const pair = await unwrapped(locked, await openLock(locked.lock));
  opened.set(emissionId, pair);
  return pair;
}

async function plainPair(emissionId: string): Promise<CryptoKeyPair> {
  const keys = await crypto.subtle.generateKey(CURVE, false, ["sign", "verify"]);
  const winner = await keepFirst(emissionId, { keys });
  return winner ? usable(emissionId, winner) : keys;
}

/** Wrapping needs bytes, so this key is extractable at its birth; what is used and kept afterwards is not. */
async function lockedPair(emissionId: string, lock: Lock, wrapping: CryptoKey): Promise<CryptoKeyPair> {
  const born = await crypto.subtle.generateKey(CURVE, true, ["sign", "verify"]);
  const iv = crypto.getRandomValues(new Uint8Array(12));
  const wrapped = await crypto.subtle.wrapKey("pkcs8", born.privateKey, wrapping, { name: "AES-GCM", iv });
  const locked = { lock, publicKey: born.publicKey, wrapped, iv };
  const pair = await unwrapped(locked, wrapping);
  const winner = await keepFirst(emissionId, { locked });
  if (winner) return usable(emissionId, winner);
  opened.set(emissionId, pair);
  return pair;
}

async function unwrapped({ publicKey, wrapped, iv }: Locked, wrapping: CryptoKey): Promise<CryptoKeyPair> {
  const how = { name: "AES-GCM", iv };
  return { publicKey, privateKey: await crypto.subtle.unwrapKey("pkcs8", wrapped, wrapping, how, CURVE, false, ["sign"]) };
}

export async function signWith(key: CryptoKey, content: Bytes): Promise<Uint8Array> {
  return new Uint8Array(await crypto.subtle.sign(SIGNATURE, key, content));
}

export async function kept(emissionId: string): Promise<Kept | undefined> {
  return within("readonly", (store) => store.get(emissionId) as IDBRequest<Kept | undefined>);
}

/** The emissions whose certificate is kept here, with what is kept. */
export async function allKept(): Promise<[string, Kept][]> {
  const ids = await within("readonly", (store) => store.getAllKeys() as IDBRequest<string[]>);
  const found = await Promise.all(ids.map(async (id) => [id, await kept(id)] as const));
  return found.flatMap(([id, value]) => (value?.certificate ? [[id, value] as [string, Kept]] : []));
}

export async function keep(emissionId: string, value: Kept): Promise<void> {
  await within("readwrite", (store) => store.put(value, emissionId));
}

/** Keep what is new unless another window kept something meanwhile; that is answered then, and is what counts. */
async function keepFirst(emissionId: string, value: Kept): Promise<Kept | undefined> {
  try {
    await within("readwrite", (store) => store.add(value, emissionId));
    return undefined;
  } catch (error) {
    const winner = await kept(emissionId);
    if (!winner) throw error;
    return winner;
  }
}

/** Whether a key that is kept here can be read back and still signs: private windows and old browsers may lose it on the way. */
export async function keepsWorkingKeys(): Promise<boolean> {
  const trial = `trial-${crypto.randomUUID()}`;
  const content = new Uint8Array([1]);
  try {
    const made = await crypto.subtle.generateKey(CURVE, false, ["sign", "verify"]);
    await keep(trial, { keys: made });
    const keys = (await kept(trial))?.keys;
    await within("readwrite", (store) => store.delete(trial));
    if (!keys) return false;
    const signature = await crypto.subtle.sign(SIGNATURE, keys.privateKey, content);
    return await crypto.subtle.verify(SIGNATURE, made.publicKey, signature, content);
  } catch {
    return false;
  }
}

function open(): Promise<IDBDatabase> {
  return new Promise((resolve, reject) => {
    const asked = indexedDB.open(DATABASE, 1);
    asked.onupgradeneeded = () => asked.result.createObjectStore(STORE);
    asked.onsuccess = () => resolve(asked.result);
    asked.onerror = () => reject(asked.error);
  });
}

async function within<Result>(mode: IDBTransactionMode, act: (store: IDBObjectStore) => IDBRequest<Result>): Promise<Result> {
  const database = await open();
  try {
    return await new Promise<Result>((resolve, reject) => {
      const transaction = database.transaction(STORE, mode);
      const asked = act(transaction.objectStore(STORE));
      transaction.oncomplete = () => resolve(asked.result);
      transaction.onerror = () => reject(transaction.error);
      transaction.onabort = () => reject(transaction.error);
    });
  } finally {
    database.close();
  }
}
