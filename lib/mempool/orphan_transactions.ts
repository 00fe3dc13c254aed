/**
 * Transactions whose inputs nobody knows yet: a child that came before its parent (M01).
 *
 * Bounded in number and in time; the oldest leaves first. Whoever sees a parent asks for its children.
 *
 * @module
 */
import { LazyMap } from "../lazy_map.ts";
import { type Txid, txidOfOutpoint } from "../primitives/outpoint.ts";
import type { Transaction } from "../primitives/transaction.ts";

/** The most transactions that are held. */
export const ORPHAN_TRANSACTIONS_MAX = 1000;
/** How long a transaction is held. */
export const ORPHAN_TRANSACTION_AGE_MS_MAX = 60_000;

/**
 * Holds children until their parents come.
 *
 * @example
 * ```ts
 * import { txidOfOutpoint } from "../primitives/outpoint.ts";
 * import { createSmallLedger } from "../testing/small_ledger.ts";
 * import { OrphanTransactions } from "./orphan_transactions.ts";
 * import assert from "node:assert/strict";
 *
 * const { valid } = createSmallLedger();
 * const orphans = new OrphanTransactions();
 * orphans.hold(valid, 0);
 * const parent = txidOfOutpoint(valid.inputs[0]!);
 * assert.deepEqual(orphans.takeChildrenOf(parent), [valid]);
 * ```
 */
export class OrphanTransactions {
  readonly #byTxid = new LazyMap<Txid, { transaction: Transaction; arrivedAtMs: number }>();
  readonly #byParent = new LazyMap<Txid, Set<Txid>>();

  get size(): number {
    return this.#byTxid.size;
  }

  has(txid: Txid): boolean {
    return this.#byTxid.has(txid);
  }

  hold(transaction: Transaction, arrivedAtMs: number): void {
    if (this.#byTxid.has(transaction.txid)) return;
    for (const oldest of this.#byTxid.keys()) {
      if (this.#byTxid.size < ORPHAN_TRANSACTIONS_MAX) break;
      this.#drop(oldest);
    }
    this.#byTxid.set(transaction.txid, { transaction, arrivedAtMs });
    for (const outpoint of transaction.inputs) {
      const parent = txidOfOutpoint(outpoint);
      const children = this.#byParent.get(parent);
      if (children === undefined) this.#byParent.set(parent, new Set([transaction.txid]));
      else children.add(transaction.txid);
    }
  }

  /** Hands out the children of a transaction that has come in; they are no longer held. */
  takeChildrenOf(parent: Txid): Transaction[] {
    const children = this.#byParent.get(parent);
    if (children === undefined) return [];
    const taken: Transaction[] = [];
    for (const txid of children) {
      const held = this.#byTxid.get(txid);
      if (held !== undefined) taken.push(held.transaction);
    }
    for (const { txid } of taken) this.#drop(txid);
    return taken;
  }

  /** Drops those that waited too long. */
  expire(nowMs: number): void {
    for (const [txid, { arrivedAtMs }] of this.#byTxid) {
      if (nowMs - arrivedAtMs < ORPHAN_TRANSACTION_AGE_MS_MAX) break;
      this.#drop(txid);
    }
  }

  #drop(txid: Txid): void {
    const held = this.#byTxid.get(txid);
    if (held === undefined) return;
    this.#byTxid.delete(txid);
    for (const outpoint of held.transaction.inputs) {
      const parent = txidOfOutpoint(outpoint);
      const children = this.#byParent.get(parent);
      children?.delete(txid);
      if (children?.size === 0) this.#byParent.delete(parent);
    }
  }
}
