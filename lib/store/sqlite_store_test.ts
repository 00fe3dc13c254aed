import assert from "node:assert/strict";
import { testStoreContract } from "../testing/store_contract.ts";
import { DatabaseSync } from "node:sqlite";
import { bytesOfHex, ByteWriter } from "../bytes.ts";
import { noChange } from "../consensus/chain_change.ts";
import { writePackedUtxo } from "../consensus/packed_utxos.ts";
import type { UtxoDelta } from "../consensus/utxo.ts";
import { commitmentOf } from "../consensus/utxo_commitment.ts";
import { numberedKeyPair } from "../crypto/numbered_key_pair.ts";
import { NO_COMMIT } from "../node/persistence.ts";
import { emptyMembership } from "../testing/test_disk.ts";
import type { BlockHash } from "../primitives/header.ts";
import { TestLedger } from "../testing/test_ledger.ts";
import { testParams } from "../testing/test_params.ts";
import { openSqliteStore, SqliteStore } from "./sqlite_store.ts";

const paths = new Map<unknown, string>();

testStoreContract({
  name: "SqliteStore",
  create() {
    const path = `${Deno.makeTempDirSync({ prefix: "noobcash-store-" })}/chain.db`;
    const store = openSqliteStore(path);
    paths.set(store, path);
    return store;
  },
  reopen(store) {
    const path = paths.get(store);
    assert(path !== undefined);
    store.close();
    const again = openSqliteStore(path);
    paths.set(again, path);
    return again;
  },
  destroy(store) {
    store.close();
    const path = paths.get(store);
    assert(path !== undefined);
    Deno.removeSync(path.slice(0, path.lastIndexOf("/")), { recursive: true });
  },
});

/** Everything is written late, and hardly anything at a time: each reopening finds a table on its way. */
const backlog = { changes: 6, blocks: 2, depth: 1, slices: 256, size: 24, piece: 1 };
const commitment = { slice: 1, size: 12 };
const killed = new Map<unknown, string>();

Deno.test("openSqliteStore() brings a commitment to the tip that a killed process left behind", () => {
  const folder = Deno.makeTempDirSync({ prefix: "noobcash-store-" });
  try {
    const ledger = new TestLedger();
    const path = `${folder}/chain.db`;
    const store = openSqliteStore(path, { commitment });
    store.commit({ ...NO_COMMIT, membership: emptyMembership(ledger.params) });
    for (let count = 0; count < 3; count++) {
      const transaction = ledger.pay(numberedKeyPair(0), numberedKeyPair(1).publicKey, 1);
      const { change } = ledger.accept(ledger.mine([transaction]));
      store.commit({ ...NO_COMMIT, ...ledger.recordOf(change), tip: ledger.chain.tip.hash });
    }
    for (const suffix of ["", "-wal"]) {
      Deno.copyFileSync(`${path}${suffix}`, `${folder}/copy.db${suffix}`);
    }
    const other = new DatabaseSync(`${folder}/copy.db`);
    const row = other.prepare("SELECT tip = commitment_tip AS isThere FROM node").get();
    other.close();
    assert.equal(row?.["isThere"], 0, "Three blocks, and a coin of them a commit");

    const wanted = commitmentOf(ledger.chain.utxos.entries());
    assert.equal(store.utxoCommitment, wanted);
    const copy = openSqliteStore(`${folder}/copy.db`);
    assert.equal(copy.utxoCommitment, wanted);
    copy.close();
    store.close();

    // A database of the schema before knows no other commitment than the tip's, and has changes in full.
    const old = new DatabaseSync(path);
    old.exec(
      "ALTER TABLE node DROP COLUMN commitment_tip; ALTER TABLE bodies ADD COLUMN delta BLOB; " +
        "UPDATE bodies SET delta = (SELECT delta FROM undo WHERE undo.sequence = bodies.sequence); " +
        "DROP TABLE undo; PRAGMA user_version = 4",
    );
    const put = old.prepare(
      "UPDATE bodies SET delta = ? WHERE sequence = (SELECT sequence FROM blocks WHERE hash = ?)",
    );
    const deltaOf = (hash: BlockHash) => ledger.archive.readDelta(hash) as UtxoDelta;
    for (const { hash } of ledger.mainBlocks()) put.run(inFull(deltaOf(hash)), bytesOfHex(hash));
    old.close();
    const migrated = openSqliteStore(path);
    assert.match(migrated.summary, /migrated from 4: height 3, /);
    assert.equal(migrated.utxoCommitment, wanted);
    for (const { hash } of ledger.mainBlocks()) {
      assert.deepEqual(migrated.readDelta(hash), deltaOf(hash));
    }
    migrated.checkRows();
    migrated.close();
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
});

/** A change as releases before wrote it. */
function inFull({ spent, created }: UtxoDelta): Uint8Array {
  const writer = new ByteWriter();
  for (const utxos of [spent, created]) {
    writer.u32(utxos.length);
    for (const utxo of utxos) writePackedUtxo(writer, utxo);
  }
  return writer.finish();
}

Deno.test("R01 what a killed process had not taken out of the pool's rows yet waits no more", () => {
  const folder = Deno.makeTempDirSync({ prefix: "noobcash-store-" });
  try {
    const ledger = new TestLedger(testParams({ capacity: 9 }));
    const store = openSqliteStore(`${folder}/chain.db`, { backlog });
    store.commit({ ...NO_COMMIT, membership: emptyMembership(ledger.params) });
    const poolAdded = Array.from({ length: 9 }, () => {
      const transaction = ledger.pay(numberedKeyPair(0), numberedKeyPair(1).publicKey, 1);
      const entry = ledger.submit(transaction);
      assert(entry.ok);
      return entry.value;
    });
    store.commit({ ...NO_COMMIT, poolAdded });
    const confirmed = poolAdded.slice(0, 7).map(({ transaction }) => transaction);
    const { change } = ledger.accept(ledger.mine(confirmed));
    const poolRemoved = confirmed.map(({ txid }) => txid);
    const tip = ledger.chain.tip.hash;
    store.commit({ ...NO_COMMIT, ...ledger.recordOf(change), tip, poolRemoved });
    for (const suffix of ["", "-wal"]) {
      Deno.copyFileSync(`${folder}/chain.db${suffix}`, `${folder}/copy.db${suffix}`);
    }

    const waiting = poolAdded.slice(7);
    const copy = openSqliteStore(`${folder}/copy.db`, { backlog });
    assert.deepEqual(copy.load()?.pool, waiting);
    assert.deepEqual(store.load()?.pool, waiting);
    // What is taken back waits again, whatever was still to be taken out.
    const back = noChange();
    ledger.chain.invalidate(tip, back);
    for (const each of [store, copy]) {
      each.commit({
        ...NO_COMMIT,
        ...ledger.recordOf(back),
        tip: ledger.chain.tip.hash,
        poolAdded: poolAdded.slice(0, 7),
      });
      assert.deepEqual(each.load()?.pool, [...waiting, ...poolAdded.slice(0, 7)]);
      each.close();
      const again = openSqliteStore(each === store ? `${folder}/chain.db` : `${folder}/copy.db`);
      assert.deepEqual(again.load()?.pool, [...waiting, ...poolAdded.slice(0, 7)]);
      again.close();
    }
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
});

/** A store of which nothing but its files is left, as after kill -9. */
testStoreContract({
  name: "SqliteStore that was killed",
  create() {
    const folder = Deno.makeTempDirSync({ prefix: "noobcash-store-" });
    const store = openSqliteStore(`${folder}/chain.db`, { backlog, commitment });
    killed.set(store, folder);
    return store;
  },
  reopen(store) {
    const folder = killed.get(store);
    assert(folder !== undefined);
    const copy = Deno.makeTempDirSync({ prefix: "noobcash-store-" });
    for (const suffix of ["", "-wal"]) {
      Deno.copyFileSync(`${folder}/chain.db${suffix}`, `${copy}/chain.db${suffix}`);
    }
    store.close();
    Deno.removeSync(folder, { recursive: true });
    const again = openSqliteStore(`${copy}/chain.db`, { backlog, commitment });
    killed.set(again, copy);
    return again;
  },
  destroy(store) {
    store.close();
    const folder = killed.get(store);
    assert(folder !== undefined);
    Deno.removeSync(folder, { recursive: true });
  },
});

Deno.test("SqliteStore keeps fewer pages where little is expected, also after a failure", async () => {
  const folder = await Deno.makeTempDir({ prefix: "noobcash-store-" });
  const db = new DatabaseSync(`${folder}/chain.db`);
  let isBroken = false;
  const onCommitPhase = () => {
    if (isBroken) throw new Error("the disk is full");
  };
  const store = new SqliteStore(db, { onCommitPhase });
  const cacheKib = () => -Number(db.prepare("PRAGMA cache_size").get()?.["cache_size"]);
  assert.equal(cacheKib(), 16_384);
  store.keepPages("few");
  assert.equal(cacheKib(), 4_096);
  store.begin();
  store.keepPages("many");
  assert.equal(cacheKib(), 16_384, "also within a batch");
  isBroken = true;
  assert.throws(() => store.end());
  store.keepPages("few");
  assert.equal(cacheKib(), 4_096);
  store.close();
  await Deno.remove(folder, { recursive: true });
});
