/**
 * Asking for headers: one question at a time, and whose turn it is.
 *
 * ```
 * somebody tells of a block → get-headers with a locator, now or in turn → headers → their blocks are wanted
 * ```
 *
 * Each header is checked before its block is wanted; whoever sends one that breaks a rule, or none where it
 * claimed work, loses points. Knows nothing of how blocks are fetched. Memory is bounded by two messages of
 * headers and one place in the queue for each peer.
 *
 * @module
 */
import type { Ancestor } from "../consensus/ancestor.ts";
import type { BlockEntry } from "../consensus/block_tree.ts";
import { locatorOf } from "../consensus/locator.ts";
import type { PublicKey } from "../crypto/keys.ts";
import { type BlockHash, hashHeader } from "../primitives/header.ts";
import { HEADERS_MAX, type HeadersMessage, type StatusMessage } from "../wire/message.ts";
import { ancestorOf, checkAnnouncedHeader } from "./announced_header.ts";
import { wantBlock } from "./fetch_blocks.ts";
import type { Source, Suspect } from "./peer.ts";
import { isUsable, LIE_POINTS, penalise, SCORE_MAX, usablePeers } from "./peer_table.ts";
import { beginWait, goOnWaiting, penaliseStall, STALL_POINTS } from "./silence.ts";
import type { ChainView, LedgerView, SyncPart } from "./state.ts";
import { type PeersTurn, sendTo, type SpeakingTurn } from "./turn.ts";

/** Why a branch may be unwanted here without anybody having broken a rule. */
const BLAMELESS_CODES: ReadonlySet<string> = new Set([
  "invalidated-by-operator",
  "block-time-too-new",
]);

/**
 * Asks a peer for the headers that we lack; while a question is open, when its turn comes. Everybody has
 * one place in the queue: whoever talks most keeps nobody else from being asked.
 *
 * @param source.toldOf the block of which the peer has told us
 * @param source.depth asks for what stands above a block so far below our tip: for side blocks
 */
export function fetchHeaders(
  turn: SpeakingTurn,
  network: LedgerView & SyncPart,
  { peer, toldOf, depth = 0 }: {
    readonly peer: Source;
    readonly toldOf: BlockHash;
    readonly depth?: number;
  },
): void {
  const { sync, chain } = network;
  if (!isUsable(peer, turn.nowMs)) return;
  if (sync.headersRequest !== undefined) {
    // Whoever asks for side blocks does so again with the next status.
    if (depth === 0) sync.askNext.set(peer.publicKey, toldOf);
    return;
  }

  let locator = locatorOf(chain, depth);
  const lastWanted = [...sync.wanted.keys()].pop();
  if (lastWanted !== undefined && depth === 0) locator = [lastWanted, ...locator];
  sync.headersRequest = {
    ...beginWait(turn),
    peer: peer.publicKey,
    claim: peer.status,
  };
  sendTo(turn, peer, { type: "get-headers", locator });
}

/**
 * Checks headers that were asked for and wants their blocks. False when they answer no open question; they
 * are not looked at then.
 */
export function takeHeaders(
  turn: PeersTurn,
  network: LedgerView & SyncPart,
  { peer, message }: { peer: Suspect; message: HeadersMessage },
): boolean {
  const { sync } = network;
  const request = sync.headersRequest;
  if (request?.peer !== peer.publicKey) {
    turn.node.ignored["headers"]++;
    return false;
  }
  sync.headersRequest = undefined;
  const isSettled = wantBlocks(turn, network, { peer, message });
  if (!isSettled && request.claim !== undefined && isOwed(network, request.claim)) {
    penalise(turn, peer, LIE_POINTS, "peer-lies-about-work");
  }
  return true;
}

/** Asks the first of those that wait for their turn and still know something that we do not. */
export function askNextPeer(turn: PeersTurn, network: LedgerView & SyncPart): void {
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

/** Asks the peer that claims the most work for more, if there is more or it stands on a tip unknown here. */
export function fetchMoreHeaders(turn: PeersTurn, network: LedgerView & SyncPart): void {
  const { sync, chain } = network;
  if (sync.headersRequest !== undefined || sync.wanted.size > HEADERS_MAX / 2) return;
  const peer = bestPeer(turn, network, undefined);
  if (peer === undefined) return;
  const hasUnknownTip = sync.wanted.size === 0 && peer.status !== undefined &&
    isBetterThanOurs(network, peer.status) && chain.entry(peer.status.tipHash) === undefined;
  if (sync.hasMore || hasUnknownTip) {
    sync.hasMore = false;
    askForTip(turn, network, peer);
  }
}

/** Looks after the time-out: whoever did not answer loses points, and somebody else is asked. */
export function expireHeadersRequest(turn: PeersTurn, network: LedgerView & SyncPart): void {
  const { sync } = network;
  const request = sync.headersRequest;
  if (request === undefined) return;
  const wait = goOnWaiting(turn, request);
  sync.headersRequest = wait && { ...request, ...wait };
  if (wait !== undefined) return;

  sync.askNext.delete(request.peer);
  penaliseStall(turn, request.peer, { wait: request, points: STALL_POINTS });
  const other = bestPeer(turn, network, request.peer);
  askNextPeer(turn, network);
  if (other !== undefined && sync.headersRequest === undefined) askForTip(turn, network, other);
}

/** Forgets a question that cannot be answered any more; false when there was none to this peer. */
export function forgetHeadersRequest({ sync }: SyncPart, publicKey: PublicKey): boolean {
  if (sync.headersRequest?.peer !== publicKey) return false;
  sync.headersRequest = undefined;
  return true;
}

/**
 * Wants the blocks of headers that keep the rules. False when there was nothing new, and nothing
 * for which the peer has been charged.
 */
function wantBlocks(
  turn: SpeakingTurn,
  network: LedgerView & SyncPart,
  { peer, message }: { peer: Suspect; message: HeadersMessage },
): boolean {
  const { sync, chain } = network;
  sync.hasMore = false;

  // What we asked for may be out of date by now, or this is no answer to it: nothing to go on from.
  const first = message.headers[0];
  if (first === undefined || ancestorOf(network, first.previousHash) === undefined) return false;

  sync.hasMore = message.headers.length >= HEADERS_MAX;
  let hasNews = false;
  let parent: Ancestor | undefined;
  // Where side blocks count, headers are those of a tree, each behind its parent.
  const isTree = chain.countsSideBlocks;
  const told = new Map<BlockHash, Ancestor>();
  const unwanted = new Set<BlockHash>();
  for (const header of message.headers) {
    const hash = hashHeader(header);
    const known = chain.entry(hash) ?? chain.entry(header.previousHash);
    const isInvalid = known !== undefined && chain.statusOf(known) === "invalid";
    if (isInvalid || unwanted.has(header.previousHash)) {
      if (isTree) {
        unwanted.add(hash);
        if (known !== undefined) leaveInvalidBranch(turn, chain, { peer, known });
        continue;
      }
      sync.hasMore = false;
      if (known === undefined) return true;
      leaveInvalidBranch(turn, chain, { peer, known });
      return true;
    }
    if (isTree) parent = told.get(header.previousHash);
    const problem = checkAnnouncedHeader(turn, network, { header, hash, parent });
    if (problem !== undefined) {
      if (isTree && problem === "block-time-too-new") {
        unwanted.add(hash);
        continue;
      }
      sync.hasMore = false;
      // One of the two clocks is wrong, and nobody can tell which: that block's time will come.
      if (problem === "block-time-too-new") return true;
      penalise(turn, peer, SCORE_MAX, problem);
      return true;
    }
    parent = { header, parent: parent ?? ancestorOf(network, header.previousHash) };
    if (isTree) told.set(hash, parent);
    if (chain.entry(hash) === undefined && !network.orphanBlocks.has(hash)) {
      hasNews ||= !sync.wanted.has(hash);
      if (sync.wanted.size < 2 * HEADERS_MAX) {
        wantBlock(network, { hash, header, source: peer.publicKey });
      }
    }
  }
  return hasNews;
}

/**
 * Nothing is fetched of a branch that was found to be invalid, and whoever has it as its main chain breaks
 * the rules, too; but for a branch that our own operator or our own clock does not want.
 */
function leaveInvalidBranch(
  turn: SpeakingTurn,
  chain: ChainView,
  { peer, known }: { readonly peer: Suspect; readonly known: BlockEntry },
): void {
  let worst = known;
  for (let { parent } = known; parent !== undefined; parent = parent.parent) {
    if (chain.statusOf(parent) !== "invalid") break;
    worst = parent;
  }
  const code = chain.invalidCodeOf(worst);
  if (code === undefined || BLAMELESS_CODES.has(code)) return;
  penalise(turn, peer, SCORE_MAX, code);
}

/**
 * Tells whether a peer that brought nothing new still owes us the tip that it claimed. While blocks are
 * being fetched it need not be so: it may have told us of headers that another one has told us of, too.
 */
function isOwed(network: LedgerView & SyncPart, claim: StatusMessage): boolean {
  const { chain, sync } = network;
  return isWorthAsking(network, claim) && chain.entry(claim.tipHash) === undefined &&
    sync.wanted.size === 0;
}

function askForTip(turn: SpeakingTurn, network: LedgerView & SyncPart, peer: Source): void {
  const toldOf = peer.status?.tipHash;
  if (toldOf !== undefined) fetchHeaders(turn, network, { peer, toldOf });
}

/**
 * Tells whether a peer's tip, of which we know nothing more, may be one to go over to. Where side blocks count
 * it may be so whatever its work is.
 */
export function isWorthAsking({ chain }: LedgerView, claim: StatusMessage): boolean {
  return chain.countsSideBlocks || strengthOf(chain, claim) >= chain.strengthOf(chain.claim);
}

function isBetterThanOurs({ chain }: LedgerView, claim: StatusMessage): boolean {
  return chain.countsSideBlocks || strengthOf(chain, claim) > chain.strengthOf(chain.claim);
}

function strengthOf(chain: LedgerView["chain"], { tipWork, tipHeight }: StatusMessage) {
  return chain.strengthOf({ work: tipWork, height: tipHeight });
}

/** The usable peer that claims the most; not the one that has just failed, if there is another. */
function bestPeer(
  turn: PeersTurn,
  network: LedgerView,
  except: PublicKey | undefined,
): Source | undefined {
  const { chain } = network;
  let best: Source | undefined;
  for (const peer of usablePeers(turn.node, turn.nowMs)) {
    if (peer.publicKey === except || peer.status === undefined) continue;
    if (!isBetterThanOurs(network, peer.status)) continue;
    if (chain.countsSideBlocks && chain.entry(peer.status.tipHash) !== undefined) continue;
    const isBest = best?.status === undefined ||
      strengthOf(chain, peer.status) > strengthOf(chain, best.status);
    if (isBest) best = peer;
  }
  return best;
}
