/**
 * Checks every row of a database against what it is made from: what `noobcash chain verify` looks at
 * beside the main chain itself, and what no start has the time for.
 *
 * The pages by SQLite's own check; each body against its hash, side branches too; the indexes against the
 * blocks that they are of; waiting and failed transactions, the ring and the addresses against their
 * signatures; what was paid under a key against its transaction. So one flipped bit in anything that can be
 * known from elsewhere is found. Not to be known from elsewhere: when something arrived, why something failed,
 * the marks on side branches, keys of payments, and what a node remembers of its own start.
 *
 * @module
 */
import { DatabaseSync } from "node:sqlite";
import { formatHex } from "../bytes.ts";
import { connectGenesis } from "../consensus/connect_block.ts";
import { createTransactionVerifier } from "../consensus/transaction_verifier.ts";
import { isSameDelta } from "../consensus/utxo.ts";
import type { PublicKey } from "../crypto/keys.ts";
import type { Membership } from "../node/persistence.ts";
import {
  type Block,
  decodeBlock,
  encodeBlock,
  merkleRootOfTransactions,
} from "../primitives/block.ts";
import {
  decodeTransaction,
  paymentOf,
  receiverOf,
  type Transaction,
} from "../primitives/transaction.ts";
import { equalBytes } from "../bytes.ts";
import { verifyRecord, verifyRing } from "../wire/ring.ts";
import { partiesOf } from "./activity_table.ts";
import { decodeDelta } from "./delta_codec.ts";
import { readRun } from "./pool_tables.ts";
import { blobOf, textOf } from "./row_values.ts";
import { migrate } from "./schema.ts";
import { StoreFailure } from "./store_failure.ts";

type Row = Readonly<Record<string, unknown>>;

const STATUSES: ReadonlySet<unknown> = new Set(["side", "valid", "invalid"]);

/** Throws a {@link StoreFailure} that says what does not fit. */
export function checkRows(db: DatabaseSync, membership: Membership): void {
  checkPages(db);
  checkSchema(db);
  checkMembership(membership);
  checkBlocks(db, membership);
  checkPaid(db, checkWaiting(db, membership));
}

function checkPages(db: DatabaseSync): void {
  const rows = db.prepare("PRAGMA integrity_check(1)").all();
  const found = String(rows[0]?.["integrity_check"]);
  if (found !== "ok") throw damaged(`pages that SQLite finds broken: ${found}`, "whole ones");
}

/** The tables are those that this release would make, to the letter. */
function checkSchema(db: DatabaseSync): void {
  const schemaOf = (each: DatabaseSync) =>
    JSON.stringify(
      each.prepare("SELECT type, name, tbl_name, sql FROM sqlite_schema ORDER BY name").all(),
    );
  const fresh = new DatabaseSync(":memory:");
  try {
    migrate(fresh);
    if (schemaOf(db) !== schemaOf(fresh)) throw damaged("other tables", "those of its schema");
  } finally {
    fresh.close();
  }
}

function checkMembership({ params, id, joined, ring, records }: Membership): void {
  if (ring !== undefined && !verifyRing(ring, params)) {
    throw damaged("a ring that the founder has not signed", "the network's");
  }
  if (ring !== undefined && ring.publicKeys.join() !== joined.join()) {
    throw damaged("another ring than the nodes that joined", "the same");
  }
  if (id !== undefined && id >= params.nodes) throw damaged(`node id ${id}`, "one of the ring");
  const wrong = records.find((record) => !verifyRecord(record));
  if (wrong !== undefined) {
    throw damaged(`an address of ${wrong.publicKey} that it has not signed`, "its own word");
  }
}

function checkBlocks(db: DatabaseSync, { params }: Membership): void {
  const findTransaction = db.prepare(
    "SELECT sequence, position FROM transactions WHERE txid = ?",
  );
  const findActivity = db.prepare(
    "SELECT positions FROM activity WHERE owner = ? AND sequence = ?",
  );
  const rows = db.prepare(
    `SELECT sequence, hash, header, status, invalid_code, on_main, block, delta
     FROM blocks LEFT JOIN bodies USING (sequence) LEFT JOIN undo USING (sequence)
     ORDER BY sequence`,
  ).iterate() as Iterable<Row>;
  let blockCount = 0;
  let mainCount = 0;
  let transactionCount = 0;
  let activityCount = 0;
  for (const { sequence, hash, header, status, invalid_code, on_main, block, delta } of rows) {
    blockCount++;
    const name = `block ${formatHex(hash as Uint8Array)}`;
    const decoded = block instanceof Uint8Array ? decodeBlock(block) : undefined;
    if (decoded === undefined || !equalBytes(encodeBlock(decoded), block as Uint8Array)) {
      throw damaged(`no body of ${name}`, "one");
    }
    const isGenesis = sequence === 0;
    const isOwnBody = `block ${decoded.hash}` === name &&
      (isGenesis || decoded.header.merkleRoot === merkleRootOfTransactions(decoded.transactions));
    if (!isOwnBody || (isGenesis && decoded.hash !== params.genesis.hash)) {
      throw damaged(`a body that is not that of ${name}`, "its own");
    }
    if (!equalBytes(header as Uint8Array, (block as Uint8Array).subarray(0, sizeOf(header)))) {
      throw damaged(`a header that is not that of ${name}`, "its own");
    }
    const isOnMain = isGenesis || on_main === 1;
    const isMarkSound = STATUSES.has(status) &&
      (status === "invalid") === (invalid_code !== null) &&
      (!isOnMain || status === "valid") && (on_main === 1 || on_main === 0) &&
      isOnMain === (delta !== null);
    if (!isMarkSound) throw damaged(`marks of ${name} that contradict each other`, "its own");
    const undone = isGenesis ? decodeDelta(delta as Uint8Array, decoded) : undefined;
    if (isGenesis && (!undone || !isSameDelta(undone, connectGenesis(decoded)))) {
      throw damaged("undo data that genesis does not have", "its own");
    }
    if (!isOnMain) continue;
    mainCount++;

    const positionsOf = new Map<PublicKey, number[]>();
    for (const [position, transaction] of decoded.transactions.entries()) {
      transactionCount++;
      const found = findTransaction.get(bytesOf(transaction.txid)) as Row | undefined;
      if (found?.["sequence"] !== sequence || found?.["position"] !== position) {
        throw damaged(`no entry for transaction ${transaction.txid}`, `one in ${name}`);
      }
      for (const owner of partiesOf(transaction)) {
        const positions = positionsOf.get(owner);
        if (positions === undefined) positionsOf.set(owner, [position]);
        else positions.push(position);
      }
    }
    for (const [owner, positions] of positionsOf) {
      activityCount++;
      const found = findActivity.get(bytesOf(owner), sequence as number) as Row | undefined;
      if (found?.["positions"] !== JSON.stringify(positions)) {
        throw damaged(`another entry for ${owner}`, `that of ${name}`);
      }
    }
  }
  for (
    const [table, wanted] of [
      ["bodies", blockCount],
      ["undo", mainCount],
      ["transactions", transactionCount],
      ["activity", activityCount],
    ] as const
  ) {
    const got = Number(db.prepare(`SELECT count(*) AS count FROM ${table}`).get()?.["count"]);
    if (got !== wanted) throw damaged(`${got} rows of "${table}"`, String(wanted));
  }
}

/** Gives the transactions that wait or have failed. */
function checkWaiting(
  db: DatabaseSync,
  { params }: Membership,
): ReadonlyMap<string, Transaction> {
  const transactions = new Map<string, Transaction>();
  const verifier = createTransactionVerifier(params);
  const unsigned = (table: string) =>
    damaged(`a row of "${table}" that its sender has not signed`, "one that it has");
  for (const row of db.prepare("SELECT arrivals, gone, bytes FROM pool").iterate()) {
    const [arrivals, gone, bytes] = [
      textOf(row, "arrivals"),
      blobOf(row, "gone"),
      blobOf(row, "bytes"),
    ];
    const run = readRun({ arrivals, gone, bytes });
    if (run?.entries.every(({ transaction }) => verifier.verify(transaction)) !== true) {
      throw unsigned("pool");
    }
    for (const { transaction } of run.entries) transactions.set(transaction.txid, transaction);
  }
  for (const { txid, bytes } of db.prepare("SELECT txid, bytes FROM failed").iterate()) {
    const transaction = decodeTransaction(bytes as Uint8Array);
    const isItself = transaction?.txid === formatHex(txid as Uint8Array);
    if (transaction === undefined || !isItself || !verifier.verify(transaction)) {
      throw unsigned("failed");
    }
    transactions.set(transaction.txid, transaction);
  }
  return transactions;
}

/** What is remembered of a payment is what its transaction says, wherever that still lies. */
function checkPaid(db: DatabaseSync, waiting: ReadonlyMap<string, Transaction>): void {
  const findBody = db.prepare("SELECT block FROM bodies WHERE sequence = ?");
  const rows = db.prepare(
    `SELECT txid, receiver, amount, sequence, position
     FROM paid LEFT JOIN transactions USING (txid) ORDER BY sequence`,
  ).iterate() as Iterable<Row>;
  let blockAt: { readonly sequence: unknown; readonly block: Block | undefined } | undefined;
  for (const { txid, receiver, amount, sequence, position } of rows) {
    if (typeof sequence === "number" && blockAt?.sequence !== sequence) {
      const body = findBody.get(sequence)?.["block"] as Uint8Array;
      blockAt = { sequence, block: decodeBlock(body) };
    }
    const name = formatHex(txid as Uint8Array);
    const transaction = typeof sequence === "number"
      ? blockAt?.block?.transactions[position as number]
      : waiting.get(name);
    if (transaction === undefined) continue;
    const isSame = receiverOf(transaction) === formatHex(receiver as Uint8Array) &&
      paymentOf(transaction) === amount;
    if (!isSame) throw damaged(`another payment than that of ${name}`, "what was paid");
  }
}

function bytesOf(hex: string): Uint8Array {
  return Uint8Array.fromHex(hex);
}

function sizeOf(bytes: unknown): number {
  return (bytes as Uint8Array).length;
}

function damaged(got: string, wanted: string): StoreFailure {
  return new StoreFailure(
    "store-damaged",
    `Cannot trust the database: got ${got}, wanted ${wanted}`,
  );
}
