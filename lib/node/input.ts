/**
 * Everything that can happen to a node. Inputs are values; the clock's reading comes beside them.
 *
 * @module
 */
import type { PublicKey } from "../crypto/keys.ts";
import type { Amount } from "../primitives/amount.ts";
import type { BlockHash } from "../primitives/header.ts";
import type { Txid } from "../primitives/outpoint.ts";
import type { Block } from "../primitives/block.ts";
import type { Transaction } from "../primitives/transaction.ts";
import type { Message } from "../wire/message.ts";
import type { LinkFault } from "./peer_fault.ts";

/** Names a request, so that its answer finds the one who asked. */
export type RequestId = number;

/** What an operator can do to a running node. */
export type ControlCommand =
  | { readonly kind: "pause-mining" }
  | { readonly kind: "resume-mining" }
  /** Mine up to `blocks` blocks now, without waiting for them to fill. */
  | { readonly kind: "mine-now"; readonly blocks: number }
  /** Neither hear nor call these peers until they are reconnected; all of them when none is named. */
  | { readonly kind: "disconnect-peers"; readonly publicKeys: readonly PublicKey[] }
  | { readonly kind: "reconnect-peers"; readonly publicKeys: readonly PublicKey[] }
  | { readonly kind: "drop-transaction"; readonly txid: Txid }
  | { readonly kind: "invalidate-block"; readonly hash: BlockHash }
  | { readonly kind: "reconsider-block"; readonly hash: BlockHash };

export type NodeInput =
  /** The first input: start to join, to mine, to talk. */
  | { readonly type: "start" }
  /** The node has asked for this: it goes on with what it has put off. */
  | { readonly type: "continue" }
  /** For a while little has come in: what lies in memory only for the sake of speed may go. */
  | { readonly type: "rest" }
  /** The clock reached the time that {@link NodeState.wakeAtMs} asked for. */
  | { readonly type: "tick" }
  /**
   * The machine's wall clock moved against the node's steady one: it was set, or the machine slept. From
   * now on the wall clock is this far ahead of the steady one.
   */
  | { readonly type: "clock"; readonly wallOffsetMs: number }
  /** A message from a peer whose key the transport has verified. */
  | { readonly type: "message"; readonly from: PublicKey; readonly message: Message }
  /** The transport shook hands with a peer. */
  | {
    readonly type: "peer-connected";
    readonly publicKey: PublicKey;
    readonly url: string;
    /** This node has called it there; otherwise the URL is no more than its own word. */
    readonly isCalled: boolean;
  }
  /** The transport could not deliver: time-out, refused connection, wrong identity. */
  | {
    readonly type: "peer-failed";
    readonly url: string;
    readonly publicKey: PublicKey | undefined;
    readonly code: string;
  }
  /** Bytes that are no message, or more of them than allowed. */
  | { readonly type: "peer-misbehaved"; readonly from: PublicKey; readonly code: LinkFault }
  /** The node's own wallet pays. */
  | {
    readonly type: "pay";
    readonly requestId: RequestId;
    readonly receiver: PublicKey;
    readonly amount: Amount;
    /** Whoever asks twice under one key is paid for once. */
    readonly key?: string | undefined;
  }
  /** A transaction that was signed elsewhere. */
  | {
    readonly type: "submit";
    readonly requestId: RequestId;
    readonly transaction: Transaction;
  }
  /** A block that was mined elsewhere. */
  | { readonly type: "submit-block"; readonly requestId: RequestId; readonly block: Block }
  | { readonly type: "control"; readonly requestId: RequestId; readonly command: ControlCommand }
  /** The miner found a nonce for a template. */
  | {
    readonly type: "mined";
    readonly jobId: number;
    readonly timestampMs: number;
    readonly nonce: number;
  };
