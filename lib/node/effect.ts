/**
 * Everything that a node asks its shell to do, in the order in which it is to be done: what must be
 * durable comes first, then what the outside hears.
 *
 * @module
 */
import type { RuleError } from "../consensus/rule_table.ts";
import type { PublicKey } from "../crypto/keys.ts";
import type { PolicyError, RemovalReason } from "../mempool/policy_error.ts";
import type { Template } from "../mining/template.ts";
import type { BlockHash, Height } from "../primitives/header.ts";
import type { Txid } from "../primitives/outpoint.ts";
import type { Transaction } from "../primitives/transaction.ts";
import type { PaymentError } from "../wallet/payment.ts";
import type { Message } from "../wire/message.ts";
import type { RequestId } from "./input.ts";
import type { Commit } from "./persistence.ts";

/** Why a request was refused. The code is stable; the rest is evidence. */
export type RequestError =
  | RuleError
  | PolicyError
  | PaymentError
  | { readonly code: "not-ready"; readonly phase: Phase }
  | { readonly code: "observer-has-no-wallet" }
  | { readonly code: "payment-key-reused"; readonly key: string; readonly txid: Txid }
  | { readonly code: "not-mining" }
  | { readonly code: "mempool-empty" }
  | { readonly code: "transaction-unknown"; readonly txid: Txid }
  | { readonly code: "block-unknown"; readonly hash: BlockHash }
  | { readonly code: "genesis-immutable" };

/** How far a node is: looking for its place, waiting for the others, waiting for its first coins, ready. */
export type Phase = "joining" | "waiting-for-ring" | "starting-up" | "ready";

/** The answer to a request. */
export type Reply =
  | {
    readonly ok: true;
    readonly transaction?: Transaction;
    /** It was done before: nothing was done now. */
    readonly isKnown?: boolean;
  }
  | { readonly ok: false; readonly error: RequestError };

/** What whoever listens may want to know: the event stream, the log, the checkers. */
export type NodeEvent =
  | { readonly type: "phase"; readonly phase: Phase }
  | {
    readonly type: "block";
    readonly hash: BlockHash;
    readonly height: Height;
    readonly miner: PublicKey;
    readonly transactionCount: number;
    readonly own: boolean;
  }
  | {
    readonly type: "side-block";
    readonly hash: BlockHash;
    readonly height: Height;
    readonly miner: PublicKey;
  }
  | {
    readonly type: "reorg";
    readonly forkHeight: Height;
    readonly disconnected: readonly BlockHash[];
    readonly connected: readonly BlockHash[];
  }
  | {
    readonly type: "transaction";
    readonly transaction: Transaction;
    readonly own: boolean;
    /** It came in by this node's API, and no peer brought it. */
    readonly isLocal: boolean;
  }
  | { readonly type: "transaction-removed"; readonly txid: Txid; readonly reason: RemovalReason }
  | {
    readonly type: "peer";
    readonly publicKey: PublicKey;
    readonly change: "joined" | "connected" | "unreachable" | "backed-off" | "moved";
    readonly detail?: string;
  };

export type NodeEffect =
  | { readonly type: "commit"; readonly commit: Commit }
  | { readonly type: "reply"; readonly requestId: RequestId; readonly reply: Reply }
  /** Deliver to this URL, if that node's key is this one. Loss is allowed, order is kept. */
  | {
    readonly type: "send";
    readonly url: string;
    readonly publicKey: PublicKey | undefined;
    readonly message: Message;
  }
  /** Search a nonce for this template; replaces the one before. */
  | { readonly type: "mine"; readonly jobId: number; readonly template: Template }
  | { readonly type: "stop-mining" }
  /** More is to be done: give the node `continue` once the effects before this one are on their way. */
  | { readonly type: "continue" }
  | { readonly type: "event"; readonly event: NodeEvent }
  | {
    readonly type: "log";
    readonly level: "debug" | "info" | "warning" | "error";
    readonly text: string;
    readonly properties: Readonly<Record<string, unknown>>;
  }
  /** The node cannot go on: a person has to change something. */
  | { readonly type: "give-up"; readonly code: string; readonly text: string };
