import assert from "node:assert/strict";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { numberedKeyPair } from "../crypto/numbered_key_pair.ts";
import { randomStream } from "../random/random_stream.ts";
import { openDataFolder } from "../store/data_folder.ts";
import { openSqliteStore } from "../store/sqlite_store.ts";
import { NO_COMMIT } from "../node/persistence.ts";
import { emptyMembership, TestDisk } from "../testing/test_disk.ts";
import { testParams } from "../testing/test_params.ts";
import { paymentOf, receiverOf } from "../primitives/transaction.ts";
import { signRecord, signRing } from "../wire/ring.ts";
import { verifyChain } from "./chain_work.ts";

const FLIPS = 40;
/** What cannot be known from anything else in the database. */
const WITHOUT_WITNESS: Readonly<Record<string, readonly string[]>> = {
  node: ["id", "node_id", "payouts_made", "started_up"],
  pool: ["id", "arrivals", "gone"],
  failed: ["id", "reason_code", "failed_at_ms"],
  blocks: ["invalid_code"],
  paid: ["id", "key", "txid"],
};

/** Everything that a database says, but for what has no witness. */
function contentOf(path: string): string {
  const db = new DatabaseSync(path, { readOnly: true });
  try {
    const tables = db.prepare("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name");
    return tables.all().map(({ name }) => {
      const table = String(name);
      const hidden = WITHOUT_WITNESS[table] ?? [];
      const rows = db.prepare(`SELECT * FROM "${table}"`).all().map((row) =>
        Object.entries(row).filter(([column]) => !hidden.includes(column))
          .map(([column, value]) =>
            `${column}=${value instanceof Uint8Array ? value.toHex() : `${typeof value} ${value}`}`
          ).join()
      );
      return `${table}\n${rows.sort().join("\n")}`;
    }).join("\n");
  } finally {
    db.close();
  }
}

/** Gives a test the folder of a node and its database. */
async function withNode(test: (dataDir: string, path: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    const dataDir = join(folder, "node");
    openDataFolder(dataDir).close();
    const path = join(dataDir, "chain.db");
    makeNode(path);
    await test(dataDir, path);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("verifyChain() finds every flipped bit that changes what a database says", async () => {
  await withNode(async (dataDir, path) => {
    assert((await verifyChain({ dataDir }, { threads: 1 })).ok);
    const whole = await Deno.readFile(path);
    const content = contentOf(path);
    const random = randomStream(7, "flips");
    // Most of a small database is free space: there is more to find where something is written.
    const written = [...whole.keys()].filter((at) => whole[at] !== 0);
    let found = 0;
    let harmless = 0;
    for (let count = 0; count < FLIPS; count++) {
      const bytes = whole.slice();
      const at = random.pick(written);
      bytes[at]! ^= 1 << random.integer(0, 7);
      await Deno.writeFile(path, bytes);
      const verified = await verifyChain({ dataDir }, { threads: 1 });
      if (!verified.ok) {
        found++;
        continue;
      }
      harmless++;
      assert.equal(contentOf(path), content, `bit at ${at} was not found`);
    }
    assert(found > FLIPS / 4, `${found} found, ${harmless} harmless`);
  });
});

Deno.test("verifyChain() compares what is remembered of a payment with its transaction", async () => {
  await withNode(async (dataDir, path) => {
    const whole = await Deno.readFile(path);
    for (
      const change of [
        "amount = amount + 1 WHERE key = 'key 0'",
        "receiver = zeroblob(32) WHERE key = 'key 0'",
        "amount = amount + 1 WHERE key = 'key 1'",
      ]
    ) {
      await Deno.writeFile(path, whole);
      const db = new DatabaseSync(path);
      db.exec(`UPDATE paid SET ${change}`);
      db.close();
      const verified = await verifyChain({ dataDir }, { threads: 1 });
      assert(!verified.ok, change);
    }
  });
});

/** A small database with something in every table, and hardly a page that is empty. */
function makeNode(path: string): void {
  const [alice, bob] = [numberedKeyPair(0), numberedKeyPair(1)];
  const params = testParams({ nodes: 2, capacity: 5 });
  const disk = new TestDisk({
    name: "flips",
    create: () => openSqliteStore(path),
    reopen: (store) => store,
    destroy: (store) => store.close(),
  }, params);
  const joined = [alice.publicKey, bob.publicKey];
  disk.store.commit({
    ...NO_COMMIT,
    membership: {
      ...emptyMembership(params),
      id: 0,
      joined,
      ring: signRing(joined, alice, params),
      records: [alice, bob].map((key, index) =>
        signRecord({ url: `http://127.0.0.1:500${index}`, sequence: 7 }, key)
      ),
      payoutsMade: true,
    },
  });
  const first = disk.ledger.pay(alice, bob.publicKey, 30);
  const parent = disk.extend([first]);
  for (let count = 0; count < 12; count++) {
    disk.extend([disk.ledger.pay(count % 2 === 0 ? bob : alice, alice.publicKey, 1)]);
  }
  const entry = disk.ledger.chain.entry(parent.hash)!;
  disk.accept(disk.ledger.mine([], { parent: entry }));
  const waiting = [1, 2].map((amount) => ({
    transaction: disk.ledger.pay(bob, alice.publicKey, amount),
    arrivedAtMs: amount,
  }));
  disk.store.commit({
    ...NO_COMMIT,
    poolAdded: waiting,
    paid: [first, ...waiting.map(({ transaction }) => transaction)].map((transaction, index) => ({
      key: `key ${index}`,
      txid: transaction.txid,
      receiver: receiverOf(transaction),
      amount: paymentOf(transaction),
    })),
    failed: [{
      transaction: disk.ledger.pay(alice, bob.publicKey, 3),
      reasonCode: "conflict",
      failedAtMs: 4,
    }],
  });
  disk.store.close();
}
