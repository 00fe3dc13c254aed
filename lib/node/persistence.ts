/**
 * What a node wants to have on disk: the commit that each step asks for, and what it starts from again.
 *
 * One step makes at most one commit. It is atomic: after a crash all of it is there or nothing. It is
 * done before anything that the step says to the outside. A store knows how; the node does not.
 *
 * @module
 */
import type { StoredEntry } from "../consensus/block_tree.ts";
import type { ChangeRecord, ConnectionRecord } from "../consensus/chain_change.ts";
import type { BlockReader } from "../consensus/recent_blocks.ts";
import type { PackedUtxos } from "../consensus/packed_utxos.ts";
import type { PublicKey } from "../crypto/keys.ts";
import type { MempoolEntry } from "../mempool/mempool.ts";
import type { Params } from "../params.ts";
import type { Block } from "../primitives/block.ts";
import type { BlockHash } from "../primitives/header.ts";
import type { Txid } from "../primitives/outpoint.ts";
import type { Transaction } from "../primitives/transaction.ts";
import type { PaidKey } from "./paid_keys.ts";
import type { AddressRecord, RingCertificate } from "../wire/ring.ts";

/** What a node knows of its network beside the chain. */
export interface Membership {
  readonly params: Params;
  /** This node's id; none for an observer. */
  readonly id: number | undefined;
  /** At the bootstrap node: who has a place so far, in the order of ids. */
  readonly joined: readonly PublicKey[];
  readonly ring: RingCertificate | undefined;
  /** Where everybody is, this node itself first. */
  readonly records: readonly AddressRecord[];
  /** At the bootstrap node: the start-up payouts have been made (N04: all of them, in one commit). */
  readonly payoutsMade: boolean;
  /** The start-up payouts have been confirmed once: this node may spend. */
  readonly startedUp: boolean;
}

/** An own payment that can never be confirmed any more, and why: nothing vanishes silently (M06). */
export interface FailedPayment {
  readonly transaction: Transaction;
  readonly reasonCode: string;
  readonly failedAtMs: number;
}

/** Everything that one step wants to be durable, applied in the order of the fields. */
export interface Commit extends ChangeRecord {
  readonly membership?: Membership;
  /** New blocks of the tree, parents first. */
  readonly stored: readonly { readonly entry: StoredEntry; readonly block: Block }[];
  /** From the old tip down: take what they created out, put what they spent back. */
  readonly disconnected: readonly ConnectionRecord[];
  /** From the fork point up: take out what they spend, put in what they create, keep the undo data. */
  readonly connected: readonly ConnectionRecord[];
  /** Entries whose status or code changed. */
  readonly marked: readonly StoredEntry[];
  /** The tip after all this. */
  readonly tip?: BlockHash;
  readonly poolRemoved: readonly Txid[];
  readonly poolAdded: readonly MempoolEntry[];
  readonly failed: readonly FailedPayment[];
  /** Keys under which this step's payments were asked for. */
  readonly paid?: readonly PaidKey[];
}

/** A commit of nothing. */
export const NO_COMMIT: Commit = {
  stored: [],
  disconnected: [],
  connected: [],
  marked: [],
  poolRemoved: [],
  poolAdded: [],
  failed: [],
};

/** What a store gives back at start-up. */
export interface Snapshot {
  readonly membership: Membership;
  /** All blocks of the tree but genesis, in the order of their sequence. */
  readonly entries: readonly StoredEntry[];
  readonly tip: BlockHash;
  readonly utxos: PackedUtxos;
  /** In the order in which they were added. */
  readonly pool: readonly MempoolEntry[];
  readonly failed: readonly FailedPayment[];
  /** The oldest first. */
  readonly paid?: readonly PaidKey[];
}

/** A transaction of the main chain or of a side branch, found by its id. */
export interface TransactionLocation {
  readonly blockHash: BlockHash;
  readonly index: number;
}

/** What the node and its queries read of old blocks. Synchronous. */
export interface ChainArchive extends BlockReader {
  /** Where a transaction stands on the main chain. */
  findTransaction(txid: Txid): TransactionLocation | undefined;
  /** Ids of main-chain transactions that begin with these hex characters, so many at most. */
  txidsWithPrefix(prefix: string, limit: number): readonly Txid[];
  /**
   * Main-chain transactions that one wallet sent or received, the newest first.
   *
   * @param behind where to go on: only what is older than this place of the main chain
   */
  transactionsOf(
    owner: PublicKey,
    limit: number,
    behind?: TransactionLocation,
  ): readonly TransactionLocation[];
}

/** The port that stores implement: SQLite, memory, the simulator's disk. */
export interface Store extends ChainArchive {
  /** What was committed so far; `undefined` for a new store. */
  load(): Snapshot | undefined;
  /** Makes a commit durable, whole or not at all. Throws when the machine cannot. */
  commit(commit: Commit): void;
  close(): void;
}
