/** Which keys have a place in a chain's network, and which are refused. */
import assert from "node:assert/strict";
import type { Transaction } from "../primitives/transaction.ts";
import { alice, bob, carol } from "../testing/small_ledger.ts";
import { TestLedger } from "../testing/test_ledger.ts";
import { testParams } from "../testing/test_params.ts";
import { placeOf } from "./chain_place.ts";

const params = testParams({ nodes: 2 });
const paid: readonly Transaction[] = [new TestLedger(params).pay(alice, bob.publicKey, 100)];

Deno.test("R09 placeOf() gives founder and member their ids, and a foreign key none", () => {
  const idOf = (keyPair: typeof alice) => {
    const place = placeOf(params, { keyPair, first: paid, isObserver: false });
    return place.ok ? place.value.id : place.error.code;
  };
  assert.deepEqual([alice, bob, carol].map(idOf), [0, 1, "key-foreign"]);
});

Deno.test("R09 placeOf() takes a foreign key as an observer's, and a member's as none", () => {
  const observer = placeOf(params, { keyPair: carol, first: paid, isObserver: true });
  assert(observer.ok);
  assert.equal(observer.value.id, undefined);
  assert.deepEqual(observer.value.joined, [alice.publicKey, bob.publicKey]);

  const member = placeOf(params, { keyPair: bob, first: paid, isObserver: true });
  assert(!member.ok && member.error.code === "key-foreign");
});

Deno.test("R09 placeOf() makes up no ring that the chain does not name", () => {
  const three = testParams({ nodes: 3 });
  const half = placeOf(three, { keyPair: alice, first: paid, isObserver: false });
  assert(!half.ok && half.error.code === "chain-without-ring");
  assert.match(half.error.got, /first coins of 1 nodes only/);

  const young = placeOf(three, { keyPair: alice, first: [], isObserver: false });
  assert(young.ok && young.value.ring === undefined && young.value.id === 0);
});
