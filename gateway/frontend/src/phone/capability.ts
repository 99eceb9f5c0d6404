/** Whether this browser can do what the way needs, found out by doing it once: a key is made, kept, read back and used. */
import { platform } from "../room/platform";
import { keepsWorkingKeys } from "./keys";

export type Lack = "in_app" | "insecure" | "no_keys" | "no_storage";

/** What is missing here; null where nothing is. */
export async function lackOf(): Promise<Lack | null> {
  if (platform().app !== null) return "in_app";
  if (!window.isSecureContext) return "insecure";
  if (!(await signs())) return "no_keys";
  return (await keepsWorkingKeys()) ? null : "no_storage";
}

async function signs(): Promise<boolean> {
  try {
    const keys = await crypto.subtle.generateKey({ name: "ECDSA", namedCurve: "P-256" }, false, ["sign", "verify"]);
    await crypto.subtle.sign({ name: "ECDSA", hash: "SHA-256" }, keys.privateKey, new Uint8Array(1));
    return true;
  } catch {
    return false;
  }
}
