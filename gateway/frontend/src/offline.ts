/** The page that answers where the network does not: it tries again by itself, and goes on where the reader was. */
import "@fontsource/atkinson-hyperlegible-next/latin-400.css";
import "@fontsource/atkinson-hyperlegible-next/latin-700.css";
import "./styles/main.scss";

const EVERY_MS = 3000;

async function reachable(page: string): Promise<boolean> {
  try {
    const answer = await fetch(page, { method: "HEAD", cache: "no-store" });
    return answer.ok;
  } catch {
    return false;
  }
}

/** The address still holds the link: the page loaded anew goes on by it. */
function goOn(page: string): void {
  if (window.location.pathname === page) window.location.reload();
  else window.location.replace(page);
}

function start(page: string, button: HTMLButtonElement, still: HTMLElement): void {
  let asking = false;
  const tryAgain = async (): Promise<void> => {
    if (asking) return;
    asking = true;
    if (await reachable(page)) goOn(page);
    asking = false;
  };
  button.addEventListener("click", () => {
    button.disabled = true;
    still.hidden = true;
    void tryAgain().finally(() => {
      button.disabled = false;
      still.hidden = false;
    });
  });
  window.addEventListener("online", () => void tryAgain());
  window.setInterval(() => document.visibilityState === "visible" && void tryAgain(), EVERY_MS);
}

const main = document.querySelector<HTMLElement>("#offline");
const button = document.querySelector<HTMLButtonElement>("#try-again");
const still = document.querySelector<HTMLElement>("#still-away");
if (main && button && still) start(main.dataset.page ?? "/", button, still);
