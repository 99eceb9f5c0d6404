/** The public page that says whether a term or a certificate is genuine. */
import "@fontsource/atkinson-hyperlegible-next/latin-400.css";
import "@fontsource/atkinson-hyperlegible-next/latin-700.css";
import "./styles/main.scss";
import { startConveniences } from "./page/conveniences";
import { VerificationPage } from "./verification/page";

const root = document.getElementById("verification");
if (root) {
  startConveniences();
  new VerificationPage(root).start();
}
