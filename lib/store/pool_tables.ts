/**
 * Waiting transactions and failed own payments as rows, in the order in which they came.
 *
 * Called by the SQLite store, inside its transactions.
 *
 * @module
 */
import type { DatabaseSync } from "node:sqlite";
import { bytesOfHex, formatHex } from "../bytes.ts";
import type { MempoolEntry } from "../mempool/mempool.ts";
import type { FailedPayment } from "../node/persistence.ts";
import { FAILED_PAYMENTS_MAX } from "../node/state.ts";
import type { Txid } from "../primitives/outpoint.ts";
import { decodeTransaction, type Transaction } from "../primitives/transaction.ts";
import { StoreFailure } from "./store_failure.ts";
import { blobOf, numberOf, textOf } from "./row_values.ts";

export class PoolTables {
  readonly #db: DatabaseSync;
  readonly #statements: ReturnType<typeof prepareStatements>;

  /** Rows of waiting transactions: an index in the database cost more than the rows themselves. */
  readonly #ids = new Map<Txid, number>();
  #lastId = 0;

  constructor(db: DatabaseSync) {
    this.#db = db;
    this.#statements = prepareStatements(db);
    for (const row of db.prepare("SELECT id, txid FROM pool ORDER BY id").iterate()) {
      this.#lastId = numberOf(row, "id");
      this.#ids.set(formatHex(blobOf(row, "txid")) as Txid, this.#lastId);
    }
  }

  remove(txid: Txid): void {
    const id = this.#ids.get(txid);
    if (id === undefined) return;
    this.#statements.take.run(id);
    this.#ids.delete(txid);
  }

  /** Adds an entry as the newest one, whether it was there or not. */
  add({ transaction, arrivedAtMs }: MempoolEntry): void {
    const { txid } = transaction;
    this.remove(txid);
    const id = ++this.#lastId;
    this.#statements.put.run(id, bytesOfHex(txid), transaction.encoded, arrivedAtMs);
    this.#ids.set(txid, id);
  }

  addFailed({ transaction, reasonCode, failedAtMs }: FailedPayment): void {
    const bytes = transaction.encoded;
    this.#statements.putFailed.run(bytesOfHex(transaction.txid), bytes, reasonCode, failedAtMs);
    // A new row has the highest id: what lies further back than the bound is forgotten.
    this.#statements.dropFailed.run(FAILED_PAYMENTS_MAX);
  }

  pool(): MempoolEntry[] {
    return this.#db.prepare(`SELECT bytes, arrived_at_ms FROM pool ORDER BY id`).all()
      .map((row) => ({
        transaction: transactionOf(blobOf(row, "bytes")),
        arrivedAtMs: numberOf(row, "arrived_at_ms"),
      }));
  }

  failed(): FailedPayment[] {
    return this.#db.prepare(
      `SELECT bytes, reason_code, failed_at_ms FROM failed ORDER BY id DESC LIMIT ?`,
    )
      .all(FAILED_PAYMENTS_MAX).reverse()
      .map((row) => ({
        transaction: transactionOf(blobOf(row, "bytes")),
        reasonCode: textOf(row, "reason_code"),
        failedAtMs: numberOf(row, "failed_at_ms"),
      }));
  }
}

function prepareStatements(db: DatabaseSync) {
  return {
    put: db.prepare(`INSERT INTO pool (id, txid, bytes, arrived_at_ms) VALUES (?, ?, ?, ?)`),
    take: db.prepare(`DELETE FROM pool WHERE id = ?`),
    dropFailed: db.prepare(
      `DELETE FROM failed WHERE id <= (SELECT max(id) FROM failed) - ?`,
    ),
    putFailed: db.prepare(
      `INSERT OR REPLACE INTO failed (txid, bytes, reason_code, failed_at_ms) VALUES (?, ?, ?, ?)`,
    ),
  };
}

function transactionOf(bytes: Uint8Array): Transaction {
  const transaction = decodeTransaction(bytes);
  if (transaction === undefined) {
    throw new StoreFailure(
      "store-damaged",
      "Cannot read the database: got bytes that are no transaction, wanted a waiting one",
    );
  }
  return transaction;
}
