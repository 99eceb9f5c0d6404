/** Pages inside another program's window are led out into a browser, where camera and microphone work. */

import type { Page } from "./page";
import { chromeIntent, platform } from "./platform";
import { Repairs, list } from "./repairs";

/** Fill the page's section for it; false where the page is in a browser already, or has no such section. */
export function leadOut(page: Page, stay: () => void): boolean {
  const { app, system } = platform();
  if (!app || !page.find("in-app")) return false;
  list(page.element("in-app-steps"), new Repairs(page).steps("in_app"));
  page.element<HTMLInputElement>("in-app-link").value = location.href;
  const opener = page.element<HTMLAnchorElement>("in-app-open");
  opener.hidden = system !== "android";
  opener.href = chromeIntent(location.href);
  for (const button of page.buttons("stay-inside")) {
    button.hidden = !navigator.mediaDevices;
    button.addEventListener("click", stay);
  }
  return true;
}
