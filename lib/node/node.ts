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
import { isNoChange } from "../consensus/chain_change.ts";
import {
  createTransactionVerifier,
  type TransactionVerifier,
} from "../consensus/transaction_verifier.ts";
import type { PublicKey } from "../crypto/keys.ts";
import { MEMPOOL_RETURNED_MAX, type MempoolEntry } from "../mempool/mempool.ts";
import type { Params } from "../params.ts";
import { invariant, unreachable } from "../result.ts";
import type { Message } from "../wire/message.ts";
import { onClock, putFutureAside, reviewClock } from "./clock.ts";
import { recordRemoved } from "./doors.ts";
import type { NodeEffect } from "./effect.ts";
import { noIgnored } from "./ignored.ts";
import type { NodeInput } from "./input.ts";
import {
  askToFollow,
  giveUpOnToken,
  introduce,
  newMembership,
  onJoin,
  onRecords,
  onRefusal,
  onRing,
  onWelcome,
  rememberRecords,
  reviewMembership,
} from "./membership.ts";
import { createNetwork, restoreNetwork } from "./network.ts";
import type { Peer } from "./peer.ts";
import {
  hear,
  hearStranger,
  newPeer,
  passOver,
  penalise,
  reachAt,
  ringIdOf,
  SCORE_MAX,
} from "./peer_table.ts";
import type { ChainArchive, Commit, Snapshot } from "./persistence.ts";
import {
  announceNews,
  expirePartialBlocks,
  onBlockTransactions,
  onCompactBlock,
  onTransactions,
} from "./relay.ts";
import { onControl, onPay, onSubmit, onSubmitBlock } from "./requests.ts";
import { onQuestion } from "./serve.ts";
import type { Ledger, LedgerView, Network, NodeConfig, NodeState } from "./state.ts";
import { onPool, onStatus, sendStatuses } from "./status.ts";
import { expireRequests, forgetRequestsTo, onBlocks, onHeaders, onNotFound } from "./sync.ts";
import {
  beginTurn,
  type DoorTurn,
  emit,
  log,
  sendTo,
  type Turn,
  wakeBy,
  wallMsOf,
} from "./turn.ts";
import { countOrderedBlock, onMined, reviewWork, settleTie } from "./work.ts";

const NO_EFFECTS: readonly NodeEffect[] = [];

/**
 * Makes a node: a new one, or one that goes on where its store's snapshot ends. It does nothing before
 * its first input, `start`.
 *
 * @param options.verifierOf shares one verifier among nodes of a process; each has its own otherwise
 */
export function createNode(
  config: NodeConfig,
  archive: ChainArchive,
  options: {
    readonly snapshot?: Snapshot;
    readonly verifierOf?: (params: Params) => TransactionVerifier;
  } = {},
): NodeState {
  const node: NodeState = {
    config,
    archive,
    verifierOf: options.verifierOf ?? createTransactionVerifier,
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
  if (nowMs >= node.wakeAtMs || input.type === "tick") {
    node.wakeAtMs = Infinity;
    handle(turn, input);
    passTime(turn);
  } else {
    handle(turn, input);
  }
  return endTurn(turn);
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

/** Nothing that it says is heard. */
function isQuiet(
  { isCut, backedOffUntilMs }: Pick<Peer, "isCut" | "backedOffUntilMs">,
  nowMs: number,
): boolean {
  return isCut || backedOffUntilMs > nowMs;
}

function handle(turn: Turn, input: NodeInput): void {
  const { node } = turn;
  switch (input.type) {
    case "start":
      return start(turn);
    case "tick":
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
  if (peer === undefined ? !hearStranger(turn) : !hear(turn, peer)) return;

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

/** Founds the network or goes on in it: the pool comes back through its door, peers hear of us. */
function start(turn: Turn): void {
  const { node } = turn;
  node.isStarted = true;
  const { role, keyPair } = node.config;
  if (node.network === undefined && role.kind === "bootstrap") {
    const { params } = role;
    invariant(params.bootstrapKey === keyPair.publicKey, "The founder's key is in the parameters");
    const joined = [keyPair.publicKey];
    node.network = createNetwork(node, newMembership(params, { id: 0, joined, records: [] }));
    turn.draft.membership = node.network.membership;
    log(turn, "info", "Founded a network", { genesis: params.genesis.hash });
  }
  if (node.network === undefined) return;
  restorePool(turn, node.network);
  putFutureAside(turn, node.network);
  rememberRecords(turn, node.network);
  introduce(turn);
}

function restore(node: NodeState, snapshot: Snapshot): void {
  const network = restoreNetwork(node, snapshot);
  node.network = network;
  for (const record of snapshot.membership.records) {
    if (record.publicKey === node.config.keyPair.publicKey) continue;
    node.peers.set(record.publicKey, newPeer(record, ringIdOf(network, record.publicKey), 0));
  }
  node.restoredPool = snapshot.pool;
}

/**
 * What waited before the restart waits again, unless it is not valid any more: then that is recorded.
 * Own payments are sent again (M06): the crash may have come before anybody heard of them.
 * A reorganisation may have put a parent behind its child in the store, so those whose inputs are
 * missing are tried again for as long as others come in.
 */
function restorePool(
  turn: DoorTurn & { readonly node: Pick<NodeState, "restoredPool"> },
  network: Ledger,
): void {
  const { node } = turn;
  let waiting = node.restoredPool;
  node.restoredPool = [];
  for (let hasProgress = true; hasProgress;) {
    hasProgress = false;
    const missing: MempoolEntry[] = [];
    for (const entry of waiting) {
      const { transaction, arrivedAtMs } = entry;
      // Who has waited since a tomorrow that the clock once showed has waited since now.
      const sinceMs = Math.min(arrivedAtMs, wallMsOf(turn));
      const accepted = network.mempool.accept(transaction, sinceMs, MEMPOOL_RETURNED_MAX);
      if (accepted.ok) {
        hasProgress = true;
        network.failed.delete(transaction.txid);
        if (transaction.sender === node.config.keyPair.publicKey) {
          turn.accepted.push({ transaction, from: undefined });
        }
      } else if (accepted.error.code === "tx-input-missing") missing.push(entry);
      else recordLost(turn, network, { entry, cause: accepted.error.code });
    }
    waiting = missing;
  }
  for (const entry of waiting) recordLost(turn, network, { entry, cause: "tx-input-missing" });
}

function recordLost(
  turn: DoorTurn,
  network: Ledger,
  { entry, cause }: { readonly entry: MempoolEntry; readonly cause: string },
): void {
  recordRemoved(turn, network, [{ ...entry, reason: { code: "no-longer-valid", cause } }]);
}

/** A handshake: the peer is there, and this is where. */
function onPeerConnected(
  turn: Turn,
  { publicKey, url, isCalled }: {
    readonly publicKey: PublicKey;
    readonly url: string;
    readonly isCalled: boolean;
  },
): void {
  const { config: { role }, joining, peers } = turn.node;
  const isBootstrap = isCalled && role.kind !== "bootstrap" && url === role.bootstrapUrl;
  if (isBootstrap) joining.bootstrapKey = publicKey;
  const peer = peers.get(publicKey);
  if (peer === undefined) return;
  if (peer.failureCount > 0) {
    emit(turn, { type: "peer", publicKey, change: "connected" });
    // Whoever was away may have forgotten where this node is: it hears nobody whom it does not know.
    sendTo(turn, peer, { type: "records", records: [turn.node.config.record] });
  }
  peer.failureCount = 0;
  peer.failureCode = undefined;
  peer.nextStatusAtMs = turn.nowMs;
  wakeBy(turn, turn.nowMs);
  reachAt(turn, peer, url);
  if (peer.id !== undefined) askToFollow(turn, peer);
}

function onPeerFailed(
  turn: Turn,
  failure: {
    readonly url: string;
    readonly publicKey: PublicKey | undefined;
    readonly code: string;
  },
): void {
  const { node } = turn;
  for (const peer of node.peers.values()) {
    if (peer.url !== failure.url) continue;
    if (failure.publicKey !== undefined && peer.publicKey !== failure.publicKey) continue;
    if (peer.failureCount++ === 0) {
      const { publicKey } = peer;
      emit(turn, { type: "peer", publicKey, change: "unreachable", detail: failure.code });
    }
    peer.failureCode = failure.code;
    if (node.network !== undefined) forgetRequestsTo(turn, node.network, peer.publicKey);
  }
  if (giveUpOnToken(turn, failure)) return;
  if (node.network === undefined) {
    log(turn, "info", "The bootstrap node cannot be reached yet", { ...failure });
  }
}

/** Everything that is due by now, and when the next is. */
function passTime(turn: Turn): void {
  const { network } = turn.node;
  turn.isWorkStale = true;
  if (network === undefined) return;
  network.orphanTransactions.expire(turn.nowMs);
  expirePartialBlocks(turn, network);
  expireRequests(turn, network);
  reviewClock(turn, network);
  sendStatuses(turn, network);
}

function endTurn(turn: Turn): readonly NodeEffect[] {
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
    announceNews(turn, network);
  }
  const commit = commitOf(turn, network);
  return commit === undefined ? turn.effects : [{ type: "commit", commit }, ...turn.effects];
}

/** What has to be durable before the rest is done; `undefined` when nothing changed. */
function commitOf(turn: Pick<Turn, "draft">, network: LedgerView | undefined): Commit | undefined {
  const { membership, change, poolRemoved, poolAdded, failed, paid } = turn.draft;
  const isEmpty = membership === undefined && isNoChange(change) && poolRemoved.length === 0 &&
    poolAdded.length === 0 && failed.length === 0;
  if (isEmpty || network === undefined) return undefined;

  const changesMain = change.connected.length > 0 || change.disconnected.length > 0;
  return {
    ...(membership === undefined ? {} : { membership }),
    ...change,
    ...(changesMain ? { tip: network.chain.tip.hash } : {}),
    poolRemoved,
    poolAdded: stillWaiting(poolAdded, network),
    failed,
    ...(paid.length === 0 ? {} : { paid }),
  };
}

/** What came into the pool with this turn and is still there at its end, each once. */
function stillWaiting(added: MempoolEntry[], { mempool }: LedgerView): MempoolEntry[] {
  if (added.length === 0) return added;
  const entries = new Map(added.map((entry) => [entry.transaction.txid, entry]));
  return [...entries.values()].filter(({ transaction }) => mempool.has(transaction.txid));
}
