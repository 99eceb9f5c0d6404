/** The key: born here, kept in this browser's IndexedDB as a handle whose bytes no script can read. */
import type { Bytes } from "./bytes";

const DATABASE = "titular";
const STORE = "certificates";
const CURVE: EcKeyGenParams = { name: "ECDSA", namedCurve: "P-256" };

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
  return new Uint8Array(await crypto.subtle.sign({ name: "ECDSA", hash: "SHA-256" }, key, content));
}

export async function kept(emissionId: string): Promise<Kept | undefined> {
  return within("readonly", (store) => store.get(emissionId) as IDBRequest<Kept | undefined>);
}

export async function keep(emissionId: string, value: Kept): Promise<void> {
  await within("readwrite", (store) => store.put(value, emissionId));
}

/** Whether a key can be made and kept here; some private windows refuse. */
export async function canKeepKeys(): Promise<boolean> {
  if (!window.isSecureContext || !crypto.subtle || !window.indexedDB) return false;
  try {
    (await open()).close();
    return true;
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
