/**
 * How much longer than on a quiet machine things may take now.
 *
 * Whoever grades on a busy machine must not fail a right implementation for it: time-outs and limits on
 * answers are multiplied by this, at the moment when they would bite.
 *
 * @module
 */
import { availableParallelism } from "node:os";

/** An implementation's own miners keep the cores busy; only what goes beyond that counts. */
const BUSY_PER_CORE = 2;
/** Whatever the machine does, every test ends. */
const SLOWNESS_MAX = 6;

/** 1 on a machine that has time, at most 6. */
export function machineSlowness(): number {
  const [lastMinute = 0] = Deno.loadavg();
  return slownessOf(lastMinute, availableParallelism());
}

/**
 * @param load processes that want to run, over the last minute
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 *
 * assert.equal(slownessOf(5, 4), 1);
 * assert.equal(slownessOf(24, 4), 3);
 * assert.equal(slownessOf(1000, 4), 6);
 * ```
 */
export function slownessOf(load: number, cores: number): number {
  return Math.min(SLOWNESS_MAX, Math.max(1, load / (BUSY_PER_CORE * cores)));
}
