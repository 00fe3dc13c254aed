/**
 * The audit: everything that a node could only have wrong unnoticed, counted anew, coin by coin.
 *
 * It walks through the coins as they stood when it began, so it may be done in steps while blocks come and go
 * (`coin_snapshot.ts`). It makes no object of a coin: a hundred thousand of them were 40 MB of garbage.
 *
 * @module
 */
import { compareText } from "../bytes.ts";
import type { BlockEntry } from "../consensus/block_tree.ts";
import { PACKED_UTXO_SIZE_BYTES, packedAmount } from "../consensus/packed_utxos.ts";
import { TermSum, type UtxoCommitment } from "../consensus/utxo_commitment.ts";
import type { PublicKey } from "../crypto/keys.ts";
import { type Amount, NO_AMOUNT } from "../primitives/amount.ts";
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
  /** Each owner once, in no order that means anything. */
  readonly confirmed: Iterable<readonly [PublicKey, Amount]>;
}

type Audited = Pick<Ledger, "chain" | "params">;

/** Coins that one step counts: about a millisecond. */
const STEP_COINS = 256;

/** The audit of the ledger as it is at the first step; whoever drives it may pause between any two. */
export function* auditInSteps({ chain, params }: Audited): Generator<void, Audit> {
  const { tip } = chain;
  const supplyExpected = supplyAt(params, chain.height);
  const coins = chain.utxos.snapshot();
  try {
    const sums = new Float64Array(coins.ownerNumbers);
    const commitment = new TermSum();
    let supply = NO_AMOUNT;
    let utxoCount = 0;
    for (const { packed, owners } of coins.pages(STEP_COINS)) {
      const view = new DataView(packed.buffer);
      for (const [index, number] of owners.entries()) {
        const amount = packedAmount(view, PACKED_UTXO_SIZE_BYTES * index);
        invariant(amount !== undefined, "A coin has an amount");
        sums[number] = sumOf(sums[number] as Amount, amount);
        supply = sumOf(supply, amount);
      }
      utxoCount += owners.length;
      commitment.addPacked(packed);
      yield;
    }
    const names = Array.from(sums, (_, number) => coins.ownerOf(number));
    return {
      tip,
      supply,
      supplyExpected,
      utxoCount,
      commitment: commitment.addTo(0n),
      confirmed: confirmedOf(names, sums),
    };
  } finally {
    coins.release();
  }
}

function confirmedOf(
  names: readonly (PublicKey | undefined)[],
  sums: Float64Array,
): Audit["confirmed"] {
  return {
    *[Symbol.iterator]() {
      for (const [number, owner] of names.entries()) {
        if (owner !== undefined) yield [owner, sums[number] as Amount] as const;
      }
    },
  };
}

/**
 * So many of the owners, those with the smallest keys, in order, but for those that are named: the same on all
 * nodes, and cheap of many. In steps, like the audit itself.
 */
export function* firstOwners(
  owners: Iterable<readonly [PublicKey, unknown]>,
  { count, but }: { readonly count: number; readonly but: ReadonlySet<PublicKey> },
): Generator<void, PublicKey[]> {
  const first: PublicKey[] = [];
  let seen = 0;
  for (const [owner] of owners) {
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

/** What some owners have, of those that have anything. In steps, like the audit itself. */
export function* amountsOf(
  confirmed: Audit["confirmed"],
  owners: ReadonlySet<PublicKey>,
): Generator<void, Map<PublicKey, Amount>> {
  const amounts = new Map<PublicKey, Amount>();
  let seen = 0;
  for (const [owner, amount] of confirmed) {
    if (++seen % STEP_COINS === 0) yield;
    if (owners.has(owner)) amounts.set(owner, amount);
  }
  return amounts;
}

function sumOf(a: Amount, b: Amount): Amount {
  const total = a + b;
  invariant(Number.isSafeInteger(total), "The coins of one chain have a sum");
  return total as Amount;
}
