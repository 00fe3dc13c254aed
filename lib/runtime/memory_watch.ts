/**
 * Collects garbage when the process has grown much since it was last collected.
 *
 * The engine judges by its own heap alone. Signatures, buffers and what SQLite frees leave memory outside
 * of it, which goes back only with a collection: under load a node that needs 110 MB grew to 560. A
 * collection takes about 50 ms, so there is one for every {@link GROWTH_BYTES} and none for less; where
 * it frees nothing, the next one waits for as much again.
 *
 * Called by `run_node.ts`.
 *
 * @module
 */
import { collectGarbage } from "./collect_garbage.ts";

/** How much a process may grow until it is collected. */
export const GROWTH_BYTES = 64 * 1024 * 1024;
const LOOK_MS = 1_000;

export interface MemorySource {
  /** What is resident now. */
  residentBytes(): number;
  collect(): void;
}

const PROCESS: MemorySource = {
  residentBytes: () => Deno.memoryUsage().rss,
  collect: collectGarbage,
};

/**
 * Makes the look that is to be taken from time to time; true when it collected.
 *
 * @example
 * ```ts
 * import { createMemoryLook, GROWTH_BYTES } from "./memory_watch.ts";
 * import assert from "node:assert/strict";
 *
 * let residentBytes = 100;
 * const look = createMemoryLook({ residentBytes: () => residentBytes, collect: () => {} });
 * assert.equal(look(), false);
 * residentBytes += 2 * GROWTH_BYTES;
 * assert.deepEqual([look(), look()], [true, false]);
 * ```
 */
export function createMemoryLook(source: MemorySource = PROCESS): () => boolean {
  let floorBytes = source.residentBytes();
  return () => {
    const residentBytes = source.residentBytes();
    floorBytes = Math.min(floorBytes, residentBytes);
    if (residentBytes - floorBytes < GROWTH_BYTES) return false;
    source.collect();
    floorBytes = source.residentBytes();
    return true;
  };
}

/** Looks every second; the returned function ends that. Keeps no process alive. */
export function watchMemory(): () => void {
  const look = createMemoryLook();
  const timer = setInterval(look, LOOK_MS);
  Deno.unrefTimer(timer);
  return () => clearInterval(timer);
}
