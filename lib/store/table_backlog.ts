/**
 * What the large tables lack, those of unspent outputs and of transactions' places: the changes of the
 * newest blocks, net.
 *
 * Most coins are spent soon after they were created; those never reach the disk here. Their names and
 * those of transactions are hashes, so each block's rows lie all over a table: written with their block,
 * they cost a page each. Here those of many blocks are gathered and written in the order of their names,
 * a slice with each commit, so that a slice costs the pages of one stretch of the table. A block's change
 * is durable with the block itself, so what lies here can be done again from the bodies and the undo data
 * of the blocks above the one that the tables stand at.
 *
 * ```
 * connect → pending, gone through a piece at a time → open, until it is large → resting, until it is deep → closed, written a slice at a time → the
 *                                                                   tables stand at its block
 * ```
 *
 * A block of thousands would hold up whatever comes behind it, so a piece of it is gone through with each
 * commit; whoever asks what lies here, or takes a block back, has the rest gone through first.
 *
 * Knows no SQL; {@link ChainTables} writes.
 * Invariant: the tables, with what is closed, what rests, what is open and what is pending, in this order, are
 * the main chain's.
 *
 * @module
 */
import type { Utxo, UtxoDelta } from "../consensus/utxo.ts";
import { HexMap } from "../hex_map.ts";
import type { BlockHash, Height } from "../primitives/header.ts";
import type { Outpoint, Txid } from "../primitives/outpoint.ts";
import { compareText } from "../bytes.ts";

/** A block of the main chain. */
export interface Mark {
  readonly hash: BlockHash;
  readonly height: Height;
}

/** What a block changes in the tables. */
export interface BlockChange {
  readonly delta: UtxoDelta;
  /** The number of the block's row. */
  readonly sequence: number;
  readonly txids: readonly Txid[];
}

/** Where a transaction stands: its block's sequence times {@link POSITIONS_MAX}, and its position there. */
export type TransactionPlace = number;
export const POSITIONS_MAX = 65_536;

/** An unspent output that is to be written; `null`: one that is to be taken out, if it is there. */
export type CoinWrite = readonly [Outpoint, Utxo | null];
export type PlaceWrite = readonly [Txid, TransactionPlace];

/** What is to be written, in the order of the names. */
export interface TableWrites {
  readonly coins: readonly CoinWrite[];
  readonly places: readonly PlaceWrite[];
}

/** What became of an output, and whether what lies below has it, so that it has to be taken out there. */
interface Change {
  readonly utxo: Utxo | null;
  readonly isBelow: boolean;
}

/** The changes of some blocks that follow each other. */
interface Part {
  readonly coins: HexMap<Outpoint, Change>;
  readonly places: HexMap<Txid, TransactionPlace>;
}

/** How much may lie here. */
export interface BacklogLimits {
  /** So many changes, or so many blocks, are closed together. */
  readonly changes: number;
  readonly blocks: number;
  /** But only under so many more blocks: what a short reorganisation takes back is not written yet. */
  readonly depth: number;
  /** Into so many slices, 256 at most; all is written at once when there are more changes than `size`. */
  readonly slices: number;
  readonly size: number;
  /** So many changes are gone through at a time; all of them when more than `blocks` blocks are not. */
  readonly piece: number;
}

export const BACKLOG_LIMITS: BacklogLimits = {
  changes: 32_768,
  blocks: 64,
  depth: 2,
  slices: 64,
  size: 196_608,
  piece: 256,
};

/** A block that is not gone through to its end. */
interface PendingBlock extends BlockChange {
  readonly tip: Mark;
  /** How many of its changes were: first what is spent, then what is created, then the places. */
  done: number;
  /** It came with this commit, which has enough to write. */
  isNew: boolean;
}

export class TableBacklog {
  #open: Part = newPart();
  /** Large enough to be written, up to a block that may still be taken back. */
  #resting: (Part & { readonly at: Mark }) | undefined;
  /** Being written, up to a block: the tables stand there when all slices are. */
  #closed: Part = newPart();
  #closedAt: Mark | undefined;
  /** Names of what is closed and not written yet, by the beginning of the name. */
  #slices: { readonly outpoints: Outpoint[]; readonly txids: Txid[] }[] = [];
  /** The newest blocks, the oldest first. */
  #pending: PendingBlock[] = [];
  #pendingSize = 0;
  #tables: Mark;
  /** What was gone through ends with this block. */
  #tip: Mark;

  readonly #limits: BacklogLimits;

  /** Tables that stand at a block. */
  constructor(tables: Mark, limits: BacklogLimits) {
    this.#limits = limits;
    this.#tables = tables;
    this.#tip = tables;
  }

  /**
   * What brings tables to the newest block that stood at an older one, or on the way from there: what
   * has been written of these changes already is written once more, or taken out once more.
   */
  static replay(changes: Iterable<BlockChange>): TableWrites {
    const coins = new HexMap<Outpoint, Utxo | null>();
    const places = new HexMap<Txid, TransactionPlace>();
    for (const { delta: { spent, created }, sequence, txids } of changes) {
      for (const [outpoint] of spent) coins.set(outpoint, null);
      for (const [outpoint, utxo] of created) coins.set(outpoint, utxo);
      notePlaces(places, sequence, txids);
    }
    return { coins: inOrder(coins), places: inOrder(places) };
  }

  /** Where the tables stand: at this block, or on the way from it to a later one. */
  get tables(): Mark {
    return this.#tables;
  }

  /** How many changes lie here, at most. */
  get size(): number {
    const resting = this.#resting === undefined ? 0 : sizeOf(this.#resting);
    return sizeOf(this.#open) + resting + sizeOf(this.#closed) + this.#pendingSize;
  }

  /** Where a transaction stands, if its table may not know it yet. */
  placeOf(txid: Txid): TransactionPlace | undefined {
    this.#goThroughAll();
    return this.#open.places.get(txid) ?? this.#resting?.places.get(txid) ??
      this.#closed.places.get(txid);
  }

  /** The transactions whose places the table may lack. */
  *txids(): Generator<Txid, undefined> {
    this.#goThroughAll();
    yield* this.#open.places.keys();
    yield* this.#resting?.places.keys() ?? [];
    yield* this.#closed.places.keys();
  }

  /** A block was connected. */
  connect(change: BlockChange, tip: Mark): void {
    this.#pending.push({ ...change, tip, done: 0, isNew: true });
    this.#pendingSize += changesOf(change);
  }

  #goThroughAll(): void {
    this.#goThrough(Infinity);
  }

  /** Goes through so many changes of the pending blocks, at most, the oldest block first. */
  #goThrough(countMax: number): void {
    for (let rest = countMax; rest > 0 && this.#pending.length > 0;) {
      rest -= Math.max(1, this.#goThroughOldest(rest));
    }
  }

  /** Goes through so many changes of the oldest pending block, at most; gives how many. */
  #goThroughOldest(countMax: number): number {
    const [next] = this.#pending;
    if (next === undefined) return 0;
    const { delta, sequence, txids, tip, done } = next;
    const createdFrom = delta.spent.length;
    const placesFrom = createdFrom + delta.created.length;
    const end = Math.min(done + countMax, placesFrom + txids.length);
    const part = <T>(list: readonly T[], from: number) =>
      list.slice(Math.max(0, done - from), Math.max(0, end - from));
    this.#change({ spent: part(delta.spent, 0), created: part(delta.created, createdFrom) });
    for (let index = Math.max(done, placesFrom); index < end; index++) {
      const position = index - placesFrom;
      this.#open.places.set(txids[position] as Txid, POSITIONS_MAX * sequence + position);
    }
    next.done = end;
    this.#pendingSize -= end - done;
    if (end === placesFrom + txids.length) {
      this.#pending.shift();
      this.#connected(tip);
    }
    return end - done;
  }

  /** A block was gone through to its end. */
  #connected(tip: Mark): void {
    this.#tip = tip;
    const isLarge = sizeOf(this.#open) >= this.#limits.changes ||
      tip.height - (this.#closedAt ?? this.#tables).height >= this.#limits.blocks;
    if (isLarge && this.#resting === undefined) {
      this.#resting = { ...this.#open, at: tip };
      // The next one becomes as large.
      this.#open = newPart(this.#open);
    }
    const resting = this.#resting;
    const isDeep = resting !== undefined && tip.height - resting.at.height >= this.#limits.depth;
    if (isDeep && this.#closedAt === undefined) this.#close(resting);
  }

  /** A block was disconnected. True when the tables have some of it: then all has to be written now. */
  disconnect({ delta, txids }: Omit<BlockChange, "sequence">, tip: Mark): boolean {
    this.#goThroughAll();
    const isWritten = tip.height < (this.#closedAt ?? this.#tables).height;
    if (this.#resting !== undefined && tip.height < this.#resting.at.height) this.#reopen();
    this.#change({ spent: delta.created, created: delta.spent });
    for (const txid of txids) {
      this.#open.places.delete(txid);
      this.#closed.places.delete(txid);
    }
    this.#tip = tip;
    return isWritten;
  }

  /**
   * Goes through a piece of what is pending, larger the more blocks are, or leaves one alone that has just come;
   * where nothing is pending any more, takes a slice out, to be written. Says whether the tables stand at another
   * block then.
   */
  take(): { readonly writes: TableWrites; readonly hasMoved: boolean } {
    if (this.size > this.#limits.size) return { writes: this.takeAll(), hasMoved: true };
    const [oldest] = this.#pending;
    if (oldest !== undefined) {
      const count = this.#pending.length;
      // Many small ones come with each commit while a node catches up.
      if (count > this.#limits.blocks) this.#goThroughAll();
      else if (!oldest.isNew) this.#goThrough(this.#limits.piece * count);
      for (const each of this.#pending) each.isNew = false;
      if (this.#pending.length > 0) return { writes: NO_WRITES, hasMoved: false };
    }
    if (this.#closedAt === undefined) return { writes: NO_WRITES, hasMoved: false };

    const coins: CoinWrite[] = [];
    const places: PlaceWrite[] = [];
    const slice = this.#slices.pop();
    for (const outpoint of slice?.outpoints.sort() ?? []) {
      coins.push([outpoint, this.#closed.coins.get(outpoint)?.utxo ?? null]);
    }
    for (const txid of slice?.txids.sort() ?? []) {
      const place = this.#closed.places.get(txid);
      if (place !== undefined) places.push([txid, place]);
    }
    const writes: TableWrites = { coins, places };
    if (this.#slices.length > 0) return { writes, hasMoved: false };
    this.#tables = this.#closedAt;
    this.#closedAt = undefined;
    this.#closed = newPart();
    return { writes, hasMoved: true };
  }

  /** Takes everything out; the tables stand at the tip then. */
  takeAll(): TableWrites {
    this.#goThroughAll();
    const coins = new HexMap<Outpoint, Utxo | null>();
    const places = new HexMap<Txid, TransactionPlace>();
    for (const part of [this.#closed, this.#resting ?? newPart(), this.#open]) {
      for (const [outpoint, { utxo }] of part.coins) coins.set(outpoint, utxo);
      for (const [txid, place] of part.places) places.set(txid, place);
    }
    this.#closed = newPart();
    this.#resting = undefined;
    this.#open = newPart();
    this.#slices = [];
    this.#closedAt = undefined;
    this.#tables = this.#tip;
    return { coins: inOrder(coins), places: inOrder(places) };
  }

  #change({ spent, created }: UtxoDelta): void {
    const { coins } = this.#open;
    for (const [outpoint] of spent) {
      const change = coins.get(outpoint);
      // What was created here and is spent here never reaches the table.
      if (change?.isBelow === false) coins.delete(outpoint);
      else coins.set(outpoint, { utxo: null, isBelow: true });
    }
    for (const [outpoint, utxo] of created) {
      coins.set(outpoint, { utxo, isBelow: coins.has(outpoint) });
    }
  }

  /** What rested and what came upon it are one again. */
  #reopen(): void {
    const { coins, places } = this.#resting ?? newPart();
    for (const [outpoint, { utxo, isBelow }] of this.#open.coins) {
      const before = coins.get(outpoint);
      const wasBelow = before === undefined ? isBelow : before.isBelow;
      if (utxo === null && !wasBelow) coins.delete(outpoint);
      else coins.set(outpoint, { utxo, isBelow: wasBelow });
    }
    for (const [txid, place] of this.#open.places) places.set(txid, place);
    this.#open = { coins, places };
    this.#resting = undefined;
  }

  #close({ coins, places, at }: Part & { readonly at: Mark }): void {
    this.#closed = { coins, places };
    this.#closedAt = at;
    this.#resting = undefined;
    const count = this.#limits.slices;
    const slices = Array.from({ length: count }, () => ({
      outpoints: [] as Outpoint[],
      txids: [] as Txid[],
    }));
    const sliceOf = (name: string) => slices[Math.floor(firstByteOf(name) * count / 256)];
    for (const outpoint of this.#closed.coins.keys()) sliceOf(outpoint)?.outpoints.push(outpoint);
    for (const txid of this.#closed.places.keys()) sliceOf(txid)?.txids.push(txid);
    this.#slices = slices.filter(({ outpoints, txids }) => outpoints.length + txids.length > 0);
  }
}

const NO_WRITES: TableWrites = { coins: [], places: [] };

/** @param like a part that was as large as this one will be */
function newPart(like?: Part): Part {
  return { coins: new HexMap(like?.coins.size), places: new HexMap(like?.places.size) };
}

function changesOf({ delta: { spent, created }, txids }: BlockChange): number {
  return spent.length + created.length + txids.length;
}

function sizeOf({ coins, places }: Part): number {
  return coins.size + places.size;
}

function notePlaces(
  places: HexMap<Txid, TransactionPlace>,
  sequence: number,
  txids: readonly Txid[],
): void {
  for (const [position, txid] of txids.entries()) {
    places.set(txid, POSITIONS_MAX * sequence + position);
  }
}

function inOrder<Name extends string, Value>(
  values: Iterable<readonly [Name, Value]>,
): (readonly [Name, Value])[] {
  return [...values].sort(([a], [b]) => compareText(a, b));
}

/** Of a name that begins with hex. */
function firstByteOf(name: string): number {
  return 16 * digitOf(name.charCodeAt(0)) + digitOf(name.charCodeAt(1));
}

function digitOf(code: number): number {
  return code <= 57 ? code - 48 : code - 87;
}
