/**
 * The set of unspent outputs, its changes, and views over it.
 *
 * A block's change is a {@link UtxoDelta}: net lists of what it spends and creates, so that applying and
 * reverting are exact opposites. Judging happens elsewhere, on a read-only {@link UtxoView}.
 *
 * @module
 */
import type { PublicKey } from "../crypto/keys.ts";
import type { Amount } from "../primitives/amount.ts";
import type { Height } from "../primitives/header.ts";
import type { Outpoint } from "../primitives/outpoint.ts";
import { invariant } from "../result.ts";

/** An unspent output. */
export interface Utxo {
  readonly owner: PublicKey;
  readonly amount: Amount;
  /** The height of the block that created it. */
  readonly height: Height;
}

/** Whatever can tell an unspent output by its name. */
export interface UtxoView {
  get(outpoint: Outpoint): Utxo | undefined;
}

/** An output with its name. */
export type NamedUtxo = readonly [outpoint: Outpoint, utxo: Utxo];

/** What a block changes, net: an output created and spent by the same block stands in neither list. */
export interface UtxoDelta {
  readonly spent: readonly NamedUtxo[];
  readonly created: readonly NamedUtxo[];
}

const NO_COINS: ReadonlyMap<Outpoint, Utxo> = new Map();

/**
 * The unspent outputs of one chain or pool, by name and by owner.
 *
 * @example
 * ```ts
 * import { testParams } from "../testing/test_params.ts";
 * import { connectGenesis } from "./connect_block.ts";
 * import { UtxoSet } from "./utxo_set.ts";
 * import assert from "node:assert/strict";
 *
 * const params = testParams({ nodes: 5 });
 * const utxos = new UtxoSet();
 * utxos.apply(connectGenesis(params.genesis));
 * assert.equal(utxos.supply, 500);
 * assert.equal(utxos.coinsOf(params.bootstrapKey).size, 1);
 * ```
 */
export class UtxoSet implements UtxoView {
  readonly #utxos = new Map<Outpoint, Utxo>();
  readonly #byOwner = new Map<PublicKey, Map<Outpoint, Utxo>>();
  #supply = 0;

  get(outpoint: Outpoint): Utxo | undefined {
    return this.#utxos.get(outpoint);
  }

  has(outpoint: Outpoint): boolean {
    return this.#utxos.has(outpoint);
  }

  get size(): number {
    return this.#utxos.size;
  }

  /** The sum of all amounts. */
  get supply(): Amount {
    return this.#supply as Amount;
  }

  entries(): IterableIterator<[Outpoint, Utxo]> {
    return this.#utxos.entries();
  }

  /** The unspent outputs of one owner, in the order in which they came into this set. */
  coinsOf(owner: PublicKey): ReadonlyMap<Outpoint, Utxo> {
    return this.#byOwner.get(owner) ?? NO_COINS;
  }

  /** Everybody who owns something. */
  owners(): IterableIterator<PublicKey> {
    return this.#byOwner.keys();
  }

  add(outpoint: Outpoint, utxo: Utxo): void {
    invariant(!this.#utxos.has(outpoint), `Cannot create ${outpoint}: it is unspent already`);
    this.#utxos.set(outpoint, utxo);
    this.#supply += utxo.amount;

    const coins = this.#byOwner.get(utxo.owner);
    if (coins === undefined) this.#byOwner.set(utxo.owner, new Map([[outpoint, utxo]]));
    else coins.set(outpoint, utxo);
  }

  remove(outpoint: Outpoint): void {
    const utxo = this.#utxos.get(outpoint);
    invariant(utxo !== undefined, `Cannot spend ${outpoint}: it is not unspent`);
    this.#utxos.delete(outpoint);
    this.#supply -= utxo.amount;

    const coins = this.#byOwner.get(utxo.owner);
    invariant(coins !== undefined, "An owner of coins is indexed");
    coins.delete(outpoint);
    if (coins.size === 0) this.#byOwner.delete(utxo.owner);
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
  readonly #changes = new Map<Outpoint, Utxo | null>();

  constructor(base: UtxoView) {
    this.#base = base;
  }

  get(outpoint: Outpoint): Utxo | undefined {
    const change = this.#changes.get(outpoint);
    if (change === undefined) return this.#base.get(outpoint);
    return change ?? undefined;
  }

  apply(delta: UtxoDelta): void {
    for (const [outpoint] of delta.spent) this.#changes.set(outpoint, null);
    for (const [outpoint, utxo] of delta.created) this.#changes.set(outpoint, utxo);
  }

  revert(delta: UtxoDelta): void {
    for (const [outpoint] of delta.created) this.#changes.set(outpoint, null);
    for (const [outpoint, utxo] of delta.spent) this.#changes.set(outpoint, utxo);
  }
}
