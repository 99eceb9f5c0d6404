/** The key: born here, kept in this browser's IndexedDB as a handle whose bytes no script can read. */
import type { Bytes } from "./bytes";

const DATABASE = "titular";
const STORE = "certificates";
const CURVE: EcKeyGenParams = { name: "ECDSA", namedCurve: "P-256" };
const SIGNATURE: EcdsaParams = { name: "ECDSA", hash: "SHA-256" };

export interface Kept {
  keys: CryptoKeyPair;
  certificate?: string;
  protocol?: string;
  notAfter?: string;
}

/** The key pair of an emission: the one that is there, or a new one, kept before it is used. */
export async function keyFor(emissionId: string): Promise<CryptoKeyPair> {
  const present = await kept(emissionId);
  if (present) return present.keys;
  const keys = await crypto.subtle.generateKey(CURVE, false, ["sign", "verify"]);
  await keep(emissionId, { keys });
  // Asks the browser not to clear this storage by itself; it may decline.
  await navigator.storage?.persist?.().catch(() => false);
  return keys;
}

export async function signWith(key: CryptoKey, content: Bytes): Promise<Uint8Array> {
  return new Uint8Array(await crypto.subtle.sign(SIGNATURE, key, content));
}

export async function kept(emissionId: string): Promise<Kept | undefined> {
  return within("readonly", (store) => store.get(emissionId) as IDBRequest<Kept | undefined>);
}

export async function keep(emissionId: string, value: Kept): Promise<void> {
  await within("readwrite", (store) => store.put(value, emissionId));
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
