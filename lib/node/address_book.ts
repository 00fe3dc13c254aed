/**
 * Where the other nodes are: signed records, learnt from anybody, passed on when they are news.
 *
 * A node's word on its address is signed by itself, so it does not matter who brings it; the newest counts.
 *
 * @module
 */
import type { PublicKey } from "../crypto/keys.ts";
import type { RecordsMessage } from "../wire/message.ts";
import { type AddressRecord, verifyRecord } from "../wire/ring.ts";
import { changeMembership } from "./membership_record.ts";
import type { Addressee } from "./peer.ts";
import { hasRoomForObserver, learnRecord, ringIdOf } from "./peer_table.ts";
import type { MembershipPart } from "./state.ts";
import { type MembershipTurn, type PeersTurn, sendTo } from "./turn.ts";

/** Takes in where other nodes are, and passes on what was news. */
export function onRecords(
  turn: MembershipTurn & PeersTurn<Addressee>,
  network: MembershipPart,
  { from, message }: { from: PublicKey; message: RecordsMessage },
): void {
  const news = learnRecords(turn, network, { from, records: message.records });
  if (news.length === 0) return;
  passOn(turn, news, from);

  // Whoever has moved was away: it may have missed that others moved, too.
  for (const { publicKey } of news) {
    const moved = turn.node.peers.get(publicKey);
    const { records } = network.membership;
    if (moved !== undefined) sendTo(turn, moved, { type: "records", records });
  }
}

/**
 * Learns where nodes are. Of a node outside the ring that is not known, only a ring member's word counts:
 * the bootstrap node has let it join.
 */
export function learnRecords(
  turn: MembershipTurn,
  network: MembershipPart,
  { from, records }: { from: PublicKey; records: readonly AddressRecord[] },
): AddressRecord[] {
  const { node } = turn;
  const isFromMember = ringIdOf(network, from) !== undefined;
  const seen = new Set<PublicKey>();
  const news = records.filter((record) => {
    // One of each node: every further one would be one more signature to verify.
    if (seen.has(record.publicKey)) return false;
    seen.add(record.publicKey);
    const id = ringIdOf(network, record.publicKey);
    const isKnown = node.peers.has(record.publicKey);
    if (!node.config.isFullMesh && !isKnown) return false;
    if (id === undefined && !isKnown) {
      if (!isFromMember || !verifyRecord(record) || !hasRoomForObserver(node)) return false;
    }
    return learnRecord(turn, record, id);
  });
  if (news.length > 0) rememberRecords(turn, network);
  return news;
}

export function passOn(
  turn: PeersTurn<Addressee>,
  records: readonly AddressRecord[],
  from: PublicKey,
): void {
  const message = { type: "records", records } as const;
  for (const peer of turn.node.peers.values()) {
    if (peer.publicKey !== from) sendTo(turn, peer, message);
  }
}

/** Writes down where everybody is; this node first, so that its next record has a higher sequence. */
export function rememberRecords(turn: MembershipTurn, network: MembershipPart): void {
  const { config, peers } = turn.node;
  const records = [config.record, ...[...peers.values()].map((peer) => peer.record)];
  changeMembership(turn, network, { records });
}
