/**
 * Catching up: headers first, from one peer at a time; their blocks in parallel, from all peers.
 *
 * ```
 * a status or block tells of more work → fetch_headers.ts: headers, each checked against its parent
 *   → fetch_blocks.ts: a window of their blocks in flight → the block's door → until nothing is missing
 * ```
 *
 * Any live peer will do. One that stalls, lies about its work or sends headers that break a rule loses
 * points, and another one is asked (F05, F06); peers that have told of something take turns. What is being
 * fetched is changed by these three files only; this one says what follows when an answer comes, or none.
 *
 * @module
 */
import type { PublicKey } from "../crypto/keys.ts";
import { LazyMap } from "../lazy_map.ts";
import type { BlocksMessage, HeadersMessage, NotFoundMessage } from "../wire/message.ts";
import {
  expireBlockRequests,
  forgetBlockRequests,
  scheduleBlocks,
  takeBlocks,
  takeNotFound,
} from "./fetch_blocks.ts";
import {
  askNextPeer,
  expireHeadersRequest,
  fetchMoreHeaders,
  forgetHeadersRequest,
  takeHeaders,
} from "./fetch_headers.ts";
import type { Suspect } from "./peer.ts";
import type { Ledger, LedgerView, SyncPart, SyncState } from "./state.ts";
import type { DoorTurn, PeersTurn } from "./turn.ts";

/** Fetches what is still missing: blocks first, then more headers. */
export function continueSync(turn: PeersTurn, network: LedgerView & SyncPart): void {
  scheduleBlocks(turn, network);
  fetchMoreHeaders(turn, network);
}

export function newSyncState(): SyncState {
  return {
    headersRequest: undefined,
    askNext: new LazyMap(),
    wanted: new LazyMap(),
    inFlight: new LazyMap(),
    requestCount: 0,
    hasMore: false,
  };
}

/** Takes in headers, fetches their blocks and asks the next peer for its headers. */
export function onHeaders(
  turn: PeersTurn,
  network: LedgerView & SyncPart,
  answer: { readonly peer: Suspect; readonly message: HeadersMessage },
): void {
  if (!takeHeaders(turn, network, answer)) return;
  scheduleBlocks(turn, network);
  askNextPeer(turn, network);
}

/** Takes in blocks and fetches what is still missing. */
export function onBlocks(
  turn: DoorTurn & PeersTurn,
  network: Ledger & SyncPart,
  answer: { readonly peer: Suspect; readonly message: BlocksMessage },
): void {
  if (takeBlocks(turn, network, answer)) continueSync(turn, network);
}

/** Asks somebody else for blocks that a peer does not have. */
export function onNotFound(
  turn: PeersTurn,
  network: LedgerView & SyncPart,
  answer: { readonly peer: Suspect; readonly message: NotFoundMessage },
): void {
  takeNotFound(turn, network, answer);
  continueSync(turn, network);
}

/** Looks after time-outs: whoever did not answer loses points, and somebody else is asked. */
export function expireRequests(turn: PeersTurn, network: LedgerView & SyncPart): void {
  expireHeadersRequest(turn, network);
  expireBlockRequests(turn, network);
}

/** A peer cannot be reached: what it was asked for is asked for elsewhere. */
export function forgetRequestsTo(
  turn: PeersTurn,
  network: LedgerView & SyncPart,
  publicKey: PublicKey,
): void {
  const hadHeadersRequest = forgetHeadersRequest(network, publicKey);
  const hadBlockRequests = forgetBlockRequests(network, publicKey);
  if (!hadHeadersRequest && !hadBlockRequests) return;
  askNextPeer(turn, network);
  continueSync(turn, network);
}
