/** What the SQLite store does when the machine, a crash or somebody else gets in its way. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { NO_COMMIT } from "../node/persistence.ts";
import { emptyMembership } from "../testing/test_disk.ts";
import { numberedKeyPair } from "../crypto/numbered_key_pair.ts";
import { hashOfBlockBytes } from "../primitives/block.ts";
import type { BlockHash } from "../primitives/header.ts";
import { TestLedger } from "../testing/test_ledger.ts";
import { openDataFolder } from "./data_folder.ts";
import { migrate, MIGRATIONS } from "./schema.ts";
import { openSqliteStore, type SqliteStore } from "./sqlite_store.ts";

const CRASH_WRITER = join(import.meta.dirname as string, "../testing/crash_store_writer.ts");

for (const phase of ["before", "after"] as const) {
  for (const number of [1, 2, 5]) {
    Deno.test(`R01 SqliteStore keeps whole commits when killed ${phase} commit ${number}`, async () => {
      await withPath(async (path) => {
        const writer = new Deno.Command(Deno.execPath(), {
          args: ["run", "-A", CRASH_WRITER, path, phase, String(number)],
          stderr: "piped",
        });
        const { signal, stderr } = await writer.output();
        assert.equal(signal, "SIGKILL", new TextDecoder().decode(stderr));

        const store = openSqliteStore(path);
        const height = store.load()?.entries.length;
        const commitCount = phase === "before" ? number - 1 : number;
        assert.equal(height, commitCount === 0 ? undefined : commitCount - 1);
        store.close();
      });
    });
  }
}

Deno.test({
  name: "R05 SqliteStore refuses a commit on a full disk and keeps what was there",
  ignore: !canMount(),
  async fn() {
    await withSmallDisk((folder) => {
      const path = join(folder, "chain.db");
      const ledger = found(path);
      const store = openSqliteStore(path);
      let heightKept = 0;
      assert.throws(() => {
        for (;;) {
          extend(store, ledger);
          heightKept++;
        }
      }, { name: "StoreFailure", code: "store-disk-full" });
      assert.throws(() => extend(store, ledger), { code: "store-disk-full" }, "and stays refused");
      store.close();
      assert(heightKept > 0);

      // What the coins lack of the blocks is written when it is opened: that takes some room.
      mount("-o", "remount,size=1m", folder);
      const again = openSqliteStore(path);
      assert.equal(again.load()?.entries.length, heightKept);
      again.close();
    });
  },
});

Deno.test({
  name: "R05 a read-only disk is refused with its reason",
  ignore: !canMount(),
  async fn() {
    await withSmallDisk((folder) => {
      openDataFolder(folder).close();
      found(join(folder, "chain.db"));
      mount("-o", "remount,ro", folder);
      assert.throws(() => openDataFolder(folder), { code: "store-read-only" });
      assert.throws(() => openSqliteStore(join(folder, "chain.db")), { name: "StoreFailure" });
    });
  },
});

Deno.test("openSqliteStore() refuses an empty file: what was in it is lost", async () => {
  await withPath((path) => {
    found(path);
    for (const suffix of ["-wal", "-shm"]) {
      try {
        Deno.removeSync(path + suffix);
      } catch {
        // Closed in good order, it leaves none.
      }
    }
    Deno.truncateSync(path, 0);
    for (let time = 0; time < 2; time++) {
      assert.throws(() => openSqliteStore(path), { code: "store-damaged" });
    }
  });
});

Deno.test("openSqliteStore() starts anew where it was cut off while it made a database", async () => {
  await withPath((path) => {
    Deno.writeTextFileSync(`${path}.part`, "half a database");
    openSqliteStore(path).close();
    assert.deepEqual(openSqliteStore(path).load(), undefined);
  });
});

Deno.test("R05 SqliteStore takes a whole batch back when its end fails", async () => {
  await withPath((path) => {
    const ledger = found(path);
    const store = openSqliteStore(path, {
      onCommitPhase: () => {
        throw Object.assign(new Error("No space left on device"), { code: "ENOSPC" });
      },
    });
    store.begin();
    extend(store, ledger);
    extend(store, ledger);
    assert.throws(() => store.end(), { name: "StoreFailure", code: "store-disk-full" });
    assert.throws(() => store.begin(), { code: "store-disk-full" });
    store.close();

    const again = openSqliteStore(path);
    assert.equal(again.load()?.tip, ledger.params.genesis.hash);
    again.close();
  });
});

Deno.test("R05 SqliteStore refuses to commit while another program holds the database", async () => {
  await withPath((path) => {
    const ledger = found(path);
    const store = openSqliteStore(path, { lockWaitMs: 20 });
    const other = new DatabaseSync(path);
    other.exec("BEGIN IMMEDIATE");
    assert.throws(() => extend(store, ledger), { name: "StoreFailure", code: "store-locked" });
    other.exec("ROLLBACK");
    other.close();
    store.close();

    const again = openSqliteStore(path);
    assert.equal(again.load()?.tip, ledger.params.genesis.hash);
    again.close();
  });
});

Deno.test("R05 SqliteStore does not open while another program holds the whole database", async () => {
  await withPath((path) => {
    found(path);
    const other = new DatabaseSync(path);
    other.exec("PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE");
    assert.throws(() => openSqliteStore(path, { lockWaitMs: 20 }), { code: "store-locked" });
    other.close();
  });
});

Deno.test("openSqliteStore() refuses what is no database of a node, and leaves it as it is", async () => {
  await withPath((path) => {
    Deno.writeTextFileSync(path, "This is a letter, not a database. ".repeat(100));
    const letter = Deno.readFileSync(path);
    assert.throws(() => openSqliteStore(path), { code: "store-foreign" });
    assert.deepEqual(Deno.readFileSync(path), letter);
  });
  await withPath((path) => {
    const other = new DatabaseSync(path);
    other.exec("CREATE TABLE bookmarks (url TEXT)");
    other.close();
    assert.throws(() => openSqliteStore(path), { code: "store-foreign" });
  });
});

Deno.test("openSqliteStore() refuses a database of a newer release", async () => {
  await withPath((path) => {
    found(path);
    spoil(path, `PRAGMA user_version = ${MIGRATIONS.length + 1}`);
    assert.throws(() => openSqliteStore(path), { code: "store-schema-newer" });
  });
});

const DAMAGES: Record<string, string> = {
  "a coin more": `INSERT INTO utxos VALUES (zeroblob(32), 0, zeroblob(32), 1, 1)`,
  "a coin less": `DELETE FROM utxos WHERE amount = (SELECT min(amount) FROM utxos)`,
  "a coin of another owner":
    `UPDATE utxos SET owner = zeroblob(32) WHERE txid = (SELECT min(txid) FROM utxos)`,
  "another commitment": `UPDATE node SET utxo_commitment = zeroblob(32)`,
  "a tip that is not there": `UPDATE node SET tip = zeroblob(32)`,
  "a tip one lower": `UPDATE node SET tip = (SELECT hash FROM blocks WHERE sequence = 2)`,
  "a side block on the main chain": `UPDATE blocks SET on_main = 0 WHERE sequence = 1`,
  "a header of another block":
    `UPDATE blocks SET header = (SELECT header FROM blocks WHERE sequence = 1) WHERE sequence = 2`,
  "a hole in the chain": `DELETE FROM blocks WHERE sequence = 2`,
  "a header cut short": `UPDATE blocks SET header = x'00' WHERE sequence = 3`,
  "no parameters": `UPDATE node SET params = x'00'`,
};

for (const [name, sql] of Object.entries(DAMAGES)) {
  Deno.test(`openSqliteStore() refuses a database with ${name}, every time`, async () => {
    await withPath((path) => {
      const ledger = found(path);
      const store = openSqliteStore(path);
      for (let index = 0; index < 3; index++) extend(store, ledger);
      store.close();
      openSqliteStore(path).close();

      spoil(path, sql);
      assert.throws(() => openSqliteStore(path), { name: "StoreFailure", code: "store-damaged" });
      assert.throws(() => openSqliteStore(path), { code: "store-damaged" });
    });
  });
}

Deno.test("openSqliteStore() refuses a file with overwritten pages", async () => {
  await withPath((path) => {
    const ledger = found(path);
    const store = openSqliteStore(path);
    for (let index = 0; index < 30; index++) extend(store, ledger);
    store.close();

    const bytes = Deno.readFileSync(path);
    bytes.fill(0xee, 4096);
    Deno.writeFileSync(path, bytes);
    assert.throws(() => openSqliteStore(path), { code: "store-damaged" });
  });
});

/** Whole files as fuzzing makes them: cut, grown, with pages exchanged, with a head that lies. */
const SPOILT_FILES: Readonly<Record<string, (bytes: Uint8Array) => Uint8Array>> = {
  "cut in the first page": (bytes) => bytes.slice(0, 100),
  "cut behind the first page": (bytes) => bytes.slice(0, 4096),
  "cut within a page": (bytes) => bytes.slice(0, bytes.length - 1000),
  "cut by a page": (bytes) => bytes.slice(0, bytes.length - 4096),
  "twice as long": (bytes) => new Uint8Array([...bytes, ...bytes]),
  "with a tail of noise": (bytes) =>
    new Uint8Array([...bytes, ...bytes.map((byte) => byte ^ 0x5a)]),
  "with two pages exchanged": (bytes) => {
    const changed = bytes.slice();
    changed.set(bytes.subarray(4096, 8192), 8192);
    changed.set(bytes.subarray(8192, 12288), 4096);
    return changed;
  },
  "with the size of pages zero": (bytes) => withBytes(bytes, 16, [0, 0]),
  "with a journal mode that there is not": (bytes) => withBytes(bytes, 18, [9, 9]),
  "with a schema cookie and format of noise": (bytes) =>
    withBytes(bytes, 40, [255, 255, 255, 255, 255]),
  "with text of another encoding": (bytes) => withBytes(bytes, 56, [0, 0, 0, 3]),
  "with the schema's page overwritten": (bytes) =>
    withBytes(bytes, 100, new Array(3000).fill(0x7f)),
};

function withBytes(bytes: Uint8Array, offset: number, values: readonly number[]): Uint8Array {
  const changed = bytes.slice();
  changed.set(values, offset);
  return changed;
}

for (const [name, spoilt] of Object.entries(SPOILT_FILES)) {
  Deno.test(`a database file ${name} is opened whole or refused as damaged, never anything else`, async () => {
    await withPath((path) => {
      const ledger = found(path);
      const store = openSqliteStore(path);
      for (let index = 0; index < 30; index++) extend(store, ledger);
      store.close();
      const { tip } = ledger.chain;

      Deno.writeFileSync(path, spoilt(Deno.readFileSync(path)));
      try {
        const again = openSqliteStore(path);
        try {
          assert.equal(again.load()?.tip, tip.hash);
        } finally {
          again.close();
        }
      } catch (error) {
        assert.equal((error as Error).name, "StoreFailure", String(error));
      }
    });
  });
}

Deno.test("readEncodedBlock() and readExtent() give nothing out that is of another block", async () => {
  await withPath((path) => {
    const ledger = found(path);
    const store = openSqliteStore(path);
    extend(store, ledger);
    extend(store, ledger);
    const [lower, upper] = [1, 2].map((height) => ledger.chain.atHeight(height)!.hash);
    assert.equal(hashOfBlockBytes(store.readEncodedBlock(upper!)!), upper);
    assert.equal(store.readEncodedBlock("00".repeat(32) as BlockHash), undefined);
    assert.equal(store.readExtent("00".repeat(32) as BlockHash), undefined);
    const { transactions } = ledger.chain.block(upper!)!;
    assert.deepEqual(store.readExtent(upper!), {
      transactionCount: transactions.length,
      sizeBytes: store.readEncodedBlock(upper!)!.length,
    });

    spoil(path, "UPDATE bodies SET block = (SELECT block FROM bodies WHERE sequence = 1)");
    assert.equal(hashOfBlockBytes(store.readEncodedBlock(lower!)!), lower);
    assert.throws(() => store.readEncodedBlock(upper!), { code: "store-damaged" });
    assert.throws(() => store.readExtent(upper!), { code: "store-damaged" });
    spoil(path, "UPDATE bodies SET block = x'00'");
    assert.throws(() => store.readEncodedBlock(lower!), { code: "store-damaged" });
    assert.throws(() => store.readExtent(lower!), { code: "store-damaged" });
    store.close();
  });
});

Deno.test("openSqliteStore() says what it found", async () => {
  await withPath((path) => {
    const first = openSqliteStore(path);
    assert.equal(first.summary, "Made a database of schema 6");
    first.close();

    const ledger = found(path);
    const store = openSqliteStore(path);
    extend(store, ledger);
    store.close();
    const again = openSqliteStore(path);
    assert.match(again.summary, /schema 6: height 1, 1 blocks, 2 unspent outputs/);
    again.close();
  });
});

Deno.test("migrate() brings every released schema to the newest, keeping its rows", () => {
  const later = [
    ...MIGRATIONS,
    "CREATE TABLE notes (text TEXT) STRICT; INSERT INTO notes VALUES ('x')",
  ];
  for (let released = 1; released <= MIGRATIONS.length; released++) {
    const db = new DatabaseSync(":memory:");
    assert.equal(migrate(db, MIGRATIONS.slice(0, released)), 0);
    db.exec("INSERT INTO joined VALUES (0, x'aa')");
    assert.equal(migrate(db, later), released);
    assert.equal(migrate(db, later), later.length, "A second time there is nothing to do");
    assert.equal(db.prepare("SELECT count(*) AS n FROM joined").get()?.["n"], 1);
    assert.equal(db.prepare("SELECT count(*) AS n FROM notes").get()?.["n"], 1);
    db.close();
  }
});

Deno.test("migrate() leaves the old schema when a script fails", () => {
  const db = new DatabaseSync(":memory:");
  migrate(db);
  const broken = [
    ...MIGRATIONS,
    "CREATE TABLE notes (text TEXT) STRICT; INSERT INTO nowhere VALUES (1)",
  ];
  assert.throws(() => migrate(db, broken), /nowhere/);
  assert.equal(migrate(db), MIGRATIONS.length);
  const tables = db.prepare("SELECT name FROM sqlite_schema WHERE name = 'notes'").all();
  assert.deepEqual(tables, []);
  db.close();
});

Deno.test("the first released schema is frozen", () => {
  const digest = new DatabaseSync(":memory:");
  migrate(digest, MIGRATIONS.slice(0, 1));
  const columns = digest.prepare(
    `SELECT t.name || '.' || c.name AS name FROM sqlite_schema t, pragma_table_info(t.name) c
     WHERE t.type = 'table' ORDER BY 1`,
  ).all().map((row) => row["name"]).join(" ");
  digest.close();
  assert.equal(
    columns,
    "activity.owner activity.position activity.sequence blocks.hash blocks.header " +
      "blocks.invalid_code blocks.on_main blocks.sequence blocks.status bodies.block bodies.delta bodies.sequence " +
      "failed.bytes failed.failed_at_ms failed.id failed.reason_code failed.txid joined.position " +
      "joined.public_key node.id node.node_id node.params node.payouts_made node.ring_signature " +
      "node.started_up node.tip node.utxo_commitment pool.arrived_at_ms pool.bytes pool.id pool.txid " +
      "records.position records.public_key records.sequence records.signature records.url " +
      "ring.position ring.public_key transactions.position transactions.sequence transactions.txid " +
      "utxos.amount utxos.height utxos.owner utxos.position utxos.txid",
  );
});

/** Makes a database with genesis in it. */
function found(path: string): TestLedger {
  const ledger = new TestLedger();
  const store = openSqliteStore(path);
  store.commit({ ...NO_COMMIT, membership: emptyMembership(ledger.params) });
  store.close();
  return ledger;
}

function extend(store: SqliteStore, ledger: TestLedger): void {
  const transaction = ledger.pay(numberedKeyPair(0), numberedKeyPair(1).publicKey, 1);
  const { change } = ledger.accept(ledger.mine([transaction]));
  store.commit({ ...NO_COMMIT, ...ledger.recordOf(change), tip: ledger.chain.tip.hash });
}

function spoil(path: string, sql: string): void {
  const db = new DatabaseSync(path);
  db.exec(sql);
  db.close();
}

async function withPath(run: (path: string) => void | Promise<void>): Promise<void> {
  const folder = Deno.makeTempDirSync({ prefix: "noobcash-store-" });
  try {
    await run(join(folder, "chain.db"));
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
}

/** A file system of half a megabyte in memory: needs a machine that lets us mount. */
async function withSmallDisk(run: (folder: string) => void): Promise<void> {
  await withPath((path) => {
    Deno.mkdirSync(path);
    mount("-t", "tmpfs", "-o", "size=512k,mode=700", "noobcash", path);
    try {
      run(path);
    } finally {
      new Deno.Command("umount", { args: [path] }).outputSync();
    }
  });
}

function mount(...args: string[]): void {
  const { success, stderr } = new Deno.Command("mount", { args }).outputSync();
  assert(success, new TextDecoder().decode(stderr));
}

function canMount(): boolean {
  const folder = Deno.makeTempDirSync();
  try {
    const args = ["-t", "tmpfs", "noobcash", folder];
    const { success } = new Deno.Command("mount", { args, stderr: "null" }).outputSync();
    if (success) new Deno.Command("umount", { args: [folder] }).outputSync();
    else console.log("Cannot mount a small disk here: tests that need one are left out");
    return success;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  } finally {
    Deno.removeSync(folder);
  }
}
