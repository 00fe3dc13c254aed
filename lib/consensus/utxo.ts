/**
 * An unspent output, and what a block changes about them.
 *
 * A block's change is a {@link UtxoDelta}: net lists of what it spends and creates, so that applying and
 * reverting are exact opposites.
 *
 * @module
 */
import type { PublicKey } from "../crypto/keys.ts";
import type { Amount } from "../primitives/amount.ts";
import type { Height } from "../primitives/header.ts";
import type { Outpoint } from "../primitives/outpoint.ts";

/** An unspent output: owner, amount, and the height of the block that created it. */
export interface Utxo {
  readonly owner: PublicKey;
  readonly amount: Amount;
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

/** A block's change as it can be looked up before it is carried out coin by coin. */
export interface LateDelta {
  readonly delta: UtxoDelta;
  /** All outputs that are spent, those among them that the block created itself, too. */
  readonly spent: Pick<ReadonlySet<Outpoint>, "has">;
  readonly created: UtxoView;
}

/** Tells whether two changes are the same, in the same order. */
export function isSameDelta(a: UtxoDelta, b: UtxoDelta): boolean {
  return areSame(a.spent, b.spent) && areSame(a.created, b.created);
}

function areSame(a: readonly NamedUtxo[], b: readonly NamedUtxo[]): boolean {
  if (a.length !== b.length) return false;
  return a.every(([outpoint, { owner, amount, height }], index) => {
    const [otherOutpoint, other] = b[index] as NamedUtxo;
    return outpoint === otherOutpoint && owner === other.owner && amount === other.amount &&
      height === other.height;
  });
}
