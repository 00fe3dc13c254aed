/**
 * Whether the reader is clicking just now. Between the press and the release nothing is drawn anew: a list that
 * grows meanwhile would move something else under the pointer, and the browser would give the click to neither.
 *
 * @module
 */
import { browser, document, type PageElement } from "./browser.ts";

/** Whoever presses for longer than this does not click. */
const PRESS_MS_MAX = 10_000;
/** What is clicked. Fields are not among them: a slider is to show where it is dragged. */
const CLICKED = "a, button, summary";

let pressed: PromiseWithResolvers<void> | undefined;

export function isPressed(): boolean {
  return pressed !== undefined;
}

/** Resolves once nothing is pressed: at once, if so it is. */
export async function released(): Promise<void> {
  await pressed?.promise;
}

function press({ target }: { readonly target: PageElement }): void {
  if (target.closest(CLICKED) === null) return;
  release();
  const now = Promise.withResolvers<void>();
  pressed = now;
  setTimeout(() => pressed === now && release(), PRESS_MS_MAX);
}

function release(): void {
  pressed?.resolve();
  pressed = undefined;
}

/** The click itself comes right behind the release. */
function releaseSoon(): void {
  setTimeout(release, 0);
}

document.addEventListener("pointerdown", press);
browser.addEventListener("pointerup", releaseSoon);
browser.addEventListener("pointercancel", releaseSoon);
