/** The virtual room. The page's entry calls `startRoom` with its root element. */

import { Room } from "./room";

export { Room } from "./room";

export function startRoom(root: HTMLElement): Room {
  const room = new Room(root);
  void room.start();
  return room;
}
