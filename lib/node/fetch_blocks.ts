/**
 * Fetching the blocks of checked headers: in parallel, from all peers that have them.
 *
 * ```
 * wanted → get-blocks, a window of them in flight, to whoever is asked for the least → the block's door
 * ```
 *
 * A peer that does not answer loses points and its blocks go to somebody else, as long as there is anybody
 * (F05, F06); a branch with a bad block is given up as a whole. Knows nothing of how headers are asked for.
 *
 * @module
 */
import { peerVerdictOf } from "../consensus/rule_table.ts";
import type { PublicKey } from "../crypto/keys.ts";
import { type Block, merkleRootOfTransactions } from "../primitives/block.ts";
import type { BlockHash, Header } from "../primitives/header.ts";
import {
  BLOCKS_MAX,
  type BlocksMessage,
  HEADERS_MAX,
  type NotFoundMessage,
} from "../wire/message.ts";
import { takeBlock } from "./doors.ts";
import type { Addressee, Source, Suspect } from "./peer.ts";
import { LIE_POINTS, penalise, SCORE_MAX, usablePeers } from "./peer_table.ts";
import { beginWait, goOnWaiting, penaliseStall, STALL_POINTS } from "./silence.ts";
import type { Ledger, LedgerView, SyncPart, Wait, WantedBlock } from "./state.ts";
import {
  type DoorTurn,
  log,
  type PeersTurn,
  sendTo,
  type SpeakingTurn,
  type Turn,
} from "./turn.ts";

/** Blocks that are asked for ahead of the first missing one. */
const WINDOW_BLOCKS = 256;
/** Blocks in one request. */
const REQUEST_BLOCKS = 16;
/** Blocks that one peer is asked for at a time. */
const PEER_BLOCKS_MAX = 2 * REQUEST_BLOCKS;

/** Asks for one whole block whose header is known to be good. */
export function fetchBlock(
  turn: PeersTurn,
  network: LedgerView & SyncPart,
  { hash, header, peer }: { hash: BlockHash; header: Header; peer: Source | undefined },
): void {
  const { sync } = network;
  if (network.chain.entry(hash) !== undefined || sync.inFlight.has(hash)) return;
  if (sync.wanted.size >= HEADERS_MAX) return;
  wantBlock(network, { hash, header, source: peer?.publicKey });
  if (peer !== undefined) requestBlocks(turn, network, peer, [hash]);
  else scheduleBlocks(turn, network);
}

/** Wants a block whose header was checked; it is asked for when its turn comes. */
export function wantBlock(
  { sync }: SyncPart,
  { hash, header, source }: {
    readonly hash: BlockHash;
    readonly header: Header;
    readonly source: PublicKey | undefined;
  },
): void {
  sync.wanted.set(hash, { header, source, lackedBy: new Set(), stalledBy: new Set() });
}

/**
 * Takes in the blocks that were asked for. False when one of them has put an end to its branch: then
 * nothing is left to go on with.
 */
export function takeBlocks(
  turn: DoorTurn,
  network: Ledger & SyncPart,
  { peer, message }: { peer: Suspect; message: BlocksMessage },
): boolean {
  const { sync } = network;
  const answered = new Set<number>();
  for (const block of message.blocks) {
    const request = sync.inFlight.get(block.hash);
    const isAsked = request?.peer === peer.publicKey;
    // An answer that comes after somebody else was asked, too, is as good.
    if (!isAsked && sync.wanted.get(block.hash)?.stalledBy.has(peer.publicKey) !== true) {
      turn.node.ignored["blocks"]++;
      continue;
    }
    if (isAsked) answered.add(request.requestNumber);
    const taken = takeBlock(turn, network, block, peer.publicKey);
    if (taken.ok || taken.error.code === "block-parent-unknown") {
      onBlockArrived(network, block.hash);
      continue;
    }
    const { code } = taken.error;
    if (!hasOwnBody(block)) {
      // The header is good and the body is the sender's lie, so somebody else has the block.
      sync.wanted.get(block.hash)?.lackedBy.add(peer.publicKey);
      forgetBlockRequests(network, peer.publicKey);
      penalise(turn, peer, SCORE_MAX, code);
      return true;
    }
    onBlockArrived(network, block.hash);
    if (peerVerdictOf(code) === "retry-later" || code === "block-already-known") continue;
    abandon(turn, network, code);
    if (peerVerdictOf(code) === "reject") penalise(turn, peer, SCORE_MAX, code);
    return false;
  }
  // What was asked for and did not fit is asked for again.
  for (const [hash, { requestNumber }] of sync.inFlight) {
    if (answered.has(requestNumber)) sync.inFlight.delete(hash);
  }
  return true;
}

/** Notes which blocks a peer does not have. Whoever told of them itself has lied. */
export function takeNotFound(
  turn: PeersTurn,
  network: SyncPart,
  { peer, message }: { peer: Suspect; message: NotFoundMessage },
): void {
  const { sync } = network;
  let isLie = false;
  for (const hash of message.hashes) {
    if (sync.inFlight.get(hash)?.peer !== peer.publicKey) {
      turn.node.ignored["not-found"]++;
      continue;
    }
    sync.inFlight.delete(hash);
    const wanted = sync.wanted.get(hash);
    wanted?.lackedBy.add(peer.publicKey);
    isLie ||= wanted?.source === peer.publicKey;
  }
  if (isLie) penalise(turn, peer, LIE_POINTS, "peer-lies-about-work");
}

/** A block has come in, whatever its way was; it is not wanted any more. */
export function onBlockArrived({ sync }: SyncPart, hash: BlockHash): void {
  sync.inFlight.delete(hash);
  sync.wanted.delete(hash);
}

/** Hands out wanted blocks within the window to the peers that are asked for the least. */
export function scheduleBlocks(turn: PeersTurn, network: SyncPart): void {
  const { sync } = network;
  if (sync.wanted.size === 0) return;
  const peers = usablePeers(turn.node, turn.nowMs);
  const load = new Map<PublicKey, number>();
  for (const { peer } of sync.inFlight.values()) load.set(peer, (load.get(peer) ?? 0) + 1);

  const batches = new Map<Source, BlockHash[]>();
  let position = 0;
  for (const [hash, wanted] of sync.wanted) {
    if (++position > WINDOW_BLOCKS) break;
    if (sync.inFlight.has(hash)) continue;
    const holders = peers.filter((peer) => mayHave(peer, wanted));
    if (holders.length === 0) sync.wanted.delete(hash);

    const others = wanted.stalledBy.size === 0
      ? holders
      : holders.filter(({ publicKey }) => !wanted.stalledBy.has(publicKey));
    let chosen: Source | undefined;
    for (const peer of others.length > 0 ? others : holders) {
      const count = load.get(peer.publicKey) ?? 0;
      if (count >= PEER_BLOCKS_MAX) continue;
      if (chosen === undefined || count < (load.get(chosen.publicKey) ?? 0)) chosen = peer;
    }
    if (chosen === undefined) continue;
    load.set(chosen.publicKey, (load.get(chosen.publicKey) ?? 0) + 1);
    const batch = batches.get(chosen);
    if (batch === undefined) batches.set(chosen, [hash]);
    else batch.push(hash);
  }
  for (const [peer, hashes] of batches) {
    for (let start = 0; start < hashes.length; start += REQUEST_BLOCKS) {
      requestBlocks(turn, network, peer, hashes.slice(start, start + REQUEST_BLOCKS));
    }
  }
}

/** Looks after time-outs: whoever did not answer loses points, and somebody else is asked. */
export function expireBlockRequests(turn: PeersTurn, network: SyncPart): void {
  const { sync } = network;
  const stalled = new Map<PublicKey, Wait>();
  for (const [hash, request] of sync.inFlight) {
    const { peer } = request;
    const wait = goOnWaiting(turn, request);
    if (wait === undefined) {
      sync.inFlight.delete(hash);
      stalled.set(peer, request);
      sync.wanted.get(hash)?.stalledBy.add(peer);
    } else if (wait.isRenewed !== request.isRenewed) {
      sync.inFlight.set(hash, { ...request, ...wait });
    }
  }
  for (const [peer, wait] of stalled) penaliseStall(turn, peer, { wait, points: STALL_POINTS });
  if (stalled.size === 0) return;
  scheduleBlocks(turn, network);
}

/** Forgets requests that cannot be answered any more; false when there was none to this peer. */
export function forgetBlockRequests({ sync }: SyncPart, publicKey: PublicKey): boolean {
  let hasForgotten = false;
  for (const [hash, { peer }] of sync.inFlight) {
    if (peer !== publicKey) continue;
    sync.inFlight.delete(hash);
    hasForgotten = true;
  }
  return hasForgotten;
}

/** The transactions are those that the header names. */
function hasOwnBody({ header, transactions }: Block): boolean {
  return merkleRootOfTransactions(transactions) === header.merkleRoot;
}

function mayHave(peer: Source, { header, source, lackedBy }: WantedBlock): boolean {
  if (lackedBy.has(peer.publicKey)) return false;
  return peer.publicKey === source || (peer.status?.tipHeight ?? -1) >= header.height;
}

function requestBlocks(
  turn: SpeakingTurn,
  network: SyncPart,
  peer: Addressee,
  hashes: readonly BlockHash[],
): void {
  const { sync } = network;
  const wait = beginWait(turn);
  const requestNumber = ++sync.requestCount;
  for (const hash of hashes) {
    sync.inFlight.set(hash, { ...wait, peer: peer.publicKey, requestNumber });
  }
  sendTo(turn, peer, { type: "get-blocks", hashes: hashes.slice(0, BLOCKS_MAX) });
}

/** A branch turned out to be invalid: nothing of it is wanted any more. */
function abandon(turn: Pick<Turn, "effects">, { sync }: SyncPart, code: string): void {
  log(turn, "warning", "Gave up a branch", { code, blocks: sync.wanted.size });
  sync.wanted.clear();
  sync.inFlight.clear();
  sync.hasMore = false;
}
