/** The virtual room's page: the room itself, and around it waiting, ending, links that open nothing. */
import "./app";
import { startRoom } from "./room/index";
import { startSurroundings } from "./page/surroundings";

const root = document.querySelector<HTMLElement>("#room");
if (root && startSurroundings(root)) startRoom(root);
