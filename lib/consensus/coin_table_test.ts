import assert from "node:assert/strict";
import process from "node:process";
import * as fc from "fast-check";
import type { PublicKey } from "../crypto/keys.ts";
import type { Amount } from "../primitives/amount.ts";
import type { Height } from "../primitives/header.ts";
import { type Outpoint, outpointOf, type Txid } from "../primitives/outpoint.ts";
import type { CoinCopy } from "./coin_copy.ts";
import { CoinTable } from "./coin_table.ts";
import type { NamedUtxo, Utxo } from "./utxo.ts";
import { packUtxos, unpackUtxos } from "./packed_utxos.ts";

const OWNERS = ["aa", "bb", "cc", "dd"].map((byte) => byte.repeat(32) as PublicKey);

/** Names that begin alike, so that many of them want the same place. */
const arbitraryName = fc.tuple(fc.nat(7), fc.nat(11), fc.constantFrom(0, 1, 0xffffffff))
  .map(([first, last, index]) => {
    const txid = `0000000${first}${"0".repeat(54)}${String(last).padStart(2, "0")}` as Txid;
    return outpointOf(txid, index);
  });

const arbitraryCoin: fc.Arbitrary<Utxo> = fc.record({
  owner: fc.constantFrom(...OWNERS),
  amount: fc.maxSafeNat() as fc.Arbitrary<Amount>,
  height: fc.nat(0xffffffff) as fc.Arbitrary<Height>,
}, { noNullPrototype: true });

const arbitraryActs = fc.array(
  fc.oneof(
    fc.record({ type: fc.constant("add" as const), name: arbitraryName, coin: arbitraryCoin }),
    fc.record({ type: fc.constant("remove" as const), name: arbitraryName }),
  ),
  { maxLength: 300 },
);

Deno.test("CoinTable is a map of names to coins, whatever is added and removed", () => {
  fc.assert(
    fc.property(arbitraryActs, (acts) => {
      const table = new CoinTable();
      const model = new Map<Outpoint, Utxo>();
      let [copy, copiedModel] = [table.copy(), new Map(model)];
      for (const [index, act] of acts.entries()) {
        if (index === acts.length >> 1) [copy, copiedModel] = [table.copy(), new Map(model)];
        if (act.type === "add") {
          assert.equal(table.add(act.name, act.coin), !model.has(act.name));
          if (!model.has(act.name)) model.set(act.name, act.coin);
        } else {
          assert.deepEqual(table.remove(act.name), model.get(act.name));
          model.delete(act.name);
        }
      }

      assert.equal(table.size, model.size);
      assert.deepEqual(new Map(table.entries()), model);
      // The copy is as the table was, whoever's number an owner of today has got.
      const paged: NamedUtxo[] = [];
      for (const { packed, owners } of copy.pages(7)) {
        assert(owners.length > 0 && owners.length <= 7);
        const coins = [
          ...unpackUtxos({ count: owners.length, [Symbol.iterator]: () => [packed].values() }),
        ];
        for (const [index, [, { owner }]] of coins.entries()) {
          assert((owners[index] as number) < copy.ownerNumbers);
          assert.equal(copy.ownerOf(owners[index] as number), owner);
        }
        paged.push(...coins);
      }
      assert.equal(paged.length, copiedModel.size);
      assert.deepEqual(new Map(paged), copiedModel);
      for (let count = 0; count < 2; count++) {
        copy.release();
        assert.deepEqual([...copy.pages(7)], []);
      }
      for (const act of acts) {
        assert.deepEqual(table.get(act.name), model.get(act.name));
        assert.equal(table.has(act.name), model.has(act.name));
      }
      const owned = [...model.values()].map(({ owner }) => owner);
      assert.deepEqual(new Set(table.owners()), new Set(owned));
      for (const owner of OWNERS) {
        // A map's order is the order of arrival, which is what the owner's list promises.
        const want = [...model].filter(([, coin]) => coin.owner === owner);
        const coins = table.coinsOf(owner);
        assert.deepEqual([...coins], want);
        assert.deepEqual([...coins.keys()], want.map(([name]) => name));
        assert.deepEqual([...coins.values()], want.map(([, coin]) => coin));
        assert.equal(coins.size, want.length);
      }
    }),
    { numRuns: 300 },
  );
});

Deno.test("CoinTable makes its next copy in the memory of the last one, until it rests", () => {
  const table = new CoinTable();
  const copies: CoinCopy[] = [];
  const add = (from: number, to: number) => {
    for (let number = from; number < to; number++) {
      const name = outpointOf(number.toString(16).padStart(8, "0").padEnd(64, "0") as Txid, 0);
      const coin = { owner: OWNERS[0] as PublicKey, amount: 1 as Amount, height: 0 as Height };
      assert(table.add(name, coin));
    }
  };
  const coinsOf = (copy: CoinCopy) =>
    [...copy.pages(100).map(({ owners }) => owners.length)].reduce((sum, count) => sum + count, 0);
  const bytesOf = (act: () => void) => {
    const before = process.memoryUsage().external;
    act();
    return process.memoryUsage().external - before;
  };
  add(0, 40_000);
  const copyBytes = bytesOf(() => copies.push(table.copy()));
  assert(copyBytes > 2_000_000, String(copyBytes));
  const [first] = copies;
  assert.equal(coinsOf(first!), 40_000);
  first!.release();
  add(40_000, 40_500);
  assert(bytesOf(() => copies.push(table.copy())) < copyBytes / 2, "the memory of the first");
  assert.equal(coinsOf(copies[1]!), 40_500);
  assert.equal(coinsOf(first!), 0);
  first!.release();
  assert.equal(coinsOf(copies[1]!), 40_500, "given back once only");

  copies.push(table.copy());
  for (const copy of copies) copy.release();
  assert(bytesOf(() => table.rest()) < -copyBytes / 2);
  assert.equal(coinsOf(table.copy()), 40_500);
});

Deno.test("CoinTable keeps many coins, and their places when most of them go", () => {
  const table = new CoinTable();
  const name = (number: number) =>
    outpointOf((number * 2_654_435_761).toString(16).padStart(64, "0") as Txid, number % 3);
  const coin = (number: number): Utxo => ({
    owner: OWNERS[number % 4] as PublicKey,
    amount: number as Amount,
    height: number as Height,
  });
  for (let number = 0; number < 20_000; number++) assert(table.add(name(number), coin(number)));
  for (let number = 0; number < 20_000; number++) {
    if (number % 10 !== 0) assert.deepEqual(table.remove(name(number)), coin(number));
  }
  for (let number = 0; number < 20_000; number++) {
    const want = number % 10 === 0 ? coin(number) : undefined;
    assert.deepEqual(table.get(name(number)), want);
  }
  assert.equal(table.size, 2_000);
});

Deno.test("CoinTable takes packed coins as it takes them one by one, with room made or not", () => {
  const arbitraryCoins = fc.uniqueArray(fc.tuple(arbitraryName, arbitraryCoin), {
    selector: ([name]) => name,
    maxLength: 80,
  });
  fc.assert(
    fc.property(arbitraryCoins, fc.nat(100), (coins, room) => {
      const single = new CoinTable();
      const packed = new CoinTable();
      for (const [name, coin] of coins.slice(0, 3)) packed.add(name, coin);
      for (const [name] of coins.slice(0, 3)) packed.remove(name);
      packed.reserve(room);

      let sum = 0;
      for (const [name, coin] of coins) single.add(name, coin);
      for (const page of packUtxos(coins)) sum += packed.addPacked(page);
      assert.equal(sum, coins.reduce((total, [, { amount }]) => total + amount, 0));
      assert.equal(packed.size, coins.length);
      for (const [name, coin] of coins) assert.deepEqual(packed.get(name), coin);
      for (const owner of OWNERS) {
        assert.deepEqual([...packed.coinsOf(owner)], [...single.coinsOf(owner)]);
      }
    }),
  );
});

Deno.test("CoinTable refuses a packed coin that it has", () => {
  const coin = { owner: OWNERS[0]!, amount: 1 as Amount, height: 1 as Height };
  const [page] = packUtxos([[outpointOf("ab".repeat(32) as Txid, 1), coin]]);
  const table = new CoinTable();
  assert.equal(table.addPacked(page!), 1);
  assert.throws(() => table.addPacked(page!), /No packed output comes twice/);
});
