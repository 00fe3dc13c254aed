/**
 * The store on disk: one SQLite database in a node's data folder.
 *
 * One commit, or one batch of commits, is one SQL transaction: the blocks, their undo data, the unspent
 * outputs, the indexes and the pool change together or not at all. The database is
 * in WAL mode with `synchronous = NORMAL`: what was committed survives the death of the process at any
 * point (the write-ahead log is in the operating system's hands), and a power failure leaves an older
 * but whole state. That suffices because what a power failure takes is known to the peers: blocks and
 * transactions come back from them, payouts and signatures are deterministic and so repeat themselves.
 * `FULL` cost five times as much a commit here (310 us against 57 us).
 *
 * After a failure the node's memory is ahead of the disk, so the store takes nothing more. Knows no rules
 * of consensus beyond how to add up coins. Called by the runtime, which owns the process' end, and by the
 * chain command. It expects to be alone on the file: `data_folder.ts` sees to that.
 *
 * @module
 */
import { DatabaseSync, type StatementSync } from "node:sqlite";
import { HexMap } from "../hex_map.ts";
import { bytesOfHex, compareText } from "../bytes.ts";
import { connectGenesis } from "../consensus/connect_block.ts";
import {
  commitmentOf,
  EMPTY_COMMITMENT,
  formatCommitment,
  type UtxoCommitment,
} from "../consensus/utxo_commitment.ts";
import type { UtxoDelta } from "../consensus/utxo.ts";
import type { PublicKey } from "../crypto/keys.ts";
import type { MempoolEntry } from "../mempool/mempool.ts";
import type { Commit, Membership, Snapshot, TransactionLocation } from "../node/persistence.ts";
import type { Block, BlockExtent } from "../primitives/block.ts";
import type { BlockHash, Height } from "../primitives/header.ts";
import type { Txid } from "../primitives/outpoint.ts";
import { invariant } from "../result.ts";
import { ChainTables, txidsOf } from "./chain_tables.ts";
import { checkCommit } from "./check_commit.ts";
import { checkRows } from "./check_rows.ts";
import {
  COMMITMENT_LIMITS,
  type CommitmentLimits,
  LaggingCommitment,
} from "./lagging_commitment.ts";
import type { NodeStore } from "./node_store.ts";
import { PaidTable } from "./paid_table.ts";
import { PoolTables } from "./pool_tables.ts";
import { makeDatabase } from "./make_database.ts";
import { migrate, SCHEMA_VERSION } from "./schema.ts";
import { demandEmpty, readMembership, writeMembership } from "./sqlite_membership.ts";
import { resumeTables } from "./resume_tables.ts";
import { storeFailureOf } from "./store_failure.ts";
import { BACKLOG_LIMITS, type BacklogLimits, TableBacklog } from "./table_backlog.ts";

export interface SqliteStoreOptions {
  /** How long a commit waits for another program that holds the database. */
  readonly lockWaitMs?: number;
  /** Called right before and right after each SQL commit: where tests kill the process. */
  readonly onCommitPhase?: (phase: "before" | "after") => void;
  /** How much of the newest changes the large tables may lack. */
  readonly backlog?: BacklogLimits;
  /** How far the commitment to the unspent outputs may lag behind. */
  readonly commitment?: CommitmentLimits;
}

const LOCK_WAIT_MS = 1000;

/**
 * The log is carried over to the database after so many pages, 1 MiB: whatever waits meanwhile waits for some
 * 3 ms. Eight times as many took 20 ms, at all nodes of a machine at once: they write the same.
 */
const CHECKPOINT_PAGES = 256;
/** Pages of the database that stay in memory under load, 16 MiB: the indexes are touched everywhere. Else 4 MiB. */
const CACHE_SIZE_KIB = { many: 16_384, few: 4_096 };

/** Opens a database, or makes one where there is none, and checks what it holds. */
export function openSqliteStore(path: string, options: SqliteStoreOptions = {}): SqliteStore {
  let db: DatabaseSync | undefined;
  try {
    makeDatabase(path);
    db = new DatabaseSync(path);
    return new SqliteStore(db, options);
  } catch (error) {
    db?.close();
    throw storeFailureOf(error, `open the database "${path}"`);
  }
}

export class SqliteStore implements NodeStore {
  /** What opening did, in one sentence. */
  readonly summary: string;
  readonly #db: DatabaseSync;
  readonly #chain: ChainTables;
  readonly #pool: PoolTables;
  readonly #paid: PaidTable;
  readonly #begin: StatementSync;
  readonly #commit: StatementSync;
  readonly #setTip: StatementSync;
  readonly #setUtxoTip: StatementSync;
  readonly #setCommitment: StatementSync;
  readonly #onCommitPhase: (phase: "before" | "after") => void;
  #membership: Membership | undefined;
  #tip: BlockHash | undefined;
  /** What the tables of unspent outputs and transactions lack. */
  #backlog: TableBacklog | undefined;
  readonly #backlogLimits: BacklogLimits;
  readonly #commitmentLimits: CommitmentLimits;
  #commitment: LaggingCommitment | undefined;
  #isInBatch = false;
  #failure: unknown;

  /** Use {@link openSqliteStore}. */
  constructor(db: DatabaseSync, options: SqliteStoreOptions) {
    const { lockWaitMs = LOCK_WAIT_MS, onCommitPhase, backlog = BACKLOG_LIMITS } = options;
    this.#db = db;
    this.#onCommitPhase = onCommitPhase ?? (() => {});
    this.#backlogLimits = backlog;
    this.#commitmentLimits = options.commitment ?? COMMITMENT_LIMITS;
    db.exec(`PRAGMA busy_timeout = ${lockWaitMs}`);
    const schemaBefore = migrate(db);
    db.exec(
      `PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;
       PRAGMA wal_autocheckpoint = ${CHECKPOINT_PAGES}; PRAGMA cache_size = -${CACHE_SIZE_KIB.many}`,
    );

    this.#begin = db.prepare("BEGIN IMMEDIATE");
    this.#commit = db.prepare("COMMIT");
    this.#setTip = db.prepare("UPDATE node SET tip = ?");
    this.#setUtxoTip = db.prepare("UPDATE node SET utxo_tip = ?");
    this.#setCommitment = db.prepare("UPDATE node SET utxo_commitment = ?, commitment_tip = ?");
    this.#chain = new ChainTables(db);
    this.#pool = new PoolTables(db, backlog.piece);
    this.#paid = new PaidTable(db);
    this.#membership = readMembership(db);
    if (this.#membership === undefined) demandEmpty(db);
    this.summary = this.#membership === undefined
      ? `Made a database of schema ${SCHEMA_VERSION}`
      : this.#resume(this.#membership, schemaBefore);
  }

  /** The commitment to the unspent outputs, as the last commit left them. */
  get utxoCommitment(): UtxoCommitment {
    this.#commitment?.addAll();
    return this.#commitment?.mark.value ?? EMPTY_COMMITMENT;
  }

  /** Looks at every row; throws a {@link StoreFailure} that says what does not fit. Takes its time. */
  checkRows(): void {
    const membership = this.#membership;
    if (membership !== undefined) reading(() => checkRows(this.#db, membership));
  }

  load(): Snapshot | undefined {
    const membership = this.#membership;
    if (membership === undefined) return undefined;
    invariant(this.#tip !== undefined, "A store with a network has a tip");
    this.#settle();
    const chain = this.#chain;
    const tip = this.#tip;
    return reading(() => ({
      membership,
      entries: Array.from(chain.entries(), ({ onMain: _, ...entry }) => entry),
      tip,
      utxos: { count: chain.utxoCount(), [Symbol.iterator]: () => chain.utxos() },
      pool: this.#waiting(),
      failed: this.#pool.failed(),
      paid: this.#paid.all(),
    }));
  }

  /** A process that was killed may have left rows of what is in the main chain. */
  #waiting(): readonly MempoolEntry[] {
    return this.#pool.pool().filter(({ transaction: { txid } }) => {
      const isWaiting = this.#chain.findTransaction(txid) === undefined;
      if (!isWaiting) this.#pool.remove(txid);
      return isWaiting;
    });
  }

  commit(commit: Commit): void {
    this.#demandWorking();
    const genesisHash = this.#membership?.params.genesis.hash;
    const tip = checkCommit(commit, { genesisHash, tip: this.#tip });

    if (this.#isInBatch) return this.#attempt(() => this.#write(commit, tip));
    this.begin();
    this.#attempt(() => this.#write(commit, tip));
    this.end();
  }

  begin(): void {
    this.#demandWorking();
    invariant(!this.#isInBatch, "Batches do not nest");
    this.#isInBatch = true;
    this.#attempt(() => this.#begin.run());
  }

  end(): void {
    this.#demandWorking();
    invariant(this.#isInBatch, "A batch ends after it began");
    this.#attempt(() => {
      this.#writeSomeOfBacklog();
      this.#commitment?.addSome();
      this.#writeCommitment();
      this.#pool.write();
      this.#onCommitPhase("before");
      this.#commit.run();
      this.#isInBatch = false;
      this.#onCommitPhase("after");
    });
  }

  /** Writes what the large tables lack, and lets go of the database's pages. */
  rest(): void {
    this.#demandWorking();
    this.#settle();
    this.#attempt(() => this.#db.exec("PRAGMA shrink_memory"));
  }

  /** Does not touch the disk, so it works whatever has failed. */
  keepPages(count: "few" | "many"): void {
    this.#db.exec(`PRAGMA cache_size = -${CACHE_SIZE_KIB[count]}`);
  }

  /**
   * After a failure: takes back what was not committed, reads what is there and writes something that
   * changes nothing. Throws when the disk does not take that; then it may be tried again.
   */
  recover(): void {
    try {
      if (this.#db.isTransaction) this.#db.exec("ROLLBACK");
      this.#isInBatch = false;
      this.#tip = undefined;
      this.#backlog = undefined;
      this.#commitment = undefined;
      this.#pool.reset();
      this.#membership = readMembership(this.#db);
      if (this.#membership !== undefined) this.#resume(this.#membership, SCHEMA_VERSION);
      this.#begin.run();
      this.#db.exec(`PRAGMA user_version = ${SCHEMA_VERSION}`);
      this.#commit.run();
      this.#failure = undefined;
    } catch (error) {
      this.#failure = storeFailureOf(error, "write to the database");
      this.#takeBack();
      throw this.#failure;
    }
  }

  /** Closes the file. A batch that was not ended is lost. */
  close(): void {
    try {
      if (this.#failure === undefined && !this.#isInBatch) this.#settle();
    } finally {
      this.#db.close();
    }
  }

  readBlock(hash: BlockHash): Block | undefined {
    return reading(() => this.#chain.readBlock(hash));
  }

  readEncodedBlock(hash: BlockHash): Uint8Array | undefined {
    return reading(() => this.#chain.readEncodedBlock(hash));
  }

  readExtent(hash: BlockHash): BlockExtent | undefined {
    return reading(() => this.#chain.readExtent(hash));
  }

  /** @param known the block, where somebody has it already */
  readDelta(hash: BlockHash, known?: Block): UtxoDelta | undefined {
    return reading(() => this.#chain.readDelta(hash, known));
  }

  txidsWithPrefix(prefix: string, limit: number): readonly Txid[] {
    const found = new Set(reading(() => this.#chain.txidsWithPrefix(prefix, limit)));
    for (const txid of this.#backlog?.txids() ?? []) if (txid.startsWith(prefix)) found.add(txid);
    return [...found].sort(compareText).slice(0, limit);
  }

  findTransaction(txid: Txid): TransactionLocation | undefined {
    const place = this.#backlog?.placeOf(txid);
    return reading(() =>
      place === undefined ? this.#chain.findTransaction(txid) : this.#chain.locationOf(place)
    );
  }

  transactionsOf(
    owner: PublicKey,
    limit: number,
    behind?: TransactionLocation,
  ): readonly TransactionLocation[] {
    return reading(() => this.#chain.transactionsOf(owner, limit, behind));
  }

  #write(commit: Commit, tip: BlockHash): void {
    const { membership } = commit;
    if (membership !== undefined) {
      if (this.#membership === undefined) this.#found(membership);
      writeMembership(this.#db, membership, this.#membership);
      this.#membership = membership;
    }

    const [backlog, commitment] = [this.#backlog, this.#commitment];
    invariant(backlog !== undefined, "Only a store with a network has blocks");
    invariant(commitment !== undefined, "What has blocks has a commitment to their coins");
    for (const { entry, block } of commit.stored) this.#chain.store(entry, block);
    // What comes back must not be taken out once more.
    if (commit.disconnected.length > 0) this.#pool.settle();
    const confirmed = new HexMap<Txid, true>(
      commit.connected.reduce((sum, { block }) => sum + block.transactions.length, 0),
    );
    for (const disconnected of commit.disconnected) {
      const { entry: { header }, block, delta } = disconnected;
      const below = { hash: header.previousHash, height: (header.height - 1) as Height };
      const isWritten = backlog.disconnect({ delta, txids: txidsOf(block) }, below);
      this.#chain.disconnect(disconnected, { isIndexed: isWritten });
      // Its undo data is gone: the tables must not need it.
      if (isWritten) this.#writeWholeBacklog();
      commitment.disconnect({ hash: disconnected.entry.hash, delta }, below.hash);
    }
    for (const connected of commit.connected) {
      const { entry, block, delta } = connected;
      const { sequence, hash, header: { height } } = entry;
      this.#chain.connect(connected);
      const txids = txidsOf(block);
      backlog.connect({ delta, sequence, txids }, { hash, height });
      this.#pool.confirm(txids);
      for (const txid of txids) confirmed.set(txid, true);
      commitment.connect(hash, delta);
    }
    for (const entry of commit.marked) this.#chain.mark(entry);
    if (tip !== this.#tip) {
      this.#setTip.run(bytesOfHex(tip));
      this.#tip = tip;
    }

    for (const txid of commit.poolRemoved) if (!confirmed.has(txid)) this.#pool.remove(txid);
    for (const entry of commit.poolAdded) this.#pool.add(entry);
    for (const failed of commit.failed) this.#pool.addFailed(failed);
    for (const paid of commit.paid ?? []) this.#paid.add(paid);
  }

  /** The first commit of all: genesis and its coins. */
  #found({ params: { genesis } }: Membership): void {
    this.#chain.putGenesis(genesis);
    const { hash, header: { height } } = genesis;
    this.#tip = hash;
    const value = commitmentOf(connectGenesis(genesis).created);
    this.#commitment = new LaggingCommitment({ value, hash }, this.#commitmentLimits);
    this.#db.prepare(
      `INSERT INTO node
         (id, params, payouts_made, started_up, tip, utxo_commitment, utxo_tip, commitment_tip)
       VALUES (0, x'', 0, 0, ?1, ?2, ?1, ?1)`,
    ).run(bytesOfHex(hash), bytesOfHex(formatCommitment(value)));
    this.#backlog = new TableBacklog({ hash, height }, this.#backlogLimits);
  }

  #writeSomeOfBacklog(): void {
    const backlog = this.#backlog;
    if (backlog === undefined || backlog.size === 0) return;
    const { writes, hasMoved } = backlog.take();
    this.#chain.write(writes);
    if (hasMoved) this.#setUtxoTip.run(bytesOfHex(backlog.tables.hash));
  }

  #writeWholeBacklog(): void {
    const backlog = this.#backlog;
    if (backlog === undefined) return;
    this.#chain.write(backlog.takeAll());
    this.#setUtxoTip.run(bytesOfHex(backlog.tables.hash));
  }

  #writeCommitment(): void {
    const moved = this.#commitment?.takeMoved();
    if (moved === undefined) return;
    const bytes = bytesOfHex(formatCommitment(moved.value));
    this.#setCommitment.run(bytes, bytesOfHex(moved.hash));
  }

  /** Brings the large tables and the commitment to the tip, in a transaction of its own if there is none. */
  #settle(): void {
    this.#commitment?.addAll();
    if (this.#backlog === undefined) return;
    const isThere = this.#backlog.tables.hash === this.#tip && !this.#commitment?.isMoved &&
      this.#pool.isSettled;
    if (isThere) return;
    this.#pool.settle();
    if (this.#isInBatch) return this.#attempt(() => this.#writeWholeBacklog());
    this.begin();
    this.#attempt(() => this.#writeWholeBacklog());
    this.end();
  }

  /** Goes on where the process before ended; returns that in one sentence. */
  #resume({ params }: Membership, schemaBefore: number): string {
    const parts = { db: this.#db, chain: this.#chain };
    const resumed = resumeTables(parts, params, this.#commitmentLimits);
    const { tip, commitment, height, blockCount, utxoCount } = resumed;
    this.#tip = tip;
    this.#commitment = commitment;
    this.#backlog = new TableBacklog({ hash: tip, height }, this.#backlogLimits);
    const migrated = schemaBefore === SCHEMA_VERSION ? "" : `, migrated from ${schemaBefore}`;
    return `Opened a database of schema ${SCHEMA_VERSION}${migrated}: height ${height}, ` +
      `${blockCount} blocks, ${utxoCount} unspent outputs, commitment and supply as they should be`;
  }

  #demandWorking(): void {
    if (this.#failure !== undefined) throw this.#failure;
  }

  /** Runs a part of a transaction; when it fails, takes the whole of it back, for good. */
  #attempt(act: () => void): void {
    try {
      act();
    } catch (error) {
      this.#failure = storeFailureOf(error, "write to the database");
      this.#takeBack();
      throw this.#failure;
    }
  }

  /** SQLite takes a transaction back by itself after some failures, and in any case when it closes. */
  #takeBack(): void {
    try {
      if (this.#db.isTransaction) this.#db.exec("ROLLBACK");
    } catch (error) {
      this.#failure = storeFailureOf(error, "take a write to the database back");
    }
  }
}

/** Puts what the database says about broken pages into our words. */
function reading<T>(act: () => T): T {
  try {
    return act();
  } catch (error) {
    throw storeFailureOf(error, "read the database");
  }
}
