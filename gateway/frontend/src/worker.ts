/**
 * The phone page's service worker. What the page is made of is kept when it is installed; a navigation goes to the network
 * first, and where there is none the offline page answers. Nothing else is ever kept: no answer of the API, no page.
 */

interface Lasting extends Event {
  waitUntil(work: Promise<unknown>): void;
}
interface Asked extends Lasting {
  readonly request: Request;
  respondWith(answer: Promise<Response>): void;
}
interface Scope {
  /** Written before this script by the gateway; another version is another script, which the browser installs. */
  readonly phone: { version: string; assets: string[]; offline: string };
  readonly clients: { claim(): Promise<void> };
  skipWaiting(): Promise<void>;
  addEventListener(type: "install" | "activate", act: (event: Lasting) => void): void;
  addEventListener(type: "fetch", act: (event: Asked) => void): void;
}

const scope = self as unknown as Scope;
const { version, assets, offline } = scope.phone;
const PREFIX = "titular-phone-";
const CACHE = PREFIX + version;
const KEPT = new Set(assets);
/** What a proxy says for a gateway that it cannot reach; its page has no words for the holder. */
const AWAY = new Set([502, 504]);

scope.addEventListener("install", (event) => event.waitUntil(install()));
scope.addEventListener("activate", (event) => event.waitUntil(takeOver()));
scope.addEventListener("fetch", (event) => {
  const { request } = event;
  if (request.method !== "GET") return;
  if (request.mode === "navigate") event.respondWith(page(request));
  else if (KEPT.has(new URL(request.url).pathname)) event.respondWith(piece(request));
});

async function install(): Promise<void> {
  const cache = await caches.open(CACHE);
  // The pieces' names hold their hashes: what the browser has loaded for the page is theirs, too. The offline page's does not.
  await Promise.all([cache.addAll(assets), cache.add(new Request(offline, { cache: "reload" }))]);
  await scope.skipWaiting();
}

/** Pages that are open keep working: they have all their pieces, and the next navigation brings the new ones. */
async function takeOver(): Promise<void> {
  const names = await caches.keys();
  await Promise.all(names.filter((name) => name.startsWith(PREFIX) && name !== CACHE).map((name) => caches.delete(name)));
  await scope.clients.claim();
}

async function page(request: Request): Promise<Response> {
  try {
    const answer = await fetch(request);
    return AWAY.has(answer.status) ? ((await kept(offline)) ?? answer) : answer;
  } catch (error) {
    const instead = await kept(offline);
    if (!instead) throw error;
    return instead;
  }
}

async function piece(request: Request): Promise<Response> {
  return (await kept(request.url)) ?? fetch(request);
}

async function kept(address: string): Promise<Response | undefined> {
  return (await caches.open(CACHE)).match(address);
}
