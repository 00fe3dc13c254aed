/**
 * What a node knows: its configuration, its peers, and, once it has found its network, the chain, the
 * pool and what it is doing about them.
 *
 * Plain data, in parts: each says who changes it, and functions take the parts that they deal with, not
 * the whole. Nothing here reads a clock or a disk.
 *
 * @module
 */
import type { BlockEntry, BlockForest } from "../consensus/block_tree.ts";
import type { Chain } from "../consensus/chain.ts";
import type { BlockCheck } from "../consensus/check_block.ts";
import type { TransactionVerifier } from "../consensus/transaction_verifier.ts";
import type { KeyPair, PublicKey } from "../crypto/keys.ts";
import type { Mempool, MempoolEntry } from "../mempool/mempool.ts";
import type { OrphanTransactions } from "../mempool/orphan_transactions.ts";
import type { Template, TemplateDraft } from "../mining/template.ts";
import type { HexMap } from "../hex_map.ts";
import type { Params } from "../params.ts";
import type { Block } from "../primitives/block.ts";
import type { BlockHash, Header } from "../primitives/header.ts";
import type { Txid } from "../primitives/outpoint.ts";
import type { Transaction } from "../primitives/transaction.ts";
import type { CompactBlockMessage, Expectations, StatusMessage } from "../wire/message.ts";
import type { OwnCoins } from "../wallet/own_coins.ts";
import type { AddressRecord } from "../wire/ring.ts";
import type { Phase } from "./effect.ts";
import type { PaidKey } from "./paid_keys.ts";
import type { OrphanBlocks } from "./orphan_blocks.ts";
import type { IgnoredCounts } from "./ignored.ts";
import type { MessageWindow, Peer } from "./peer.ts";
import type { RecentTemplates } from "./recent_templates.ts";
import type { ChainArchive, FailedPayment, Membership } from "./persistence.ts";

/** How patient a node is, all in milliseconds. */
export interface NodeTiming {
  /** How often each peer hears where we stand. */
  readonly statusIntervalMs: number;
  /** How long a peer may take to answer. */
  readonly requestTimeoutMs: number;
  /** How soon and how late a join is tried again. */
  readonly joinRetryMsMin: number;
  readonly joinRetryMsMax: number;
  /** How long a peer is left alone after it misbehaved. */
  readonly backOffMs: number;
}

export const DEFAULT_TIMING: NodeTiming = {
  statusIntervalMs: 2_000,
  requestTimeoutMs: 4_000,
  joinRetryMsMin: 100,
  joinRetryMsMax: 2_000,
  backOffMs: 30_000,
};

/** Which part a node plays. */
export type Role =
  /** Founds the network with these parameters, and is node 0 of it. */
  | { readonly kind: "bootstrap"; readonly params: Params }
  /** Wants a place in the ring. */
  | {
    readonly kind: "member";
    readonly bootstrapUrl: string;
    readonly expectations: Expectations;
  }
  /** Follows, validates and serves without a place in the ring. */
  | {
    readonly kind: "observer";
    readonly bootstrapUrl: string;
    readonly expectations: Expectations;
  };

export interface NodeConfig {
  readonly keyPair: KeyPair;
  /** Where peers reach this node: its own signed record. */
  readonly record: AddressRecord;
  readonly role: Role;
  readonly isMining: boolean;
  /**
   * Every node talks to every other one, so whoever makes something tells everybody, and nobody else
   * passes it on. Otherwise a node talks to the peers that it was given and passes on what is new.
   */
  readonly isFullMesh: boolean;
  readonly timing: NodeTiming;
  /** From so many transactions on a block is taken in by stages; {@link STAGED_TRANSACTIONS_MIN} if nobody says. */
  readonly stagedTransactionsMin?: number;
}

/** Until when an answer is waited for. */
export interface Wait {
  readonly askedAtMs: number;
  readonly deadlineMs: number;
  /** This node overslept its end once, so it has begun anew. */
  readonly isRenewed: boolean;
}

/** A compact block that lacks some transactions. */
export interface PartialBlock extends Wait {
  readonly header: Header;
  readonly hash: BlockHash;
  readonly txids: readonly Txid[];
  readonly found: Map<Txid, Transaction>;
  readonly from: PublicKey;
}

/** A block whose header was checked and whose body is not here. */
export interface WantedBlock {
  readonly header: Header;
  /** Who told of it. */
  readonly source: PublicKey | undefined;
  /** Who said that it does not have it. */
  readonly lackedBy: Set<PublicKey>;
  /** Who was asked and did not answer: somebody else is asked, if there is anybody. */
  readonly stalledBy: Set<PublicKey>;
}

/** What is being fetched. Owned by sync.ts, fetch_headers.ts and fetch_blocks.ts. */
export interface SyncState {
  /** The one open question for headers, and where the peer said that it stands when it was asked. */
  headersRequest:
    | Wait & { readonly peer: PublicKey; readonly claim: StatusMessage | undefined }
    | undefined;
  /**
   * Who is asked next, in this order, and of which block each has told: the open question may not bring
   * it.
   */
  readonly askNext: Map<PublicKey, BlockHash>;
  /** Blocks that are wanted, in the order in which they were told of. */
  readonly wanted: Map<BlockHash, WantedBlock>;
  /** Blocks that a peer was asked for, and with which request. */
  readonly inFlight: Map<
    BlockHash,
    Wait & { readonly peer: PublicKey; readonly requestNumber: number }
  >;
  requestCount: number;
  /** The last answer was full: there is more. */
  hasMore: boolean;
}

/** What is being mined. Only work.ts changes it, but for an operator's orders, which requests.ts notes. */
export interface WorkState {
  lastJobId: number;
  current:
    | {
      readonly jobId: number;
      readonly template: Template;
      /** Grows with what comes in, as long as the pool's revision stays. */
      readonly draft: TemplateDraft;
      readonly poolRevision: number;
      readonly madeAtMs: number;
    }
    | undefined;
  /** The last templates by job, for solutions that were found in a race. */
  readonly recent: RecentTemplates;
  /** An operator's order. */
  isPaused: boolean;
  /** An operator's order: blocks to be mined without waiting for them to fill. */
  flushBlocks: number;
}

/** The chain as it is read: everything but what changes it. */
export type ChainView = Omit<
  Chain,
  | "accept"
  | "store"
  | "prepare"
  | "adopt"
  | "adoptStored"
  | "settle"
  | "examine"
  | "invalidate"
  | "reconsider"
  | "settleTie"
  | "releasePersisted"
  | "releaseAtRest"
>;

/** The pool as it is read. */
export type PoolView = Omit<Mempool, "accept" | "remove" | "follow" | "settle">;

/** The ledger as everybody may read it. */
export interface LedgerView {
  readonly params: Params;
  readonly chain: ChainView;
  readonly mempool: PoolView;
  readonly orphanTransactions: Pick<OrphanTransactions, "has">;
  readonly orphanBlocks: Pick<OrphanBlocks, "has" | "get">;
  /** Own payments that failed, the oldest first. */
  readonly failed: ReadonlyMap<Txid, FailedPayment>;
}

/**
 * The ledger with all that changes when a transaction or a block comes in, or a block is judged anew.
 * Whoever changes the chain lets doors.ts write down what follows.
 */
export interface Ledger extends LedgerView {
  readonly verifier: TransactionVerifier;
  readonly chain: Chain;
  readonly mempool: Mempool;
  readonly orphanTransactions: OrphanTransactions;
  /** The newest transactions of the main chain's blocks, as many as are remembered. Owned by doors.ts. */
  readonly confirmedLately: HexMap<Txid, true>;
  /** What waits and is not on disk, the oldest first. Owned by pool_on_disk.ts. */
  readonly unwritten: HexMap<Txid, MempoolEntry>;
  readonly orphanBlocks: OrphanBlocks;
  /** Which peer brought a block that is as heavy as the tip. Owned by doors.ts; as many as there are rivals. */
  readonly rivalSources: Map<BlockHash, PublicKey>;
  /** The own wallet's coins, from its first payment on. Kept up to date by doors.ts. */
  wallet: OwnCoins | undefined;
  /** Owned by doors.ts, once they are restored. */
  readonly failed: Map<Txid, FailedPayment>;
}

/** What is being fetched: the part of sync.ts, fetch_headers.ts and fetch_blocks.ts. */
export interface SyncPart {
  readonly sync: SyncState;
}

/** Compact blocks that wait for transactions: the part of compact_block.ts. */
export interface RelayPart {
  readonly partialBlocks: Map<BlockHash, PartialBlock>;
}

/** A block that is being taken in, a stage each turn. */
export type StagedBlock =
  /** Its header is good; the rest was not looked at. */
  | {
    readonly stage: "announced";
    readonly from: PublicKey;
    readonly message: CompactBlockMessage;
  }
  /** Its transactions are together; nothing of them was checked. */
  | (
    & { readonly stage: "assembled"; readonly transactions: readonly Transaction[] }
    & Pick<PartialBlock, "header" | "hash" | "from">
  )
  /** Its body was checked. */
  | { readonly stage: "sound"; readonly block: Block; readonly from: PublicKey }
  /** It is on disk, and not connected; `checked` against the coins, too. */
  | {
    readonly stage: "stored" | "checked";
    readonly entry: BlockEntry;
    /** Who brought it; own blocks have nobody. */
    readonly from: PublicKey | undefined;
    /** The peers know of it. */
    readonly isAnnounced: boolean;
  };

/** The block that is being taken in, if there is one: the part of staged_block.ts and continue_staged.ts. */
export interface StagedPart {
  staged: StagedBlock | undefined;
}

/** The ring, and where everybody is: the part of membership_record.ts. */
export interface MembershipPart {
  membership: Membership;
}

/** What is being mined: the part of work.ts. */
export interface WorkPart {
  readonly work: WorkState;
}

/** Blocks of the future that were put aside until their time has come: the part of clock.ts. */
export interface ClockPart {
  readonly postponed: Set<BlockHash>;
}

/** What this wallet has paid under keys, the oldest first: the part of requests.ts, once it is restored. */
export interface RequestPart {
  readonly paid: Map<string, PaidKey>;
}

/**
 * Everything that needs the network's parameters. A function takes the parts that it reads or changes, so
 * that its signature says what it may touch.
 */
export interface Network
  extends
    Ledger,
    SyncPart,
    RelayPart,
    StagedPart,
    MembershipPart,
    WorkPart,
    ClockPart,
    RequestPart {}

/** The joining of a network. Owned by join_network.ts, but for the key that a handshake shows to peer_links.ts. */
export interface JoiningState {
  /** Who answers at the bootstrap URL, as a handshake has shown; nobody else can take us in or refuse us. */
  bootstrapKey: PublicKey | undefined;
  attemptCount: number;
  nextAttemptAtMs: number;
  /** How many nodes have a place, as the bootstrap node has told last; 0 before that. */
  joinedCount: number;
}

/** The most failed own payments that are remembered. */
export const FAILED_PAYMENTS_MAX = 10_000;

export interface NodeState {
  readonly config: NodeConfig;
  /**
   * How far the machine's wall clock is ahead of the steady time that steps are given. Deadlines and
   * patience go by the steady time; blocks, arrivals and whatever people read by the wall clock.
   */
  wallOffsetMs: number;
  /** The wall clock is far from the median of the peers'. Owned by clock.ts. */
  isClockFar: boolean;
  readonly archive: ChainArchive;
  /** Makes the verifier of a network's signatures; a shell may share one among nodes. */
  readonly verifierOf: (params: Params) => TransactionVerifier;
  /** Where the blocks of a network stand; a shell may share one forest among nodes. */
  readonly forestOf: (params: Params) => BlockForest;
  /** How blocks are looked into; by all rules unless a simulation says otherwise. */
  readonly checkBlock: BlockCheck | undefined;
  phase: Phase;
  /** When the node wants a tick, at the latest; Infinity for never. */
  wakeAtMs: number;
  network: Network | undefined;
  readonly joining: JoiningState;
  readonly peers: Map<PublicKey, Peer>;
  /** The messages of all who are no peers, together. */
  readonly strangers: MessageWindow;
  /** What was heard and passed over. */
  readonly ignored: IgnoredCounts;
  /** Joins that were refused since the log last said so. */
  readonly refusedJoins: { loggedAtMs: number; count: number };
  isStarted: boolean;
  /** What the store's pool held; goes through the pool's door when the node starts. */
  restoredPool: readonly MempoolEntry[];
}
