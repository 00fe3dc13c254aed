/**
 * What a call to the chain changed: for whoever persists it, announces it and lets the pool follow.
 *
 * Plain data in the order in which it is to be persisted. Invariant: `disconnected`, then `connected`, is
 * one path from the old tip down to the fork point and from there up to the new tip.
 *
 * @module
 */
import type { Block } from "../primitives/block.ts";
import type { BlockEntry, StoredEntry } from "./block_tree.ts";
import type { UtxoDelta } from "./utxo.ts";

/**
 * Everything that one call changed. The chain adds to it while it works, by {@link withItem}: a list is its
 * change's own once something is in it.
 */
export interface ChainChange {
  /** New blocks of the tree, parents first. */
  stored: readonly StoredBlock[];
  /** From the old tip down. */
  disconnected: readonly ConnectedBlock[];
  /** From the fork point up. */
  connected: readonly ConnectedBlock[];
  /** Entries whose status was set or lifted by a failure or by hand. */
  marked: readonly BlockEntry[];
  /** A block was connected whose coins are moved later: whoever follows the chain may take its time, too. */
  isLate?: boolean;
}

/** A new block of the tree. */
export interface StoredBlock {
  readonly entry: BlockEntry;
  readonly block: Block;
}

/** A block that joined or left the main chain, with what it changes. */
export interface ConnectedBlock {
  readonly entry: BlockEntry;
  readonly block: Block;
  readonly delta: UtxoDelta;
}

/** A change as it is stored: each block with what had become of it when this was made. */
export interface ChangeRecord {
  readonly stored: readonly { readonly entry: StoredEntry; readonly block: Block }[];
  /** From the old tip down. */
  readonly disconnected: readonly ConnectionRecord[];
  /** From the fork point up. */
  readonly connected: readonly ConnectionRecord[];
  readonly marked: readonly StoredEntry[];
}

/** A block that joined or left the main chain, as it is stored. */
export interface ConnectionRecord {
  readonly entry: StoredEntry;
  readonly block: Block;
  readonly delta: UtxoDelta;
}

/** The list of a change that has nothing in it: nothing is ever added to it. */
const NOTHING: readonly never[] = [];

/** A change that nothing has filled in yet. */
export function noChange(): ChainChange {
  return { stored: NOTHING, disconnected: NOTHING, connected: NOTHING, marked: NOTHING };
}

/**
 * A list of a change with one item more. Most lists have one item or none, and a list that is added to when it
 * is empty gets room for seventeen; so the first item makes its list.
 */
export function withItem<T>(list: readonly T[], item: T): readonly T[] {
  if (list.length === 0) return [item];
  (list as T[]).push(item);
  return list;
}

/**
 * Adds what a later call changed, net: a block that joined and left again stands in neither list, and is
 * marked. So the sum is again one path, from the old tip down and from there up.
 */
export function addChange(into: ChainChange, later: ChainChange): void {
  into.stored = into.stored.concat(later.stored);
  into.marked = into.marked.concat(later.marked);
  const connected = [...into.connected];
  for (const left of later.disconnected) {
    if (connected.at(-1)?.entry !== left.entry) {
      into.disconnected = withItem(into.disconnected, left);
    } else {
      connected.pop();
      // It was found valid on the way, and may have been stored before.
      into.marked = withItem(into.marked, left.entry);
    }
  }
  into.connected = connected.concat(later.connected);
}

/** Who says what has become of a block by now. */
interface RecordKeeper {
  recordOf(entry: BlockEntry): StoredEntry;
}

/** Writes down what a chain has made of the blocks of its change so far. */
export function recordOfChange(
  { stored, disconnected, connected, marked }: ChainChange,
  chain: RecordKeeper,
): ChangeRecord {
  return {
    stored: storedRecords(stored, chain),
    disconnected: connectionRecords(disconnected, chain),
    connected: connectionRecords(connected, chain),
    marked: marked.length === 0 ? NOTHING : marked.map((entry) => chain.recordOf(entry)),
  };
}

function storedRecords(
  blocks: readonly StoredBlock[],
  chain: RecordKeeper,
): ChangeRecord["stored"] {
  let records: ChangeRecord["stored"] = NOTHING;
  for (const { entry, block } of blocks) {
    records = withItem(records, { entry: chain.recordOf(entry), block });
  }
  return records;
}

function connectionRecords(
  blocks: readonly ConnectedBlock[],
  chain: RecordKeeper,
): readonly ConnectionRecord[] {
  let records: readonly ConnectionRecord[] = NOTHING;
  for (const { entry, block, delta } of blocks) {
    records = withItem(records, { entry: chain.recordOf(entry), block, delta });
  }
  return records;
}

/** Tells whether a change changed nothing. */
export function isNoChange(change: ChainChange): boolean {
  return change.stored.length === 0 && change.disconnected.length === 0 &&
    change.connected.length === 0 && change.marked.length === 0;
}
