/**
 * Once a window the target is corrected by how long that window took, as in Bitcoin, by a factor of four at
 * most.
 *
 * ```
 * next limit = limit · clamp(time that the window took, wanted / 4, wanted · 4) / wanted
 * ```
 *
 * Neighbouring windows share the block between them, so that the time between any two blocks is counted once;
 * Bitcoin leaves one of 2,016 out, and whoever dates these blocks well can lower its difficulty at will. Genesis
 * is in no window: the time between founding a network and its first block says nothing of its hash rate.
 *
 * @module
 */
import { compactTargetOfTarget, targetOfCompact } from "../../primitives/target.ts";
import { invariant } from "../../result.ts";
import type { Ancestor } from "../ancestor.ts";
import type { DifficultyRule } from "./difficulty_rule.ts";

/** The most by which one window makes blocks easier or harder. */
const WINDOW_CLAMP = 4;

export const WINDOW_ADJUSTMENT: DifficultyRule = {
  reachOf: ({ adjustmentWindow }) => adjustmentWindow,
  targetAfter(parent, { adjustmentWindow, blockIntervalMs }) {
    const { height, compactTarget, timestampMs } = parent.header;
    const isDue = height > adjustmentWindow && (height - 1) % adjustmentWindow === 0;
    if (!isDue) return compactTarget;

    let first: Ancestor | undefined = parent;
    for (let step = 0; step < adjustmentWindow; step++) first = first?.parent;
    invariant(first !== undefined, "A window has its first block");
    const wantedMs = adjustmentWindow * blockIntervalMs;
    const tookMs = timestampMs - first.header.timestampMs;
    const minMs = Math.ceil(wantedMs / WINDOW_CLAMP);
    const countedMs = Math.min(Math.max(tookMs, minMs), wantedMs * WINDOW_CLAMP);
    const target = targetOfCompact(compactTarget);
    invariant(target !== undefined, "A block of the chain has a target");
    return compactTargetOfTarget((target + 1n) * BigInt(countedMs) / BigInt(wantedMs) - 1n);
  },
};
