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
import { nextCompactTarget } from "../consensus/difficulty/next_target.ts";
import type { PublicKey } from "../crypto/keys.ts";
import type { Params } from "../params.ts";
import {
  assembleBlock,
  type Block,
  BLOCK_SIZE_BYTES_MAX,
  rememberMerkleRoot,
} from "../primitives/block.ts";
import {
  type Header,
  HEADER_SIZE_BYTES,
  type Height,
  type TimestampMs,
} from "../primitives/header.ts";
import { EMPTY_ROOT, MerkleTree } from "../primitives/merkle.ts";
import { sizeOfTransactionBytes, type Transaction } from "../primitives/transaction.ts";

const NO_TRANSACTIONS: readonly Transaction[] = [];

/** A block that lacks nothing but a nonce. */
export interface Template {
  readonly header: Header;
  readonly transactions: readonly Transaction[];
}

/**
 * The next block on top of one tip, growing as transactions come in: each costs one hash on average,
 * however many there are already. The first waiting ones, at most `capacity`, at most 4 MiB.
 *
 * @example
 * ```ts
 * import { createSmallLedger } from "../testing/small_ledger.ts";
 * import { solveTemplate, TemplateDraft } from "./template.ts";
 * import assert from "node:assert/strict";
 *
 * const { ledger: { chain, nowMs }, params, valid } = createSmallLedger({ difficulty: 0 });
 * const draft = new TemplateDraft(chain.tip, params);
 * draft.add([valid]);
 * const template = draft.template({ miner: params.bootstrapKey, nowMs });
 * assert.equal(template.header.height, chain.height + 1);
 * assert.equal(solveTemplate(template, { timestampMs: nowMs, nonce: 7 }).header.nonce, 7);
 * ```
 */
export class TemplateDraft {
  readonly tip: BlockEntry;
  readonly #params: Params;
  /** What is in it; nothing is made for an empty block. */
  #content: { readonly tree: MerkleTree; readonly transactions: Transaction[] } | undefined;
  #sizeBytes = HEADER_SIZE_BYTES + 2;
  #isFull = false;

  constructor(tip: BlockEntry, params: Params) {
    this.tip = tip;
    this.#params = params;
  }

  get transactionCount(): number {
    return this.#content?.transactions.length ?? 0;
  }

  /** The last transaction that was added. */
  get last(): Transaction | undefined {
    return this.#content?.transactions.at(-1);
  }

  /** Tells whether the block is full. */
  get isFull(): boolean {
    return this.#isFull;
  }

  /** Adds transactions in the pool's order, each behind its parents, as long as they fit. */
  add(waiting: Iterable<Transaction>): void {
    if (this.#isFull) return;
    const { tree, transactions } = this.#content ??= { tree: new MerkleTree(), transactions: [] };
    for (const transaction of waiting) {
      const sizeBytes = this.#sizeBytes + sizeOfTransactionBytes(transaction);
      if (sizeBytes > BLOCK_SIZE_BYTES_MAX) {
        this.#isFull = true;
        return;
      }
      this.#sizeBytes = sizeBytes;
      transactions.push(transaction);
      tree.append(transaction.leafHash);
      if (transactions.length === this.#params.capacity) {
        this.#isFull = true;
        return;
      }
    }
  }

  /**
   * The block as it stands. Its list is its own: what is added later changes neither it nor its root
   * (W03). Its time is the node's own, moved forward where the median of the last blocks demands it (B07).
   *
   * @param nowMs the node's clock
   */
  template({ miner, nowMs }: { readonly miner: PublicKey; readonly nowMs: number }): Template {
    const { tip } = this;
    const merkleRoot = this.#content?.tree.root() ?? EMPTY_ROOT;
    const transactions = this.#content?.transactions.slice() ?? NO_TRANSACTIONS;
    if (transactions !== NO_TRANSACTIONS) rememberMerkleRoot(transactions, merkleRoot);
    return {
      header: {
        previousHash: tip.hash,
        merkleRoot,
        miner,
        timestampMs: Math.max(nowMs, medianTimePast(tip) + 1) as TimestampMs,
        height: (tip.header.height + 1) as Height,
        compactTarget: nextCompactTarget(tip, this.#params),
        nonce: 0,
      },
      transactions,
    };
  }
}

/** Puts a solution into a template. Whether it is one, the block's door decides. */
export function solveTemplate(
  template: Template,
  { timestampMs, nonce }: { readonly timestampMs: number; readonly nonce: number },
): Block {
  const header = { ...template.header, timestampMs: timestampMs as TimestampMs, nonce };
  return assembleBlock(header, template.transactions);
}
