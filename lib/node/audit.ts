/**
 * The audit: everything that a node could only have wrong unnoticed, counted anew, coin by coin.
 *
 * It walks a copy of the coins as they stood when it began, so it may be done in steps while blocks come
 * and go. The copy is a few arrays; the walk is what costs.
 *
 * @module
 */
import { compareText } from "../bytes.ts";
import type { BlockEntry } from "../consensus/block_tree.ts";
import { TermSum, type UtxoCommitment } from "../consensus/utxo_commitment.ts";
import type { PublicKey } from "../crypto/keys.ts";
import { type Amount, NO_AMOUNT, sumAmounts } from "../primitives/amount.ts";
import { lowerBound } from "../lower_bound.ts";
import { supplyAt } from "../params.ts";
import { invariant } from "../result.ts";
import type { Ledger } from "./queries.ts";

/** What is the same on all nodes with the same tip, or somebody is wrong. */
export interface Audit {
  readonly tip: BlockEntry;
  readonly supply: Amount;
  readonly supplyExpected: Amount;
  readonly utxoCount: number;
  readonly commitment: UtxoCommitment;
  /** In no order that means anything. */
  readonly confirmed: ReadonlyMap<PublicKey, Amount>;
}

type Audited = Pick<Ledger, "chain" | "params">;

/** Coins that one step counts: about a millisecond. */
const STEP_COINS = 256;

/** The audit of the ledger as it is at the first step; whoever drives it may pause between any two. */
export function* auditInSteps({ chain, params }: Audited): Generator<void, Audit> {
  const { tip } = chain;
  const supplyExpected = supplyAt(params, chain.height);
  const coins = chain.utxos.snapshot();
  const confirmed = new Map<PublicKey, Amount>();
  const commitment = new TermSum();
  let supply = NO_AMOUNT;
  let utxoCount = 0;
  for (const coin of coins) {
    const [, { owner, amount }] = coin;
    commitment.add(coin);
    confirmed.set(owner, sumOf(confirmed.get(owner) ?? NO_AMOUNT, amount));
    supply = sumOf(supply, amount);
    if (++utxoCount % STEP_COINS === 0) yield;
  }
  return { tip, supply, supplyExpected, utxoCount, commitment: commitment.addTo(0n), confirmed };
}

/**
 * So many of the owners, those with the smallest keys, in order, but for those that are named: the same on all
 * nodes, and cheap of many. In steps, like the audit itself.
 */
export function* firstOwners(
  owners: Iterable<PublicKey>,
  { count, but }: { readonly count: number; readonly but: ReadonlySet<PublicKey> },
): Generator<void, PublicKey[]> {
  const first: PublicKey[] = [];
  let seen = 0;
  for (const owner of owners) {
    if (++seen % STEP_COINS === 0) yield;
    if (but.has(owner)) continue;
    const last = first.at(-1);
    if (first.length >= count && (last === undefined || compareText(owner, last) >= 0)) continue;
    const place = lowerBound(first.length, (at) => compareText(first[at] as string, owner) < 0);
    first.splice(place, 0, owner);
    if (first.length > count) first.pop();
  }
  return first;
}

function sumOf(a: Amount, b: Amount): Amount {
  const total = sumAmounts([a, b]);
  invariant(total !== undefined, "The coins of one chain have a sum");
  return total;
}
