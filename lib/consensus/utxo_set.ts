/**
 * The set of unspent outputs, and views over it.
 *
 * A block of thousands is connected at once and carried out a piece at a time: until it is, a coin is looked up
 * in the block's change first. Whatever looks at more than one coin has the rest carried out before.
 *
 * Judging happens elsewhere, on a read-only {@link UtxoView}.
 *
 * @module
 */
import type { PublicKey } from "../crypto/keys.ts";
import type { Amount } from "../primitives/amount.ts";
import type { Outpoint } from "../primitives/outpoint.ts";
import { invariant } from "../result.ts";
import type { CoinSnapshot } from "./coin_snapshot.ts";
import { CoinTable, type OwnerCoins } from "./coin_table.ts";
import type { LateDelta, NamedUtxo, Utxo, UtxoDelta, UtxoView } from "./utxo.ts";

/** The unspent outputs of one chain or pool, by name and by owner. */
export class UtxoSet implements UtxoView {
  readonly #table = new CoinTable();
  #supply = 0;
  /** What the table lacks, and how much of it was carried out: first what is spent, then what is created. */
  #late: (LateDelta & { done: number }) | undefined;

  get(outpoint: Outpoint): Utxo | undefined {
    const late = this.#late;
    if (late !== undefined) {
      const created = late.created.get(outpoint);
      if (created !== undefined || late.spent.has(outpoint)) return created;
    }
    return this.#table.get(outpoint);
  }

  has(outpoint: Outpoint): boolean {
    return this.#coins.has(outpoint);
  }

  get size(): number {
    return this.#coins.size;
  }

  /** The table with all that was connected. */
  get #coins(): CoinTable {
    if (this.#late !== undefined) this.settle();
    return this.#table;
  }

  /** The sum of all amounts. */
  get supply(): Amount {
    return this.#supply as Amount;
  }

  /** All of them, in no order that means anything. */
  entries(): IterableIterator<[Outpoint, Utxo]> {
    return this.#coins.entries();
  }

  /** The same as they are now, whatever changes while they are walked through, once. To be released. */
  snapshot(): CoinSnapshot {
    return this.#coins.snapshot();
  }

  /** The unspent outputs of one owner, in the order in which they came into this set: a live view. */
  coinsOf(owner: PublicKey): OwnerCoins {
    return this.#coins.coinsOf(owner);
  }

  /** What an owner's unspent outputs come to. O(1). */
  sumOf(owner: PublicKey): Amount {
    return this.#coins.sumOf(owner) as Amount;
  }

  /** Everybody who owns something. */
  owners(): IterableIterator<PublicKey> {
    return this.#coins.owners();
  }

  add(outpoint: Outpoint, utxo: Utxo): void {
    invariant(this.#coins.add(outpoint, utxo), `Cannot create ${outpoint}: it is unspent already`);
    this.#supply += utxo.amount;
  }

  /** Makes room in an empty set, which then does not grow step by step. */
  reserve(count: number): void {
    this.#coins.reserve(count);
  }

  /** Adds a page of outputs in the bytes of `packed_utxos.ts`. */
  addPacked(page: Uint8Array<ArrayBuffer>): void {
    this.#supply += this.#coins.addPacked(page);
  }

  remove(outpoint: Outpoint): void {
    invariant(this.discard(outpoint), `Cannot spend ${outpoint}: it is not unspent`);
  }

  /** Takes an output out if it is there. */
  discard(outpoint: Outpoint): boolean {
    const utxo = this.#coins.remove(outpoint);
    this.#supply -= utxo?.amount ?? 0;
    return utxo !== undefined;
  }

  /** Connects a block's change, which is carried out by {@link settle}. */
  applyLate(late: LateDelta): void {
    this.settle();
    for (const [, { amount }] of late.delta.spent) this.#supply -= amount;
    for (const [, { amount }] of late.delta.created) this.#supply += amount;
    this.#late = { ...late, done: 0 };
  }

  /** Carries out so much of what was connected, or all of it. True when more is left. */
  settle(countMax = Infinity): boolean {
    const late = this.#late;
    if (late === undefined) return false;
    const { delta: { spent, created } } = late;
    const total = spent.length + created.length;
    const end = Math.min(total, late.done + countMax);
    for (let index = late.done; index < end; index++) {
      if (index < spent.length) {
        const [outpoint] = spent[index] as NamedUtxo;
        const isThere = this.#table.remove(outpoint) !== undefined;
        invariant(isThere, `Cannot spend ${outpoint}: it is not unspent`);
      } else {
        const [outpoint, utxo] = created[index - spent.length] as NamedUtxo;
        const isNew = this.#table.add(outpoint, utxo);
        invariant(isNew, `Cannot create ${outpoint}: it is unspent already`);
      }
    }
    late.done = end;
    if (end < total) return true;
    this.#late = undefined;
    return false;
  }

  /** Connects a block's change. */
  apply(delta: UtxoDelta): void {
    for (const [outpoint] of delta.spent) this.remove(outpoint);
    for (const [outpoint, utxo] of delta.created) this.add(outpoint, utxo);
  }

  /** Disconnects a block's change: the exact opposite of {@link apply}. */
  revert(delta: UtxoDelta): void {
    for (const [outpoint] of delta.created) this.remove(outpoint);
    for (const [outpoint, utxo] of delta.spent) this.add(outpoint, utxo);
  }
}

/** A view with changes that the set below does not have yet: how a reorganisation is planned. */
export class UtxoOverlay implements UtxoView {
  readonly #base: UtxoView;
  /** `null`: spent here. */
  #changes: Map<Outpoint, Utxo | null> | undefined;

  constructor(base: UtxoView) {
    this.#base = base;
  }

  get(outpoint: Outpoint): Utxo | undefined {
    const change = this.#changes?.get(outpoint);
    if (change === undefined) return this.#base.get(outpoint);
    return change ?? undefined;
  }

  apply(delta: UtxoDelta): void {
    const changes = this.#changes ??= new Map();
    for (const [outpoint] of delta.spent) changes.set(outpoint, null);
    for (const [outpoint, utxo] of delta.created) changes.set(outpoint, utxo);
  }

  revert(delta: UtxoDelta): void {
    const changes = this.#changes ??= new Map();
    for (const [outpoint] of delta.created) changes.set(outpoint, null);
    for (const [outpoint, utxo] of delta.spent) changes.set(outpoint, utxo);
  }
}
