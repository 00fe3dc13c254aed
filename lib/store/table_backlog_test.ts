import assert from "node:assert/strict";
import * as fc from "fast-check";
import type { Utxo } from "../consensus/utxo.ts";
import { numberedKeyPair } from "../crypto/numbered_key_pair.ts";
import type { Amount } from "../primitives/amount.ts";
import type { BlockHash, Height } from "../primitives/header.ts";
import { type Outpoint, outpointOf, type Txid } from "../primitives/outpoint.ts";
import { type BlockChange, type Mark, TableBacklog, type TableWrites } from "./table_backlog.ts";

const owner = numberedKeyPair(0).publicKey;

function utxoOf(height: number): Utxo {
  return { owner, amount: 1 as Amount, height: height as Height };
}

function nameOf(number: number): Txid {
  return (number * 0x9e3779b1 % 2 ** 32).toString(16).padStart(8, "0").padEnd(64, "7") as Txid;
}

/** Tables as a database has them. */
class Tables {
  readonly coins = new Map<Outpoint, Utxo>();
  readonly places = new Map<Txid, number>();

  write({ coins, places }: TableWrites): void {
    for (const [outpoint, utxo] of coins) {
      if (utxo === null) this.coins.delete(outpoint);
      else this.coins.set(outpoint, utxo);
    }
    for (const [txid, place] of places) this.places.set(txid, place);
  }
}

function listed(map: ReadonlyMap<string, unknown>): unknown[] {
  return [...map].sort(([a], [b]) => a < b ? -1 : 1);
}

/** How many of the oldest coins the block spends, how many it creates, or that the tip is taken back. */
const arbitraryActs = fc.array(
  fc.oneof(
    { weight: 5, arbitrary: fc.record({ spends: fc.nat(3), creates: fc.nat(4) }) },
    { weight: 2, arbitrary: fc.constant(undefined) },
  ),
  { maxLength: 40, size: "max" },
);

Deno.test("TableBacklog brings tables to the main chain, whatever is taken back on the way", () => {
  fc.assert(
    fc.property(
      arbitraryActs,
      fc.integer({ min: 1, max: 3 }),
      fc.constantFrom(1, 5, 100),
      (acts, depth, piece) => {
        const limits = { changes: 8, blocks: 3, depth, slices: 4, size: 40, piece };
        const mark = (height: number): Mark => ({
          hash: nameOf(1000 + height) as string as BlockHash,
          height: height as Height,
        });
        const backlog = new TableBacklog(mark(0), limits);
        const tables = new Tables();
        const wanted = new Tables();
        const chain: BlockChange[] = [];
        let made = 0;

        for (const act of acts) {
          if (act === undefined) {
            const block = chain.pop();
            if (block === undefined) continue;
            const { delta, txids } = block;
            for (const [outpoint] of delta.created) wanted.coins.delete(outpoint);
            for (const [outpoint, utxo] of delta.spent) wanted.coins.set(outpoint, utxo);
            for (const txid of txids) wanted.places.delete(txid);
            if (backlog.disconnect({ delta, txids }, mark(chain.length))) {
              tables.write(backlog.takeAll());
              for (const txid of txids) tables.places.delete(txid);
              assert.deepEqual(listed(tables.coins), listed(wanted.coins));
              assert.deepEqual(listed(tables.places), listed(wanted.places));
            }
          } else {
            const sequence = ++made;
            const height = chain.length + 1;
            const spent = [...wanted.coins].slice(0, act.spends);
            const txids = Array.from(
              { length: act.creates },
              (_, index) => nameOf(10 * made + index),
            );
            const created = txids.map((txid) => [outpointOf(txid, 0), utxoOf(height)] as const);
            const change = { delta: { spent, created }, sequence, txids };
            for (const [outpoint] of spent) wanted.coins.delete(outpoint);
            for (const [outpoint, utxo] of created) wanted.coins.set(outpoint, utxo);
            for (const [index, txid] of txids.entries()) {
              wanted.places.set(txid, 65_536 * sequence + index);
            }
            chain.push(change);
            backlog.connect(change, mark(height));
          }
          const { writes } = backlog.take();
          tables.write(writes);
          assert(backlog.size <= limits.size, "What lies here is bounded");
          // Whoever asks has all gone through: mostly nobody does.
          for (const [txid, place] of made % 3 === 0 ? wanted.places : []) {
            assert.equal(backlog.placeOf(txid) ?? tables.places.get(txid), place);
          }

          // A process that dies here starts from the tables and the blocks above their mark.
          const restarted = new Tables();
          restarted.write({ coins: [...tables.coins], places: [...tables.places] });
          restarted.write(TableBacklog.replay(chain.slice(backlog.tables.height)));
          assert.deepEqual(listed(restarted.coins), listed(wanted.coins));
          for (const [txid, place] of wanted.places) {
            assert.equal(
              restarted.places.get(txid),
              place,
            );
          }
        }
        tables.write(backlog.takeAll());
        assert.deepEqual(listed(tables.coins), listed(wanted.coins));
        assert.deepEqual(listed(tables.places), listed(wanted.places));
      },
    ),
    { numRuns: 300 },
  );
});

Deno.test("TableBacklog keeps up with a node that catches up: many small blocks come with each commit", () => {
  const limits = { changes: 8, blocks: 3, depth: 1, slices: 4, size: 1000, piece: 1 };
  for (const created of [0, 1]) {
    const mark = (height: number): Mark => ({
      hash: nameOf(height) as string as BlockHash,
      height: height as Height,
    });
    const backlog = new TableBacklog(mark(0), limits);
    let height = 0;
    for (let commits = 0; commits < 100; commits++) {
      for (let blocks = 0; blocks < 10; blocks++) {
        height++;
        const txids = [nameOf(height)].slice(0, created);
        const delta = {
          spent: [],
          created: txids.map((txid) => [outpointOf(txid, 0), utxoOf(height)] as const),
        };
        backlog.connect({ delta, sequence: height, txids }, mark(height));
      }
      backlog.take();
      // So many blocks a start would go through once more.
      assert(height - backlog.tables.height <= 200, `${backlog.tables.height} of ${height}`);
    }
  }
});
