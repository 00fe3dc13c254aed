/**
 * Who somebody is to a node, as the transport asks: what the node knows decides whose budget is spent.
 *
 * @module
 */
import type { PublicKey } from "../crypto/keys.ts";
import { ringIdOf } from "../node/peer_table.ts";
import type { NodeState } from "../node/state.ts";
import type { PeerKind } from "../peers/peer_budgets.ts";

/**
 * A member has a place in the ring, also one whose address this node has lost or never had, or answers where the
 * operator says; observers were let in.
 */
export function peerKindOf({ peers, joining, network }: NodeState, publicKey: PublicKey): PeerKind {
  const peer = peers.get(publicKey);
  if (peer?.id !== undefined || joining.bootstrapKey === publicKey) return "member";
  // Its network's founder is called even by a node that has lost all addresses.
  if (network?.params.bootstrapKey === publicKey) return "member";
  if (network !== undefined && ringIdOf(network, publicKey) !== undefined) return "member";
  return peer === undefined ? "stranger" : "observer";
}

/** While places are given away, whoever wants one has to be where it says. */
export function wantsAddressProof({ config, network }: NodeState): boolean {
  return config.role.kind === "bootstrap" && network?.membership.ring === undefined;
}

/** Once the ring is closed, whoever is not in it never will be. */
export function knowsMembers({ network }: NodeState): boolean {
  return network?.membership.ring !== undefined;
}
