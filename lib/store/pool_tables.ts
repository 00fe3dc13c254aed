/**
 * Waiting transactions and failed own payments as rows, in the order in which they came.
 *
 * What comes in within one SQL transaction shares rows, so that a waiting transaction costs the copying of
 * its bytes and not a row that is written and deleted. Which of a row's transactions have left says a bit
 * each; a row goes when all have left.
 *
 * A block has hundreds of rows leave at once. What is in the main chain is known not to wait, whatever a row
 * says, so those go later, some with each SQL transaction.
 *
 * Called by the SQLite store, inside its transactions.
 *
 * @module
 */
import type { DatabaseSync } from "node:sqlite";
import { ByteReader, bytesOfHex, concatBytes } from "../bytes.ts";
import { HexMap } from "../hex_map.ts";
import type { MempoolEntry } from "../mempool/mempool.ts";
import type { FailedPayment } from "../node/persistence.ts";
import { FAILED_PAYMENTS_MAX } from "../node/state.ts";
import type { Txid } from "../primitives/outpoint.ts";
import { decodeTransaction, readTransaction, type Transaction } from "../primitives/transaction.ts";
import { invariant } from "../result.ts";
import { StoreFailure } from "./store_failure.ts";
import { blobOf, numberOf, textOf } from "./row_values.ts";

/** The most transactions of one row. */
const RUN_LENGTH_MAX = 256;

/** All transactions that were confirmed are taken out at once when there are more of them. */
const CONFIRMED_SIZE_MAX = 16_384;

/** A row: transactions that came in together. */
interface Run {
  readonly id: number;
  /** A bit for each that has left, the lowest first. */
  readonly gone: Uint8Array;
  waitingCount: number;
}

export class PoolTables {
  readonly #db: DatabaseSync;
  readonly #statements: ReturnType<typeof prepareStatements>;

  /** Where each stands: its row's id times {@link RUN_LENGTH_MAX}, and its place in the row. */
  readonly #places = new HexMap<Txid, number>();
  readonly #runs = new Map<number, Run>();
  #lastId = 0;
  /** What the rows lack. */
  readonly #added = new HexMap<Txid, MempoolEntry>();
  readonly #changed = new Set<Run>();
  readonly #piece: number;
  /** Transactions of blocks that may stand in rows, and how many of the first block's were taken out. */
  #confirmed: (readonly Txid[])[] = [];
  #taken = 0;
  #confirmedSize = 0;
  /** The only block whose transactions are to be taken out came with this commit. */
  #isFresh = false;

  /** @param piece so many transactions that were confirmed are taken out at a time */
  constructor(db: DatabaseSync, piece: number) {
    this.#db = db;
    this.#piece = piece;
    this.#statements = prepareStatements(db);
    this.reset();
  }

  /** Begins anew with nothing but what the rows say. */
  reset(): void {
    this.#places.clear();
    this.#runs.clear();
    this.#added.clear();
    this.#changed.clear();
    this.#confirmed = [];
    this.#taken = 0;
    this.#confirmedSize = 0;
    this.#lastId = 0;
    for (const { id, gone, entries } of this.#read()) {
      this.#note(id, gone, entries.map(({ transaction }) => transaction.txid));
    }
  }

  /** Takes out what has gone into the main chain, some time later. */
  confirm(txids: readonly Txid[]): void {
    if (txids.length === 0) return;
    this.#isFresh = this.isSettled;
    this.#confirmed.push(txids);
    this.#confirmedSize += txids.length;
  }

  /** How many that have gone into the main chain were not taken out. */
  get confirmedSize(): number {
    return this.#confirmedSize;
  }

  /** Whether all that has gone into the main chain was taken out. */
  get isSettled(): boolean {
    return this.#confirmed.length === 0;
  }

  /** Takes out at once what has gone into the main chain. */
  settle(): void {
    this.#takeConfirmed(Infinity);
  }

  /** Takes out so many, at most, those of the oldest block first. */
  #takeConfirmed(countMax: number): void {
    for (let rest = countMax; rest > 0;) {
      const [txids] = this.#confirmed;
      if (txids === undefined) return;
      const from = this.#taken;
      const end = Math.min(txids.length, from + rest);
      for (let index = from; index < end; index++) this.remove(txids[index] as Txid);
      rest -= end - from;
      this.#confirmedSize -= end - from;
      this.#taken = end;
      if (end < txids.length) return;
      this.#confirmed.shift();
      this.#taken = 0;
    }
  }

  remove(txid: Txid): void {
    if (this.#added.delete(txid)) return;
    const place = this.#places.get(txid);
    if (place === undefined) return;
    this.#places.delete(txid);
    const run = this.#runs.get(Math.floor(place / RUN_LENGTH_MAX));
    invariant(run !== undefined, "A waiting transaction stands in a row");
    markGone(run.gone, place % RUN_LENGTH_MAX);
    run.waitingCount--;
    this.#changed.add(run);
  }

  /** Adds an entry as the newest one, whether it was there or not. */
  add(entry: MempoolEntry): void {
    const { txid } = entry.transaction;
    this.remove(txid);
    this.#added.set(txid, entry);
  }

  /** Brings the rows up to date: what was added and removed is on disk with the SQL transaction. */
  write(): void {
    const { put, setGone, take } = this.#statements;
    if (this.#confirmedSize > CONFIRMED_SIZE_MAX) this.settle();
    // A commit that connects a block has enough to write.
    if (!this.#isFresh) this.#takeConfirmed(this.#piece * this.#confirmed.length);
    this.#isFresh = false;
    const empty: number[] = [];
    for (const run of this.#changed) {
      if (run.waitingCount > 0) {
        setGone.run(run.gone, run.id);
        continue;
      }
      empty.push(run.id);
      this.#runs.delete(run.id);
    }
    this.#changed.clear();
    // A block empties hundreds: one statement for all takes a quarter of the time.
    if (empty.length > 0) take.run(JSON.stringify(empty));
    if (this.#added.size === 0) return;

    const added = [...this.#added.values()];
    this.#added.clear();
    for (let first = 0; first < added.length; first += RUN_LENGTH_MAX) {
      const run = added.slice(first, first + RUN_LENGTH_MAX);
      const id = ++this.#lastId;
      const gone = new Uint8Array(Math.ceil(run.length / 8));
      const arrivals = JSON.stringify(run.map(({ arrivedAtMs }) => arrivedAtMs));
      const bytes = concatBytes(run.map(({ transaction }) => transaction.encoded));
      put.run(id, arrivals, gone, bytes);
      this.#note(id, gone, run.map(({ transaction }) => transaction.txid));
    }
  }

  addFailed({ transaction, reasonCode, failedAtMs }: FailedPayment): void {
    const bytes = transaction.encoded;
    this.#statements.putFailed.run(bytesOfHex(transaction.txid), bytes, reasonCode, failedAtMs);
    // A new row has the highest id: what lies further back than the bound is forgotten.
    this.#statements.dropFailed.run(FAILED_PAYMENTS_MAX);
  }

  pool(): MempoolEntry[] {
    this.settle();
    const entries: MempoolEntry[] = [];
    for (const run of this.#read()) {
      entries.push(
        ...run.entries.filter(({ transaction }, place) =>
          !isGone(run.gone, place) && this.#places.has(transaction.txid)
        ),
      );
    }
    return [...entries, ...this.#added.values()];
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

  #note(id: number, gone: Uint8Array, txids: readonly Txid[]): void {
    const run: Run = { id, gone, waitingCount: 0 };
    for (const [place, txid] of txids.entries()) {
      if (isGone(gone, place)) continue;
      this.#places.set(txid, RUN_LENGTH_MAX * id + place);
      run.waitingCount++;
    }
    this.#runs.set(id, run);
    this.#lastId = id;
  }

  *#read(): Generator<StoredRun> {
    const rows = this.#db.prepare("SELECT id, arrivals, gone, bytes FROM pool ORDER BY id").all();
    for (const row of rows) {
      const run = readRun({
        arrivals: textOf(row, "arrivals"),
        gone: blobOf(row, "gone"),
        bytes: blobOf(row, "bytes"),
      });
      if (run === undefined) throw damagedRow();
      yield { id: numberOf(row, "id"), ...run };
    }
  }
}

interface StoredRun {
  readonly id: number;
  readonly gone: Uint8Array;
  /** All of a row's transactions, those that have left included. */
  readonly entries: readonly MempoolEntry[];
}

/** Reads a row of waiting transactions; `undefined` when its parts do not belong together. */
export function readRun(
  { arrivals, gone, bytes }: {
    readonly arrivals: string;
    readonly gone: Uint8Array;
    readonly bytes: Uint8Array;
  },
): Omit<StoredRun, "id"> | undefined {
  const times = parseTimes(arrivals);
  if (times === undefined || gone.length !== Math.ceil(times.length / 8)) return undefined;
  const reader = new ByteReader(bytes);
  const entries: MempoolEntry[] = [];
  for (const arrivedAtMs of times) {
    const transaction = readTransaction(reader);
    if (transaction === undefined) return undefined;
    entries.push({ transaction, arrivedAtMs });
  }
  return reader.finish() ? { gone, entries } : undefined;
}

function parseTimes(text: string): readonly number[] | undefined {
  try {
    const times: unknown = JSON.parse(text);
    const isRun = Array.isArray(times) && times.length > 0 && times.length <= RUN_LENGTH_MAX &&
      times.every((time) => typeof time === "number");
    return isRun ? times : undefined;
  } catch {
    return undefined;
  }
}

function isGone(gone: Uint8Array, place: number): boolean {
  return ((gone[place >> 3] as number) >> (place & 7) & 1) === 1;
}

function markGone(gone: Uint8Array, place: number): void {
  gone[place >> 3] = (gone[place >> 3] as number) | 1 << (place & 7);
}

function prepareStatements(db: DatabaseSync) {
  return {
    put: db.prepare(`INSERT INTO pool (id, arrivals, gone, bytes) VALUES (?, ?, ?, ?)`),
    setGone: db.prepare(`UPDATE pool SET gone = ? WHERE id = ?`),
    take: db.prepare(`DELETE FROM pool WHERE id IN (SELECT value FROM json_each(?))`),
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
  if (transaction === undefined) throw damagedRow();
  return transaction;
}

function damagedRow(): StoreFailure {
  return new StoreFailure(
    "store-damaged",
    "Cannot read the database: got bytes that are no transaction, wanted a waiting one",
  );
}
