/**
 * One turn of the node: an input, the time, and what comes out of it.
 *
 * Handlers add to a turn; `node.ts` ends it and puts its parts in order: what must be durable, then what
 * the outside hears.
 *
 * @module
 */
import { type ChainChange, noChange } from "../consensus/chain_change.ts";
import type { PublicKey } from "../crypto/keys.ts";
import type { MempoolEntry } from "../mempool/mempool.ts";
import type { Txid } from "../primitives/outpoint.ts";
import type { Transaction } from "../primitives/transaction.ts";
import type { Message } from "../wire/message.ts";
import type { NodeEffect, NodeEvent, Reply } from "./effect.ts";
import type { RequestId } from "./input.ts";
import type { FailedPayment, Membership } from "./persistence.ts";
import type { PaidKey } from "./paid_keys.ts";
import type { NodeState, Peer } from "./state.ts";

/** What a turn wants to be durable, as far as it has come. */
export interface CommitDraft {
  membership: Membership | undefined;
  readonly change: ChainChange;
  readonly poolRemoved: Txid[];
  readonly poolAdded: MempoolEntry[];
  readonly failed: FailedPayment[];
  readonly paid: PaidKey[];
}

export interface Turn {
  readonly node: NodeState;
  /** The node's steady time: never goes backwards, stands still while the machine sleeps. */
  readonly nowMs: number;
  readonly effects: NodeEffect[];
  readonly draft: CommitDraft;
  /** Transactions that came in with this turn, and from whom: passed on together at its end. */
  readonly accepted: { readonly transaction: Transaction; readonly from: PublicKey | undefined }[];
  /**
   * The main chain got another tip, who brought the block (own blocks have nobody), and those of its
   * transactions that the peers may not have yet.
   */
  newTip: {
    readonly from: PublicKey | undefined;
    readonly young: readonly Transaction[];
  } | undefined;
  /** Tip or pool changed: what is being mined has to be looked at. */
  isWorkStale: boolean;
}

export function beginTurn(node: NodeState, nowMs: number): Turn {
  return {
    node,
    nowMs,
    effects: [],
    draft: {
      membership: undefined,
      change: noChange(),
      poolRemoved: [],
      poolAdded: [],
      failed: [],
      paid: [],
    },
    accepted: [],
    newTip: undefined,
    isWorkStale: false,
  };
}

/** The machine's wall clock, ms since 1970-01-01 UTC: what blocks are dated by. May be set back. */
export function wallMsOf({ node, nowMs }: Turn): number {
  return nowMs + node.wallOffsetMs;
}

/** Asks for a tick at that time, or earlier. */
export function wakeBy(turn: Turn, atMs: number): void {
  if (atMs < turn.node.wakeAtMs) turn.node.wakeAtMs = atMs;
}

export function emit(turn: Turn, event: NodeEvent): void {
  turn.effects.push({ type: "event", event });
}

export function answer(turn: Turn, requestId: RequestId, reply: Reply): void {
  turn.effects.push({ type: "reply", requestId, reply });
}

export function log(
  turn: Turn,
  level: "debug" | "info" | "warning" | "error",
  text: string,
  properties: Readonly<Record<string, unknown>> = {},
): void {
  turn.effects.push({ type: "log", level, text, properties });
}

/** Sends to a peer, unless it is cut off or left alone for a while. */
export function sendTo(turn: Turn, peer: Peer, message: Message): void {
  if (peer.isCut || peer.backedOffUntilMs > turn.nowMs) return;
  const { url, publicKey } = peer;
  turn.effects.push({ type: "send", url, publicKey, message });
}
