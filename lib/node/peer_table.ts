/**
 * The peers of a node: who they are, whether they behave, whom to ask.
 *
 * A peer that misbehaves collects points; at 100 it is left alone for a while, longer each time. A peer that
 * cannot be reached costs nothing but the attempt; one that does not answer is the business of silence.ts.
 *
 * @module
 */
import type { PublicKey } from "../crypto/keys.ts";
import type { Message } from "../wire/message.ts";
import { type AddressRecord, verifyRecord } from "../wire/ring.ts";
import type {
  Candidate,
  MessageWindow,
  Peer,
  PeerGreeting,
  PeerLink,
  PeerPlace,
  PeerQuota,
  Silence,
  Suspect,
} from "./peer.ts";
import type { PeerFault } from "./peer_fault.ts";
import type { MembershipPart, NodeState } from "./state.ts";
import { emit, log, type PeersOf, type SpeakingTurn, type TimedTurn, wakeBy } from "./turn.ts";

/** Points at which a peer is left alone. */
export const SCORE_MAX = 100;
/** What it costs a peer not to have what it claimed. */
export const LIE_POINTS = 25;
/** Messages a second that a peer may send. */
export const MESSAGES_PER_SECOND_MAX = 20_000;
/** Messages a second that all who are no peers may send together. */
export const STRANGERS_MESSAGES_PER_SECOND_MAX = 1_000;
/** Nodes outside the ring that are known at a time. */
export const OBSERVERS_MAX = 64;

const BACK_OFF_DOUBLINGS_MAX = 6;
const NO_SILENCE: Silence = { chargedAtMs: -Infinity, points: 0 };

/** Makes sure that a peer is in the table with its newest record. True when the record was news. */
export function learnRecord(
  turn: SpeakingTurn & { readonly node: Pick<NodeState, "peers"> },
  record: AddressRecord,
  id: number | undefined,
): boolean {
  const { node } = turn;
  if (record.publicKey === node.config.keyPair.publicKey) return false;

  const peer = node.peers.get(record.publicKey);
  if (peer === undefined) {
    if (!verifyRecord(record)) return false;
    node.peers.set(record.publicKey, newPeer(record, id, turn.nowMs));
    return true;
  }
  if (id !== undefined) peer.id = id;
  if (record.sequence <= peer.record.sequence || !verifyRecord(record)) return false;
  peer.record = record;
  reachAt(turn, peer, record.url);
  return true;
}

/** A peer is reached at this URL from now on; it hears of us there at once. */
export function reachAt(
  turn: SpeakingTurn,
  peer: PeerPlace & PeerLink & PeerGreeting,
  url: string,
): void {
  if (peer.url === url) return;
  peer.url = url;
  peer.failureCount = 0;
  peer.failureCode = undefined;
  peer.nextStatusAtMs = turn.nowMs;
  wakeBy(turn, turn.nowMs);
  emit(turn, { type: "peer", publicKey: peer.publicKey, change: "moved", detail: url });
}

/** A peer of which nothing is known but where it is. */
export function newPeer(record: AddressRecord, id: number | undefined, nowMs: number): Peer {
  // What every message reads comes first: it lies in one line of the processor's memory.
  return {
    publicKey: record.publicKey,
    url: record.url,
    isCut: false,
    backedOffUntilMs: 0,
    id,
    failureCount: 0,
    failureCode: undefined,
    heardAtMs: 0,
    window: { startMs: nowMs, count: 0 },
    record,
    status: undefined,
    nextStatusAtMs: nowMs,
    clockAheadMs: undefined,
    score: 0,
    scoredAtMs: nowMs,
    backOffCount: 0,
    silence: NO_SILENCE,
    servedSinceMs: nowMs,
    servedBytes: 0,
    poolMismatchCount: 0,
    workMismatchCount: 0,
    isPoolAsked: false,
  };
}

/** Counts misbehaviour; says in the log what it was. */
export function penalise(turn: SpeakingTurn, peer: Suspect, points: number, code: PeerFault): void {
  const { nowMs } = turn;
  peer.score = scoreAt(peer, nowMs) + points;
  peer.scoredAtMs = nowMs;
  const properties = { peer: peer.publicKey, code, score: Math.round(peer.score) };
  log(turn, "warning", "A peer misbehaved", properties);
  if (peer.score < SCORE_MAX) return;

  // Whoever has behaved for as long as it was left alone begins anew.
  const { backOffMs } = turn.node.config.timing;
  const delayMsOf = (count: number) => backOffMs * 2 ** Math.min(count, BACK_OFF_DOUBLINGS_MAX);
  if (nowMs - peer.backedOffUntilMs > delayMsOf(peer.backOffCount - 1)) peer.backOffCount = 0;
  peer.score = 0;
  peer.backedOffUntilMs = nowMs + delayMsOf(peer.backOffCount);
  peer.backOffCount++;
  emit(turn, {
    type: "peer",
    publicKey: peer.publicKey,
    change: "backed-off",
    detail: code,
  });
}

/** The points of a peer by now: they fall by one a second. */
export function scoreAt({ score, scoredAtMs }: Suspect, nowMs: number): number {
  return Math.max(0, score - Math.max(0, (nowMs - scoredAtMs) / 1000));
}

/** Counts a message in; false when the peer is not to be heard now. */
export function hear(turn: SpeakingTurn, peer: Suspect & PeerLink & PeerQuota): boolean {
  const { nowMs } = turn;
  if (peer.isCut || peer.backedOffUntilMs > nowMs) return false;
  peer.heardAtMs = nowMs;
  peer.failureCount = 0;
  peer.failureCode = undefined;
  if (fits(peer.window, nowMs, MESSAGES_PER_SECOND_MAX)) return true;
  penalise(turn, peer, SCORE_MAX, "peer-floods");
  return false;
}

/** Counts a message in that changes nothing; false when the peer has said too much for that. */
export function passOver(peer: PeerQuota, nowMs: number): boolean {
  return fits(peer.window, nowMs, MESSAGES_PER_SECOND_MAX);
}

/**
 * Counts a message of somebody who is no peer in; false when strangers have said enough for now. Each record
 * counts, since its signature may have to be verified; those of whom this node waits to be let in by do not.
 */
export function hearStranger(
  { node, nowMs }: TimedTurn & { readonly node: Pick<NodeState, "strangers" | "joining"> },
  from: PublicKey,
  message: Message,
): boolean {
  const isWithin = fits(node.strangers, nowMs, STRANGERS_MESSAGES_PER_SECOND_MAX);
  if ("records" in message && from !== node.joining.bootstrapKey) {
    node.strangers.count += message.records.length;
  }
  return isWithin;
}

/** Tells whether nothing that a peer says is heard. */
export function isQuiet(
  { isCut, backedOffUntilMs }: Pick<Peer, "isCut" | "backedOffUntilMs">,
  nowMs: number,
): boolean {
  return isCut || backedOffUntilMs > nowMs;
}

/** Tells whether what somebody says of the ledger comes to anything: whether it is worth any work before. */
export function isHeard(
  { peers }: Pick<NodeState, "peers">,
  publicKey: PublicKey,
  nowMs: number,
): boolean {
  const peer = peers.get(publicKey);
  return peer !== undefined && !isQuiet(peer, nowMs);
}

function fits(window: MessageWindow, nowMs: number, countMax: number): boolean {
  if (nowMs - window.startMs >= 1000 || nowMs < window.startMs) {
    window.startMs = nowMs;
    window.count = 0;
  }
  return ++window.count <= countMax;
}

/** Tells whether a peer has got fewer bytes than that in the current second. */
export function mayTake(peer: PeerQuota, nowMs: number, bytesMax: number): boolean {
  if (nowMs - peer.servedSinceMs >= 1000 || nowMs < peer.servedSinceMs) {
    peer.servedSinceMs = nowMs;
    peer.servedBytes = 0;
  }
  return peer.servedBytes < bytesMax;
}

/** Tells whether a peer is worth asking: neither cut off, nor left alone, nor unreachable. */
export function isUsable(peer: Candidate, nowMs: number): boolean {
  return !peer.isCut && peer.backedOffUntilMs <= nowMs && peer.failureCount === 0;
}

/** Peers that can be asked, in the order of the table. */
export function usablePeers<P extends Candidate>(node: PeersOf<P>, nowMs: number): P[] {
  return [...node.peers.values()].filter((peer) => isUsable(peer, nowMs));
}

/** Makes room for one more node outside the ring: one that cannot be reached gives way. */
export function hasRoomForObserver({ peers }: Pick<NodeState, "peers">): boolean {
  let count = 0;
  let unreachable: Peer | undefined;
  for (const peer of peers.values()) {
    if (peer.id !== undefined) continue;
    count++;
    if (peer.failureCount > (unreachable?.failureCount ?? 0)) unreachable = peer;
  }
  if (count < OBSERVERS_MAX) return true;
  return unreachable !== undefined && peers.delete(unreachable.publicKey);
}

/** The id of a key in the ring, once there is one; before that, in the order of joining. */
export function ringIdOf(
  network: Readonly<MembershipPart>,
  publicKey: PublicKey,
): number | undefined {
  const { ring, joined } = network.membership;
  const id = (ring?.publicKeys ?? joined).indexOf(publicKey);
  return id < 0 ? undefined : id;
}
