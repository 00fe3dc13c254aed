/**
 * One turn of the node: an input, the time, and what comes out of it.
 *
 * Handlers add to a turn; `node.ts` ends it and puts its parts in order: what must be durable, then what
 * the outside hears. A handler takes the narrowest kind of turn that lets it do its work, so that its
 * signature says what it may touch.
 *
 * @module
 */
import type { ChainChange } from "../consensus/chain_change.ts";
import type { PublicKey } from "../crypto/keys.ts";
import type { MempoolEntry } from "../mempool/mempool.ts";
import type { BlockHash } from "../primitives/header.ts";
import type { Txid } from "../primitives/outpoint.ts";
import type { Transaction } from "../primitives/transaction.ts";
import type { Message } from "../wire/message.ts";
import type { NodeEffect, NodeEvent, Reply } from "./effect.ts";
import type { RequestId } from "./input.ts";
import type { FailedPayment, Membership } from "./persistence.ts";
import type { PaidKey } from "./paid_keys.ts";
import type { Addressee, Source, Suspect } from "./peer.ts";
import type { NodeState } from "./state.ts";

/** What a turn wants to be durable, as far as it has come. */
export interface CommitDraft {
  membership: Membership | undefined;
  /** Nothing so far where it is not there: most turns change the chain once or not at all. */
  change: ChainChange | undefined;
  readonly poolRemoved: Txid[];
  readonly poolAdded: MempoolEntry[];
  readonly failed: FailedPayment[];
  readonly paid: PaidKey[];
}

/** The times of a turn. */
export interface TimedTurn {
  readonly node: Readonly<Pick<NodeState, "config" | "wallOffsetMs">>;
  /** The node's steady time: never goes backwards, stands still while the machine sleeps. */
  readonly nowMs: number;
}

/** What every handler may do: say something, and ask to be woken. */
export interface SpeakingTurn extends TimedTurn {
  readonly node: TimedTurn["node"] & Pick<NodeState, "wakeAtMs">;
  readonly effects: NodeEffect[];
}

/** Looks up peers, to tell, ask or charge them, and counts what it passes over. */
export interface PeersTurn<P = Source & Suspect> extends SpeakingTurn {
  readonly node: SpeakingTurn["node"] & Pick<NodeState, "ignored"> & PeersOf<P>;
}

/** Peers by their keys, as far as somebody deals with them. */
export interface PeersOf<P> {
  readonly peers: ReadonlyMap<PublicKey, P>;
}

/** Takes something in: writes down what is to be durable, and what is news for others. */
export interface DoorTurn extends SpeakingTurn {
  readonly node: SpeakingTurn["node"] & Pick<NodeState, "ignored">;
  readonly draft: Omit<CommitDraft, "membership" | "paid">;
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
  /** A block that this node has found, and that peers hear of before it is connected. */
  found: { readonly hash: BlockHash; readonly young: readonly Transaction[] } | undefined;
  /** A block of which the peers know already. */
  announced: BlockHash | undefined;
  /** Blocks beside the main chain that peers have to hear of, and from whom they came. */
  readonly sideBlocks: { readonly hash: BlockHash; readonly from: PublicKey | undefined }[];
  /** Tip or pool changed: what is being mined has to be looked at. */
  isWorkStale: boolean;
}

/** Changes who is where: the table of peers, and what the node remembers of it. */
export interface MembershipTurn extends SpeakingTurn {
  readonly node: SpeakingTurn["node"] & Pick<NodeState, "peers">;
  readonly draft: Pick<CommitDraft, "membership">;
}

/** The whole of it, for those who deal out an input to its handler. */
export interface Turn extends DoorTurn, MembershipTurn {
  readonly node: NodeState;
  readonly draft: CommitDraft;
}

export function beginTurn(node: NodeState, nowMs: number): Turn {
  return {
    node,
    nowMs,
    effects: [],
    draft: {
      membership: undefined,
      change: undefined,
      poolRemoved: [],
      poolAdded: [],
      failed: [],
      paid: [],
    },
    accepted: [],
    newTip: undefined,
    found: undefined,
    announced: undefined,
    sideBlocks: [],
    isWorkStale: false,
  };
}

/** The machine's wall clock, ms since 1970-01-01 UTC: what blocks are dated by. May be set back. */
export function wallMsOf({ node, nowMs }: TimedTurn): number {
  return nowMs + node.wallOffsetMs;
}

/** Asks for a tick at that time at the latest. */
export function wakeBy(turn: { readonly node: Pick<NodeState, "wakeAtMs"> }, atMs: number): void {
  if (atMs < turn.node.wakeAtMs) turn.node.wakeAtMs = atMs;
}

export function emit(turn: Pick<Turn, "effects">, event: NodeEvent): void {
  turn.effects.push({ type: "event", event });
}

export function answer(turn: Pick<Turn, "effects">, requestId: RequestId, reply: Reply): void {
  turn.effects.push({ type: "reply", requestId, reply });
}

export function log(
  turn: Pick<Turn, "effects">,
  level: "debug" | "info" | "warning" | "error",
  text: string,
  properties: Readonly<Record<string, unknown>> = {},
): void {
  turn.effects.push({ type: "log", level, text, properties });
}

/** Sends to a peer, unless it is cut off or left alone for a while. */
export function sendTo(
  turn: Pick<Turn, "nowMs" | "effects">,
  peer: Addressee,
  message: Message,
): void {
  if (peer.isCut || peer.backedOffUntilMs > turn.nowMs) return;
  const { url, publicKey } = peer;
  turn.effects.push({ type: "send", url, publicKey, message });
}
