/**
 * Blocks mined at once, for simulated attackers and for tests: valid ones, and ones with one thing
 * spoiled.
 *
 * @module
 */
import type { Ancestor } from "../consensus/ancestor.ts";
import { nextCompactTarget } from "../consensus/difficulty/next_target.ts";
import type { PublicKey } from "../crypto/keys.ts";
import type { Params } from "../params.ts";
import { assembleBlock, type Block, merkleRootOfTransactions } from "../primitives/block.ts";
import type { BlockHash, Header, Height, TimestampMs } from "../primitives/header.ts";
import { formatTarget, targetOfCompact } from "../primitives/target.ts";
import type { Transaction } from "../primitives/transaction.ts";
import { invariant } from "../result.ts";
import { numberedKeyPair } from "../crypto/numbered_key_pair.ts";

/** How far such blocks lie apart unless the caller says otherwise. */
export const BLOCK_INTERVAL_MS = 1000;

/** What a block stands on: a block of a tree, or a whole block, which knows nothing below it. */
export interface Parent {
  readonly hash: BlockHash;
  readonly header: Header;
  readonly parent?: Ancestor | undefined;
}

export interface MineOptions {
  readonly params: Params;
  readonly transactions?: readonly Transaction[];
  readonly miner?: PublicKey;
  readonly timestampMs?: number;
  /** The nonce to begin with: two blocks that are otherwise the same differ when they begin elsewhere. */
  readonly firstNonce?: number;
}

/**
 * Mines the next block on a parent, with a real search.
 *
 * @example
 * ```ts
 * import { mineBlock } from "./mine_block.ts";
 * import { testParams } from "../testing/test_params.ts";
 * import assert from "node:assert/strict";
 *
 * const params = testParams({ difficulty: 1, emptyBlocks: true });
 * const block = mineBlock(params.genesis, { params });
 * assert.equal(block.hash[0], "0");
 * assert.equal(block.header.height, 1);
 * ```
 */
export function mineBlock(
  parent: Parent,
  { params, transactions = [], miner, timestampMs, firstNonce = 0 }: MineOptions,
): Block {
  return searchNonce({
    previousHash: parent.hash,
    merkleRoot: merkleRootOfTransactions(transactions),
    miner: miner ?? numberedKeyPair(0).publicKey,
    timestampMs: (timestampMs ??
      parent.header.timestampMs + BLOCK_INTERVAL_MS) as TimestampMs,
    height: (parent.header.height + 1) as Height,
    compactTarget: "parent" in parent
      ? nextCompactTarget(parent as Ancestor, params)
      : params.compactTarget,
    nonce: firstNonce,
  }, transactions);
}

/** Changes a block's header and keeps its nonce; the hash follows and may meet the target no more. */
export function tamperHeader(block: Block, changes: Partial<Header>): Block {
  return assembleBlock({ ...block.header, ...changes }, block.transactions);
}

/** Changes a block's transactions and keeps its header, hash included. */
export function tamperTransactions(block: Block, transactions: readonly Transaction[]): Block {
  return assembleBlock(block.header, transactions);
}

/**
 * Changes a block and does its work again, so that nothing else is wrong with it. The Merkle root
 * follows the transactions unless the header's changes name one.
 */
export function remineBlock(
  block: Block,
  { header = {}, transactions = block.transactions }: {
    readonly header?: Partial<Header>;
    readonly transactions?: readonly Transaction[];
  },
): Block {
  const merkleRoot = merkleRootOfTransactions(transactions);
  return searchNonce({ ...block.header, merkleRoot, ...header }, transactions);
}

/** Takes the first nonce whose hash meets the header's own target. */
function searchNonce(header: Header, transactions: readonly Transaction[]): Block {
  const target = targetOfCompact(header.compactTarget);
  const targetHex = target === undefined ? "f".repeat(64) : formatTarget(target);
  for (let nonce = header.nonce; nonce <= 0xffff_ffff; nonce++) {
    const block = assembleBlock({ ...header, nonce }, transactions);
    if (block.hash <= targetHex) return block;
  }
  invariant(false, "A block has a nonce");
}
