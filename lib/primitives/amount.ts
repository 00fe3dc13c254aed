/**
 * Amounts of coins: whole NBC, safe integers, never negative. One door in, one checked sum.
 *
 * @module
 */
import { invariant } from "../result.ts";

/** A number of whole NBC, 0 to 2^53 - 1. */
export type Amount = number & { readonly __brand: "Amount" };

/** No coins at all: what a sum starts from. */
export const NO_AMOUNT = 0 as Amount;

/**
 * Takes a number that is an amount; `undefined` for a fraction, a negative, -0, NaN, Infinity, 2^53 and
 * whatever is no number at all.
 *
 * @example
 * ```ts
 * import { amountOf } from "./amount.ts";
 * import assert from "node:assert/strict";
 *
 * assert.equal(amountOf(5), 5);
 * assert.equal(amountOf(1.5), undefined);
 * assert.equal(amountOf("5"), undefined);
 * ```
 */
export function amountOf(value: unknown): Amount | undefined {
  if (typeof value !== "number" || !Number.isSafeInteger(value)) return undefined;
  if (value < 0 || Object.is(value, -0)) return undefined;
  return value as Amount;
}

/** Takes an amount that somebody pays: one that is at least 1. */
export function paymentAmountOf(value: unknown): Amount | undefined {
  const amount = amountOf(value);
  return amount === 0 ? undefined : amount;
}

/** Reads a payment's amount from text: digits only, no sign, no zeros in front, no exponent. */
export function parsePaymentAmount(text: string): Amount | undefined {
  return /^[1-9][0-9]{0,15}$/.test(text) ? paymentAmountOf(Number(text)) : undefined;
}

/** Adds two amounts; `undefined` when the sum is no safe integer any more. */
export function addAmounts(a: Amount, b: Amount): Amount | undefined {
  const sum = a + b;
  return Number.isSafeInteger(sum) ? sum as Amount : undefined;
}

/** Takes away what is known to be there. */
export function subtractAmount(from: Amount, amount: Amount): Amount {
  invariant(amount <= from, `Cannot take ${amount} from ${from}`);
  return (from - amount) as Amount;
}
