/** The virtual room's page. */
import "./app";
import { startRoom } from "./room/index";

const root = document.querySelector<HTMLElement>("#room");
if (root) startRoom(root);
