/**
 * The way of a network from its first join to its first coins, and how far a node has come on it.
 *
 * ```
 * node:      join → welcome (parameters, id) → genesis → ring → status (I have the ring) → coins → ready
 * bootstrap: join → id, once per key → all are in: sign the ring, hand it out → all have it: pay each
 * ```
 *
 * Every step can be repeated: a lost message costs time only, a key has one id for ever, and the payouts
 * are made by one commit or not at all (N01-N04). join_network.ts asks for a place, admission.ts gives it,
 * address_book.ts keeps where everybody is.
 *
 * @module
 */
import type { PublicKey } from "../crypto/keys.ts";
import { type Params, startupHeight } from "../params.ts";
import type { Transaction } from "../primitives/transaction.ts";
import type { RingMessage } from "../wire/message.ts";
import { signRing, verifyRing } from "../wire/ring.ts";
import { learnRecords } from "./address_book.ts";
import type { Phase } from "./effect.ts";
import { introduce, tryToJoin } from "./join_network.ts";
import { changeMembership } from "./membership_record.ts";
import type { Addressee } from "./peer.ts";
import { ringIdOf } from "./peer_table.ts";
import { payFromOwnWallet } from "./requests.ts";
import type { Ledger, LedgerView, MembershipPart, NodeState } from "./state.ts";
import {
  type DoorTurn,
  emit,
  log,
  type MembershipTurn,
  sendTo,
  type SpeakingTurn,
  type Turn,
  wakeBy,
} from "./turn.ts";

/** So long is a chain in which first coins that are lost are paid again; later that is like any payment's loss. */
const REVIEWED_BLOCKS = 1_000;

/** Moves the node's phase on as far as it has come, and does what is due in it. */
export function reviewMembership(turn: Turn): void {
  const { node } = turn;
  const { network } = node;
  if (network !== undefined && turn.draft.failed.length > 0) repayLost(turn, network);
  // Whoever is ready stays so: the ring is complete, and all first coins are paid.
  if (node.phase === "ready") return;
  if (network === undefined || network.membership.ring === undefined) tryToJoin(turn);
  if (network === undefined) return setPhase(turn, "joining");

  completeRing(turn, network);
  const { membership } = network;
  if (membership.ring === undefined) return setPhase(turn, "waiting-for-ring");
  payOut(turn, network);
  if (!network.membership.startedUp && hasStarted(node, network)) {
    changeMembership(turn, network, { startedUp: true });
  }
  setPhase(turn, network.membership.startedUp ? "ready" : "starting-up");
}

/** Takes in the complete ring. */
export function onRing(
  turn: Turn,
  network: MembershipPart & LedgerView,
  { from, message }: { from: PublicKey; message: RingMessage },
): void {
  const isNew = network.membership.ring === undefined;
  if (isNew) {
    if (!verifyRing(message.ring, network.params)) return;
    changeMembership(turn, network, {
      ring: message.ring,
      joined: message.ring.publicKeys,
    });
    for (const peer of turn.node.peers.values()) peer.id = ringIdOf(network, peer.publicKey);
    log(turn, "info", "The ring is complete", { nodes: network.params.nodes });
  }
  const news = learnRecords(turn, network, { from, records: message.records });
  if (isNew || news.length > 0) introduce(turn);
}

/** Hands the ring to a member that does not have it yet. */
export function sendRing(
  turn: Pick<Turn, "nowMs" | "effects">,
  network: Readonly<MembershipPart>,
  peer: Addressee,
): void {
  const { ring, records } = network.membership;
  if (ring !== undefined) sendTo(turn, peer, { type: "ring", ring, records });
}

/** At the bootstrap node: signs the ring as soon as all are in, and hands it out. */
export function completeRing(turn: MembershipTurn, network: MembershipPart & LedgerView): void {
  const { node } = turn;
  const { membership, params } = network;
  if (node.config.role.kind !== "bootstrap" || membership.ring !== undefined) return;
  if (membership.joined.length < params.nodes) return;

  changeMembership(turn, network, {
    ring: signRing(membership.joined, node.config.keyPair, params),
  });
  log(turn, "info", "The ring is complete", { nodes: params.nodes });
  for (const peer of node.peers.values()) {
    sendRing(turn, network, peer);
    peer.nextStatusAtMs = turn.nowMs;
  }
  wakeBy(turn, turn.nowMs);
}

/** At the bootstrap node: pays each of the others once everybody has the ring (N04). */
function payOut(turn: DoorTurn & MembershipTurn, network: Ledger & MembershipPart): void {
  const { node } = turn;
  const { membership } = network;
  if (node.config.role.kind !== "bootstrap" || membership.payoutsMade) return;
  const publicKeys = membership.ring?.publicKeys ?? [];
  const others = publicKeys.slice(1);
  const everybodyHasIt = others.every((publicKey) => node.peers.get(publicKey)?.status?.hasRing);
  if (!everybodyHasIt) return;
  payMissing(turn, network, others);
  changeMembership(turn, network, { payoutsMade: true });
}

/**
 * At the bootstrap node: pays first coins again that lost to another payment of the same coins. Only its own key
 * can have made that one: it was used elsewhere, or for a branch that this node did not know.
 */
function repayLost(turn: DoorTurn, network: Ledger & MembershipPart): void {
  const { chain, membership, params } = network;
  if (turn.node.config.role.kind !== "bootstrap" || chain.height > REVIEWED_BLOCKS) return;
  const lost = turn.draft.failed
    .filter(({ transaction }) => isPayout(transaction, params))
    .map(({ transaction }) => transaction.outputs[0]?.owner as PublicKey);
  const ring = membership.ring?.publicKeys ?? [];
  const receivers = [...new Set(lost)].filter((owner) => ring.indexOf(owner) > 0);
  if (receivers.length > 0) payMissing(turn, network, receivers);
}

/**
 * Pays first coins to those who have none. Payouts of an earlier life, of which this node has lost its memory,
 * come back from the members.
 */
function payMissing(turn: DoorTurn, network: Ledger, receivers: readonly PublicKey[]): void {
  const paidBefore = payoutsIn(network);
  const { coinsPerNode: amount } = network.params;
  let payouts = 0;
  for (const receiver of receivers.filter((owner) => !paidBefore.has(owner))) {
    const paid = payFromOwnWallet(turn, network, { receiver, amount });
    if (paid.ok) {
      payouts++;
      continue;
    }
    log(turn, "error", "Cannot pay a node its first coins: they were spent otherwise", {
      receiver,
      ...paid.error,
    });
  }
  if (payouts > 0) log(turn, "info", "Paid first coins", { payouts });
}

/** Whom the founder has paid first coins, in the chain or waiting. Walks the chain, when it is young. */
function payoutsIn({ chain, mempool, params }: LedgerView): ReadonlySet<PublicKey> {
  const paid = new Set<PublicKey>();
  const note = (transaction: Transaction): void => {
    const [first] = transaction.outputs;
    if (first !== undefined && isPayout(transaction, params)) paid.add(first.owner);
  };
  for (let height = 1; height <= chain.height; height++) {
    const entry = chain.atHeight(height);
    const block = entry === undefined ? undefined : chain.block(entry.hash);
    for (const transaction of block?.transactions ?? []) note(transaction);
  }
  for (const transaction of mempool.transactions()) note(transaction);
  return paid;
}

function isPayout({ sender, outputs: [first] }: Transaction, params: Params): boolean {
  return sender === params.bootstrapKey && first?.amount === params.coinsPerNode;
}

/** The start-up blocks are there and this node's first coins are in them. */
function hasStarted(
  node: Readonly<Pick<NodeState, "config">>,
  network: LedgerView & Readonly<MembershipPart>,
): boolean {
  const { chain, mempool, membership, params } = network;
  if (chain.height < startupHeight(params)) return false;
  const ownKey = node.config.keyPair.publicKey;
  if (membership.id === undefined) return true;
  if (membership.id > 0) return chain.utxos.coinsOf(ownKey).size > 0;
  if (!membership.payoutsMade) return false;
  for (const { transaction } of mempool.entries()) if (transaction.sender === ownKey) return false;
  return true;
}

function setPhase(
  turn: SpeakingTurn & Pick<Turn, "isWorkStale"> & { readonly node: Pick<NodeState, "phase"> },
  phase: Phase,
): void {
  if (turn.node.phase === phase) return;
  turn.node.phase = phase;
  turn.isWorkStale = true;
  emit(turn, { type: "phase", phase });
}
