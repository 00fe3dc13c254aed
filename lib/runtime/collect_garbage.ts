/**
 * Keeps the engine from holding much more memory than the node needs.
 *
 * {@link collectGarbage} collects at once, where the engine would take a minute to do it by itself: after a
 * phase that leaves much garbage, such as loading a chain or a load that has ended: the engine keeps the
 * room that such a phase needed until its idle timers fire, tens of MB of resident memory. A full
 * collection takes some 50 ms, so nobody may wait for the node meanwhile.
 *
 * @module
 */
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

/** Collects now; everything else waits meanwhile. */
export function collectGarbage(): void {
  // A context that is made while the flag stands has the function; it goes with the context.
  setFlagsFromString("--expose-gc");
  const collect: () => void = runInNewContext("gc");
  setFlagsFromString("--no-expose-gc");
  collect();
}
