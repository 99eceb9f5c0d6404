/** Which browser this is, as far as it matters. */

/** Browsers inside other apps have no camera and lose stored keys (WhatsApp opens the system's browser; these do not). */
export function insideAnotherApp(agent: string = navigator.userAgent): boolean {
  return /FBAN|FBAV|FB_IAB|Instagram|Line\/|MicroMessenger|Snapchat|TikTok|musical_ly|LinkedInApp|GSA\/|; wv\)/i.test(agent);
}

/** The token of the page's address: behind the `#`, where no server sees it. */
export function tokenOfAddress(hash: string = window.location.hash): string {
  return decodeURIComponent(hash.replace(/^#/, "")).trim();
}
