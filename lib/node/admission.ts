/**
 * Letting nodes in: the bootstrap node gives places in the ring, any member of it lets observers follow.
 *
 * Every answer can be repeated: a key has one id for ever (N01-N03). Whoever is refused is told why, and
 * the log says so now and then.
 *
 * @module
 */
import type { PublicKey } from "../crypto/keys.ts";
import { PROTOCOL_VERSION } from "../params.ts";
import type { JoinMessage, RefusalMessage, RingMessage, WelcomeMessage } from "../wire/message.ts";
import { type AddressRecord, verifyRecord } from "../wire/ring.ts";
import { passOn, rememberRecords } from "./address_book.ts";
import { contradictionOf } from "./join_network.ts";
import { completeRing } from "./membership.ts";
import { changeMembership } from "./membership_record.ts";
import { hasRoomForObserver, learnRecord, OBSERVERS_MAX, ringIdOf } from "./peer_table.ts";
import type { LedgerView, MembershipPart, NodeState } from "./state.ts";
import { emit, log, type SpeakingTurn, type Turn } from "./turn.ts";

/** How long the log is silent before it says again that nodes were refused. */
const REFUSED_JOIN_LOG_MS = 10_000;

/**
 * At the bootstrap node: gives a node its place, the same one each time it asks. At any node that has the
 * ring: lets an observer in.
 */
export function onJoin(turn: Turn, from: PublicKey, message: JoinMessage): void {
  const { node } = turn;
  const { network } = node;
  const { record } = message;
  if (record.publicKey !== from || !verifyRecord(record)) return;
  const refuse = (code: RefusalMessage["code"], text: string) => {
    logRefusedJoin(turn, { code, url: record.url, text });
    const refusal: RefusalMessage = { type: "refusal", code, text };
    turn.effects.push({ type: "send", url: record.url, publicKey: from, message: refusal });
  };

  const isFounder = node.config.role.kind === "bootstrap";
  const isGuide = message.observer && network?.membership.ring !== undefined &&
    network.membership.id !== undefined;
  if (network === undefined || !(isFounder || isGuide)) {
    return refuse("not-bootstrap", "Cannot join here: this is not the bootstrap node");
  }
  if (message.protocolVersion !== PROTOCOL_VERSION) {
    const text = `Cannot join: got protocol ${message.protocolVersion}, wanted ${PROTOCOL_VERSION}`;
    return refuse("protocol-version-unsupported", text);
  }
  const contradiction = contradictionOf(message.expectations, network.params);
  if (contradiction !== undefined) return refuse("params-contradicted", contradiction);

  const id = ringIdOf(network, from);
  if (message.observer && id === undefined) {
    if (!node.peers.has(from) && !hasRoomForObserver(node)) {
      return refuse("too-many-observers", `Cannot follow: got observer ${OBSERVERS_MAX + 1}`);
    }
    if (learnRecord(turn, record, undefined)) {
      rememberRecords(turn, network);
      passOn(turn, [record], from);
    }
    return welcome(turn, network, record);
  }
  if (record.url === "") {
    return refuse("address-missing", "Cannot join: the node names no URL at which it is reached");
  }
  if (id === undefined) {
    const { joined } = network.membership;
    if (joined.length >= network.params.nodes) {
      const text = `Cannot join: all ${network.params.nodes} places of the ring are taken`;
      return refuse("ring-full", text);
    }
    if (!learnRecord(turn, record, joined.length)) return;
    changeMembership(turn, network, { joined: [...joined, from] });
    rememberRecords(turn, network);
    emit(turn, { type: "peer", publicKey: from, change: "joined", detail: record.url });
  } else if (learnRecord(turn, record, id)) {
    rememberRecords(turn, network);
  }
  completeRing(turn, network);
  welcome(turn, network, record);
}

function welcome(
  turn: SpeakingTurn,
  network: LedgerView & Readonly<MembershipPart>,
  record: AddressRecord,
): void {
  const { membership, params } = network;
  const id = ringIdOf(network, record.publicKey);
  const joinedCount = membership.joined.length;
  const send = (message: WelcomeMessage | RingMessage) =>
    turn.effects.push({
      type: "send",
      url: record.url,
      publicKey: record.publicKey,
      message,
    });
  const { records } = membership;
  send({ type: "welcome", params, id, joinedCount, records: [turn.node.config.record] });
  if (membership.ring !== undefined) send({ type: "ring", ring: membership.ring, records });
}

/** Once in ten seconds at most: whoever is refused may come again and again. */
function logRefusedJoin(
  turn: SpeakingTurn & { readonly node: Pick<NodeState, "refusedJoins"> },
  properties: Readonly<Record<string, string>>,
): void {
  const { refusedJoins } = turn.node;
  refusedJoins.count++;
  if (turn.nowMs - refusedJoins.loggedAtMs < REFUSED_JOIN_LOG_MS) return;
  const { count } = refusedJoins;
  log(turn, "warning", "Refused to let a node join", { ...properties, count });
  refusedJoins.loggedAtMs = turn.nowMs;
  refusedJoins.count = 0;
}
