/**
 * The anti-entropy: nodes tell each other regularly where they stand, so that nothing that was missed
 * stays missed.
 *
 * A status with more work, or as much on an unknown tip, makes the receiver ask for headers; one with
 * the same tip and another pool, twice in a row, for the pool's txids; under load, where what differs is
 * mostly on its way, only after a while. Where side blocks count, a status tells
 * of all the work that its sender counts: other work than ours, twice in a row, makes the receiver ask for
 * headers from ever deeper below the tip, until both know the same blocks.
 *
 * @module
 */
import { PROTOCOL_VERSION } from "../params.ts";
import { type PoolMessage, type StatusMessage } from "../wire/message.ts";
import { fetchHeaders, isWorthAsking } from "./fetch_headers.ts";
import { sendRing } from "./membership.ts";
import type { Addressee, Peer, PeerGreeting, PeerReport, Source, Suspect } from "./peer.ts";
import { penalise, SCORE_MAX } from "./peer_table.ts";
import type { LedgerView, MembershipPart, SyncPart } from "./state.ts";
import { continueSync } from "./sync.ts";
import { type PeersTurn, sendTo, type SpeakingTurn, wakeBy, wallMsOf } from "./turn.ts";

/** Statuses in a row with our tip and another pool before the pool is asked for. */
const POOL_MISMATCHES_MIN = 2;
/** The same while the peer's pool changes from one status to the next. */
const MOVING_POOL_MISMATCHES_MIN = 8;
/** How far below the tip side blocks are asked for at first; twice as far each time that it did not help. */
const SIDE_DEPTH_MIN = 16;

/** A peer that has told where it stands. */
type Reporter = Source & Suspect & PeerReport & PeerGreeting & Readonly<Pick<Peer, "id">>;

/** Sends our status to every peer that is due. */
export function sendStatuses(
  turn: PeersTurn<Addressee & PeerGreeting>,
  network: LedgerView & Readonly<MembershipPart>,
): void {
  let message: StatusMessage | undefined;
  const { statusIntervalMs } = turn.node.config.timing;
  for (const peer of turn.node.peers.values()) {
    if (peer.nextStatusAtMs <= turn.nowMs) {
      message ??= statusOf(network, wallMsOf(turn));
      sendTo(turn, peer, message);
      peer.nextStatusAtMs = turn.nowMs + statusIntervalMs;
    }
    wakeBy(turn, peer.nextStatusAtMs);
  }
}

/** Compares where a peer stands with where we stand, and asks for what is missing. */
export function onStatus(
  turn: PeersTurn,
  network: LedgerView & SyncPart & Readonly<MembershipPart>,
  { peer, message }: { peer: Reporter; message: StatusMessage },
): void {
  const { chain, mempool, params } = network;
  if (message.genesisHash !== params.genesis.hash) {
    return penalise(turn, peer, SCORE_MAX, "peer-foreign-genesis");
  }
  if (message.protocolVersion !== PROTOCOL_VERSION) {
    return penalise(turn, peer, SCORE_MAX, "peer-protocol-version");
  }
  const known = chain.entry(message.tipHash);
  if (
    known !== undefined &&
    (known.header.height !== message.tipHeight ||
      !chain.countsSideBlocks && known.work !== message.tipWork)
  ) {
    return penalise(turn, peer, SCORE_MAX, "peer-lies-about-work");
  }
  const before = peer.status;
  const isFirst = before === undefined;
  peer.status = message;
  peer.clockAheadMs = message.clockMs - turn.nowMs;
  if (isFirst) {
    peer.nextStatusAtMs = turn.nowMs;
    wakeBy(turn, turn.nowMs);
  }
  if (!message.hasRing && peer.id !== undefined) sendRing(turn, network, peer);

  if (known === undefined && isWorthAsking(network, message)) {
    fetchHeaders(turn, network, { peer, toldOf: message.tipHash });
    return continueSync(turn, network);
  }
  if (chain.countsSideBlocks) compareSideBlocks(turn, network, { peer, message });
  const hasOtherPool = message.tipHash === chain.tip.hash && message.poolSize > 0 &&
    (message.poolDigest !== mempool.digest || message.poolSize !== mempool.size);
  peer.poolMismatchCount = hasOtherPool ? peer.poolMismatchCount + 1 : 0;
  const isMoving = before !== undefined && before.poolDigest !== message.poolDigest;
  if (peer.poolMismatchCount >= (isMoving ? MOVING_POOL_MISMATCHES_MIN : POOL_MISMATCHES_MIN)) {
    peer.poolMismatchCount = 0;
    peer.isPoolAsked = true;
    sendTo(turn, peer, { type: "get-pool" });
  }
}

/**
 * Asks for what stands above a block further and further below when a peer goes on counting other work than we
 * do, though we know its tip; ever more rarely, since an operator may have taken a branch away for good.
 */
function compareSideBlocks(
  turn: SpeakingTurn,
  network: LedgerView & SyncPart,
  { peer, message }: { peer: Source & PeerReport; message: StatusMessage },
): void {
  const { chain } = network;
  if (message.tipWork === chain.claim.work) {
    peer.workMismatchCount = 0;
    return;
  }
  if (chain.entry(message.tipHash) === undefined) return;
  // The first may be news that is on its way.
  const repeatedCount = peer.workMismatchCount++;
  if (repeatedCount === 0 || !Number.isInteger(Math.log2(repeatedCount))) return;
  const depth = SIDE_DEPTH_MIN * repeatedCount;
  fetchHeaders(turn, network, { peer, toldOf: message.tipHash, depth });
}

/** Asks for the transactions of a peer's pool that we do not have. */
export function onPool(
  turn: PeersTurn,
  network: LedgerView,
  { peer, message }: { peer: Addressee & PeerReport; message: PoolMessage },
): void {
  const { mempool, orphanTransactions } = network;
  if (!peer.isPoolAsked) {
    turn.node.ignored["pool"]++;
    return;
  }
  peer.isPoolAsked = false;
  const txids = message.txids.filter((txid) => !mempool.has(txid) && !orphanTransactions.has(txid));
  if (txids.length > 0) sendTo(turn, peer, { type: "get-transactions", txids });
}

function statusOf(
  { chain, membership, mempool, params }: LedgerView & Readonly<MembershipPart>,
  clockMs: number,
): StatusMessage {
  return {
    type: "status",
    protocolVersion: PROTOCOL_VERSION,
    genesisHash: params.genesis.hash,
    hasRing: membership.ring !== undefined,
    tipHash: chain.tip.hash,
    tipHeight: chain.tip.header.height,
    tipWork: chain.claim.work,
    poolSize: mempool.size,
    poolDigest: mempool.digest,
    clockMs,
  };
}
