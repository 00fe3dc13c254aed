import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import { numberedKeyPair } from "../crypto/numbered_key_pair.ts";
import type { Txid } from "../primitives/outpoint.ts";
import { TestLedger } from "../testing/test_ledger.ts";
import { PoolTables } from "./pool_tables.ts";
import { migrate } from "./schema.ts";

Deno.test("PoolTables takes out what blocks confirm: a piece at a time, and all once it is too much", () => {
  const db = new DatabaseSync(":memory:");
  migrate(db);
  const ledger = new TestLedger();
  const piece = 256;
  const pool = new PoolTables(db, piece);
  const waiting = ledger.submit(ledger.pay(numberedKeyPair(0), numberedKeyPair(1).publicKey, 1));
  assert(waiting.ok);
  pool.add(waiting.value);
  pool.write();

  // A node that catches up: small blocks, many of them with one transaction.
  let made = 0;
  const connect = (size: number) =>
    pool.confirm(Array.from({ length: size }, () => String(++made) as Txid));
  for (let commits = 0; commits < 50; commits++) {
    for (const size of [0, 1, 2, 0, piece - 3]) connect(size);
    pool.write();
    assert(pool.isSettled, "As much as a piece is taken out with its blocks");
  }
  for (let commits = 0; commits < 200; commits++) {
    for (let blocks = 0; blocks < 100; blocks++) connect(5);
    assert(pool.confirmedSize <= 16_384 + 500);
    pool.write();
    assert(pool.confirmedSize <= 16_384);
  }
  // Blocks of many pieces: they come faster than piece by piece they go.
  for (let commits = 0; commits < 50; commits++) {
    connect(16 * piece);
    pool.write();
    assert(pool.confirmedSize <= 16_384);
  }
  connect(piece);
  pool.confirm([waiting.value.transaction.txid]);
  pool.settle();
  assert(pool.isSettled);
  assert.deepEqual(pool.pool(), []);
  db.close();
});
