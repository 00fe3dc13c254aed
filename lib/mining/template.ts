/**
 * Block templates: which waiting transactions a block would carry, and its header without a nonce.
 *
 * The pool's order is topological, so any prefix of it is valid on top of the tip (M03). Pure; whether to
 * mine at all is the node's decision.
 *
 * @module
 */
import type { BlockEntry } from "../consensus/block_tree.ts";
import { medianTimePast } from "../consensus/check_block.ts";
import type { PublicKey } from "../crypto/keys.ts";
import type { MempoolEntry } from "../mempool/mempool.ts";
import type { Params } from "../params.ts";
import { assembleBlock, type Block, merkleRootOfTransactions } from "../primitives/block.ts";
import { BLOCK_SIZE_BYTES_MAX } from "../primitives/block.ts";
import {
  type Header,
  HEADER_SIZE_BYTES,
  type Height,
  type TimestampMs,
} from "../primitives/header.ts";
import { sizeOfTransactionBytes, type Transaction } from "../primitives/transaction.ts";

/** A block that wants a nonce. */
export interface Template {
  readonly header: Header;
  readonly transactions: readonly Transaction[];
}

/** The first waiting transactions that fit into a block: at most `capacity`, at most 4 MiB. */
export function selectTransactions(
  waiting: Iterable<MempoolEntry>,
  params: Params,
): Transaction[] {
  const selected: Transaction[] = [];
  let sizeBytes = HEADER_SIZE_BYTES + 2;
  for (const { transaction } of waiting) {
    sizeBytes += sizeOfTransactionBytes(transaction);
    if (selected.length >= params.capacity || sizeBytes > BLOCK_SIZE_BYTES_MAX) break;
    selected.push(transaction);
  }
  return selected;
}

/**
 * Builds a template on top of `tip`. Its time is the node's own, moved forward where the median of the
 * last blocks demands it (B07).
 *
 * @param nowMs the node's clock
 *
 * @example
 * ```ts
 * import { createSmallLedger } from "../testing/small_ledger.ts";
 * import { createTemplate, solveTemplate } from "./template.ts";
 * import assert from "node:assert/strict";
 *
 * const { ledger: { chain, nowMs }, params, valid } = createSmallLedger({ difficulty: 0 });
 * const miner = params.bootstrapKey;
 * const template = createTemplate(chain.tip, [valid], { params, miner, nowMs });
 * assert.equal(template.header.height, chain.height + 1);
 * assert.equal(solveTemplate(template, { timestampMs: nowMs, nonce: 7 }).header.nonce, 7);
 * ```
 */
export function createTemplate(
  tip: BlockEntry,
  transactions: readonly Transaction[],
  { params, miner, nowMs }: { params: Params; miner: PublicKey; nowMs: number },
): Template {
  const timestampMs = Math.max(nowMs, medianTimePast(tip) + 1) as TimestampMs;
  return {
    header: {
      previousHash: tip.hash,
      merkleRoot: merkleRootOfTransactions(transactions),
      miner,
      timestampMs,
      height: (tip.header.height + 1) as Height,
      compactTarget: params.compactTarget,
      nonce: 0,
    },
    transactions,
  };
}

/** Puts a solution into a template. Whether it is one, the block's door decides. */
export function solveTemplate(
  template: Template,
  { timestampMs, nonce }: { readonly timestampMs: number; readonly nonce: number },
): Block {
  const header = { ...template.header, timestampMs: timestampMs as TimestampMs, nonce };
  return assembleBlock(header, template.transactions);
}
