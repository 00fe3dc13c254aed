import assert from "node:assert/strict";
import { outpointOf, type Txid } from "../primitives/outpoint.ts";
import { NO_SIGNATURE, sealTransaction, type Transaction } from "../primitives/transaction.ts";
import { alice } from "../testing/small_ledger.ts";
import {
  ORPHAN_TRANSACTION_AGE_MS_MAX,
  ORPHAN_TRANSACTIONS_MAX,
  OrphanTransactions,
} from "./orphan_transactions.ts";

const parentOf = (number: number) => number.toString(16).padStart(64, "0") as Txid;

/** A transaction that spends outputs of these parents. */
function childOf(...parents: number[]): Transaction {
  return sealTransaction({
    sender: alice.publicKey,
    inputs: parents.map((number, index) => outpointOf(parentOf(number), index)),
    outputs: [],
  }, NO_SIGNATURE);
}

const txidsOf = (transactions: readonly Transaction[]) => transactions.map(({ txid }) => txid);

Deno.test("M01 a child waits for its parent and is handed out once", () => {
  const orphans = new OrphanTransactions();
  const [first, second, other] = [childOf(1), childOf(1, 2), childOf(3)];
  for (const orphan of [first, second, other]) orphans.hold(orphan, 0);
  orphans.hold(first, 5);
  assert.equal(orphans.size, 3);
  assert(orphans.has(first.txid));

  assert.deepEqual(txidsOf(orphans.takeChildrenOf(parentOf(1))), txidsOf([first, second]));
  assert.deepEqual(orphans.takeChildrenOf(parentOf(1)), []);
  assert.deepEqual(orphans.takeChildrenOf(parentOf(2)), [], "handed out with its other parent");
  assert.equal(orphans.size, 1);
  assert(!orphans.has(second.txid));
});

Deno.test("M01 no more than 1,000 are held: the oldest leaves first", () => {
  assert.equal(ORPHAN_TRANSACTIONS_MAX, 1000);
  const orphans = new OrphanTransactions();
  for (let number = 0; number < 1003; number++) orphans.hold(childOf(number), 0);
  assert.equal(orphans.size, 1000);
  assert.deepEqual(orphans.takeChildrenOf(parentOf(2)), []);
  assert.equal(orphans.takeChildrenOf(parentOf(3)).length, 1);
});

Deno.test("M01 none is held for more than a minute", () => {
  assert.equal(ORPHAN_TRANSACTION_AGE_MS_MAX, 60_000);
  const orphans = new OrphanTransactions();
  orphans.hold(childOf(1), 1000);
  orphans.hold(childOf(2), 2000);
  orphans.expire(60_999);
  assert.equal(orphans.size, 2);
  orphans.expire(61_000);
  assert.equal(orphans.size, 1);
  assert.deepEqual(orphans.takeChildrenOf(parentOf(1)), []);
  orphans.expire(1_000_000);
  assert.equal(orphans.size, 0);
});
