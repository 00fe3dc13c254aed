/**
 * A node's membership as rows: the ring, who joined, and where they are.
 *
 * Writes only what differs from what was written last, so that a bootstrap node of ten thousand that
 * commits with every newcomer does not write ten thousand rows each time. Called by the SQLite store,
 * inside its transactions.
 *
 * @module
 */
import type { DatabaseSync } from "node:sqlite";
import { bytesOfHex, formatHex } from "../bytes.ts";
import type { PublicKey } from "../crypto/keys.ts";
import type { Signature } from "../crypto/signature.ts";
import type { Membership } from "../node/persistence.ts";
import { decodeParams, encodeParams } from "../params.ts";
import type { AddressRecord } from "../wire/ring.ts";
import { StoreFailure } from "./store_failure.ts";
import { blobOf, numberOf, textOf } from "./row_values.ts";

/** Puts a membership in the place of the one that was written before. The `node` row exists already. */
export function writeMembership(
  db: DatabaseSync,
  membership: Membership,
  previous: Membership | undefined,
): void {
  const { params, id, ring, payoutsMade, startedUp } = membership;
  db.prepare(
    `UPDATE node SET params = ?, node_id = ?, payouts_made = ?, started_up = ?, ring_signature = ?`,
  ).run(
    encodeParams(params),
    id ?? null,
    Number(payoutsMade),
    Number(startedUp),
    ring === undefined ? null : bytesOfHex(ring.signature),
  );

  writeKeys(db, "joined", { keys: membership.joined, previous: previous?.joined ?? [] });
  writeKeys(db, "ring", {
    keys: ring?.publicKeys ?? [],
    previous: previous?.ring?.publicKeys ?? [],
  });
  writeRecords(db, membership.records, previous?.records ?? []);
}

/** Reads what was written last. Throws when it is garbled. */
export function readMembership(db: DatabaseSync): Membership | undefined {
  const row = db.prepare(
    `SELECT params, node_id, payouts_made, started_up, ring_signature FROM node`,
  ).get();
  if (row === undefined) return undefined;

  const params = decodeParams(blobOf(row, "params"));
  if (params === undefined) {
    throw new StoreFailure(
      "store-damaged",
      "Cannot open the database: got bytes that are no parameters, wanted the network's",
    );
  }
  const nodeId = row["node_id"] as number | null;
  const ringSignature = row["ring_signature"] as Uint8Array | null;
  return {
    params,
    id: nodeId ?? undefined,
    joined: readKeys(db, "joined"),
    ring: ringSignature === null
      ? undefined
      : { publicKeys: readKeys(db, "ring"), signature: formatHex(ringSignature) as Signature },
    records: readRecords(db),
    payoutsMade: row["payouts_made"] === 1,
    startedUp: row["started_up"] === 1,
  };
}

function writeKeys(
  db: DatabaseSync,
  table: "joined" | "ring",
  { keys, previous }: { keys: readonly PublicKey[]; previous: readonly PublicKey[] },
): void {
  if (keys === previous) return;
  if (keys.length < previous.length) {
    db.prepare(`DELETE FROM ${table} WHERE position >= ?`).run(keys.length);
  }
  const put = db.prepare(`INSERT OR REPLACE INTO ${table} (position, public_key) VALUES (?, ?)`);
  for (const [position, key] of keys.entries()) {
    if (key !== previous[position]) put.run(position, bytesOfHex(key));
  }
}

function writeRecords(
  db: DatabaseSync,
  records: readonly AddressRecord[],
  previous: readonly AddressRecord[],
): void {
  if (records === previous) return;
  if (records.length < previous.length) {
    db.prepare(`DELETE FROM records WHERE position >= ?`).run(records.length);
  }
  const put = db.prepare(
    `INSERT OR REPLACE INTO records (position, public_key, url, sequence, signature)
     VALUES (?, ?, ?, ?, ?)`,
  );
  for (const [position, record] of records.entries()) {
    if (isSameRecord(record, previous[position])) continue;
    const { publicKey, url, sequence, signature } = record;
    put.run(position, bytesOfHex(publicKey), url, sequence, bytesOfHex(signature));
  }
}

function isSameRecord(a: AddressRecord, b: AddressRecord | undefined): boolean {
  return a === b || (b !== undefined && a.publicKey === b.publicKey && a.url === b.url &&
    a.sequence === b.sequence && a.signature === b.signature);
}

function readKeys(db: DatabaseSync, table: "joined" | "ring"): PublicKey[] {
  return db.prepare(`SELECT public_key FROM ${table} ORDER BY position`).all()
    .map((row) => formatHex(blobOf(row, "public_key")) as PublicKey);
}

function readRecords(db: DatabaseSync): AddressRecord[] {
  return db.prepare(`SELECT public_key, url, sequence, signature FROM records ORDER BY position`)
    .all().map((row) => ({
      publicKey: formatHex(blobOf(row, "public_key")) as PublicKey,
      url: textOf(row, "url"),
      sequence: numberOf(row, "sequence"),
      signature: formatHex(blobOf(row, "signature")) as Signature,
    }));
}

/** What has no network has no blocks either: else the row that names it is lost. */
export function demandEmpty(db: DatabaseSync): void {
  const { count } = db
    .prepare("SELECT EXISTS (SELECT 1 FROM blocks) + EXISTS (SELECT 1 FROM utxos) AS count")
    .get() as { readonly count: number };
  if (count === 0) return;
  throw new StoreFailure(
    "store-damaged",
    "Cannot use the database: got blocks of no network, wanted the network's name beside them",
  );
}
