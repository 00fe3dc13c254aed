import assert from "node:assert/strict";
import * as fc from "fast-check";
import type { PublicKey } from "../crypto/keys.ts";
import type { Amount } from "../primitives/amount.ts";
import type { Height } from "../primitives/header.ts";
import { type Outpoint, outpointOf, type Txid } from "../primitives/outpoint.ts";
import type { CoinPage, CoinSnapshot } from "./coin_snapshot.ts";
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

const actsOn = (name: fc.Arbitrary<Outpoint>) =>
  fc.array(
    fc.oneof(
      fc.record({ type: fc.constant("add" as const), name, coin: arbitraryCoin }),
      fc.record({ type: fc.constant("remove" as const), name }),
    ),
    { maxLength: 300 },
  );
const arbitraryActs = actsOn(arbitraryName);
/** So few names that slots become free and are used again. */
const crowdedActs = actsOn(
  fc.nat(15).map((number) => outpointOf("ab".repeat(32) as Txid, number)),
);

type Change = { readonly type: "add" | "remove"; readonly name: Outpoint; readonly coin?: Utxo };

/** What is on the pages, in order. */
function coinsOf(pages: Iterable<CoinPage>, snapshot: CoinSnapshot): NamedUtxo[] {
  const paged: NamedUtxo[] = [];
  for (const { packed, owners } of pages) {
    assert(owners.length > 0);
    const coins = [
      ...unpackUtxos({ count: owners.length, [Symbol.iterator]: () => [packed].values() }),
    ];
    for (const [index, [, { owner }]] of coins.entries()) {
      assert((owners[index] as number) < snapshot.ownerNumbers);
      assert.equal(snapshot.ownerOf(owners[index] as number), owner);
    }
    paged.push(...coins);
  }
  return paged.sort();
}

Deno.test("CoinTable is a map of names to coins, whatever is added and removed", () => {
  fc.assert(
    fc.property(arbitraryActs, (acts) => {
      const table = new CoinTable();
      const model = new Map<Outpoint, Utxo>();
      const snapshots = [{ snapshot: table.snapshot(), then: new Map(model) }];
      for (const [index, act] of acts.entries()) {
        if (index === acts.length >> 1) {
          snapshots.push({ snapshot: table.snapshot(), then: new Map(model) });
        }
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
      for (const { snapshot, then } of snapshots) {
        assert.deepEqual(coinsOf(snapshot.pages(7), snapshot), [...then].sort());
        for (let count = 0; count < 2; count++) {
          snapshot.release();
          assert.deepEqual([...snapshot.pages(7)], []);
        }
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

Deno.test("A snapshot is the table as it was, whatever comes and goes between any two pages", () => {
  fc.assert(
    fc.property(crowdedActs, fc.array(fc.nat(20)), (acts, gaps) => {
      const table = new CoinTable();
      const done = acts.slice(0, acts.length >> 1);
      const change = ({ type, name, coin }: Change) =>
        type === "add" ? table.add(name, coin as Utxo) : table.remove(name);
      done.forEach(change);
      const then = [...table.entries()].sort();
      const snapshot = table.snapshot();
      const rest = acts.slice(done.length);
      const pages = function* () {
        let gap = 0;
        for (const page of snapshot.pages(3)) {
          yield page;
          rest.splice(0, gaps[gap++] ?? 1).forEach(change);
        }
      };
      assert.deepEqual(coinsOf(pages(), snapshot), then);
      snapshot.release();
    }),
    { numRuns: 300 },
  );
});

Deno.test("A snapshot keeps what changes ahead of it, and no more than there was", () => {
  const table = new CoinTable();
  const name = (number: number) =>
    outpointOf(number.toString(16).padStart(8, "0").padEnd(64, "0") as Txid, 0);
  const coin = { owner: OWNERS[0] as PublicKey, amount: 1 as Amount, height: 0 as Height };
  for (let number = 0; number < 1_000; number++) assert(table.add(name(number), coin));
  const snapshot = table.snapshot();
  const pages = snapshot.pages(100);
  assert.equal(pages.next().value?.owners.length, 100);
  // The first hundred have been walked over; what is new was not there.
  for (let number = 0; number < 150; number++) table.remove(name(number));
  for (let number = 1_000; number < 3_000; number++) assert(table.add(name(number), coin));
  assert.equal(snapshot.keptSlots, 50);
  for (let turn = 0; turn < 2; turn++) {
    for (let number = 150; number < 3_000; number++) table.remove(name(number));
    assert.equal(snapshot.keptSlots, 900);
    for (let number = 150; number < 3_000; number++) assert(table.add(name(number), coin));
  }
  assert.equal(snapshot.keptSlots, 900);
  assert.equal(pages.reduce((sum, { owners }) => sum + owners.length, 0), 900);
  snapshot.release();
  for (let number = 150; number < 3_000; number++) table.remove(name(number));
  assert.equal(snapshot.keptSlots, 0, "nobody tells it any more");
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
