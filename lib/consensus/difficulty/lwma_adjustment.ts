/**
 * Every block's target follows a linearly weighted moving average of the times that the last blocks took: the
 * newest counts the most.
 *
 * ```
 * next limit = mean limit of the window · Σ i · time_i / Σ i · wanted,   i = 1 (oldest) … n (newest)
 * ```
 *
 * A block that is dated before one below it counts as a millisecond later; a time counts as six intervals at
 * most; the sum as a tenth of what is wanted at least. So a target is never more than six times easier, nor ten
 * times harder, than the mean of its window. Until the window is full it is the founder's; genesis is in none.
 *
 * @module
 */
import { compactTargetOfTarget, targetOfCompact } from "../../primitives/target.ts";
import { invariant } from "../../result.ts";
import type { Ancestor } from "../ancestor.ts";
import type { DifficultyRule } from "./difficulty_rule.ts";

/** The most by which blocks get easier than the mean of the window. */
const EASIER_FACTOR = 6;
/** The most by which blocks get harder than the mean of the window. */
const HARDER_FACTOR = 10;

export const LWMA_ADJUSTMENT: DifficultyRule = {
  reachOf: ({ adjustmentWindow }) => adjustmentWindow,
  targetAfter(parent, { adjustmentWindow, blockIntervalMs, compactTarget }) {
    if (parent.header.height <= adjustmentWindow) return compactTarget;

    // Newest first.
    const timesMs: number[] = [];
    let limits = 0n;
    let lastCompact: number | undefined;
    let lastLimit = 0n;
    let at: Ancestor = parent;
    for (let step = 0; step < adjustmentWindow; step++) {
      const { header, parent: below } = at;
      timesMs.push(header.timestampMs);
      if (header.compactTarget !== lastCompact) {
        const target = targetOfCompact(header.compactTarget);
        invariant(target !== undefined, "A block of the chain has a target");
        lastCompact = header.compactTarget;
        lastLimit = target + 1n;
      }
      limits += lastLimit;
      invariant(below !== undefined, "A window has the block before it");
      at = below;
    }

    let previousMs = at.header.timestampMs as number;
    let weightedMs = 0;
    for (let weight = 1; weight <= adjustmentWindow; weight++) {
      const timeMs = Math.max(timesMs[adjustmentWindow - weight] as number, previousMs + 1);
      weightedMs += weight * Math.min(timeMs - previousMs, EASIER_FACTOR * blockIntervalMs);
      previousMs = timeMs;
    }
    const wantedMs = adjustmentWindow * (adjustmentWindow + 1) / 2 * blockIntervalMs;
    const countedMs = Math.max(weightedMs, Math.ceil(wantedMs / HARDER_FACTOR));
    const limit = limits * BigInt(countedMs) / (BigInt(adjustmentWindow) * BigInt(wantedMs));
    return compactTargetOfTarget(limit - 1n);
  },
};
