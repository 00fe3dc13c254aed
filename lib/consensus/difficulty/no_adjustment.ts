/**
 * Every block has the founder's target.
 *
 * @module
 */
import type { DifficultyRule } from "./difficulty_rule.ts";

export const NO_ADJUSTMENT: DifficultyRule = {
  reachOf: () => 0,
  targetAfter: (_parent, { compactTarget }) => compactTarget,
};
