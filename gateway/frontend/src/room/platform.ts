/** Which browser and system a page is shown in, as far as what a person must press depends on it. */

export type Browser = "chrome" | "edge" | "samsung" | "firefox" | "safari" | "other";
export type System = "android" | "ios" | "windows" | "macos" | "linux" | "other";
export type HostApp = "whatsapp" | "instagram" | "messenger" | "facebook" | "tiktok" | "other";

export interface Platform {
  browser: Browser;
  system: System;
  /** The program inside which the page is shown, where it is no browser of its own. */
  app: HostApp | null;
}

const BROWSERS: [Browser, RegExp][] = [
  ["edge", /\bEdg(e|A|iOS)?\//],
  ["samsung", /\bSamsungBrowser\//],
  ["firefox", /\b(Firefox|FxiOS)\//],
  ["chrome", /\b(Chrome|CriOS|Chromium)\//],
  ["safari", /\bSafari\//],
];
const SYSTEMS: [System, RegExp][] = [
  ["ios", /\b(iPhone|iPad|iPod)\b/],
  ["android", /\bAndroid\b/],
  ["windows", /\bWindows\b/],
  ["macos", /\bMacintosh\b/],
  ["linux", /\b(Linux|X11|CrOS)\b/],
];
/** Names by which programs that show pages inside themselves are known; many of them give no camera. */
const APPS: [HostApp, RegExp][] = [
  ["whatsapp", /\bWhatsApp\b/],
  ["instagram", /\bInstagram\b/],
  ["messenger", /\bFB(AN|_IAB)\/(Messenger|MESSENGER|Orca)|\bMessengerLite/],
  ["facebook", /\b(FBAN|FBAV|FB_IAB)\b/],
  ["tiktok", /\b(TikTok|BytedanceWebview|musical_ly|trill_)/i],
  ["other", /\b(Line\/|MicroMessenger|Snapchat|LinkedInApp|GSA\/|Pinterest|Twitter)|; wv\)/],
];

export function platform(agent = navigator.userAgent, touchPoints = navigator.maxTouchPoints): Platform {
  const named = first(SYSTEMS, agent) ?? "other";
  // An iPad calls itself a Macintosh; no Macintosh has a touch screen.
  const system = named === "macos" && touchPoints > 1 ? "ios" : named;
  return { browser: first(BROWSERS, agent) ?? "other", system, app: hostApp(agent) };
}

function hostApp(agent: string): HostApp | null {
  const known = first(APPS, agent);
  if (known) return known;
  const onHomeScreen = (navigator as { standalone?: boolean }).standalone === true;
  const iosWithoutSafari = /\b(iPhone|iPad|iPod)\b/.test(agent) && !/\bSafari\//.test(agent);
  return iosWithoutSafari && !onHomeScreen ? "other" : null;
}

function first<T>(kinds: [T, RegExp][], agent: string): T | undefined {
  return kinds.find(([, pattern]) => pattern.test(agent))?.[0];
}

/** An address that makes Android open a page in Chrome, fragment included (Intent.URI_INTENT_SCHEME: the last `#` parts the intent). */
export function chromeIntent(address: string): string {
  const { protocol, host, pathname, search, hash } = new URL(address);
  const options = `scheme=${protocol.slice(0, -1)};action=android.intent.action.VIEW;package=com.android.chrome`;
  return `intent://${host}${pathname}${search}${hash}#Intent;${options};end`;
}
