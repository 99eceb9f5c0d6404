/** What can go wrong in the room, as codes whose texts come from the page. */

export type RoomErrorCode =
  | "permission_denied"
  | "no_device"
  | "device_busy"
  | "insecure"
  | "in_app"
  | "failed"
  | "name_missing"
  | "screen_denied"
  | "no_token"
  | "ended";

export class RoomError extends Error {
  constructor(
    readonly code: RoomErrorCode,
    detail = "",
  ) {
    super(detail || code);
  }
}

/** Which code a failed `getUserMedia` stands for (Media Capture and Streams, 10.2; older browsers' own names as well). */
export function deviceErrorCode(error: unknown, inApp = openInsideApp()): RoomErrorCode {
  const name = error instanceof DOMException || error instanceof Error ? error.name : "";
  switch (name) {
    case "NotAllowedError":
    case "PermissionDeniedError":
      return inApp ? "in_app" : "permission_denied";
    case "SecurityError":
      return inApp ? "in_app" : "insecure";
    case "NotFoundError":
    case "DevicesNotFoundError":
    case "OverconstrainedError":
      return "no_device";
    case "NotReadableError":
    case "TrackStartError":
    case "AbortError":
      return "device_busy";
    default:
      return inApp ? "in_app" : "failed";
  }
}

/** Names by which programs that show pages inside themselves are known; most of them give no camera. */
const IN_APP = /\b(WhatsApp|Instagram|FBAN|FBAV|FB_IAB|Line\/|MicroMessenger|Snapchat|TikTok|BytedanceWebview|LinkedInApp|GSA\/)|; wv\)/;

/** Whether the page is shown inside another program instead of a browser. */
export function openInsideApp(agent = navigator.userAgent): boolean {
  const iosWithoutSafari = /\b(iPhone|iPad|iPod)\b/.test(agent) && !/\bSafari\//.test(agent);
  return IN_APP.test(agent) || iosWithoutSafari;
}
