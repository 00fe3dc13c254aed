/**
 * The keys under which the wallet has paid, as rows, in the order in which they came.
 *
 * Called by the SQLite store, inside its transactions.
 *
 * @module
 */
import type { DatabaseSync } from "node:sqlite";
import { bytesOfHex, formatHex } from "../bytes.ts";
import type { PublicKey } from "../crypto/keys.ts";
import { PAID_KEYS_MAX, type PaidKey } from "../node/paid_keys.ts";
import type { Amount } from "../primitives/amount.ts";
import type { Txid } from "../primitives/outpoint.ts";
import { blobOf, numberOf, textOf } from "./row_values.ts";

export class PaidTable {
  readonly #db: DatabaseSync;
  readonly #put;
  readonly #drop;

  constructor(db: DatabaseSync) {
    this.#db = db;
    this.#put = db.prepare(
      `INSERT OR REPLACE INTO paid (key, txid, receiver, amount) VALUES (?, ?, ?, ?)`,
    );
    this.#drop = db.prepare(`DELETE FROM paid WHERE id <= (SELECT max(id) FROM paid) - ?`);
  }

  add({ key, txid, receiver, amount }: PaidKey): void {
    this.#put.run(key, bytesOfHex(txid), bytesOfHex(receiver), amount);
    this.#drop.run(PAID_KEYS_MAX);
  }

  all(): PaidKey[] {
    return this.#db.prepare(`SELECT key, txid, receiver, amount FROM paid ORDER BY id`).all()
      .map((row) => ({
        key: textOf(row, "key"),
        txid: formatHex(blobOf(row, "txid")) as Txid,
        receiver: formatHex(blobOf(row, "receiver")) as PublicKey,
        amount: numberOf(row, "amount") as Amount,
      }));
  }
}
