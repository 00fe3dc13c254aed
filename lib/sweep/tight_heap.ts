/**
 * How much garbage the engine lets gather before it collects all of it: less where a network is large.
 *
 * Left alone, the heap of a long run grows to several times what is alive in it. Collecting when it has
 * grown by a third costs some hundredths of the time and keeps 10,000 nodes within 500 MB. Holds for the
 * whole process from then on; results do not depend on it.
 *
 * @module
 */
import { setFlagsFromString } from "node:v8";

/** From so many nodes on, what is alive is most of the memory. */
export const TIGHT_HEAP_NODES_MIN = 2_000;

/** By how much the heap may grow between two collections of all of it. */
const GROWTH_PERCENT = 30;

/** Keeps the heap of a process small that is going to simulate so many nodes. */
export function keepHeapTight(nodes: number): void {
  if (nodes < TIGHT_HEAP_NODES_MIN) return;
  setFlagsFromString(`--heap-growing-percent=${GROWTH_PERCENT}`);
}
