/**
 * The node's two times, and what it does when the machine's clock is set, stood still or is wrong.
 *
 * Steady time never goes backwards and stands still while the machine sleeps: deadlines, windows and
 * points go by it, so nobody is charged for the hours that this machine has slept. The wall clock is the
 * steady time and an offset that the shell reports: blocks are dated and checked by it. Where it is far
 * from the median of the peers', the node says so and blames nobody: which of the two is wrong, it cannot
 * know. Blocks that turn out to be of the future, since the clock that let them in was wrong, are put
 * aside until their time has come; their payments wait again.
 *
 * @module
 */
import type { BlockEntry } from "../consensus/block_tree.ts";
import { FUTURE_TIME_MS_MAX, MEDIAN_TIME_BLOCKS } from "../params.ts";
import type { BlockHash } from "../primitives/header.ts";
import { changeChain } from "./doors.ts";
import type { Peer } from "./peer.ts";
import type { ClockPart, Ledger, LedgerView, NodeState } from "./state.ts";
import { forgetRequestsTo } from "./sync.ts";
import { type DoorTurn, log, type PeersOf, type Turn, wakeBy, wallMsOf } from "./turn.ts";
import { discardTemplate } from "./work.ts";

/** How far from the peers' median a clock has to be before the node speaks of it, and until when it does. */
export const CLOCK_FAR_MS = 60_000;
const CLOCK_NEAR_MS = 30_000;
/** The wall clock went on that far without the node: what was asked before is not waited for. */
const SLEPT_MS_MIN = 5_000;

/** May say whether the clock is far from the peers', and move blocks out of the way or back. */
type ClockTurn = DoorTurn & {
  readonly node: Pick<NodeState, "isClockFar" | "wallOffsetMs"> & PeersOf<ClockedPeer>;
};

/** A peer whose clock is looked at. */
type ClockedPeer = Readonly<Pick<Peer, "clockAheadMs" | "failureCount">>;

/** How a clock keeps a node from following its network. */
export interface LeftBehind {
  readonly seconds: number;
  readonly height: number;
  /** Of a chain that a peer has, with more work than this node's. */
  readonly peersHeight: number;
}

/**
 * Tells whether this node's clock is so far behind that the blocks of its peers are of the future, and a peer is
 * ahead of it: it cannot follow until somebody sets the clock.
 */
export function leftBehindBy(
  node: Readonly<Pick<NodeState, "wallOffsetMs">> & PeersOf<ClockedPeer & Pick<Peer, "status">>,
  { chain }: Pick<LedgerView, "chain">,
): LeftBehind | undefined {
  const behindMs = -(clockAheadOfPeersMs(node) ?? 0);
  if (behindMs <= FUTURE_TIME_MS_MAX) return undefined;
  let peersHeight: number | undefined;
  for (const { status, failureCount } of node.peers.values()) {
    if (status === undefined || failureCount > 0 || status.tipWork <= chain.claim.work) continue;
    peersHeight = Math.max(peersHeight ?? 0, status.tipHeight);
  }
  return peersHeight === undefined
    ? undefined
    : { seconds: Math.round(behindMs / 1000), height: chain.height, peersHeight };
}

/** Follows the wall clock: what is mined is dated anew, peers hear of us, nobody is charged. */
export function onClock(turn: Turn, { wallOffsetMs }: { readonly wallOffsetMs: number }): void {
  const { node } = turn;
  const movedMs = wallOffsetMs - node.wallOffsetMs;
  node.wallOffsetMs = wallOffsetMs;
  log(turn, Math.abs(movedMs) < SLEPT_MS_MIN ? "info" : "warning", "The wall clock moved", {
    movedMs,
  });
  const { network } = node;
  if (network === undefined) return;
  reviewClock(turn, network);
  discardTemplate(network);
  turn.isWorkStale = true;
  wakeBy(turn, turn.nowMs);
  if (movedMs < SLEPT_MS_MIN) return;
  network.partialBlocks.clear();
  for (const peer of node.peers.values()) {
    forgetRequestsTo(turn, network, peer.publicKey);
    peer.nextStatusAtMs = turn.nowMs;
  }
}

/** Compares the clock with the peers', and moves blocks of the future out of the way or back. */
export function reviewClock(turn: ClockTurn, network: Ledger & ClockPart): void {
  sayWhetherFar(turn);
  putFutureAside(turn, network);
  bringBack(turn, network);
}

/** How far this node's wall clock is ahead of the median of its peers'; `undefined` without any. */
export function clockAheadOfPeersMs(
  node: Readonly<Pick<NodeState, "wallOffsetMs">> & PeersOf<ClockedPeer>,
): number | undefined {
  const aheadMs: number[] = [];
  for (const { clockAheadMs, failureCount } of node.peers.values()) {
    if (clockAheadMs !== undefined && failureCount === 0) aheadMs.push(clockAheadMs);
  }
  aheadMs.sort((a, b) => a - b);
  const middle = aheadMs.length >> 1;
  const upper = aheadMs[middle];
  if (upper === undefined) return undefined;
  const lower = aheadMs.length % 2 === 0 ? aheadMs[middle - 1] ?? upper : upper;
  return node.wallOffsetMs - (lower + upper) / 2;
}

function sayWhetherFar(turn: ClockTurn): void {
  const { node } = turn;
  const aheadMs = clockAheadOfPeersMs(node);
  if (aheadMs === undefined) return;
  const distanceMs = Math.abs(aheadMs);
  if (!node.isClockFar && distanceMs > CLOCK_FAR_MS) {
    node.isClockFar = true;
    const seconds = Math.round(aheadMs / 1000);
    log(turn, "warning", "This machine's clock is far from the clocks of its peers", { seconds });
  } else if (node.isClockFar && distanceMs < CLOCK_NEAR_MS) {
    node.isClockFar = false;
    log(turn, "info", "This machine's clock agrees with the clocks of its peers again");
  }
}

/** The main chain ends before its first block that would be refused today. */
export function putFutureAside(turn: DoorTurn, network: Ledger & ClockPart): void {
  const { chain } = network;
  const maxMs = wallMsOf(turn) + FUTURE_TIME_MS_MAX;
  const firstOnMain = () => chain.latestMs > maxMs ? firstOfFuture(chain.tip, maxMs) : undefined;
  if (firstOnMain() === undefined) return;
  putSideBlocksAside(turn, network, maxMs);
  // A block that was on nobody's way may win then, and be of the future, too.
  for (let first = firstOnMain(); first !== undefined; first = firstOnMain()) {
    putAside(turn, network, first);
    log(turn, "warning", "Put blocks of the future aside until their time has come", { first });
  }
}

/**
 * Branches beside the main chain come first: none of them may win for a moment, and have payments called failed that
 * it rules out.
 */
function putSideBlocksAside(turn: DoorTurn, network: Ledger & ClockPart, maxMs: number): void {
  for (const tip of network.chain.tips()) {
    const { chain } = network;
    if (chain.isOnMain(tip) || chain.statusOf(tip) === "invalid") continue;
    const first = firstOfFuture(tip, maxMs);
    const entry = first === undefined ? undefined : chain.entry(first);
    if (entry !== undefined && !chain.isOnMain(entry)) putAside(turn, network, entry.hash);
  }
}

/** Takes a block and all that stands on it for invalid until its time has come. */
function putAside(turn: DoorTurn, network: Ledger & ClockPart, hash: BlockHash): void {
  changeChain(turn, network, undefined, (chain, change) => {
    chain.invalidate(hash, change, "block-time-too-new");
    network.postponed.add(hash);
  });
}

/** The lowest block of a branch that is dated later than that. */
function firstOfFuture(tip: BlockEntry, maxMs: number): BlockHash | undefined {
  let first: BlockHash | undefined;
  // Each block is later than the median of eleven: below twice as many in time, none is of the future.
  for (
    let entry = tip, inTime = 0;
    entry.parent !== undefined && inTime < 2 * MEDIAN_TIME_BLOCKS;
    entry = entry.parent
  ) {
    if (entry.header.timestampMs > maxMs) {
      first = entry.hash;
      inTime = 0;
    } else inTime++;
  }
  return first;
}

function bringBack(turn: DoorTurn, network: Ledger & ClockPart): void {
  const { chain, postponed } = network;
  const maxMs = wallMsOf(turn) + FUTURE_TIME_MS_MAX;
  for (const hash of postponed) {
    const entry = chain.entry(hash);
    if (entry !== undefined && entry.header.timestampMs > maxMs) continue;
    postponed.delete(hash);
    if (entry === undefined || chain.invalidCodeOf(entry) !== "block-time-too-new") continue;
    changeChain(turn, network, undefined, (chain, change) => chain.reconsider(hash, change));
  }
}
