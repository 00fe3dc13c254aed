/**
 * What a rule of difficulty adjustment is: the blocks below in, the next block's target out.
 *
 * Pure, and of whole numbers alone, so that all nodes come to the same target. A rule reads a bounded number
 * of blocks below; it never sees the block that the target is for.
 *
 * @module
 */
import type { Params } from "../../params.ts";
import type { CompactTarget } from "../../primitives/target.ts";
import type { Ancestor } from "../ancestor.ts";

export interface DifficultyRule {
  /** How many blocks below the parent are read at most. */
  reachOf(params: Params): number;
  /** The target of a block on this parent. */
  targetAfter(parent: Ancestor, params: Params): CompactTarget;
}
