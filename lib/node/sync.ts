/**
 * Catching up: headers first, from one peer at a time; their blocks in parallel, from all peers.
 *
 * ```
 * a status or block tells of more work → get-headers with a locator → headers, each checked against its
 * parent → blocks wanted, a window of them in flight → the block's door → until nothing is missing
 * ```
 *
 * Any live peer will do. One that stalls, lies about its work or sends headers that break a rule loses
 * points, and another one is asked (F05, F06); peers that have told of something take turns. Memory is
 * bounded by two messages of headers and a window of blocks.
 *
 * @module
 */
import type { BlockEntry } from "../consensus/block_tree.ts";
import {
  type Ancestor,
  checkHeaderAgainstParent,
  checkHeaderWork,
} from "../consensus/check_block.ts";
import { locatorOf } from "../consensus/locator.ts";
import { peerVerdictOf } from "../consensus/rule_error.ts";
import { MEDIAN_TIME_BLOCKS } from "../params.ts";
import type { PublicKey } from "../crypto/keys.ts";
import { type BlockHash, hashHeader, type Header } from "../primitives/header.ts";
import {
  BLOCKS_MAX,
  type BlocksMessage,
  HEADERS_MAX,
  type HeadersMessage,
  type NotFoundMessage,
  type StatusMessage,
} from "../wire/message.ts";
import { takeBlock } from "./doors.ts";
import { isUsable, penalise, SCORE_MAX, usablePeers } from "./peer_table.ts";
import type { Network, Peer, SyncState, WantedBlock } from "./state.ts";
import { log, sendTo, type Turn, wakeBy } from "./turn.ts";

/** Blocks that are asked for ahead of the first missing one. */
const WINDOW_BLOCKS = 256;
/** Blocks in one request. */
const REQUEST_BLOCKS = 16;
/** Blocks that one peer is asked for at a time. */
const PEER_BLOCKS_MAX = 2 * REQUEST_BLOCKS;
/** What it costs a peer not to have what it claimed. */
const LIE_POINTS = 25;

export function newSyncState(): SyncState {
  return {
    headersRequest: undefined,
    askNext: new Map(),
    wanted: new Map(),
    inFlight: new Map(),
    requestCount: 0,
    hasMore: false,
  };
}

/** Tells whether anything is being fetched. */
export function isSyncing({ sync }: Network): boolean {
  return sync.headersRequest !== undefined || sync.wanted.size > 0;
}

/**
 * Asks a peer for the headers that we lack; while a question is open, when its turn comes. Everybody has
 * one place in the queue: whoever talks most keeps nobody else from being asked.
 *
 * @param source.toldOf the block of which the peer has told us
 */
export function fetchHeaders(
  turn: Turn,
  network: Network,
  { peer, toldOf }: { readonly peer: Peer; readonly toldOf: BlockHash },
): void {
  const { sync, chain } = network;
  if (!isUsable(peer, turn.nowMs)) return;
  if (sync.headersRequest !== undefined) {
    sync.askNext.set(peer.publicKey, toldOf);
    return;
  }

  let locator = locatorOf(chain);
  const lastWanted = [...sync.wanted.keys()].pop();
  if (lastWanted !== undefined) locator = [lastWanted, ...locator];
  const deadlineMs = turn.nowMs + turn.node.config.timing.requestTimeoutMs;
  sync.headersRequest = { peer: peer.publicKey, deadlineMs, claim: peer.status };
  wakeBy(turn, deadlineMs);
  sendTo(turn, peer, { type: "get-headers", locator });
}

/** Asks for one whole block whose header is known to be good. */
export function fetchBlock(
  turn: Turn,
  network: Network,
  { hash, header, peer }: { hash: BlockHash; header: Header; peer: Peer | undefined },
): void {
  const { sync } = network;
  if (network.chain.entry(hash) !== undefined || sync.inFlight.has(hash)) return;
  if (sync.wanted.size >= HEADERS_MAX) return;
  sync.wanted.set(hash, wantedBlock(header, peer?.publicKey));
  if (peer !== undefined) requestBlocks(turn, network, peer, [hash]);
  else scheduleBlocks(turn, network);
}

/** Checks headers that were asked for and plans to fetch their blocks. */
export function onHeaders(
  turn: Turn,
  network: Network,
  { peer, message }: { peer: Peer; message: HeadersMessage },
): void {
  const { sync } = network;
  const request = sync.headersRequest;
  if (request?.peer !== peer.publicKey) return;
  sync.headersRequest = undefined;
  const isSettled = takeHeaders(turn, network, { peer, message });
  if (!isSettled && request.claim !== undefined && isOwed(network, request.claim)) {
    penalise(turn, peer, LIE_POINTS, "peer-lies-about-work");
  }
  scheduleBlocks(turn, network);
  askNextPeer(turn, network);
}

/**
 * Plans to fetch the blocks of headers that keep the rules. False when there was nothing new, and nothing
 * for which the peer has been charged.
 */
function takeHeaders(
  turn: Turn,
  network: Network,
  { peer, message }: { peer: Peer; message: HeadersMessage },
): boolean {
  const { sync, chain } = network;
  sync.hasMore = false;

  // What we asked for may be out of date by now, or this is no answer to it: nothing to go on from.
  const first = message.headers[0];
  if (first === undefined || ancestorOf(network, first.previousHash) === undefined) return false;

  sync.hasMore = message.headers.length >= HEADERS_MAX;
  let hasNews = false;
  let parent: Ancestor | undefined;
  for (const header of message.headers) {
    const hash = hashHeader(header);
    const known = chain.entry(hash) ?? chain.entry(header.previousHash);
    if (known?.status === "invalid") {
      sync.hasMore = false;
      leaveInvalidBranch(turn, peer, known);
      return true;
    }
    const problem = checkHeader(turn, network, { header, hash, parent });
    if (problem !== undefined) {
      sync.hasMore = false;
      if (problem === "block-time-too-new") return hasNews;
      penalise(turn, peer, SCORE_MAX, problem);
      return true;
    }
    parent = { header, parent: parent ?? ancestorOf(network, header.previousHash) };
    if (chain.entry(hash) === undefined && !network.orphanBlocks.has(hash)) {
      hasNews ||= !sync.wanted.has(hash);
      if (sync.wanted.size < 2 * HEADERS_MAX) {
        sync.wanted.set(hash, wantedBlock(header, peer.publicKey));
      }
    }
  }
  return hasNews;
}

/**
 * Nothing is fetched of a branch that was found to be invalid, and whoever has it as its main chain breaks
 * the rules, too; but for a branch that only our own operator does not want.
 */
function leaveInvalidBranch(turn: Turn, peer: Peer, known: BlockEntry): void {
  let worst = known;
  while (worst.parent?.status === "invalid") worst = worst.parent;
  const code = worst.invalidCode;
  if (code === undefined || code === "invalidated-by-operator") return;
  penalise(turn, peer, SCORE_MAX, code);
}

/**
 * Tells whether a peer that brought nothing new still owes us the tip that it claimed. While blocks are
 * being fetched it need not be so: it may have told us of headers that another one has told us of, too.
 */
function isOwed({ chain, sync }: Network, claim: StatusMessage): boolean {
  return claim.tipWork >= chain.tip.work && chain.entry(claim.tipHash) === undefined &&
    sync.wanted.size === 0;
}

/** Asks the first of those that wait for their turn and still know something that we do not. */
function askNextPeer(turn: Turn, network: Network): void {
  const { sync, chain } = network;
  for (const [publicKey, toldOf] of sync.askNext) {
    if (sync.headersRequest !== undefined) return;
    sync.askNext.delete(publicKey);
    const peer = turn.node.peers.get(publicKey);
    if (peer === undefined || chain.entry(toldOf) !== undefined || sync.wanted.has(toldOf)) {
      continue;
    }
    fetchHeaders(turn, network, { peer, toldOf });
  }
}

/** Takes in the blocks that were asked for. */
export function onBlocks(
  turn: Turn,
  network: Network,
  { peer, message }: { peer: Peer; message: BlocksMessage },
): void {
  const { sync } = network;
  const answered = new Set<number>();
  for (const block of message.blocks) {
    const request = sync.inFlight.get(block.hash);
    if (request?.peer !== peer.publicKey) continue;
    answered.add(request.requestNumber);
    const taken = takeBlock(turn, network, block, peer.publicKey);
    if (taken.ok || taken.error.code === "block-parent-unknown") {
      onBlockArrived(network, block.hash);
      continue;
    }
    const { code } = taken.error;
    onBlockArrived(network, block.hash);
    if (peerVerdictOf(code) === "retry-later" || code === "block-already-known") continue;
    abandon(turn, network, code);
    if (peerVerdictOf(code) === "reject") penalise(turn, peer, SCORE_MAX, code);
    return;
  }
  // What was asked for and did not fit is asked for again.
  for (const [hash, { requestNumber }] of sync.inFlight) {
    if (answered.has(requestNumber)) sync.inFlight.delete(hash);
  }
  continueSync(turn, network);
}

/** Asks somebody else for blocks that a peer does not have. Whoever told of them itself has lied. */
export function onNotFound(
  turn: Turn,
  network: Network,
  { peer, message }: { peer: Peer; message: NotFoundMessage },
): void {
  const { sync } = network;
  let isLie = false;
  for (const hash of message.hashes) {
    if (sync.inFlight.get(hash)?.peer !== peer.publicKey) continue;
    sync.inFlight.delete(hash);
    const wanted = sync.wanted.get(hash);
    wanted?.lackedBy.add(peer.publicKey);
    isLie ||= wanted?.source === peer.publicKey;
  }
  if (isLie) penalise(turn, peer, LIE_POINTS, "peer-lies-about-work");
  continueSync(turn, network);
}

/** A block came in some way; it is not wanted any more. */
export function onBlockArrived({ sync }: Network, hash: BlockHash): void {
  sync.inFlight.delete(hash);
  sync.wanted.delete(hash);
}

/** Looks after time-outs: whoever did not answer loses points, and somebody else is asked. */
export function expireRequests(turn: Turn, network: Network): void {
  const { sync } = network;
  const { nowMs } = turn;
  const request = sync.headersRequest;
  if (request !== undefined) {
    if (request.deadlineMs > nowMs) wakeBy(turn, request.deadlineMs);
    else {
      sync.headersRequest = undefined;
      sync.askNext.delete(request.peer);
      stall(turn, request.peer);
      const other = bestPeer(turn, network, request.peer);
      askNextPeer(turn, network);
      if (other !== undefined && sync.headersRequest === undefined) askForTip(turn, network, other);
    }
  }

  const stalled = new Set<PublicKey>();
  for (const [hash, { peer, deadlineMs }] of sync.inFlight) {
    if (deadlineMs > nowMs) wakeBy(turn, deadlineMs);
    else {
      sync.inFlight.delete(hash);
      stalled.add(peer);
      sync.wanted.get(hash)?.stalledBy.add(peer);
    }
  }
  for (const peer of stalled) stall(turn, peer);
  if (stalled.size > 0) scheduleBlocks(turn, network);
}

/** A peer cannot be reached: what it was asked for is asked for elsewhere. */
export function forgetRequestsTo(turn: Turn, network: Network, publicKey: PublicKey): void {
  const { sync } = network;
  let hasForgotten = false;
  if (sync.headersRequest?.peer === publicKey) {
    sync.headersRequest = undefined;
    hasForgotten = true;
  }
  for (const [hash, { peer }] of sync.inFlight) {
    if (peer !== publicKey) continue;
    sync.inFlight.delete(hash);
    hasForgotten = true;
  }
  if (!hasForgotten) return;
  askNextPeer(turn, network);
  continueSync(turn, network);
}

/** Fetches what is still missing: blocks first, then more headers. */
export function continueSync(turn: Turn, network: Network): void {
  const { sync, chain } = network;
  scheduleBlocks(turn, network);
  if (sync.headersRequest !== undefined || sync.wanted.size > HEADERS_MAX / 2) return;
  const peer = bestPeer(turn, network, undefined);
  if (peer === undefined) return;
  const hasUnknownTip = sync.wanted.size === 0 && peer.status !== undefined &&
    peer.status.tipWork > chain.tip.work && chain.entry(peer.status.tipHash) === undefined;
  if (sync.hasMore || hasUnknownTip) {
    sync.hasMore = false;
    askForTip(turn, network, peer);
  }
}

function askForTip(turn: Turn, network: Network, peer: Peer): void {
  const toldOf = peer.status?.tipHash;
  if (toldOf !== undefined) fetchHeaders(turn, network, { peer, toldOf });
}

function checkHeader(
  turn: Turn,
  network: Network,
  { header, hash, parent }: { header: Header; hash: BlockHash; parent: Ancestor | undefined },
): string | undefined {
  const work = checkHeaderWork(header, hash, network.params);
  if (!work.ok) return work.error.code;
  if (parent !== undefined && hashHeader(parent.header) !== header.previousHash) {
    return "headers-not-in-a-row";
  }
  const ancestor = parent ?? ancestorOf(network, header.previousHash);
  if (ancestor === undefined) return "headers-not-in-a-row";
  const against = checkHeaderAgainstParent(header, ancestor, turn.nowMs);
  return against.ok ? undefined : against.error.code;
}

/**
 * A known block, or one whose header was checked and whose body is wanted, with all below it that the
 * median time needs.
 */
function ancestorOf(network: Network, hash: BlockHash): Ancestor | undefined {
  const entry = network.chain.entry(hash);
  if (entry !== undefined) return entry;
  const header = announcedHeader(network, hash);
  if (header === undefined) return undefined;

  // The announced headers below, as far down as the median time needs them.
  const path: Header[] = [];
  let below: Ancestor | undefined;
  for (let cursor = header.previousHash; path.length < MEDIAN_TIME_BLOCKS;) {
    below = network.chain.entry(cursor);
    const next = announcedHeader(network, cursor);
    if (below !== undefined || next === undefined) break;
    path.push(next);
    cursor = next.previousHash;
  }
  // Too few to judge a time by: an honest block could look too old.
  if (below === undefined && path.length < MEDIAN_TIME_BLOCKS) return undefined;
  for (const next of path.reverse()) below = { header: next, parent: below };
  return { header, parent: below };
}

function announcedHeader({ sync, orphanBlocks }: Network, hash: BlockHash): Header | undefined {
  return sync.wanted.get(hash)?.header ?? orphanBlocks.get(hash)?.header;
}

/** Hands out wanted blocks within the window to the peers that are asked for the least. */
function scheduleBlocks(turn: Turn, network: Network): void {
  const { sync } = network;
  if (sync.wanted.size === 0) return;
  const peers = usablePeers(turn.node, turn.nowMs);
  const load = new Map<PublicKey, number>();
  for (const { peer } of sync.inFlight.values()) load.set(peer, (load.get(peer) ?? 0) + 1);

  const batches = new Map<Peer, BlockHash[]>();
  let position = 0;
  for (const [hash, wanted] of sync.wanted) {
    if (++position > WINDOW_BLOCKS) break;
    if (sync.inFlight.has(hash)) continue;
    const holders = peers.filter((peer) => mayHave(peer, wanted));
    if (holders.length === 0) sync.wanted.delete(hash);

    const others = wanted.stalledBy.size === 0
      ? holders
      : holders.filter(({ publicKey }) => !wanted.stalledBy.has(publicKey));
    let chosen: Peer | undefined;
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

function wantedBlock(header: Header, source: PublicKey | undefined): WantedBlock {
  return { header, source, lackedBy: new Set(), stalledBy: new Set() };
}

function mayHave(peer: Peer, { header, source, lackedBy }: WantedBlock): boolean {
  if (lackedBy.has(peer.publicKey)) return false;
  return peer.publicKey === source || (peer.status?.tipHeight ?? -1) >= header.height;
}

function requestBlocks(
  turn: Turn,
  network: Network,
  peer: Peer,
  hashes: readonly BlockHash[],
): void {
  const deadlineMs = turn.nowMs + turn.node.config.timing.requestTimeoutMs;
  const { sync } = network;
  const requestNumber = ++sync.requestCount;
  for (const hash of hashes) {
    sync.inFlight.set(hash, { peer: peer.publicKey, deadlineMs, requestNumber });
  }
  wakeBy(turn, deadlineMs);
  sendTo(turn, peer, { type: "get-blocks", hashes: hashes.slice(0, BLOCKS_MAX) });
}

/** A branch turned out to be invalid: nothing of it is wanted any more. */
function abandon(turn: Turn, { sync }: Network, code: string): void {
  log(turn, "warning", "Gave up a branch", { code, blocks: sync.wanted.size });
  sync.wanted.clear();
  sync.inFlight.clear();
  sync.hasMore = false;
}

function stall(turn: Turn, publicKey: PublicKey): void {
  const peer = turn.node.peers.get(publicKey);
  if (peer !== undefined) penalise(turn, peer, 20, "peer-stalls");
}

/** The usable peer that claims the most work; not the one that has just failed, if there is another. */
function bestPeer(
  turn: Turn,
  network: Network,
  except: PublicKey | undefined,
): Peer | undefined {
  let best: Peer | undefined;
  for (const peer of usablePeers(turn.node, turn.nowMs)) {
    if (peer.publicKey === except || peer.status === undefined) continue;
    if (peer.status.tipWork <= network.chain.tip.work) continue;
    if (best?.status === undefined || peer.status.tipWork > best.status.tipWork) best = peer;
  }
  return best;
}
