/** What can go wrong in the room, as codes whose texts come from the page. */

import { platform } from "./platform";

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
export function deviceErrorCode(error: unknown, inApp = platform().app !== null): RoomErrorCode {
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
