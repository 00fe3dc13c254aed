import assert from "node:assert/strict";
import * as fc from "fast-check";
import {
  addAmounts,
  type Amount,
  amountOf,
  parsePaymentAmount,
  paymentAmountOf,
  subtractAmount,
} from "./amount.ts";

/** Everything that has been taken for an amount somewhere. */
const NO_PAYMENTS: readonly unknown[] = [
  0,
  -0,
  -5,
  1.5,
  "5",
  "5e0",
  NaN,
  Infinity,
  -Infinity,
  2 ** 53,
  1e400,
  null,
  undefined,
  "0x10",
  " 5 ",
  true,
  5n,
  [5],
  { amount: 5 },
];

Deno.test("T07 paymentAmountOf() takes whole numbers from 1 to 2^53 - 1 only", () => {
  for (const value of NO_PAYMENTS) assert.equal(paymentAmountOf(value), undefined, String(value));
  for (const value of [1, 5, 2 ** 53 - 1]) assert.equal(paymentAmountOf(value), value);
});

Deno.test("T07 amountOf() takes 0, too, but not -0", () => {
  assert.equal(amountOf(0), 0);
  assert.equal(amountOf(-0), undefined);
});

Deno.test("T07 parsePaymentAmount() reads plain digits only", () => {
  const texts = ["", "0", "-5", "+5", "1.5", "5e0", "0x10", " 5", "5 ", "05", "5n", "٥", "5\n"];
  for (const text of [...texts, "9007199254740992", "99999999999999999", "1e400", "NaN"]) {
    assert.equal(parsePaymentAmount(text), undefined, JSON.stringify(text));
  }
  assert.equal(parsePaymentAmount("9007199254740991"), 9007199254740991);
  fc.assert(fc.property(fc.maxSafeNat(), (amount) => {
    assert.equal(parsePaymentAmount(String(amount + 0)), amount === 0 ? undefined : amount);
  }));
});

Deno.test("addAmounts() gives exact sums and no other", () => {
  fc.assert(fc.property(fc.maxSafeNat(), fc.maxSafeNat(), (a, b) => {
    const exact = BigInt(a) + BigInt(b);
    const expected = exact < 2n ** 53n ? Number(exact) : undefined;
    assert.equal(addAmounts(a as Amount, b as Amount), expected);
  }));
  const most = Number.MAX_SAFE_INTEGER as Amount;
  assert.equal(addAmounts(most, 0 as Amount), most);
  assert.equal(addAmounts(most, 1 as Amount), undefined);
});

Deno.test("subtractAmount() does not go below zero", () => {
  assert.equal(subtractAmount(5 as Amount, 5 as Amount), 0);
  assert.throws(() => subtractAmount(5 as Amount, 6 as Amount), { name: "InvariantError" });
});
