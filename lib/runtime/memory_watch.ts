/**
 * Collects garbage when the process has grown much since it was last collected.
 *
 * The engine judges by its own heap alone. Signatures, buffers and what SQLite frees leave memory outside
 * of it, which goes back only with a collection: under load a node that needs 110 MB grew to 560. A
 * collection takes about 50 ms, in which payments wait: for {@link GROWTH_BYTES} there is one as soon as
 * the process grows no more or the last one is long ago, and sooner only for {@link GROWTH_BYTES_MAX}. Where
 * it frees nothing, the next one waits for as much again.
 *
 * Called by `run_node.ts`.
 *
 * @module
 */
import { collectGarbage } from "./collect_garbage.ts";

/** How much a process may have grown when it comes to rest, or since the last collection some looks ago. */
export const GROWTH_BYTES = 40 * 1024 * 1024;
/** Looks between two collections of a process that grows: one in a hundred moments is spent on them. */
export const LOOKS_BETWEEN = 10;
/** How much it may grow before that. */
export const GROWTH_BYTES_MAX = 192 * 1024 * 1024;
/** What grows by less from one look to the next is at rest. */
const REST_BYTES = 1024 * 1024;
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
 * residentBytes += GROWTH_BYTES;
 * // It grows, then it rests.
 * assert.deepEqual([look(), look(), look()], [false, true, false]);
 * ```
 */
export function createMemoryLook(source: MemorySource = PROCESS): () => boolean {
  let floorBytes = source.residentBytes();
  let lastBytes = floorBytes;
  let looks = 0;
  return () => {
    looks++;
    const residentBytes = source.residentBytes();
    const isAtRest = residentBytes - lastBytes < REST_BYTES;
    lastBytes = residentBytes;
    floorBytes = Math.min(floorBytes, residentBytes);
    const growth = residentBytes - floorBytes;
    const isDue = isAtRest || looks > LOOKS_BETWEEN;
    if (growth < (isDue ? GROWTH_BYTES : GROWTH_BYTES_MAX)) return false;
    source.collect();
    looks = 0;
    floorBytes = lastBytes = source.residentBytes();
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
