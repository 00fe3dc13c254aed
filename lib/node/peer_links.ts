/**
 * What the shell tells of a link to a peer: a handshake has shown who is there, or a delivery has failed.
 *
 * @module
 */
import type { PublicKey } from "../crypto/keys.ts";
import { askToFollow, giveUpOnToken } from "./join_network.ts";
import { reachAt } from "./peer_table.ts";
import { forgetRequestsTo } from "./sync.ts";
import { emit, log, sendTo, type Turn, wakeBy } from "./turn.ts";

/** A handshake: the peer is there, and this is where. */
export function onPeerConnected(
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

export function onPeerFailed(
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
