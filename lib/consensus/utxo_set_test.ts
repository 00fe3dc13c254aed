import assert from "node:assert/strict";
import * as fc from "fast-check";
import { bytesOfHex } from "../bytes.ts";
import type { PublicKey } from "../crypto/keys.ts";
import { decodeParams } from "../params.ts";
import type { Amount } from "../primitives/amount.ts";
import vectors from "../primitives/testdata/ledger_vectors.json" with { type: "json" };
import { decodeBlock } from "../primitives/block.ts";
import type { Height } from "../primitives/header.ts";
import { outpointOf, type Txid } from "../primitives/outpoint.ts";
import { listCoins } from "../testing/random_block_tree.ts";
import { connectBlock, connectGenesis } from "./connect_block.ts";
import {
  commitDelta,
  commitmentOf,
  commitmentOfPacked,
  EMPTY_COMMITMENT,
  formatCommitment,
} from "./utxo_commitment.ts";
import { packUtxos } from "./packed_utxos.ts";
import { createTransactionVerifier } from "./transaction_verifier.ts";
import type { LateDelta, NamedUtxo, UtxoDelta } from "./utxo.ts";
import { UtxoOverlay, UtxoSet } from "./utxo_set.ts";

const OWNERS = ["aa", "bb", "cc"].map((byte) => byte.repeat(32) as PublicKey);

/** A coin of a number: the same number is the same coin. */
function coin(number: number): NamedUtxo {
  const txid = (number >> 1).toString(16).padStart(64, "0") as Txid;
  const owner = OWNERS[number % OWNERS.length] as PublicKey;
  return [outpointOf(txid, number & 1), {
    owner,
    amount: (number + 1) as Amount,
    height: 1 as Height,
  }];
}

/** Random changes that fit onto each other: spend some of what is there, create what never was. */
const arbitraryDeltas = fc.array(fc.tuple(fc.array(fc.nat(1000)), fc.nat(4))).map((plan) => {
  const unspent: NamedUtxo[] = [];
  let number = 0;
  return plan.map(([picks, createdCount]): UtxoDelta => {
    const spent: NamedUtxo[] = [];
    for (const pick of picks.slice(0, unspent.length)) {
      spent.push(...unspent.splice(pick % unspent.length, 1));
    }
    const created = Array.from({ length: createdCount }, () => coin(number++));
    unspent.push(...created);
    return { spent, created };
  });
});

Deno.test("UtxoSet.revert() is the exact opposite of apply(), and so is the overlay's", () => {
  fc.assert(fc.property(arbitraryDeltas, (deltas) => {
    const utxos = new UtxoSet();
    const states: string[][] = [];
    for (const delta of deltas) {
      states.push(listCoins(utxos.entries()));
      utxos.apply(delta);
    }
    const last = listCoins(utxos.entries());

    const overlay = new UtxoOverlay(utxos);
    for (const delta of deltas.toReversed()) overlay.revert(delta);
    for (let number = 0; number < 200; number++) {
      assert.equal(overlay.get(coin(number)[0]), undefined);
    }
    for (const delta of deltas) overlay.apply(delta);
    for (let number = 0; number < 200; number++) {
      assert.deepEqual(overlay.get(coin(number)[0]), utxos.get(coin(number)[0]));
    }
    assert.deepEqual(listCoins(utxos.entries()), last, "an overlay changes nothing below");

    for (const delta of deltas.toReversed()) {
      utxos.revert(delta);
      assert.deepEqual(listCoins(utxos.entries()), states.pop());
    }
  }));
});

function lateDeltaOf(delta: UtxoDelta): LateDelta {
  const spent = new Set(delta.spent.map(([outpoint]) => outpoint));
  return { delta, spent, created: new Map(delta.created) };
}

Deno.test("UtxoSet shows a change at once that it carries out late", () => {
  fc.assert(fc.property(arbitraryDeltas, fc.array(fc.nat(4)), (deltas, pieces) => {
    const [utxos, wanted] = [new UtxoSet(), new UtxoSet()];
    for (const [index, delta] of deltas.entries()) {
      wanted.apply(delta);
      utxos.applyLate(lateDeltaOf(delta));
      const total = delta.spent.length + delta.created.length;
      const piece = pieces[index] ?? 0;
      assert.equal(utxos.settle(piece), piece < total);
      assert.equal(utxos.supply, wanted.supply);
      for (let number = 0; number < 100; number++) {
        assert.deepEqual(utxos.get(coin(number)[0]), wanted.get(coin(number)[0]));
      }
      if (index % 3 > 0) continue;
      assert.equal(utxos.size, wanted.size);
      assert.deepEqual(listCoins(utxos.entries()), listCoins(wanted.entries()));
      assert.equal(utxos.settle(0), false, "Whoever looks at all has all carried out");
    }
    for (const delta of deltas.toReversed()) utxos.revert(delta);
    assert.equal(utxos.size, 0);
  }));
});

Deno.test("UtxoSet stops at a late change that does not fit, too", () => {
  const [outpoint, utxo] = coin(0);
  const utxos = new UtxoSet();
  utxos.applyLate(lateDeltaOf({ spent: [[outpoint, utxo]], created: [] }));
  assert.throws(() => utxos.settle(), { name: "InvariantError" });
  const full = new UtxoSet();
  full.add(outpoint, utxo);
  full.applyLate(lateDeltaOf({ spent: [], created: [[outpoint, utxo]] }));
  assert.throws(() => full.settle(), { name: "InvariantError" });
});

Deno.test("UtxoSet's supply, size and owners are what its coins say", () => {
  fc.assert(fc.property(arbitraryDeltas, (deltas) => {
    const utxos = new UtxoSet();
    for (const delta of deltas) {
      utxos.apply(delta);
      const coins = [...utxos.entries()];
      assert.equal(utxos.size, coins.length);
      assert.equal(utxos.supply, coins.reduce((sum, [, { amount }]) => sum + amount, 0));
      const owners = new Set(coins.map(([, { owner }]) => owner));
      assert.deepEqual(new Set(utxos.owners()), owners);
      for (const owner of OWNERS) {
        const own = coins.filter(([, utxo]) => utxo.owner === owner);
        assert.deepEqual(listCoins(utxos.coinsOf(owner)), listCoins(own));
      }
    }
  }));
});

Deno.test("UtxoSet stops at a coin that is created twice or spent without being there", () => {
  const utxos = new UtxoSet();
  const [outpoint, utxo] = coin(0);
  utxos.add(outpoint, utxo);
  assert.throws(() => utxos.add(outpoint, utxo), { name: "InvariantError" });
  utxos.remove(outpoint);
  assert.throws(() => utxos.remove(outpoint), { name: "InvariantError" });
  assert.equal(utxos.has(outpoint), false);
});

Deno.test("the commitment follows every change and does not depend on the order", () => {
  fc.assert(fc.property(arbitraryDeltas, (deltas) => {
    const utxos = new UtxoSet();
    let commitment = EMPTY_COMMITMENT;
    for (const delta of deltas) {
      utxos.apply(delta);
      commitment = commitDelta(commitment, delta);
    }
    assert.equal(commitment, commitmentOf(utxos.entries()));
    assert.equal(commitment, commitmentOf([...utxos.entries()].reverse()));
    assert.equal(commitment, commitmentOfPacked(packUtxos([...utxos.entries()])));
    for (const { spent, created } of deltas.toReversed()) {
      commitment = commitDelta(commitment, { spent: created, created: spent });
    }
    assert.equal(commitment, EMPTY_COMMITMENT);
  }));
});

Deno.test("commitments are frozen, and change with owner, amount and name", () => {
  const utxos = new UtxoSet();
  const params = decodeParams(bytesOfHex(vectors.params.encoded));
  const block = decodeBlock(bytesOfHex(vectors.block.encoded));
  assert(params !== undefined && block !== undefined);
  utxos.apply(connectGenesis(params.genesis));
  assert.equal(
    formatCommitment(commitmentOf(utxos.entries())),
    vectors.commitments.genesis,
  );
  const verifier = createTransactionVerifier(params);
  const delta = connectBlock(block, utxos, { params, verifier });
  assert(delta.ok);
  utxos.apply(delta.value);
  assert.equal(
    formatCommitment(commitmentOf(utxos.entries())),
    vectors.commitments.block,
  );

  const [outpoint, utxo] = coin(4);
  const others: NamedUtxo[] = [
    [coin(5)[0], utxo],
    [outpoint, { ...utxo, owner: OWNERS[0] as PublicKey }],
    [outpoint, { ...utxo, amount: 9 as Amount }],
  ];
  for (const other of others) {
    assert.notEqual(commitmentOf([other]), commitmentOf([[outpoint, utxo]]));
  }
});
