// A headless Chromium for tests of pages: the system's own, with nothing of anybody's profile, and no way to the outside.
import { existsSync } from "node:fs";
import { type Browser, chromium } from "playwright-core";

const PLACES = ["/usr/bin/chromium", "/usr/bin/google-chrome", "/usr/bin/chromium-browser"];

const INSTALL = `The tests of the pages need Chromium, and there is none on this machine.
Install it, or say where it is with CHROMIUM=/path/to/chromium, then run the test again:

  sudo apt-get update && sudo apt-get install -y --no-install-recommends chromium
`;

/** Starts a browser. Throws with the line to install one when there is none. */
export function startBrowser(): Promise<Browser> {
  const told = process.env.CHROMIUM;
  const executablePath = [...(told ? [told] : []), ...PLACES].find((path) => existsSync(path));
  if (executablePath === undefined) throw new Error(INSTALL);
  return chromium.launch({
    executablePath,
    headless: true,
    args: [
      "--no-sandbox",
      "--disable-gpu",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
      // Nothing but this machine has an address.
      "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
    ],
  });
}
