/**
 * The node as one state machine: an input and the time in, effects out.
 *
 * ```
 * input → its handler → doors (pool, chain) → membership → work → news → commit first, then the rest
 * ```
 *
 * Deterministic: the same state, inputs and times give the same effects. It reads no clock, draws no
 * lots, touches no network and no disk but old blocks through its archive. `runtime/` runs it for real,
 * `simulation/` on simulated time, network and disk.
 *
 * @module
 */
import { BlockForest } from "../consensus/block_tree.ts";
import type { BlockCheck } from "../consensus/check_block.ts";
import {
  createTransactionVerifier,
  type TransactionVerifier,
} from "../consensus/transaction_verifier.ts";
import type { PublicKey } from "../crypto/keys.ts";
import type { Params } from "../params.ts";
import { invariant, unreachable } from "../result.ts";
import type { Message } from "../wire/message.ts";
import { onRecords } from "./address_book.ts";
import { onJoin } from "./admission.ts";
import { onClock, putFutureAside, reviewClock } from "./clock.ts";
import { commitOf } from "./commit_of_turn.ts";
import { expirePartialBlocks, onBlockTransactions, onCompactBlock } from "./compact_block.ts";
import { continueStaged } from "./continue_staged.ts";
import type { NodeEffect } from "./effect.ts";
import { noIgnored } from "./ignored.ts";
import type { NodeInput } from "./input.ts";
import { onRefusal, onWelcome, seekPeers } from "./join_network.ts";
import { onRing, reviewMembership } from "./membership.ts";
import type { Peer } from "./peer.ts";
import { onPeerConnected, onPeerFailed } from "./peer_links.ts";
import { hear, hearStranger, isQuiet, passOver, penalise, SCORE_MAX } from "./peer_table.ts";
import type { ChainArchive, Snapshot } from "./persistence.ts";
import { announceNews, onTransactions } from "./relay.ts";
import { onControl, onPay, onSubmit, onSubmitBlock } from "./requests.ts";
import { writeOverdue } from "./pool_on_disk.ts";
import { restore, start } from "./restore_node.ts";
import { onQuestion } from "./serve.ts";
import type { Network, NodeConfig, NodeState } from "./state.ts";
import { onPool, onStatus, sendStatuses } from "./status.ts";
import { expireRequests, onBlocks, onHeaders, onNotFound } from "./sync.ts";
import { beginTurn, type Turn } from "./turn.ts";
import { countOrderedBlock, onMined, reviewWork, settleTie } from "./work.ts";

const NO_EFFECTS: readonly NodeEffect[] = [];

/**
 * Makes a node: a new one, or one that goes on where its store's snapshot ends. It does nothing before
 * its first input, `start`.
 *
 * @param options.checkBlock how blocks are looked into, in place of all rules
 * @param options.verifierOf shares one verifier among nodes of a process; each has its own otherwise
 * @param options.forestOf shares the entries of blocks in the same way
 */
export function createNode(
  config: NodeConfig,
  archive: ChainArchive,
  options: {
    readonly snapshot?: Snapshot;
    readonly verifierOf?: (params: Params) => TransactionVerifier;
    readonly forestOf?: (params: Params) => BlockForest;
    readonly checkBlock?: BlockCheck;
  } = {},
): NodeState {
  const node: NodeState = {
    config,
    archive,
    verifierOf: options.verifierOf ?? createTransactionVerifier,
    forestOf: options.forestOf ?? ((params) => new BlockForest(params)),
    checkBlock: options.checkBlock,
    wallOffsetMs: 0,
    isClockFar: false,
    phase: "joining",
    wakeAtMs: 0,
    network: undefined,
    joining: { bootstrapKey: undefined, attemptCount: 0, nextAttemptAtMs: 0, joinedCount: 0 },
    peers: new Map(),
    strangers: { startMs: 0, count: 0 },
    ignored: noIgnored(),
    refusedJoins: { loggedAtMs: -Infinity, count: 0 },
    isStarted: false,
    restoredPool: [],
  };
  if (options.snapshot !== undefined) restore(node, options.snapshot);
  return node;
}

/**
 * One step. Changes the state in place and returns what is to be done, in order.
 *
 * @param nowMs the node's steady time; ms since 1970-01-01 UTC until the wall clock is set
 */
export function step(node: NodeState, input: NodeInput, nowMs: number): readonly NodeEffect[] {
  invariant(node.isStarted !== (input.type === "start"), "A node is started once, and first");
  if (isOldNews(node, input, nowMs)) return NO_EFFECTS;

  node.network?.chain.releasePersisted();
  const turn = beginTurn(node, nowMs);
  const wasStaging = node.network?.staged !== undefined;
  if (node.network !== undefined && (wasStaging || input.type === "continue")) {
    continueStaged(turn, node.network, input);
  }
  // For a block no time passes, or what is due would have all of the rest of it taken in at once.
  const isDue = node.network?.staged === undefined &&
    (nowMs >= node.wakeAtMs || input.type === "tick");
  if (isDue) {
    node.wakeAtMs = Infinity;
    handle(turn, input);
    passTime(turn);
  } else {
    handle(turn, input);
  }
  // What came while a block was being taken in says nothing that was checked of that block.
  return endTurn(turn, wasStaging || input.type !== "message" ? undefined : input.message);
}

/**
 * A block that is known already: the most frequent message in a large network, answered at once. It counts
 * like any other: who sends too many of them is looked at.
 */
function isOldNews(node: NodeState, input: NodeInput, nowMs: number): boolean {
  if (input.type !== "message" || input.message.type !== "compact-block") return false;
  if (node.network?.chain.entry(input.message.hash) === undefined) return false;
  const peer = node.peers.get(input.from);
  if (peer !== undefined && !isQuiet(peer, nowMs) && !passOver(peer, nowMs)) return false;
  node.ignored["known-block"]++;
  return true;
}

function handle(turn: Turn, input: NodeInput): void {
  const { node } = turn;
  switch (input.type) {
    case "start":
      return start(turn);
    case "tick":
    case "continue":
      return;
    case "rest":
      if (node.network !== undefined) restNow(turn, node.network);
      return;
    case "clock":
      return onClock(turn, input);
    case "message":
      return onMessage(turn, input.from, input.message);
    case "peer-connected":
      return onPeerConnected(turn, input);
    case "peer-failed":
      return onPeerFailed(turn, input);
    case "peer-misbehaved": {
      const peer = node.peers.get(input.from);
      if (peer !== undefined) penalise(turn, peer, SCORE_MAX, input.code);
      return;
    }
    case "pay":
      return onPay(turn, input);
    case "submit":
      return onSubmit(turn, input);
    case "submit-block":
      return onSubmitBlock(turn, input);
    case "control":
      return onControl(turn, input);
    case "mined":
      if (node.network !== undefined) onMined(turn, node.network, input);
      return;
    default:
      return unreachable(input);
  }
}

function onMessage(turn: Turn, from: PublicKey, message: Message): void {
  const { node } = turn;
  const peer = node.peers.get(from);
  if (peer === undefined ? !hearStranger(turn, from, message) : !hear(turn, peer)) return;

  // These come from nodes that are not in the table yet, too; each carries its own signature.
  const { network } = node;
  switch (message.type) {
    case "join":
      return onJoin(turn, from, message);
    case "welcome":
      return onWelcome(turn, from, message);
    case "refusal":
      return onRefusal(turn, from, message);
    case "ring":
      if (network !== undefined) onRing(turn, network, { from, message });
      return;
    case "records":
      if (network !== undefined) onRecords(turn, network, { from, message });
      return;
  }
  if (network === undefined || peer === undefined) return;
  onPeerMessage(turn, network, { peer, message });
}

type PeerMessage = Exclude<
  Message,
  { readonly type: "join" | "welcome" | "refusal" | "ring" | "records" }
>;

function onPeerMessage(
  turn: Turn,
  network: Network,
  { peer, message }: { readonly peer: Peer; readonly message: PeerMessage },
): void {
  switch (message.type) {
    case "status":
      return onStatus(turn, network, { peer, message });
    case "transactions":
      return onTransactions(turn, network, { peer, message });
    case "compact-block":
      return onCompactBlock(turn, network, { peer, message });
    case "block-transactions":
      return onBlockTransactions(turn, network, { peer, message });
    case "headers":
      return onHeaders(turn, network, { peer, message });
    case "blocks":
      return onBlocks(turn, network, { peer, message });
    case "not-found":
      return onNotFound(turn, network, { peer, message });
    case "pool":
      return onPool(turn, network, { peer, message });
    case "get-headers":
    case "get-blocks":
    case "get-block-transactions":
    case "get-pool":
    case "get-transactions":
      return onQuestion(turn, network, { peer, message });
    default:
      return unreachable(message);
  }
}

/** Lets go of what the disk has, and of templates that no solution is awaited for. */
function restNow({ isWorkStale }: Turn, { chain, work }: Network): void {
  chain.releaseAtRest();
  // Where a block was just taken in, a solution for the tip before may be on its way.
  if (work.current === undefined && !isWorkStale) work.recent.clear();
}

/** Everything that is due by now, and when the next is. */
function passTime(turn: Turn): void {
  const { network } = turn.node;
  turn.isWorkStale = true;
  if (network === undefined) return;
  network.orphanTransactions.expire(turn.nowMs);
  writeOverdue(turn, network);
  expirePartialBlocks(turn, network);
  expireRequests(turn, network);
  reviewClock(turn, network);
  sendStatuses(turn, network);
  seekPeers(turn, network);
}

function endTurn(turn: Turn, heard: Message | undefined): readonly NodeEffect[] {
  const { node } = turn;
  reviewMembership(turn);
  const { network } = node;
  if (network !== undefined) {
    if (turn.newTip !== undefined) {
      countOrderedBlock(network);
      putFutureAside(turn, network);
    }
    if (turn.isWorkStale) {
      while (settleTie(turn, network)) putFutureAside(turn, network);
      reviewWork(turn, network);
    }
    announceNews(turn, network, heard);
  }
  const commit = commitOf(turn, network);
  if (commit === undefined) return turn.effects;
  return withFirst(turn.effects, { type: "commit", commit });
}

/** Puts an effect before the others, in place: a new list would be thrown away with the old one. */
function withFirst(effects: NodeEffect[], first: NodeEffect): readonly NodeEffect[] {
  effects.push(first);
  for (let index = effects.length - 1; index > 0; index--) {
    effects[index] = effects[index - 1] as NodeEffect;
  }
  effects[0] = first;
  return effects;
}
