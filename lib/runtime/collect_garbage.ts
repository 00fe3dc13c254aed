/**
 * Keeps the engine from holding much more memory than the node needs.
 *
 * By itself the engine lets the heap grow to several times what is in use before it collects, and what
 * lies outside of the heap, such as what signing leaves behind, goes only with a collection: under load a
 * node of 40 MB grew to 500. {@link growSlowly} makes it collect earlier, beside the work.
 * {@link collectGarbage} collects at once, where the engine would take a minute to do it by itself: after a
 * phase that leaves much garbage and will not come again, such as loading a chain: the engine
 * keeps the room that such a phase needed until its idle timers fire, tens of MB of resident memory. A
 * full collection takes some 50 ms, so nobody may wait for the node meanwhile.
 *
 * @module
 */
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

/** How much the heap may grow over what was in use after the last collection, in percent. */
const HEAP_GROWTH_PERCENT = 30;

/** From now on the engine collects before the heap has grown much. */
export function growSlowly(): void {
  setFlagsFromString(`--heap-growing-percent=${HEAP_GROWTH_PERCENT}`);
}

/** Collects now; everything else waits meanwhile. */
export function collectGarbage(): void {
  // A context that is made while the flag stands has the function; it goes with the context.
  setFlagsFromString("--expose-gc");
  const collect: () => void = runInNewContext("gc");
  setFlagsFromString("--no-expose-gc");
  collect();
}
