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

/** Everything that one call changed. The chain adds to it while it works. */
export interface ChainChange {
  /** New blocks of the tree, parents first. */
  readonly stored: { readonly entry: BlockEntry; readonly block: Block }[];
  /** From the old tip down. */
  readonly disconnected: ConnectedBlock[];
  /** From the fork point up. */
  readonly connected: ConnectedBlock[];
  /** Entries whose status was set or lifted by a failure or by hand. */
  readonly marked: BlockEntry[];
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

/** A change that nothing has filled in yet. */
export function noChange(): ChainChange {
  return { stored: [], disconnected: [], connected: [], marked: [] };
}

/**
 * Adds what a later call changed, net: a block that joined and left again stands in neither list, and is
 * marked. So the sum is again one path, from the old tip down and from there up.
 */
export function addChange(into: ChainChange, later: ChainChange): void {
  into.stored.push(...later.stored);
  into.marked.push(...later.marked);
  for (const left of later.disconnected) {
    if (into.connected.at(-1)?.entry !== left.entry) into.disconnected.push(left);
    else {
      into.connected.pop();
      // It was found valid on the way, and may have been stored before.
      into.marked.push(left.entry);
    }
  }
  into.connected.push(...later.connected);
}

/** Writes down what a chain has made of the blocks of its change so far. */
export function recordOfChange(
  { stored, disconnected, connected, marked }: ChainChange,
  chain: { recordOf(entry: BlockEntry): StoredEntry },
): ChangeRecord {
  return {
    stored: recordsOf(stored, ({ entry, block }) => ({ entry: chain.recordOf(entry), block })),
    disconnected: recordsOf(disconnected, (each) => connectionOf(each, chain)),
    connected: recordsOf(connected, (each) => connectionOf(each, chain)),
    marked: recordsOf(marked, (entry) => chain.recordOf(entry)),
  };
}

function connectionOf(
  { entry, block, delta }: ConnectedBlock,
  chain: { recordOf(entry: BlockEntry): StoredEntry },
): ConnectionRecord {
  return { entry: chain.recordOf(entry), block, delta };
}

/** Most lists have one item or none: a list that is mapped is made larger than that. */
function recordsOf<T, Record>(
  items: readonly T[],
  recordOf: (item: T) => Record,
): readonly Record[] {
  const [first] = items;
  if (first === undefined) return NOTHING;
  return items.length === 1 ? [recordOf(first)] : items.map(recordOf);
}

const NOTHING: readonly never[] = [];

/** Tells whether a change changed nothing. */
export function isNoChange(change: ChainChange): boolean {
  return change.stored.length === 0 && change.disconnected.length === 0 &&
    change.connected.length === 0 && change.marked.length === 0;
}
