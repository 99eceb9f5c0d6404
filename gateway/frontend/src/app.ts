/** Every page of the staff: styles, partial updates, small conveniences. All of it works without this script, only less smoothly. */
import "@fontsource/atkinson-hyperlegible-next/latin-400.css";
import "@fontsource/atkinson-hyperlegible-next/latin-600.css";
import "@fontsource/atkinson-hyperlegible-next/latin-700.css";
import "./styles/main.scss";
import "htmx.org";
import { startConveniences } from "./page/conveniences";
import { startFeed } from "./page/feed";
import { startPlayback } from "./page/playback";
import { startReplay } from "./page/replay";
import { startStreams } from "./page/streams";

startConveniences();
startStreams();
startFeed();
startReplay();
startPlayback();
