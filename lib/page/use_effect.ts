/**
 * Effects of a page's parts: each runs once for a change, in the frame after it was drawn, and never for a
 * part that has left meanwhile.
 *
 * The library's own one is run again by whatever draws before that frame, and then only its last run is
 * undone. Where frames are long, that is the rule: a name was searched twice, and the second answer led a
 * reader away who had gone on; a key was heard twice, and played and paused at once.
 *
 * @module
 */
import { useLayoutEffect } from "hono/jsx/dom";
import { browser } from "./browser.ts";

/**
 * @param effect may return how it is undone: before it runs again, or when the part leaves
 * @param deps it runs again when one of them has changed; after every drawing when there are none
 */
export function useEffect(effect: () => void | (() => void), deps?: readonly unknown[]): void {
  useLayoutEffect(() => {
    let undo: void | (() => void);
    const frame = browser.requestAnimationFrame(() => {
      undo = effect();
    });
    return () => {
      browser.cancelAnimationFrame(frame);
      undo?.();
    };
  }, deps as unknown[]);
}
