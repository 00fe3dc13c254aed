/**
 * The one clock of a node's process: steady for patience, and how far the wall clock is ahead of it.
 *
 * Steady time starts with the machine's wall clock and then only counts what passes while the machine is
 * awake. The wall clock is the machine's; where it moves against the steady one by half a second or more
 * (a sleep, a time server, a hand, a slow drift), the loop tells the node. Miner threads date their blocks
 * by the template and what has passed since, so they follow the same clock.
 *
 * @module
 */

/** What a node's loop reads. */
export interface NodeClock {
  /** Never goes backwards. */
  readonly steadyMs: () => number;
  /** The machine's, which may be set back. */
  readonly wallMs: () => number;
}

/** The wall clock may be this far from where the node believes it, before the node is told. */
const WALL_STEP_MS_MIN = 500;

/** The clock of this process. */
export function machineClock(): NodeClock {
  const startWallMs = Date.now();
  const startMs = performance.now();
  return {
    steadyMs: () => Math.floor(startWallMs + performance.now() - startMs),
    wallMs: () => Date.now(),
  };
}

/**
 * Reads by how much the wall clock is ahead of the steady one, if that differs from what is believed.
 *
 * @example
 * ```ts
 * import { newWallOffsetMs } from "./node_clock.ts";
 * import assert from "node:assert/strict";
 *
 * const clock = { steadyMs: () => 1_000, wallMs: () => 10_801_000 };
 * assert.equal(newWallOffsetMs(clock, 0), 10_800_000);
 * assert.equal(newWallOffsetMs(clock, 10_800_100), undefined);
 * ```
 */
export function newWallOffsetMs(clock: NodeClock, believedMs: number): number | undefined {
  const offsetMs = clock.wallMs() - clock.steadyMs();
  return Math.abs(offsetMs - believedMs) < WALL_STEP_MS_MIN ? undefined : offsetMs;
}
