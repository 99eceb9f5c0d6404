/** The holder's certificate on the phone. */
import "@fontsource/atkinson-hyperlegible-next/latin-400.css";
import "@fontsource/atkinson-hyperlegible-next/latin-700.css";
import "./styles/main.scss";
import { startConveniences } from "./page/conveniences";
import { KeepHint, startWorker } from "./phone/keep";
import { View } from "./phone/view";
import { Wallet } from "./phone/wallet";

const root = document.querySelector<HTMLElement>("#phone");
const keep = document.querySelector<HTMLElement>("#keep");
if (root && keep) {
  startConveniences();
  void new Wallet(new View(root), new KeepHint(keep)).start();
  // A link that is pasted over this page's address changes its fragment alone.
  window.addEventListener("hashchange", () => window.location.reload());
  startWorker(root.dataset.worker ?? "");
}
