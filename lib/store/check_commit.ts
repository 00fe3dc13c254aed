/**
 * Holds what a commit must be before a store touches anything: a path of the block tree.
 *
 * Blocks leave from the tip down, join from there up, and end where the commit says. A commit that does
 * not is the node's own mistake and throws. Every store calls it first, so that a mistake changes nothing.
 *
 * @module
 */
import type { Commit } from "../node/persistence.ts";
import type { BlockHash } from "../primitives/header.ts";
import { invariant } from "../result.ts";

/** What a store knows of itself. */
export interface CommitContext {
  /** The network it belongs to; none before the first commit. */
  readonly genesisHash: BlockHash | undefined;
  readonly tip: BlockHash | undefined;
}

/** The tip after a commit. Throws when the commit does not fit upon what is stored. */
export function checkCommit(commit: Commit, { genesisHash, tip }: CommitContext): BlockHash {
  const network = commit.membership?.params.genesis.hash ?? genesisHash;
  invariant(network !== undefined, "The first commit names the network");
  invariant(genesisHash === undefined || genesisHash === network, "A store has one network");

  let end = tip ?? network;
  for (const { block } of commit.disconnected) {
    invariant(block.hash === end, `Blocks leave the main chain from its tip down: ${block.hash}`);
    end = block.header.previousHash;
  }
  for (const { block } of commit.connected) {
    invariant(block.header.previousHash === end, `A block joins at the tip: ${block.hash}`);
    end = block.hash;
  }
  invariant(commit.tip === undefined || commit.tip === end, `The tip is what came last: ${end}`);
  return end;
}
