/**
 * What a fork choice is: which of the blocks that are here is the tip of the main chain.
 *
 * It sees only blocks whose bodies are here, as the tree takes them in. What a new block costs grows with the
 * depth of its fork, never with the tree; questions about the whole tree come with a broken rule, an operator
 * or a restart.
 *
 * @module
 */
import type { Work } from "../../primitives/target.ts";
import type { BlockEntry } from "../block_tree.ts";

/** What a node says of its tip, before anybody has its blocks. */
export interface TipClaim {
  readonly work: Work;
  readonly height: number;
}

export interface ForkChoice {
  /**
   * Whether blocks beside the main chain count. Then each of them has to keep every rule before it is taken
   * in, nodes tell each other of them, and ask for those that they lack.
   */
  readonly countsSideBlocks: boolean;
  /** What stands on a block, in the order of arrival; there only where blocks beside the main chain count. */
  childrenOf?(entry: BlockEntry): readonly BlockEntry[];
  /** Takes in a new block of the tree. Gives what is to be the tip: `tip` again when nothing is better. */
  add(entry: BlockEntry, tip: BlockEntry): BlockEntry;
  /**
   * Looks anew at all blocks that are not invalid, parents first, and gives the best: `tip` among equals. O(n).
   */
  best(entries: Iterable<BlockEntry>, tip: BlockEntry): BlockEntry;
  /** Tells whether a block is as good as the tip, so that first seen decides while blocks are mined. */
  isTie(entry: BlockEntry, tip: BlockEntry): boolean;
  /** What a node with this tip says of it. */
  claimOf(tip: BlockEntry): TipClaim;
  /** Orders claims: whoever makes one below ours has nothing better. */
  strengthOf(claim: TipClaim): number | bigint;
}
