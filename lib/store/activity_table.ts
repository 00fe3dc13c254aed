/**
 * Which transactions of which blocks name a wallet, as rows: one for each wallet of a block, with all its
 * places there.
 *
 * Called by `chain_tables.ts`, which knows what is on the main chain.
 *
 * @module
 */
import type { DatabaseSync, StatementSync } from "node:sqlite";
import { bytesOfHex, formatHex } from "../bytes.ts";
import type { PublicKey } from "../crypto/keys.ts";
import type { TransactionLocation } from "../node/persistence.ts";
import type { Block } from "../primitives/block.ts";
import type { BlockHash } from "../primitives/header.ts";
import { receiverOf, type Transaction } from "../primitives/transaction.ts";
import { blobOf, numberOf, textOf } from "./row_values.ts";
import { StoreFailure } from "./store_failure.ts";

type Row = Record<string, unknown>;

export class ActivityTable {
  readonly #put: StatementSync;
  readonly #take: StatementSync;
  readonly #list: StatementSync;
  readonly #getSequence: StatementSync;

  constructor(db: DatabaseSync) {
    this.#put = db.prepare(`INSERT INTO activity (owner, sequence, positions) VALUES (?, ?, ?)`);
    this.#take = db.prepare(`DELETE FROM activity WHERE owner = ? AND sequence = ?`);
    this.#list = db.prepare(
      `SELECT hash, positions FROM activity JOIN blocks USING (sequence)
       WHERE owner = ? AND activity.sequence <= ? ORDER BY activity.sequence DESC`,
    );
    this.#getSequence = db.prepare(`SELECT sequence FROM blocks WHERE hash = ?`);
  }

  connect(block: Block, sequence: number): void {
    for (const [owner, positions] of positionsByOwner(block)) {
      this.#put.run(bytesOfHex(owner), sequence, JSON.stringify(positions));
    }
  }

  disconnect(block: Block, sequence: number): void {
    for (const owner of positionsByOwner(block).keys()) {
      this.#take.run(bytesOfHex(owner), sequence);
    }
  }

  /** The newest first: from the last place of the last block on, or of the block of `behind`. */
  transactionsOf(
    owner: PublicKey,
    limit: number,
    behind?: TransactionLocation,
  ): TransactionLocation[] {
    const start = behind && this.#getSequence.get(bytesOfHex(behind.blockHash)) as Row | undefined;
    const newest = start === undefined ? Number.MAX_SAFE_INTEGER : numberOf(start, "sequence");
    const rows = this.#list.iterate(bytesOfHex(owner), newest) as Iterable<Row>;
    const locations: TransactionLocation[] = [];
    for (const row of rows) {
      const blockHash = formatHex(blobOf(row, "hash")) as BlockHash;
      for (const index of positionsOf(row).toReversed()) {
        if (locations.length === limit) return locations;
        if (blockHash === behind?.blockHash && index >= behind.index) continue;
        locations.push({ blockHash, index });
      }
    }
    return locations;
  }
}

/** Who is named in a transaction's history: the sender and the receiver, once each. */
export function partiesOf(transaction: Transaction): readonly PublicKey[] {
  const receiver = receiverOf(transaction);
  return receiver === transaction.sender ? [receiver] : [transaction.sender, receiver];
}

/** Where in a block each wallet is named. */
function positionsByOwner({ transactions }: Block): ReadonlyMap<PublicKey, readonly number[]> {
  const positionsOf = new Map<PublicKey, number[]>();
  for (const [position, transaction] of transactions.entries()) {
    for (const owner of partiesOf(transaction)) {
      const positions = positionsOf.get(owner);
      if (positions === undefined) positionsOf.set(owner, [position]);
      else positions.push(position);
    }
  }
  return positionsOf;
}

/** The places of a row, in ascending order. */
function positionsOf(row: Row): readonly number[] {
  try {
    const positions: unknown = JSON.parse(textOf(row, "positions"));
    if (Array.isArray(positions)) return positions;
  } catch {
    // Not even JSON: the same mistake.
  }
  throw new StoreFailure(
    "store-damaged",
    "Cannot read the database: got places of transactions that are no list, wanted them whole",
  );
}
