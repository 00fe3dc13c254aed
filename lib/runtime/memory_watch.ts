/**
 * Collects garbage when the node comes to rest, and under load only when it has become much larger.
 *
 * ```
 * at work → the engine begins early, beside the work; much larger all the same → collected at once
 * at rest → told so → much larger than it was → collected → what lies free is given back
 * ```
 *
 * The engine judges by its own heap alone. Signatures, buffers and what SQLite frees leave memory outside
 * of it, which goes back only with a full collection. That stops the node for some 50 ms, five nodes on two
 * cores for longer: payments would wait. So a node that is at work is left to the engine, which marks beside
 * the work, until it has grown by {@link GROWTH_BYTES_MAX}. It is asked to begin before garbage is twice what
 * lives; one that has little to do, or answers strangers, even earlier: what strangers' connections, messages
 * and answers leave would fill that room, and a node that is attacked is to stay small. For that it looks four
 * times a second. What lies outside of the engine's heap and goes with its garbage, frames and answers above all,
 * counts like it. A node that expects little to do, or strangers, keeps fewer of its database's pages, too.
 *
 * One that has been at rest for a while and is {@link GROWTH_BYTES} larger than it was gives back what it can.
 * Where that frees nothing, the next collection waits for as much growth again. Before that, a node that comes
 * to rest is told so: it lets go of blocks that it has on disk. What lies free in the C library's heap is
 * given back a look later: the engine frees buffers in a thread of its own, after a collection.
 *
 * Called by `run_node.ts`.
 *
 * @module
 */
import { type Engine, THIS_ENGINE, TightHeap } from "../tight_heap.ts";
import { collectGarbage, createTrimmer } from "./collect_garbage.ts";

/** How much a process may have grown when it comes to rest. */
export const GROWTH_BYTES = 40 * 1024 * 1024;
/** How much it may grow while it is at work. */
export const GROWTH_BYTES_MAX = 256 * 1024 * 1024;
/** Looks in a row without work until a node counts as at rest: a pause between two loads is no rest. */
export const REST_LOOKS = 3;
/** Milliseconds of strangers' answers from one tidying look to the next from which their garbage counts. */
export const STRANGERS_MS_MIN = 6;
/** Tidying looks for which strangers who have asked count as asking, five seconds: answers have to wait their turn. */
export const STRANGERS_LOOKS = 20;
/** Inputs from one look to the next from which a node is at work: peers' statuses and ticks are fewer. */
export const WORK_INPUTS_MIN = 100;
/**
 * Milliseconds of the loop from one tidying look to the next from which a node has much to do: a hundred payments a
 * second stay below, a thousand do not.
 */
export const BUSY_MS_MIN = 25;
/** Garbage that is worth a collection beside the work; where there is little of that; and where strangers ask. */
export const WORK_GARBAGE_BYTES = 96 * 1024 * 1024;
export const GARBAGE_BYTES = 20 * 1024 * 1024;
export const STRANGERS_GARBAGE_BYTES = 5 * 1024 * 1024;
/** And as a share of what lives, which is what a collection costs. */
const WORK_GARBAGE_SHARE = 0.75;
const GARBAGE_SHARE = 0.25;
const STRANGERS_GARBAGE_SHARE = 0.08;
/** Tidying looks in a row without much to do, or with strangers asking, until little is expected: two seconds. */
export const QUIET_LOOKS = 8;
const LOOK_MS = 1_000;
const TIDY_LOOK_MS = 250;

export interface MemorySource {
  /** Whether what its start has left is still to be collected. */
  readonly isUncollected: boolean;
  /** What is resident now. */
  residentBytes(): number;
  /** How many inputs the node has taken so far. */
  inputCount(): number;
  /** Lets go of what is in memory only for the sake of speed. */
  rest(): void;
  collect(): void;
  /** Gives back what lies free. */
  trim(): void;
}

export interface TidySource {
  /** Milliseconds that the node's loop has been at work so far. */
  busyMs(): number;
  /** Milliseconds that answers to strangers have taken so far. */
  strangersMs(): number;
  /** Has the engine collect beside the work, where there is so much garbage, and so much of what lives, or more. */
  tidy(garbageBytes: number, garbageShare: number): void;
  /** Told when that changes: whether the node needs room to be fast. */
  expect(work: "much" | "little"): void;
}

/**
 * Makes the look that is to be taken from time to time; true when it collected.
 *
 * @example
 * ```ts
 * import { createMemoryLook, GROWTH_BYTES, REST_LOOKS } from "./memory_watch.ts";
 * import assert from "node:assert/strict";
 *
 * let residentBytes = 100;
 * const look = createMemoryLook({
 *   isUncollected: false,
 *   residentBytes: () => residentBytes,
 *   inputCount: () => 0,
 *   rest: () => {},
 *   collect: () => {},
 *   trim: () => {},
 * });
 * residentBytes += GROWTH_BYTES;
 * assert.deepEqual(Array.from({ length: REST_LOOKS + 2 }, look), [
 *   ...[false, false, false],
 *   ...[true, false],
 * ]);
 * ```
 */
export function createMemoryLook(source: MemorySource): () => boolean {
  let floorBytes = source.residentBytes();
  let lastCount = source.inputCount();
  let { isUncollected } = source;
  let hasToTrim = false;
  let restLooks = 0;
  return () => {
    const inputCount = source.inputCount();
    const inputs = inputCount - lastCount;
    restLooks = inputs < WORK_INPUTS_MIN ? restLooks + 1 : 0;
    lastCount = inputCount;
    if (restLooks === REST_LOOKS) source.rest();
    const residentBytes = source.residentBytes();
    floorBytes = Math.min(floorBytes, residentBytes);

    const isAtRest = restLooks > REST_LOOKS;
    const growthBytes = residentBytes - floorBytes;
    const hasGrown = growthBytes >= (isAtRest ? GROWTH_BYTES : GROWTH_BYTES_MAX);
    if (hasGrown || (isAtRest && isUncollected)) {
      source.collect();
      isUncollected = false;
      hasToTrim = true;
      floorBytes = source.residentBytes();
      return true;
    }
    if (isAtRest && hasToTrim) {
      hasToTrim = false;
      source.trim();
    }
    return false;
  };
}

/**
 * Makes the look that has the engine collect beside the work. It comes more often than the other one: within a
 * second strangers leave as much garbage as is worth a collection.
 */
export function createTidyLook(source: TidySource): () => void {
  let lastBusyMs = source.busyMs();
  let lastStrangersMs = source.strangersMs();
  let looksSinceStrangers = STRANGERS_LOOKS;
  let quietLooks = 0;
  let expected: "much" | "little" | undefined;
  return () => {
    const [busyMs, strangersMs] = [source.busyMs(), source.strangersMs()];
    const haveStrangersAsked = strangersMs - lastStrangersMs >= STRANGERS_MS_MIN;
    looksSinceStrangers = haveStrangersAsked ? 0 : looksSinceStrangers + 1;
    const areStrangersAsking = looksSinceStrangers < STRANGERS_LOOKS;
    const hasLittleToDo = busyMs - lastBusyMs < BUSY_MS_MIN;
    [lastBusyMs, lastStrangersMs] = [busyMs, strangersMs];
    quietLooks = areStrangersAsking || hasLittleToDo ? quietLooks + 1 : 0;
    const work = quietLooks === 0 ? "much" : quietLooks >= QUIET_LOOKS ? "little" : expected;
    if (work !== undefined && work !== expected) source.expect(work);
    expected = work;
    if (areStrangersAsking) source.tidy(STRANGERS_GARBAGE_BYTES, STRANGERS_GARBAGE_SHARE);
    else if (hasLittleToDo) source.tidy(GARBAGE_BYTES, GARBAGE_SHARE);
    else source.tidy(WORK_GARBAGE_BYTES, WORK_GARBAGE_SHARE);
  };
}

/** Looks every second, and tidies four times as often; the returned function ends that. Keeps no process alive. */
export function watchMemory(
  node:
    & Pick<MemorySource, "isUncollected" | "inputCount" | "rest">
    & Pick<TidySource, "busyMs" | "strangersMs" | "expect">,
): () => void {
  const heap = new TightHeap(wholeEngine());
  const trimmer = createTrimmer();
  const look = createMemoryLook({
    ...node,
    residentBytes: () => Deno.memoryUsage().rss,
    collect: collectGarbage,
    trim: () => trimmer?.trim(),
  });
  const tidyLook = createTidyLook({
    ...node,
    tidy: (garbageBytes, garbageShare) => heap.tidy(garbageBytes, garbageShare),
  });
  const timers = [setInterval(look, LOOK_MS), setInterval(tidyLook, TIDY_LOOK_MS)];
  for (const timer of timers) Deno.unrefTimer(timer);
  return () => {
    for (const timer of timers) clearInterval(timer);
    trimmer?.close();
  };
}

/** This engine, with what is kept outside of its heap for as long as something in it: frames, answers, ledgers. */
function wholeEngine(): Engine {
  /** Pressed, and not collected yet: that counts as kept outside, too, but nobody uses it. */
  const pressed: number[] = [];
  return {
    usedBytes() {
      const { external } = Deno.memoryUsage();
      while (sumOf(pressed) > external) pressed.shift();
      return THIS_ENGINE.usedBytes() + external - sumOf(pressed);
    },
    press(bytes) {
      pressed.push(bytes);
      THIS_ENGINE.press(bytes);
    },
    hasCollected: THIS_ENGINE.hasCollected,
  };
}

function sumOf(sizes: readonly number[]): number {
  return sizes.reduce((sum, size) => sum + size, 0);
}
