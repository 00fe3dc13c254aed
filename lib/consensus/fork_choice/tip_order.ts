/**
 * Fork choices that compare two tips with each other and look at nothing else.
 *
 * @module
 */
import type { BlockEntry } from "../block_tree.ts";
import type { ForkChoice, TipClaim } from "./fork_choice.ts";

/** How two tips compare. */
export interface TipOrder {
  /** Whether the first one wins, whichever was seen first. */
  isBetter(a: BlockEntry, b: BlockEntry): boolean;
  /** Whether neither wins: the first seen stays, and the lower hash at rest. */
  isTie(a: BlockEntry, b: BlockEntry): boolean;
  strengthOf(claim: TipClaim): number | bigint;
}

/** The fork choice of an order of tips: each new block costs one comparison. */
export function forkChoiceOf({ isBetter, isTie, strengthOf }: TipOrder): ForkChoice {
  return {
    countsSideBlocks: false,
    add: (entry, tip) => isBetter(entry, tip) ? entry : tip,
    best(entries, tip) {
      let best = tip;
      for (const entry of entries) {
        if (isBetter(entry, best)) best = entry;
      }
      return best;
    },
    isTie,
    claimOf: ({ work, header: { height } }) => ({ work, height }),
    strengthOf,
  };
}
