/** The holder's certificate on the phone. */
import "@fontsource/atkinson-hyperlegible-next/latin-400.css";
import "@fontsource/atkinson-hyperlegible-next/latin-700.css";
import "./styles/main.scss";
import { startConveniences } from "./page/conveniences";
import { View } from "./phone/view";
import { Wallet } from "./phone/wallet";

const root = document.querySelector<HTMLElement>("#phone");
if (root) {
  startConveniences();
  void new Wallet(new View(root)).start();
}
