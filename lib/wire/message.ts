/**
 * The messages between nodes: what they are, not what they do.
 *
 * Every message is one-way; an answer is a message of its own. The table of `message_table.ts` says when each is sent.
 *
 * @module
 */
import type { FlagName } from "../parameter_table.ts";
import type { Params, ParamsChoice } from "../params.ts";
import type { Block } from "../primitives/block.ts";
import type { BlockHash, Header, Height } from "../primitives/header.ts";
import type { Txid } from "../primitives/outpoint.ts";
import type { Work } from "../primitives/target.ts";
import type { Transaction } from "../primitives/transaction.ts";
import type { AddressRecord, RingCertificate } from "./ring.ts";

/** The most headers in one message. */
export const HEADERS_MAX = 2000;
/** The most blocks that one request names. */
export const BLOCKS_MAX = 64;
/** The most hashes in a locator. */
export const LOCATOR_MAX = 64;
/** The most transactions or txids in one message. */
export const TRANSACTIONS_MAX = 20_000;
/** The most address records in one message. */
export const RECORDS_MAX = 10_000;
/** How many bytes of blocks or transactions a node puts into one message, the last item not counted. */
export const MESSAGE_FILL_BYTES = 2 * 1024 * 1024;
/** The most bytes that one encoded message may have. */
export const MESSAGE_SIZE_BYTES_MAX = 8 * 1024 * 1024;

/** What a joining node's own flags say of the network; it is refused where they contradict it (N07). */
export type Expectations = Partial<Pick<ParamsChoice, FlagName>>;

/** Asks the bootstrap node for a place in the ring, or any member for the parameters and the ring only. */
export interface JoinMessage {
  readonly type: "join";
  readonly protocolVersion: number;
  readonly record: AddressRecord;
  /** Follows the network without a place in the ring. */
  readonly observer: boolean;
  readonly expectations: Expectations;
}

/** The answer yes to a join: the parameters, the new node's id (none for an observer), and who is there. */
export interface WelcomeMessage {
  readonly type: "welcome";
  readonly params: Params;
  readonly id: number | undefined;
  readonly joinedCount: number;
  /** Where the nodes are that have joined so far, the bootstrap node first. */
  readonly records: readonly AddressRecord[];
}

export type RefusalCode =
  | "ring-full"
  | "params-contradicted"
  | "protocol-version-unsupported"
  | "not-bootstrap"
  | "too-many-observers"
  /** A member has to be reached. */
  | "address-missing";

/** The answer no to a join. */
export interface RefusalMessage {
  readonly type: "refusal";
  readonly code: RefusalCode;
  /** For people: what was got and what was wanted. */
  readonly text: string;
}

/** The complete ring and where its nodes are. */
export interface RingMessage {
  readonly type: "ring";
  readonly ring: RingCertificate;
  readonly records: readonly AddressRecord[];
}

/** Where nodes are now. */
export interface RecordsMessage {
  readonly type: "records";
  readonly records: readonly AddressRecord[];
}

/** Where the sender stands. Sent at first contact, after that regularly: the anti-entropy. */
export interface StatusMessage {
  readonly type: "status";
  readonly protocolVersion: number;
  readonly genesisHash: BlockHash;
  readonly hasRing: boolean;
  readonly tipHash: BlockHash;
  readonly tipHeight: Height;
  readonly tipWork: Work;
  readonly poolSize: number;
  /** XOR of the first 64 bits of all txids in the pool. */
  readonly poolDigest: bigint;
  /** The sender's wall clock, ms since 1970-01-01 UTC. */
  readonly clockMs: number;
}

export interface TransactionsMessage {
  readonly type: "transactions";
  readonly transactions: readonly Transaction[];
}

/** A new block without bodies: the receiver has most of its transactions already (as in BIP 152). */
export interface CompactBlockMessage {
  readonly type: "compact-block";
  /** The header's hash; not on the wire, whoever decodes computes it. */
  readonly hash: BlockHash;
  readonly header: Header;
  readonly txids: readonly Txid[];
  /** Those of them that the receiver may lack, whole, in the block's order. */
  readonly prefilled: readonly Transaction[];
}

export interface GetBlockTransactionsMessage {
  readonly type: "get-block-transactions";
  readonly hash: BlockHash;
  /** Places in the block, ascending. */
  readonly indexes: readonly number[];
}

export interface BlockTransactionsMessage {
  readonly type: "block-transactions";
  readonly hash: BlockHash;
  readonly transactions: readonly Transaction[];
}

/** Asks for the headers above the first known hash of the locator. */
export interface GetHeadersMessage {
  readonly type: "get-headers";
  readonly locator: readonly BlockHash[];
}

/** Main-chain headers in a row, at most 2,000; fewer means that there are no more. */
export interface HeadersMessage {
  readonly type: "headers";
  readonly headers: readonly Header[];
}

export interface GetBlocksMessage {
  readonly type: "get-blocks";
  readonly hashes: readonly BlockHash[];
}

/** The blocks that were asked for, in that order, as many as fit; the rest is to be asked for again. */
export interface BlocksMessage {
  readonly type: "blocks";
  readonly blocks: readonly Block[];
}

/** Blocks that were asked for and are not here. */
export interface NotFoundMessage {
  readonly type: "not-found";
  readonly hashes: readonly BlockHash[];
}

export interface GetPoolMessage {
  readonly type: "get-pool";
}

export interface PoolMessage {
  readonly type: "pool";
  readonly txids: readonly Txid[];
}

export interface GetTransactionsMessage {
  readonly type: "get-transactions";
  readonly txids: readonly Txid[];
}

export type Message =
  | JoinMessage
  | WelcomeMessage
  | RefusalMessage
  | RingMessage
  | RecordsMessage
  | StatusMessage
  | TransactionsMessage
  | CompactBlockMessage
  | GetBlockTransactionsMessage
  | BlockTransactionsMessage
  | GetHeadersMessage
  | HeadersMessage
  | GetBlocksMessage
  | BlocksMessage
  | NotFoundMessage
  | GetPoolMessage
  | PoolMessage
  | GetTransactionsMessage;

export type MessageType = Message["type"];
