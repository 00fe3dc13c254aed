/**
 * Transactions that are valid on top of the main chain and each other, and not confirmed yet.
 *
 * ```
 * accept: known? → full? → alone → conflict? → against chain and pool → signature → in
 * chain changed: confirmed ones leave, conflicting ones leave with their children, and after a
 *                reorganisation those of the losing branch come back, ahead of the others
 * ```
 *
 * The order of arrival is the order of mining; a parent always stands before its children. First seen
 * wins: a conflicting transaction never replaces one (M02), only a block does. Knows no peers, no
 * storage and no clock; bounded by {@link MEMPOOL_TRANSACTIONS_MAX}.
 *
 * @module
 */
import { checkTransactionAlone, checkTransactionInputs } from "../consensus/check_transaction.ts";
import type { ChainChange } from "../consensus/chain_change.ts";
import type { OwnerCoins } from "../consensus/coin_table.ts";
import { minerOutpointOf } from "../consensus/connect_block.ts";
import type { TransactionError } from "../consensus/rule_table.ts";
import type { TransactionVerifier } from "../consensus/transaction_verifier.ts";
import type { Utxo, UtxoView } from "../consensus/utxo.ts";
import { UtxoSet } from "../consensus/utxo_set.ts";
import type { PublicKey } from "../crypto/keys.ts";
import { HexMap } from "../hex_map.ts";
import type { Params } from "../params.ts";
import type { Height } from "../primitives/header.ts";
import {
  indexOfOutpoint,
  type Outpoint,
  type Txid,
  txidOfOutpoint,
} from "../primitives/outpoint.ts";
import type { Output, Transaction } from "../primitives/transaction.ts";
import { err, invariant, ok, type Result } from "../result.ts";
import type { PolicyError, RemovalReason } from "./policy_error.ts";
import { WaitingList } from "./waiting_list.ts";

/** The most transactions that wait. */
export const MEMPOOL_TRANSACTIONS_MAX = 50_000;
/**
 * The most that wait when a losing branch gives some back: what was let in once is not thrown out for
 * want of room. Nothing new comes in until there are fewer than {@link MEMPOOL_TRANSACTIONS_MAX} again.
 */
export const MEMPOOL_RETURNED_MAX = 2 * MEMPOOL_TRANSACTIONS_MAX;

/** A transaction that waits. */
export interface MempoolEntry {
  readonly transaction: Transaction;
  /** The node's time when it came in, or when it came back from a losing branch. */
  readonly arrivedAtMs: number;
}

export interface RemovedEntry extends MempoolEntry {
  readonly reason: RemovalReason;
}

/** What a changed chain did to the pool. */
export interface MempoolChange {
  /** Transactions that left because they are in the chain now. */
  readonly confirmed: readonly MempoolEntry[];
  /** Transactions that left because they cannot be confirmed any more. */
  readonly removed: readonly RemovedEntry[];
  /** Transactions that came back from a losing branch. */
  readonly returned: readonly MempoolEntry[];
}

const NO_CHANGE: MempoolChange = { confirmed: [], removed: [], returned: [] };
const NO_ENTRIES: readonly MempoolEntry[] = [];

/** What the pool judges against. */
export interface MempoolContext {
  readonly params: Params;
  readonly utxos: UtxoView;
  readonly verifier: TransactionVerifier;
}

/** Where the beginning of a txid is read: reading it as a number took ten times as long. */
const DIGEST_SIZE_BYTES = 8;
const DIGEST_BYTES = new Uint8Array(DIGEST_SIZE_BYTES);
const DIGEST_VIEW = new DataView(DIGEST_BYTES.buffer);

/** The height of an output that no block has created yet: the largest small integer (`small_integer.ts`). */
const UNCONFIRMED_HEIGHT = 0x7fff_ffff as Height;

/**
 * The waiting transactions of one node.
 *
 * @example
 * ```ts
 * import { createSmallLedger } from "../testing/small_ledger.ts";
 * import { Mempool } from "./mempool.ts";
 * import assert from "node:assert/strict";
 *
 * const { ledger: { chain, params }, valid } = createSmallLedger();
 * const mempool = new Mempool({ params, utxos: chain.utxos, verifier: chain.verifier });
 * assert(mempool.accept(valid, 0).ok);
 * assert.equal(mempool.spenderOf(valid.inputs[0]!), valid.txid);
 * ```
 */
export class Mempool implements UtxoView {
  readonly #context: MempoolContext;
  readonly #entries = new WaitingList<MempoolEntry>();
  /** Which waiting transaction spends an output. */
  readonly #spenders = new HexMap<Outpoint, Txid>();
  /** What waiting transactions create and nobody spends yet. */
  readonly #created = new UtxoSet();
  /** Confirmed transactions whose outputs may still be listed, and how many of them were looked at. */
  #settling: readonly MempoolEntry[] = NO_ENTRIES;
  #settled = 0;
  #revision = 0;
  /**
   * XOR of all txids' first 64 bits, in two halves: two pools with the same digest and size are very likely
   * the same.
   */
  #digestHigh = 0;
  #digestLow = 0;

  constructor(context: MempoolContext) {
    this.#context = context;
  }

  get size(): number {
    return this.#entries.size;
  }

  /** Changes whenever the pool changes in any other way than by growing at its end. */
  get revision(): number {
    return this.#revision;
  }

  get digest(): bigint {
    return BigInt(this.#digestHigh >>> 0) << 32n | BigInt(this.#digestLow >>> 0);
  }

  has(txid: Txid): boolean {
    return this.#entries.has(txid);
  }

  entry(txid: Txid): MempoolEntry | undefined {
    return this.#entries.get(txid);
  }

  /** In the order of arrival, parents before children. */
  entries(behind?: Txid): Generator<MempoolEntry, undefined> {
    return this.#entries.entries(behind);
  }

  *txids(): Generator<Txid, undefined> {
    for (const { transaction } of this.#entries.entries()) yield transaction.txid;
  }

  /** Waiting transactions in order, those behind a known one if it is named. */
  *transactions(behind?: Txid): Generator<Transaction, undefined> {
    for (const { transaction } of this.#entries.entries(behind)) yield transaction;
  }

  /** The one that waits for the longest time. */
  get oldest(): MempoolEntry | undefined {
    return this.#entries.first;
  }

  /** The waiting transaction that spends an output. */
  spenderOf(outpoint: Outpoint): Txid | undefined {
    return this.#spenders.get(outpoint);
  }

  /** The output, if neither the chain nor the pool has spent it. */
  get(outpoint: Outpoint): Utxo | undefined {
    if (this.#spenders.has(outpoint)) return undefined;
    const created = this.#created.get(outpoint);
    const isOurs = created !== undefined &&
      (this.#settling.length === 0 || this.#entries.has(txidOfOutpoint(outpoint)));
    return isOurs ? created : this.#context.utxos.get(outpoint);
  }

  /** The unspent outputs of one owner that are not confirmed yet. */
  unconfirmedCoinsOf(owner: PublicKey): OwnerCoins {
    this.settle();
    return this.#created.coinsOf(owner);
  }

  /** Everybody who would own unconfirmed coins. */
  owners(): IterableIterator<PublicKey> {
    this.settle();
    return this.#created.owners();
  }

  /**
   * Takes a transaction in, or says which rule or policy refuses it.
   *
   * @param max how many may wait; more for what was in before
   */
  accept(
    transaction: Transaction,
    arrivedAtMs: number,
    max = MEMPOOL_TRANSACTIONS_MAX,
  ): Result<MempoolEntry, TransactionError | PolicyError> {
    const { txid } = transaction;
    if (this.#entries.has(txid)) return err({ code: "tx-already-known", txid });
    if (this.#entries.size >= max) return err({ code: "mempool-full", max });

    const checked = this.#check(transaction);
    if (!checked.ok) return checked;

    const entry: MempoolEntry = { transaction, arrivedAtMs };
    this.#entries.append(entry);
    this.#link(entry);
    return ok(entry);
  }

  /** Takes a transaction out with everything that spends what it creates (U06). */
  remove(txid: Txid, reason: RemovalReason): RemovedEntry[] {
    const entry = this.#entries.get(txid);
    if (entry === undefined) return [];
    const removed: RemovedEntry[] = [];
    const waiting: { entry: MempoolEntry; reason: RemovalReason }[] = [{ entry, reason }];
    for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
      const { transaction } = next.entry;
      if (!this.#entries.has(transaction.txid)) continue;
      removed.push({ ...next.entry, reason: next.reason });

      for (const outpoint of transaction.outpoints) {
        const child = this.#spenders.get(outpoint);
        const childEntry = child === undefined ? undefined : this.#entries.get(child);
        if (childEntry !== undefined) {
          const parent = transaction.txid;
          waiting.push({ entry: childEntry, reason: { code: "parent-removed", parent } });
        }
      }
      this.#unlink(next.entry);
    }

    // Parents leave last, so that what a child spent of them does not come back as unspent.
    for (const { transaction } of removed) this.#forgetOutputs(transaction);
    return removed;
  }

  /**
   * Follows the main chain. Called once after each change, with the UTXO set already changed. Costs what
   * the changed blocks cost, however much waits.
   * Where the coins are moved later, so are the pool's: {@link settle}.
   */
  follow(
    { disconnected, connected, isLate = false }: ChainChange,
    nowMs: number,
  ): MempoolChange {
    this.settle();
    if (this.#entries.size === 0 && disconnected.length === 0) return NO_CHANGE;
    const confirmed: MempoolEntry[] = [];
    const removed: RemovedEntry[] = [];
    for (const { block } of connected) {
      for (const transaction of block.transactions) {
        const entry = this.#entries.remove(transaction.txid);
        if (entry !== undefined) {
          confirmed.push(entry);
          this.#confirm(entry);
          continue;
        }
        for (const outpoint of transaction.inputs) {
          const loser = this.#spenders.get(outpoint);
          if (loser === undefined) continue;
          removed.push(
            ...this.remove(loser, { code: "conflict", outpoint, with: transaction.txid }),
          );
        }
      }
    }
    this.#settling = confirmed;
    if (!isLate || disconnected.length > 0) this.settle();
    if (disconnected.length === 0) return { confirmed, removed, returned: [] };

    const returned = this.#takeBack({ disconnected, connected }, { nowMs, removed });
    return { confirmed, removed, returned };
  }

  /**
   * Takes outputs of so many confirmed transactions out of what the pool creates; nobody sees a difference. True
   * when more are left.
   */
  settle(countMax = Infinity): boolean {
    const end = Math.min(this.#settling.length, this.#settled + countMax);
    for (; this.#settled < end; this.#settled++) {
      const entry = this.#settling[this.#settled];
      if (entry !== undefined) this.#forgetOutputs(entry.transaction);
    }
    if (end < this.#settling.length) return true;
    this.#settling = NO_ENTRIES;
    this.#settled = 0;
    return false;
  }

  /**
   * Takes back what only the losing branch had confirmed, before all that waits: that may spend it. What
   * cannot come back takes with it what spends it, and so does the reward of a block that lost.
   */
  #takeBack(
    { disconnected, connected }: Pick<ChainChange, "disconnected" | "connected">,
    { nowMs, removed }: { readonly nowMs: number; readonly removed: RemovedEntry[] },
  ): MempoolEntry[] {
    const count = connected.reduce((sum, { block }) => sum + block.transactions.length, 0);
    const confirmedTxids = new HexMap<Txid, true>(count);
    const spentBy = new HexMap<Outpoint, Txid>(count);
    for (const { block } of connected) {
      for (const { txid, inputs } of block.transactions) {
        confirmedTxids.set(txid, true);
        for (const outpoint of inputs) spentBy.set(outpoint, txid);
      }
    }

    this.#revision++;
    const returned: MempoolEntry[] = [];
    const lostTxids = new Set(removed.map(({ transaction }) => transaction.txid));
    for (const { block } of disconnected.toReversed()) {
      for (const transaction of block.transactions) {
        const { txid } = transaction;
        if (confirmedTxids.has(txid)) continue;
        const entry: MempoolEntry = { transaction, arrivedAtMs: nowMs };
        const checked = this.#check(transaction);
        if (checked.ok) {
          this.#entries.insertBehind(returned.at(-1)?.transaction.txid, entry);
          this.#link(entry);
          returned.push(entry);
          continue;
        }
        lostTxids.add(txid);
        removed.push({ ...entry, reason: reasonOf(checked.error, { spentBy, lostTxids }) });
        for (const outpoint of transaction.outpoints) {
          const child = this.#spenders.get(outpoint);
          if (child === undefined) continue;
          removed.push(...this.remove(child, { code: "parent-removed", parent: txid }));
        }
      }
    }
    for (const { block } of disconnected) {
      const child = this.#spenders.get(minerOutpointOf(block.hash));
      if (child === undefined) continue;
      removed.push(...this.remove(child, { code: "no-longer-valid", cause: "tx-input-missing" }));
    }
    removed.push(...this.#trim());
    return returned.filter(({ transaction }) => this.#entries.has(transaction.txid));
  }

  /** Drops what is beyond the bound of what was let in before, the last first. */
  #trim(): RemovedEntry[] {
    const removed: RemovedEntry[] = [];
    while (this.#entries.size > MEMPOOL_RETURNED_MAX) {
      const last = this.#entries.last;
      invariant(last !== undefined, "A pool that is too full has a last entry");
      const reason: RemovalReason = { code: "no-longer-valid", cause: "mempool-full" };
      removed.push(...this.remove(last.transaction.txid, reason));
    }
    return removed;
  }

  /** The rules, against the chain and what waits. */
  #check(transaction: Transaction): Result<void, TransactionError | PolicyError> {
    const alone = checkTransactionAlone(transaction);
    if (!alone.ok) return alone;
    for (const outpoint of transaction.inputs) {
      const spender = this.#spenders.get(outpoint);
      if (spender !== undefined) return err({ code: "tx-conflicts", outpoint, with: spender });
    }
    const { params, verifier } = this.#context;
    const inputs = checkTransactionInputs(transaction, alone.value, { utxos: this, params });
    if (!inputs.ok) return inputs;
    if (verifier.verify(transaction)) return ok(undefined);
    return err({ code: "tx-bad-signature", txid: transaction.txid });
  }

  /** Notes what an entry spends and creates. Something that waits may spend it already. */
  #link({ transaction }: MempoolEntry): void {
    this.#toggleDigest(transaction.txid);
    for (const outpoint of transaction.inputs) {
      this.#spenders.set(outpoint, transaction.txid);
      this.#created.discard(outpoint);
    }
    for (const [index, outpoint] of transaction.outpoints.entries()) {
      if (this.#spenders.has(outpoint)) continue;
      const { owner, amount } = transaction.outputs[index] as Output;
      this.#created.add(outpoint, { owner, amount, height: UNCONFIRMED_HEIGHT });
    }
  }

  /**
   * A transaction went into a block and has left the list: its spending stays done. What it spends of the pool
   * was confirmed before it. Its outputs are the chain's now: {@link settle} takes them out.
   */
  #confirm({ transaction }: MempoolEntry): void {
    this.#revision++;
    this.#toggleDigest(transaction.txid);
    for (const outpoint of transaction.inputs) this.#spenders.delete(outpoint);
  }

  /** Takes an entry and its spending out; gives unconfirmed outputs that it spent back to the pool. */
  #unlink({ transaction }: MempoolEntry): void {
    this.#entries.remove(transaction.txid);
    this.#revision++;
    this.#toggleDigest(transaction.txid);
    for (const outpoint of transaction.inputs) {
      this.#spenders.delete(outpoint);
      const parent = this.#entries.get(txidOfOutpoint(outpoint));
      const output = parent?.transaction.outputs[indexOfOutpoint(outpoint)];
      if (output !== undefined) {
        const { owner, amount } = output;
        this.#created.add(outpoint, { owner, amount, height: UNCONFIRMED_HEIGHT });
      }
    }
  }

  #forgetOutputs(transaction: Transaction): void {
    for (const outpoint of transaction.outpoints) this.#created.discard(outpoint);
  }

  #toggleDigest(txid: Txid): void {
    DIGEST_BYTES.setFromHex(txid.slice(0, 2 * DIGEST_SIZE_BYTES));
    this.#digestHigh ^= DIGEST_VIEW.getInt32(0);
    this.#digestLow ^= DIGEST_VIEW.getInt32(4);
  }
}

/** Tells a child of something removed, a conflict with the chain, and everything else apart. */
function reasonOf(
  error: TransactionError | PolicyError,
  { spentBy, lostTxids }: {
    spentBy: Pick<HexMap<Outpoint, Txid>, "get">;
    lostTxids: ReadonlySet<Txid>;
  },
): RemovalReason {
  if (error.code === "tx-input-missing") {
    const winner = spentBy.get(error.outpoint);
    if (winner !== undefined) return { code: "conflict", outpoint: error.outpoint, with: winner };
    const parent = txidOfOutpoint(error.outpoint);
    if (lostTxids.has(parent)) return { code: "parent-removed", parent };
  }
  return { code: "no-longer-valid", cause: error.code };
}
