/**
 * What the table of unspent outputs lacks: the changes of the newest blocks, net.
 *
 * Most coins are spent soon after they were created; those never reach the disk here. A block's change
 * is durable with the block itself, so what lies here can be done again from the undo data of the blocks
 * above the one that the table stands at.
 *
 * ```
 * connect → open, until it is large → closed, written a slice at a time → the table stands at its block
 * ```
 *
 * Knows no SQL; {@link ChainTables} writes.
 * Invariant: the table, with what is closed and then what is open, is the main chain's unspent outputs.
 *
 * @module
 */
import type { Utxo, UtxoDelta } from "../consensus/utxo.ts";
import type { BlockHash, Height } from "../primitives/header.ts";
import type { Outpoint } from "../primitives/outpoint.ts";

/** A block of the main chain. */
export interface Mark {
  readonly hash: BlockHash;
  readonly height: Height;
}

/** An unspent output that is to be written; `null`: one that is to be taken out, if it is there. */
export type CoinWrite = readonly [Outpoint, Utxo | null];

/** What became of an output, and whether what lies below has it, so that it has to be taken out there. */
interface Change {
  readonly utxo: Utxo | null;
  readonly isBelow: boolean;
}

/** How much may lie here. */
export interface BacklogLimits {
  /** So many changes, or so many blocks, are closed together. */
  readonly changes: number;
  readonly blocks: number;
  /** So many changes are written at a time, and all of them when there are more than `size`. */
  readonly slice: number;
  readonly size: number;
}

export const BACKLOG_LIMITS: BacklogLimits = {
  changes: 16_384,
  blocks: 64,
  slice: 512,
  size: 65_536,
};

export class CoinBacklog {
  #open = new Map<Outpoint, Change>();
  /** Being written, up to a block: the table stands there when nothing is left of it. */
  #closed = new Map<Outpoint, Change>();
  #closedAt: Mark | undefined;
  #table: Mark;
  #tip: Mark;

  readonly #limits: BacklogLimits;

  /** A table that stands at a block. */
  constructor(table: Mark, limits: BacklogLimits) {
    this.#limits = limits;
    this.#table = table;
    this.#tip = table;
  }

  /**
   * What brings a table to the newest block that stood at an older one, or on the way from there: what
   * has been written of these changes already is written once more, or taken out once more.
   */
  static replay(deltas: Iterable<UtxoDelta>): ReadonlyMap<Outpoint, Utxo | null> {
    const changes = new Map<Outpoint, Utxo | null>();
    for (const { spent, created } of deltas) {
      for (const [outpoint] of spent) changes.set(outpoint, null);
      for (const [outpoint, utxo] of created) changes.set(outpoint, utxo);
    }
    return changes;
  }

  /** Where the table stands: at this block, or on the way from it to a later one. */
  get table(): Mark {
    return this.#table;
  }

  get size(): number {
    return this.#open.size + this.#closed.size;
  }

  /** A block was connected. */
  connect(delta: UtxoDelta, tip: Mark): void {
    this.#change(delta);
    this.#tip = tip;
    const isLarge = this.#open.size >= this.#limits.changes ||
      tip.height - (this.#closedAt ?? this.#table).height >= this.#limits.blocks;
    if (isLarge && this.#closedAt === undefined) this.#closeOpen();
  }

  /** A block was disconnected. True when the table has some of it: then all has to be written now. */
  disconnect({ spent, created }: UtxoDelta, tip: Mark): boolean {
    const isWritten = tip.height < (this.#closedAt ?? this.#table).height;
    this.#change({ spent: created, created: spent });
    this.#tip = tip;
    return isWritten;
  }

  /** Takes a slice out, to be written. Says whether the table stands at another block then. */
  take(): { readonly writes: readonly CoinWrite[]; readonly hasMoved: boolean } {
    if (this.size > this.#limits.size) return { writes: this.takeAll(), hasMoved: true };
    const writes: CoinWrite[] = [];
    if (this.#closedAt === undefined) return { writes, hasMoved: false };
    for (const [outpoint, { utxo }] of this.#closed) {
      if (writes.length >= this.#limits.slice) return { writes, hasMoved: false };
      writes.push([outpoint, utxo]);
      this.#closed.delete(outpoint);
    }
    this.#table = this.#closedAt;
    this.#closedAt = undefined;
    return { writes, hasMoved: true };
  }

  /** Takes everything out; the table stands at the tip then. */
  takeAll(): readonly CoinWrite[] {
    const writes: CoinWrite[] = [];
    for (const changes of [this.#closed, this.#open]) {
      for (const [outpoint, { utxo }] of changes) writes.push([outpoint, utxo]);
    }
    this.#closed.clear();
    this.#open.clear();
    this.#closedAt = undefined;
    this.#table = this.#tip;
    return writes;
  }

  #change({ spent, created }: UtxoDelta): void {
    for (const [outpoint] of spent) {
      const change = this.#open.get(outpoint);
      // What was created here and is spent here never reaches the table.
      if (change?.isBelow === false) this.#open.delete(outpoint);
      else this.#open.set(outpoint, { utxo: null, isBelow: true });
    }
    for (const [outpoint, utxo] of created) {
      this.#open.set(outpoint, { utxo, isBelow: this.#open.has(outpoint) });
    }
  }

  #closeOpen(): void {
    this.#closed = this.#open;
    this.#closedAt = this.#tip;
    this.#open = new Map();
  }
}
