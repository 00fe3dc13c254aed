/**
 * The block tree, the main chain's unspent outputs and its indexes as rows.
 *
 * Called by the SQLite store, inside its transactions; decides nothing about when they begin and end.
 * A block's row id is its sequence, so that "the newest first" along the main chain is the order of row
 * ids. Genesis is row 0.
 *
 * @module
 */
import type { DatabaseSync } from "node:sqlite";
import { ByteReader, bytesOfHex, ByteWriter, formatHex } from "../bytes.ts";
import type { BlockStatus, InvalidCode, StoredEntry } from "../consensus/block_tree.ts";
import type { ConnectionRecord } from "../consensus/chain_change.ts";
import { connectGenesis } from "../consensus/connect_block.ts";
import { PACKED_OUTPUT_INDEX_OFFSET, PACKED_UTXO_SIZE_BYTES } from "../consensus/packed_utxos.ts";
import type { UtxoDelta } from "../consensus/utxo.ts";
import { HASH_SIZE_BYTES } from "../crypto/hash.ts";
import { PUBLIC_KEY_SIZE_BYTES, type PublicKey } from "../crypto/keys.ts";
import type { TransactionLocation } from "../node/persistence.ts";
import {
  type Block,
  BLOCK_HEAD_SIZE_BYTES,
  type BlockExtent,
  decodeBlock,
  encodeBlock,
  hashOfBlockBytes,
  transactionCountOfBlockBytes,
} from "../primitives/block.ts";
import { type BlockHash, encodeHeader, readHeader } from "../primitives/header.ts";
import { indexOfOutpoint, type Txid, txidOfOutpoint } from "../primitives/outpoint.ts";
import { ActivityTable } from "./activity_table.ts";
import { decodeDelta, encodeDelta } from "./delta_codec.ts";
import { StoreFailure } from "./store_failure.ts";
import { blobOf, numberOf } from "./row_values.ts";
import {
  type BlockChange,
  POSITIONS_MAX,
  TableBacklog,
  type TableWrites,
  type TransactionPlace,
} from "./table_backlog.ts";

type Row = Record<string, unknown>;

/** What a block changes, and which one it is. */
export interface NamedChange extends BlockChange {
  readonly hash: BlockHash;
}

const GENESIS_SEQUENCE = 0;
const UTXOS_PER_READ = 100;
/** What names an unspent output and its owner. */
const NAMES_SIZE_BYTES = HASH_SIZE_BYTES + PUBLIC_KEY_SIZE_BYTES;

export class ChainTables {
  readonly #db: DatabaseSync;
  readonly #statements: ReturnType<typeof prepareStatements>;
  readonly #activity: ActivityTable;

  constructor(db: DatabaseSync) {
    this.#db = db;
    this.#statements = prepareStatements(db);
    this.#activity = new ActivityTable(db);
  }

  /** Starts a chain of nothing but genesis. */
  putGenesis(genesis: Block): void {
    const { putBlock, putBody, putUndo } = this.#statements;
    const delta = connectGenesis(genesis);
    putBlock.run(
      GENESIS_SEQUENCE,
      bytesOfHex(genesis.hash),
      encodeHeader(genesis.header),
      "valid",
      null,
    );
    putBody.run(GENESIS_SEQUENCE, encodeBlock(genesis));
    putUndo.run(GENESIS_SEQUENCE, encodeDelta(delta, genesis));
    this.write(
      TableBacklog.replay([{ delta, sequence: GENESIS_SEQUENCE, txids: txidsOf(genesis) }]),
    );
    this.#activity.connect(genesis, GENESIS_SEQUENCE);
  }

  /** Keeps a block. */
  store({ sequence, status, invalidCode }: StoredEntry, block: Block): void {
    const { putBlock, putBody } = this.#statements;
    const hash = bytesOfHex(block.hash);
    putBlock.run(sequence, hash, encodeHeader(block.header), status, invalidCode ?? null);
    putBody.run(sequence, encodeBlock(block));
  }

  mark({ sequence, status, invalidCode }: StoredEntry): void {
    this.#statements.setStatus.run(status, invalidCode ?? null, sequence);
  }

  /** Coins and transactions' places are for the backlog. */
  connect({ entry, block, delta }: ConnectionRecord): void {
    const { setOnMain, putUndo } = this.#statements;
    this.mark(entry);
    setOnMain.run(1, entry.sequence);
    putUndo.run(entry.sequence, encodeDelta(delta, block));
    this.#activity.connect(block, entry.sequence);
  }

  /** @param options.isIndexed whether the places of its transactions may have been written */
  disconnect(
    { entry, block }: ConnectionRecord,
    { isIndexed }: { readonly isIndexed: boolean },
  ): void {
    const { setOnMain, takeUndo, takeTransaction } = this.#statements;
    setOnMain.run(0, entry.sequence);
    takeUndo.run(entry.sequence);
    for (const txid of isIndexed ? txidsOf(block) : []) takeTransaction.run(bytesOfHex(txid));
    this.#activity.disconnect(block, entry.sequence);
  }

  /**
   * Writes changes to the large tables. What is there already stays, what is gone is gone. One statement for
   * all rows of a kind: a statement for each cost up to four times as much.
   */
  write({ coins, places }: TableWrites): void {
    const { takeUtxos, putUtxos, putTransactions } = this.#statements;
    if (places.length > 0) {
      const txids = new ByteWriter(HASH_SIZE_BYTES * places.length);
      for (const [txid] of places) txids.hex(txid);
      putTransactions.run(txids.finish(), JSON.stringify(places.map(([, place]) => place)));
    }
    const gone = coins.filter(([, utxo]) => utxo === null);
    if (gone.length > 0) {
      const txids = new ByteWriter(HASH_SIZE_BYTES * gone.length);
      for (const [outpoint] of gone) txids.hex(txidOfOutpoint(outpoint));
      takeUtxos.run(
        txids.finish(),
        JSON.stringify(gone.map(([outpoint]) => indexOfOutpoint(outpoint))),
      );
    }
    if (gone.length === coins.length) return;
    const names = new ByteWriter(NAMES_SIZE_BYTES * (coins.length - gone.length));
    const numbers: number[][] = [];
    for (const [outpoint, utxo] of coins) {
      if (utxo === null) continue;
      names.hex(txidOfOutpoint(outpoint)).hex(utxo.owner);
      numbers.push([indexOfOutpoint(outpoint), utxo.amount, utxo.height]);
    }
    putUtxos.run(names.finish(), JSON.stringify(numbers));
  }

  /**
   * The changes of the blocks above one of the main chain up to another, in order; `undefined` when the
   * one does not lie below the other.
   */
  changesBetween(lower: BlockHash, upper: BlockHash): NamedChange[] | undefined {
    const changes: NamedChange[] = [];
    for (let hash = upper; hash !== lower;) {
      const row = this.#statements.getSequence.get(bytesOfHex(hash)) as Row | undefined;
      const block = this.readBlock(hash);
      const delta = block && this.readDelta(hash, block);
      if (row === undefined || delta === undefined || block === undefined) return undefined;
      changes.push({ hash, delta, sequence: numberOf(row, "sequence"), txids: txidsOf(block) });
      hash = block.header.previousHash;
    }
    return changes.reverse();
  }

  readBlock(hash: BlockHash): Block | undefined {
    const bytes = this.#bodyOf(hash);
    if (bytes === undefined) return undefined;
    const block = decodeBlock(bytes);
    if (block?.hash !== hash) throw damaged(`bytes that are not block ${hash}`);
    return block;
  }

  /** What stands there: only its header is looked at. */
  readEncodedBlock(hash: BlockHash): Uint8Array | undefined {
    const bytes = this.#bodyOf(hash);
    if (bytes === undefined) return undefined;
    if (hashOfBlockBytes(bytes) !== hash) throw damaged(`bytes that are not block ${hash}`);
    return bytes;
  }

  /** What of a block lists say: its head is looked at, not its thousands of transactions. */
  readExtent(hash: BlockHash): BlockExtent | undefined {
    const row = this.#statements.getHead.get(bytesOfHex(hash)) as Row | undefined;
    if (row === undefined) return undefined;
    const head = blobOf(row, "head");
    const isWhole = head.length === BLOCK_HEAD_SIZE_BYTES && hashOfBlockBytes(head) === hash;
    if (!isWhole) throw damaged(`bytes that are not block ${hash}`);
    return {
      transactionCount: transactionCountOfBlockBytes(head),
      sizeBytes: numberOf(row, "size"),
    };
  }

  #bodyOf(hash: BlockHash): Uint8Array | undefined {
    const row = this.#statements.getBody.get(bytesOfHex(hash)) as Row | undefined;
    return row && blobOf(row, "block");
  }

  /** @param known the block, where somebody has it already: its undo data is read by it */
  readDelta(hash: BlockHash, known?: Block): UtxoDelta | undefined {
    const row = this.#statements.getUndo.get(bytesOfHex(hash)) as Row | undefined;
    const block = row && (known ?? this.readBlock(hash));
    if (row === undefined || block === undefined) return undefined;
    const delta = decodeDelta(blobOf(row, "delta"), block);
    if (delta === undefined) throw damaged(`bytes that are no undo data of block ${hash}`);
    return delta;
  }

  findTransaction(txid: Txid): TransactionLocation | undefined {
    const row = this.#statements.findTransaction.get(bytesOfHex(txid)) as Row | undefined;
    return row === undefined ? undefined : {
      blockHash: formatHex(blobOf(row, "hash")) as BlockHash,
      index: numberOf(row, "position"),
    };
  }

  /** Where a place of the backlog is. */
  locationOf(place: TransactionPlace): TransactionLocation | undefined {
    const row = this.#statements.getHash.get(Math.floor(place / POSITIONS_MAX)) as Row | undefined;
    return row === undefined ? undefined : {
      blockHash: formatHex(blobOf(row, "hash")) as BlockHash,
      index: place % POSITIONS_MAX,
    };
  }

  txidsWithPrefix(prefix: string, limit: number): Txid[] {
    const [from, to] = ["0", "f"].map((digit) =>
      bytesOfHex(prefix.padEnd(2 * HASH_SIZE_BYTES, digit))
    ) as [Uint8Array, Uint8Array];
    const rows = this.#statements.listTxids.all(from, to, limit) as Row[];
    return rows.map((row) => formatHex(blobOf(row, "txid")) as Txid);
  }

  transactionsOf(
    owner: PublicKey,
    limit: number,
    behind?: TransactionLocation,
  ): TransactionLocation[] {
    return this.#activity.transactionsOf(owner, limit, behind);
  }

  /** All blocks but genesis, by sequence. */
  *entries(): Generator<StoredEntry & { readonly onMain: boolean }> {
    const rows = this.#db.prepare(
      `SELECT sequence, hash, header, status, invalid_code, on_main FROM blocks WHERE sequence > 0
       ORDER BY sequence`,
    ).iterate() as Iterable<Row>;
    for (const row of rows) {
      const reader = new ByteReader(blobOf(row, "header"));
      const header = readHeader(reader);
      const hash = formatHex(blobOf(row, "hash")) as BlockHash;
      if (!reader.finish()) throw damaged(`bytes that are no header of block ${hash}`);
      yield {
        hash,
        header,
        sequence: numberOf(row, "sequence"),
        status: row["status"] as BlockStatus,
        invalidCode: (row["invalid_code"] as InvalidCode | null) ?? undefined,
        onMain: row["on_main"] === 1,
      };
    }
  }

  utxoCount(): number {
    const row = this.#db.prepare("SELECT count(*) AS count FROM utxos").get();
    return Number(row?.["count"]);
  }

  /**
   * The unspent outputs, by id, in the pages of `packed_utxos.ts`. SQLite joins a hundred at a time into
   * one text, which is unpacked into one buffer: a row each took three times as long and left so many
   * small objects that a node's memory grew by more than the coins. Longer texts were no faster, and each
   * a page of memory of its own.
   */
  *utxos(): Generator<Uint8Array<ArrayBuffer>> {
    const buffer = new Uint8Array(UTXOS_PER_READ * PACKED_UTXO_SIZE_BYTES);
    let afterTxid = new Uint8Array(0);
    let afterPosition = 0;
    for (;;) {
      const row = this.#statements.listUtxos.get(afterTxid, afterPosition) as Row;
      const text = row["text"] as string | null;
      if (text === null) return;

      const sizeBytes = text.length / 2;
      const isWhole = sizeBytes <= buffer.length && sizeBytes % PACKED_UTXO_SIZE_BYTES === 0;
      if (!isWhole) throw damaged("bytes that are no unspent output");
      const page = buffer.subarray(0, sizeBytes);
      page.setFromHex(text);
      const last = page.slice(-PACKED_UTXO_SIZE_BYTES);
      afterTxid = last.subarray(0, HASH_SIZE_BYTES);
      afterPosition = new DataView(last.buffer).getUint32(PACKED_OUTPUT_INDEX_OFFSET);
      yield page;
    }
  }
}

function prepareStatements(db: DatabaseSync) {
  return {
    putBlock: db.prepare(
      `INSERT INTO blocks (sequence, hash, header, status, invalid_code) VALUES (?, ?, ?, ?, ?)`,
    ),
    putBody: db.prepare(`INSERT INTO bodies (sequence, block) VALUES (?, ?)`),
    putUndo: db.prepare(`INSERT INTO undo (sequence, delta) VALUES (?, ?)`),
    takeUndo: db.prepare(`DELETE FROM undo WHERE sequence = ?`),
    setStatus: db.prepare(`UPDATE blocks SET status = ?, invalid_code = ? WHERE sequence = ?`),
    setOnMain: db.prepare(`UPDATE blocks SET on_main = ? WHERE sequence = ?`),
    getHead: db.prepare(
      `SELECT substr(block, 1, ${BLOCK_HEAD_SIZE_BYTES}) AS head, length(block) AS size
        FROM bodies JOIN blocks USING (sequence) WHERE hash = ?`,
    ),
    getBody: db.prepare(
      `SELECT block FROM bodies JOIN blocks USING (sequence) WHERE hash = ?`,
    ),
    getUndo: db.prepare(
      `SELECT delta FROM undo JOIN blocks USING (sequence) WHERE hash = ?`,
    ),
    putUtxos: db.prepare(
      `INSERT OR REPLACE INTO utxos (txid, position, owner, amount, height)
       SELECT substr(?1, ${NAMES_SIZE_BYTES} * key + 1, ${HASH_SIZE_BYTES}), value ->> 0,
         substr(?1, ${NAMES_SIZE_BYTES} * key + ${HASH_SIZE_BYTES} + 1, ${PUBLIC_KEY_SIZE_BYTES}),
         value ->> 1, value ->> 2
       FROM json_each(?2)`,
    ),
    takeUtxos: db.prepare(
      `DELETE FROM utxos WHERE (txid, position) IN
         (SELECT substr(?1, ${HASH_SIZE_BYTES} * key + 1, ${HASH_SIZE_BYTES}), value
          FROM json_each(?2))`,
    ),
    // In the bytes of `packed_utxos.ts`, as hex.
    listUtxos: db.prepare(
      `SELECT group_concat(
         hex(txid) || printf('%08X', position) || hex(owner) || printf('%016X%08X', amount, height),
         '') AS text
       FROM (SELECT * FROM utxos WHERE (txid, position) > (?, ?)
             ORDER BY txid, position LIMIT ${UTXOS_PER_READ})`,
    ),
    getSequence: db.prepare(`SELECT sequence FROM blocks WHERE hash = ?`),
    getHash: db.prepare(`SELECT hash FROM blocks WHERE sequence = ?`),
    putTransactions: db.prepare(
      `INSERT OR REPLACE INTO transactions (txid, sequence, position)
       SELECT substr(?1, ${HASH_SIZE_BYTES} * key + 1, ${HASH_SIZE_BYTES}),
         value / ${POSITIONS_MAX}, value % ${POSITIONS_MAX}
       FROM json_each(?2)`,
    ),
    takeTransaction: db.prepare(`DELETE FROM transactions WHERE txid = ?`),
    findTransaction: db.prepare(
      `SELECT hash, position FROM transactions JOIN blocks USING (sequence) WHERE txid = ?`,
    ),
    listTxids: db.prepare(`SELECT txid FROM transactions WHERE txid BETWEEN ? AND ? LIMIT ?`),
  };
}

export function txidsOf({ transactions }: Block): readonly Txid[] {
  return transactions.map(({ txid }) => txid);
}

function damaged(got: string): StoreFailure {
  return new StoreFailure(
    "store-damaged",
    `Cannot read the database: got ${got}, wanted them whole`,
  );
}
