/**
 * The set of unspent outputs, and views over it.
 *
 * Judging happens elsewhere, on a read-only {@link UtxoView}.
 *
 * @module
 */
import type { PublicKey } from "../crypto/keys.ts";
import type { Amount } from "../primitives/amount.ts";
import type { Outpoint } from "../primitives/outpoint.ts";
import { invariant } from "../result.ts";
import { CoinTable, type OwnerCoins } from "./coin_table.ts";
import type { Utxo, UtxoDelta, UtxoView } from "./utxo.ts";

/** The unspent outputs of one chain or pool, by name and by owner. */
export class UtxoSet implements UtxoView {
  readonly #coins = new CoinTable();
  #supply = 0;

  get(outpoint: Outpoint): Utxo | undefined {
    return this.#coins.get(outpoint);
  }

  has(outpoint: Outpoint): boolean {
    return this.#coins.has(outpoint);
  }

  get size(): number {
    return this.#coins.size;
  }

  /** The sum of all amounts. */
  get supply(): Amount {
    return this.#supply as Amount;
  }

  /** All of them, in no order that means anything. */
  entries(): IterableIterator<[Outpoint, Utxo]> {
    return this.#coins.entries();
  }

  /** The same as they are now, whatever changes while they are walked through: costs a copy of flat arrays. */
  snapshot(): IterableIterator<[Outpoint, Utxo]> {
    return this.#coins.copy().entries();
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
