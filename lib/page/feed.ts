/**
 * What a network does, as the control room, its recordings and its player tell it: a list of events.
 *
 * Times are milliseconds since the feed's origin, on one clock: that of whoever observes. Blocks and
 * transactions are named by the first characters of their hashes, which is enough to tell them apart and
 * keeps a recording small. A feed is complete in itself: {@link ./network_view.ts} makes a picture of any
 * moment from the events before it, in a browser and outside.
 *
 * Types alone; `lib/control/recording.ts` checks what comes from a file.
 *
 * @module
 */

/** How many hex characters name a block and a transaction. */
export const BLOCK_ID_LENGTH = 24;
export const TRANSACTION_ID_LENGTH = 16;

/** A feed's origin and who is in it. */
export interface FeedHead {
  readonly origin: "cluster" | "simulation";
  /** For people: what the run is called. */
  readonly title: string;
  /** What time 0 is, ms since 1970. */
  readonly originMs: number;
  readonly capacity: number;
  readonly difficulty: number;
  /** How many nodes; they are numbered from 0. */
  readonly nodes: number;
}

/** Whether a node runs. `stopped` is paused by a signal; `down` has no process. */
export type NodeRunState = "starting" | "up" | "stopped" | "down";

/** What somebody has done to a node or a link. */
export interface NodeFaults {
  readonly isMiningPaused: boolean;
  readonly hashRateLimit: number | null;
  readonly clockSkewMs: number;
  readonly isWithholding: boolean;
}

export const NO_NODE_FAULTS: NodeFaults = {
  isMiningPaused: false,
  hashRateLimit: null,
  clockSkewMs: 0,
  isWithholding: false,
};

export interface LinkFault {
  readonly from: number;
  readonly to: number;
  readonly isCut: boolean;
  readonly latencyMs: number;
  readonly loss: number;
}

export type MarkKind = "order" | "violation" | "step" | "bookmark" | "reorg" | "node";

/** What a message is for, which decides how it is drawn. */
export type MessageClass = "announce" | "question" | "answer" | "transaction" | "other";

/** A block that somebody has for the first time. */
export interface BlockEvent {
  readonly kind: "block";
  readonly at: number;
  readonly id: string;
  readonly parent: string;
  readonly height: number;
  /** Its miner's node; null when the miner is not of this network. */
  readonly miner: number | null;
  readonly transactions: number;
  /** The ids of its transactions, if they were told. */
  readonly txids?: readonly string[];
  /** In hex zeros, where it is not the one of the feed's head. */
  readonly difficulty?: number;
  /** What its header says, on the feed's clock. */
  readonly stamp: number;
}

/**
 * A transaction that somebody has for the first time. It is told once more when the node that it was made
 * at told it later than others.
 */
export interface TransactionEvent {
  readonly kind: "tx";
  readonly at: number;
  readonly id: string;
  readonly node: number;
  readonly from: number | null;
  readonly to: number | null;
  readonly amount: number;
}

/** A message that arrived, or was lost on the way. */
export interface MessageEvent {
  readonly kind: "message";
  /** When it arrived or was given up: events are in the order of `at`. */
  readonly at: number;
  readonly sentAt: number;
  readonly isLost: boolean;
  readonly from: number;
  readonly to: number;
  readonly type: string;
  readonly class: MessageClass;
  /** What it is about, in a few words that the program itself made. */
  readonly detail: string;
}

/** What the nodes say of themselves once a second. */
export interface NodeGauge {
  readonly height: number;
  readonly pool: number;
  readonly hashRate: number;
  readonly peers: number;
}

export type FeedEvent =
  | BlockEvent
  /** A node has a block, on its main chain or beside it. */
  | { readonly kind: "seen"; readonly at: number; readonly id: string; readonly node: number }
  /** A node's main chain ends there now; `dropped` blocks left it. */
  | {
    readonly kind: "tip";
    readonly at: number;
    readonly node: number;
    readonly id: string;
    readonly dropped: number;
  }
  | TransactionEvent
  /** How many nodes have these transactions now. */
  | {
    readonly kind: "spread";
    readonly at: number;
    readonly counts: readonly (readonly [id: string, nodes: number])[];
  }
  /** A node took a transaction out of its pool, or refused one: with which rule. */
  | {
    readonly kind: "refused";
    readonly at: number;
    readonly node: number;
    readonly id: string | null;
    readonly code: string;
    /** How often; once when it is left out. */
    readonly count?: number;
  }
  | MessageEvent
  /** How many messages and transactions were not told one by one since the last such event. */
  | {
    readonly kind: "unseen";
    readonly at: number;
    readonly messages: number;
    readonly transactions?: number;
  }
  | {
    readonly kind: "node";
    readonly at: number;
    readonly node: number;
    readonly run: NodeRunState;
    readonly faults: NodeFaults;
  }
  /** All faulty links; a link that is not listed has no fault. */
  | { readonly kind: "links"; readonly at: number; readonly links: readonly LinkFault[] }
  | { readonly kind: "gauges"; readonly at: number; readonly nodes: readonly (NodeGauge | null)[] }
  /** How far each node's clock is from the feed's, and how surely that is known. */
  | {
    readonly kind: "clocks";
    readonly at: number;
    readonly offsets: readonly (readonly [offsetMs: number, errorMs: number] | null)[];
  }
  /** Something worth a place in the list: an order, a checker's verdict, a lesson's step, a bookmark. */
  | {
    readonly kind: "mark";
    readonly at: number;
    readonly mark: MarkKind;
    readonly text: string;
    readonly nodes: readonly number[];
    /** For a reorganisation: the new tip, and how many blocks left the chain. */
    readonly block?: string;
    readonly count?: number;
  };

/** What a message of this type is for. */
export function messageClass(type: string): MessageClass {
  switch (type) {
    case "compact-block":
      return "announce";
    case "transactions":
      return "transaction";
    case "headers":
    case "blocks":
    case "block-transactions":
    case "pool":
    case "not-found":
      return "answer";
    default:
      return type.startsWith("get-") ? "question" : "other";
  }
}
