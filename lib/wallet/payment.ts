/**
 * Payments: choosing coins, building the transaction, signing it.
 *
 * Coins come in tiers (D6), which `own_coins.ts` keeps: a later one is touched only when the earlier ones
 * do not suffice. Within a tier the smallest coin that suffices is taken, else the largest ones, so that
 * payments have few inputs. Pure; nothing is reserved, so nothing has to be released (U03).
 *
 * @module
 */
import type { NamedUtxo } from "../consensus/utxo.ts";
import { HASH_SIZE_BYTES } from "../crypto/hash.ts";
import type { KeyPair, PublicKey } from "../crypto/keys.ts";
import { signMessage } from "../crypto/signature.ts";
import type { Params } from "../params.ts";
import { type Amount, subtractAmount } from "../primitives/amount.ts";
import {
  type Output,
  signAndSeal,
  signingMessage,
  type Transaction,
  TRANSACTION_INPUTS_MAX,
  type UnsignedTransaction,
} from "../primitives/transaction.ts";
import { err, ok, type Result } from "../result.ts";
import type { CoinTier } from "./coins_by_amount.ts";

/** Why a wallet cannot pay. */
export type PaymentError =
  | { readonly code: "insufficient-funds"; readonly have: number; readonly want: number }
  /** Enough, but in too many coins: the largest `max` of them pay `payable`, the fee taken off. */
  | {
    readonly code: "too-many-coins-needed";
    readonly max: number;
    readonly payable: number;
    readonly want: number;
  };

/** A wallet's spendable coins, the preferred ones first. */
export type CoinTiers = readonly CoinTier[];

/**
 * Builds and signs a payment of `amount` to `receiver`.
 *
 * @example
 * ```ts
 * import type { Amount } from "../primitives/amount.ts";
 * import { alice, bob, createSmallLedger } from "../testing/small_ledger.ts";
 * import { CoinsByAmount } from "./coins_by_amount.ts";
 * import { createPayment } from "./payment.ts";
 * import assert from "node:assert/strict";
 *
 * const { ledger, params } = createSmallLedger();
 * const order = { receiver: bob.publicKey, amount: 30 as Amount };
 * const tiers = [new CoinsByAmount(ledger.coinsOf(alice.publicKey))];
 * const payment = createPayment(order, tiers, { keyPair: alice, params });
 * assert(payment.ok && ledger.submit(payment.value).ok);
 * ```
 */
export function createPayment(
  { receiver, amount }: { readonly receiver: PublicKey; readonly amount: Amount },
  tiers: CoinTiers,
  { keyPair, params }: { readonly keyPair: KeyPair; readonly params: Params },
): Result<Transaction, PaymentError> {
  const want = (amount + params.fee) as Amount;
  const coins = selectCoins(tiers, want);
  if (!coins.ok) {
    const { error } = coins;
    if (error.code !== "too-many-coins-needed") return coins;
    return err({ ...error, payable: Math.max(0, error.payable - params.fee), want: amount });
  }

  const change = subtractAmount(sumOf(coins.value), want);
  const outputs: Output[] = [{ owner: receiver, amount }];
  if (change > 0) outputs.push({ owner: keyPair.publicKey, amount: change });
  const inputs = coins.value.map(([outpoint]) => outpoint);
  return ok(signTransaction({ sender: keyPair.publicKey, inputs, outputs }, keyPair, params));
}

/** Signs a transaction for one network. */
export function signTransaction(
  unsigned: UnsignedTransaction,
  keyPair: KeyPair,
  params: Params,
): Transaction {
  return signAndSeal(unsigned, (txid) => {
    const message = messageOf(params);
    message.subarray(-HASH_SIZE_BYTES).setFromHex(txid);
    return signMessage(keyPair, message);
  });
}

/** One message for all that is signed for a network: only the id at its end differs. */
const messages = new WeakMap<Params, Uint8Array<ArrayBuffer>>();

function messageOf(params: Params): Uint8Array<ArrayBuffer> {
  const known = messages.get(params);
  if (known !== undefined) return known;
  const message = signingMessage(params.genesisHashBytes, new Uint8Array(HASH_SIZE_BYTES));
  messages.set(params, message);
  return message;
}

/**
 * Chooses coins worth at least `want`, from as few tiers as suffice. Looks at as many coins as a payment
 * may have, not at all that there are.
 */
export function selectCoins(
  tiers: CoinTiers,
  want: Amount,
): Result<readonly NamedUtxo[], PaymentError> {
  let have = 0;
  for (const [index, tier] of tiers.entries()) {
    have += tier.sum;
    if (have < want) continue;
    const selected = selectFrom(tiers.slice(0, index + 1), want);
    if (selected !== undefined) return ok(selected);
  }
  return have < want ? err({ code: "insufficient-funds", have, want }) : err({
    code: "too-many-coins-needed",
    max: TRANSACTION_INPUTS_MAX,
    payable: sumOfLargest(tiers),
    want,
  });
}

/** What as many coins as a payment may have are worth at most. */
function sumOfLargest(tiers: CoinTiers): number {
  let sum = 0;
  let count = 0;
  for (const [, { amount }] of largestOf(tiers)) {
    if (count++ === TRANSACTION_INPUTS_MAX) break;
    sum += amount;
  }
  return sum;
}

/** The smallest coin that suffices, else as many of the largest ones as it takes; not too many. */
function selectFrom(tiers: CoinTiers, want: Amount): readonly NamedUtxo[] | undefined {
  let smallest: NamedUtxo | undefined;
  for (const tier of tiers) {
    const coin = tier.smallestOf(want);
    if (coin !== undefined && !(smallest !== undefined && smallest[1].amount <= coin[1].amount)) {
      smallest = coin;
    }
  }
  if (smallest !== undefined) return [smallest];

  const selected: NamedUtxo[] = [];
  let sum = 0;
  for (const coin of largestOf(tiers)) {
    if (selected.length === TRANSACTION_INPUTS_MAX) return undefined;
    selected.push(coin);
    sum += coin[1].amount;
    if (sum >= want) break;
  }
  return selected;
}

/** The coins of several tiers, the largest first; among equals those of the preferred tier. */
function* largestOf(tiers: CoinTiers): Generator<NamedUtxo, undefined> {
  const heads = tiers.map((tier) => {
    const coins = tier.largestFirst()[Symbol.iterator]();
    return { coins, next: coins.next() };
  });
  for (;;) {
    let largest: typeof heads[number] | undefined;
    for (const head of heads) {
      if (head.next.done === true) continue;
      const isLarger = largest?.next.done !== false ||
        head.next.value[1].amount > largest.next.value[1].amount;
      if (isLarger) largest = head;
    }
    if (largest?.next.done !== false) return undefined;
    yield largest.next.value;
    largest.next = largest.coins.next();
  }
}

function sumOf(coins: readonly NamedUtxo[]): Amount {
  let sum = 0;
  for (const [, { amount }] of coins) sum += amount;
  return sum as Amount;
}
