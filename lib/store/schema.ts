/**
 * The tables of a node's database, and how an older database becomes a newer one.
 *
 * The file carries {@link APPLICATION_ID}, so that a database of another program is told apart, and the
 * schema's version in `user_version`. A migration is one SQL script; the first makes the tables, none is
 * ever changed after a release. All that are missing run in one transaction: after a crash the database
 * has the old schema or the new one.
 *
 * | table | a row is |
 * |---|---|
 * | `node` | the network, this node's place, the tip, a UTXO commitment and after which block, where `utxos` stands (one row) |
 * | `joined`, `ring`, `records` | the lists of {@link Membership}, by position |
 * | `blocks`, `bodies` | a block of the tree; the body beside it, so that headers load quickly |
 * | `undo` | what takes a block of the main chain back: beside its body, which then is written once (see `delta_codec.ts`) |
 * | `utxos` | an unspent output of the main chain, as of a block below the tip (see `table_backlog.ts`) |
 * | `transactions` | where a main-chain transaction stands, as of the same block |
 * | `activity` | which transactions of a main-chain block name a wallet: their places, as JSON |
 * | `paid` | a key under which the wallet has paid, and what |
 * | `pool` | transactions that came in together and wait, their times as JSON, and a bit for each that left |
 * | `failed` | an own transaction that failed; both in the order of arrival |
 *
 * @module
 */
import type { DatabaseSync } from "node:sqlite";
import { StoreFailure } from "./store_failure.ts";

/** "NBC1" as a number: what `file` and SQLite show as the application id. */
export const APPLICATION_ID = 0x4e424331;

/** The scripts by which a database grows: the n-th makes schema n + 1 of schema n. */
export const MIGRATIONS: readonly string[] = [
  `
  CREATE TABLE node (
    id INTEGER PRIMARY KEY CHECK (id = 0),
    params BLOB NOT NULL,
    node_id INTEGER,
    payouts_made INTEGER NOT NULL,
    started_up INTEGER NOT NULL,
    ring_signature BLOB,
    tip BLOB NOT NULL,
    utxo_commitment BLOB NOT NULL
  ) STRICT;
  CREATE TABLE joined (position INTEGER PRIMARY KEY, public_key BLOB NOT NULL) STRICT;
  CREATE TABLE ring (position INTEGER PRIMARY KEY, public_key BLOB NOT NULL) STRICT;
  CREATE TABLE records (
    position INTEGER PRIMARY KEY,
    public_key BLOB NOT NULL,
    url TEXT NOT NULL,
    sequence INTEGER NOT NULL,
    signature BLOB NOT NULL
  ) STRICT;

  CREATE TABLE blocks (
    sequence INTEGER PRIMARY KEY,
    hash BLOB NOT NULL UNIQUE,
    header BLOB NOT NULL,
    status TEXT NOT NULL,
    invalid_code TEXT,
    on_main INTEGER NOT NULL DEFAULT 0
  ) STRICT;
  CREATE TABLE bodies (sequence INTEGER PRIMARY KEY, block BLOB NOT NULL, delta BLOB) STRICT;
  CREATE TABLE utxos (
    txid BLOB NOT NULL,
    position INTEGER NOT NULL,
    owner BLOB NOT NULL,
    amount INTEGER NOT NULL,
    height INTEGER NOT NULL,
    PRIMARY KEY (txid, position)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE transactions (
    txid BLOB PRIMARY KEY,
    sequence INTEGER NOT NULL,
    position INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE activity (
    owner BLOB NOT NULL,
    sequence INTEGER NOT NULL,
    position INTEGER NOT NULL,
    PRIMARY KEY (owner, sequence, position)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE pool (
    id INTEGER PRIMARY KEY,
    txid BLOB NOT NULL UNIQUE,
    bytes BLOB NOT NULL,
    arrived_at_ms REAL NOT NULL
  ) STRICT;
  CREATE TABLE failed (
    id INTEGER PRIMARY KEY,
    txid BLOB NOT NULL UNIQUE,
    bytes BLOB NOT NULL,
    reason_code TEXT NOT NULL,
    failed_at_ms REAL NOT NULL
  ) STRICT;
  `,
  `
  ALTER TABLE node ADD COLUMN utxo_tip BLOB;
  UPDATE node SET utxo_tip = tip;

  CREATE TABLE waiting (
    id INTEGER PRIMARY KEY,
    txid BLOB NOT NULL,
    bytes BLOB NOT NULL,
    arrived_at_ms REAL NOT NULL
  ) STRICT;
  INSERT INTO waiting SELECT id, txid, bytes, arrived_at_ms FROM pool;
  DROP TABLE pool;
  ALTER TABLE waiting RENAME TO pool;
  `,
  `
  CREATE TABLE paid (
    id INTEGER PRIMARY KEY,
    key TEXT NOT NULL UNIQUE,
    txid BLOB NOT NULL,
    receiver BLOB NOT NULL,
    amount INTEGER NOT NULL
  ) STRICT;
  `,
  `
  CREATE TABLE runs (
    id INTEGER PRIMARY KEY,
    arrivals TEXT NOT NULL,
    gone BLOB NOT NULL,
    bytes BLOB NOT NULL
  ) STRICT;
  INSERT INTO runs SELECT id, json_array(arrived_at_ms), x'00', bytes FROM pool;
  DROP TABLE pool;
  ALTER TABLE runs RENAME TO pool;

  CREATE TABLE mentions (
    owner BLOB NOT NULL,
    sequence INTEGER NOT NULL,
    positions TEXT NOT NULL,
    PRIMARY KEY (owner, sequence)
  ) STRICT, WITHOUT ROWID;
  INSERT INTO mentions
    SELECT owner, sequence, json_group_array(position) FROM
      (SELECT owner, sequence, position FROM activity ORDER BY owner, sequence, position)
    GROUP BY owner, sequence;
  DROP TABLE activity;
  ALTER TABLE mentions RENAME TO activity;
  `,
  `
  ALTER TABLE node ADD COLUMN commitment_tip BLOB;
  UPDATE node SET commitment_tip = tip;
  `,
  `
  CREATE TABLE undo (sequence INTEGER PRIMARY KEY, delta BLOB NOT NULL) STRICT;
  INSERT INTO undo SELECT sequence, delta FROM bodies WHERE delta IS NOT NULL;
  ALTER TABLE bodies DROP COLUMN delta;
  `,
];

/** The schema that this release reads and writes. */
export const SCHEMA_VERSION = MIGRATIONS.length;

/**
 * Brings a database to the newest schema and returns the one that it had; 0 for a new one. Refuses a
 * database of another program and one of a newer release.
 */
export function migrate(db: DatabaseSync, migrations: readonly string[] = MIGRATIONS): number {
  const applicationId = pragma(db, "application_id");
  const version = pragma(db, "user_version");
  if (applicationId !== APPLICATION_ID && !(applicationId === 0 && isEmpty(db))) {
    throw new StoreFailure(
      "store-foreign",
      `Cannot open the database: got application id ${applicationId}, wanted ${APPLICATION_ID}`,
    );
  }
  if (version > migrations.length) {
    throw new StoreFailure(
      "store-schema-newer",
      `Cannot open the database: got schema ${version}, wanted ${migrations.length} or less; a newer release made it`,
    );
  }
  if (version === migrations.length) return version;

  db.prepare("BEGIN IMMEDIATE").run();
  try {
    for (const script of migrations.slice(version)) db.exec(script);
    db.exec(`PRAGMA application_id = ${APPLICATION_ID}`);
    db.exec(`PRAGMA user_version = ${migrations.length}`);
    db.prepare("COMMIT").run();
  } catch (error) {
    if (db.isTransaction) db.exec("ROLLBACK");
    throw error;
  }
  return version;
}

function pragma(db: DatabaseSync, name: string): number {
  return Number(db.prepare(`PRAGMA ${name}`).get()?.[name]);
}

function isEmpty(db: DatabaseSync): boolean {
  return db.prepare("SELECT count(*) AS count FROM sqlite_schema").get()?.["count"] === 0 &&
    pragma(db, "user_version") === 0;
}
