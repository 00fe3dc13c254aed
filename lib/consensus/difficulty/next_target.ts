/**
 * The target that the next block must have: the one question that checks and templates ask.
 *
 * A rule of one's own is one file beside this one, and one line here and in `parameter_table.ts`.
 *
 * @module
 */
import type { Params } from "../../params.ts";
import type { CompactTarget } from "../../primitives/target.ts";
import type { Ancestor } from "../ancestor.ts";
import type { DifficultyRule } from "./difficulty_rule.ts";
import { LWMA_ADJUSTMENT } from "./lwma_adjustment.ts";
import { NO_ADJUSTMENT } from "./no_adjustment.ts";
import { WINDOW_ADJUSTMENT } from "./window_adjustment.ts";

const RULES: Readonly<Record<Params["difficultyAdjustment"], DifficultyRule>> = {
  none: NO_ADJUSTMENT,
  window: WINDOW_ADJUSTMENT,
  lwma: LWMA_ADJUSTMENT,
};

/**
 * The compact target of a block on this parent.
 *
 * @example
 * ```ts
 * import { testParams } from "../../testing/test_params.ts";
 * import { nextCompactTarget } from "./next_target.ts";
 * import assert from "node:assert/strict";
 *
 * const params = testParams({ difficulty: 3, difficultyAdjustment: "lwma" });
 * const genesis = { header: params.genesis.header, parent: undefined };
 * assert.equal(nextCompactTarget(genesis, params), params.compactTarget);
 * ```
 */
export function nextCompactTarget(parent: Ancestor, params: Params): CompactTarget {
  if (params.difficultyAdjustment === "none") return params.compactTarget;
  return parent.nextTarget ??= RULES[params.difficultyAdjustment].targetAfter(parent, params);
}

/** How many blocks below a parent must be known to tell the target of the next one. */
export function targetReachOf(params: Params): number {
  return RULES[params.difficultyAdjustment].reachOf(params);
}
