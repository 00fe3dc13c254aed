/**
 * A real browser for tests, where the machine has one.
 *
 * @module
 */
import { type Browser, chromium } from "playwright-core";

/** What takes a second alone may take minutes on a machine that does ten other things. */
export const BROWSER_WAIT_MS_MAX = 180_000;

/** Where the browser is; undefined where there is none, and its tests are ignored. */
export const BROWSER_PATH: string | undefined = [
  "/usr/bin/chromium",
  "/usr/bin/chromium-browser",
  "/usr/bin/google-chrome",
].find((path) => {
  try {
    return Deno.statSync(path).isFile;
  } catch {
    return false;
  }
});

/** How tests in a browser are declared. */
export const browserTest = {
  ignore: BROWSER_PATH === undefined,
  sanitizeOps: false,
  sanitizeResources: false,
};

export function launchBrowser(): Promise<Browser> {
  if (BROWSER_PATH === undefined) throw new Error("Cannot launch a browser: there is none here");
  return chromium.launch({
    executablePath: BROWSER_PATH,
    args: ["--no-sandbox"],
    timeout: BROWSER_WAIT_MS_MAX,
  });
}
