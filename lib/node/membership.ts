/**
 * Finding the network: joining, the ring, addresses, the start-up payouts.
 *
 * ```
 * node:      join → welcome (parameters, id) → genesis → ring → status (I have the ring) → coins → ready
 * bootstrap: join → id, once per key → all are in: sign the ring, hand it out → all have it: pay each
 * ```
 *
 * Every step can be repeated: a lost message costs time only, a key has one id for ever, and the payouts
 * are made by one commit or not at all (N01-N04). A node's word on its address is signed by itself and
 * passed on by anybody; the newest counts.
 *
 * @module
 */
import type { PublicKey } from "../crypto/keys.ts";
import type { Transaction } from "../primitives/transaction.ts";
import { type Params, PROTOCOL_VERSION, startupHeight } from "../params.ts";
import type {
  Expectations,
  JoinMessage,
  RecordsMessage,
  RefusalMessage,
  RingMessage,
  WelcomeMessage,
} from "../wire/message.ts";
import { type AddressRecord, signRing, verifyRecord, verifyRing } from "../wire/ring.ts";
import type { Phase } from "./effect.ts";
import { createNetwork } from "./network.ts";
import type { Addressee } from "./peer.ts";
import { hasRoomForObserver, learnRecord, OBSERVERS_MAX, ringIdOf } from "./peer_table.ts";
import type { Membership } from "./persistence.ts";
import { payFromOwnWallet } from "./requests.ts";
import type { Ledger, LedgerView, MembershipPart, NodeState } from "./state.ts";
import {
  type CommitDraft,
  type DoorTurn,
  emit,
  log,
  type MembershipTurn,
  type PeersTurn,
  sendTo,
  type SpeakingTurn,
  type Turn,
  wakeBy,
} from "./turn.ts";

/** How rarely it is said that nodes were not let in. */
const REFUSED_JOIN_LOG_MS = 10_000;
/** How often it is said what a node waits for. */
const JOIN_LOG_ATTEMPTS = 10;

/** What is known of a network that has just been founded or joined. */
export function newMembership(
  params: Params,
  { id, joined, records }: {
    id: number | undefined;
    joined: readonly PublicKey[];
    records: readonly AddressRecord[];
  },
): Membership {
  return { params, id, joined, ring: undefined, records, payoutsMade: false, startedUp: false };
}

/** Moves the node's phase on as far as it has come, and does what is due in it. */
export function reviewMembership(turn: Turn): void {
  const { node } = turn;
  const { network } = node;
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
    return refuse("address-missing", "Cannot join: got no URL, wanted one that leads to the node");
  }
  if (id === undefined) {
    const { joined } = network.membership;
    if (joined.length >= network.params.nodes) {
      const text = `Cannot join: got a node too many, wanted ${network.params.nodes} nodes`;
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

/** At a joining node: adopts the network's parameters and its own id. Any member may tell an observer. */
export function onWelcome(turn: Turn, from: PublicKey, message: WelcomeMessage): void {
  const { node } = turn;
  if (node.config.role.kind === "bootstrap") return;
  const { params, id, records, joinedCount } = message;
  if (from === node.network?.params.bootstrapKey) node.joining.joinedCount = joinedCount;
  if (node.network !== undefined) return;
  const { role } = node.config;
  if (from !== node.joining.bootstrapKey) return;
  if (role.kind !== "observer" && params.bootstrapKey !== from) return;
  const contradiction = contradictionOf(node.config.role.expectations, params);
  if (contradiction !== undefined) return giveUp(turn, "params-contradicted", contradiction);

  const network = createNetwork(node, newMembership(params, { id, joined: [], records }));
  node.network = network;
  node.joining.joinedCount = joinedCount;
  turn.draft.membership = network.membership;
  for (const record of records) learnRecord(turn, record, undefined);
  rememberRecords(turn, network);
  log(turn, "info", "Joined the network", { id, genesis: params.genesis.hash });
}

/** At a joining node: the bootstrap node does not want it. */
export function onRefusal(turn: Turn, from: PublicKey, message: RefusalMessage): void {
  const { config, joining, network } = turn.node;
  if (config.role.kind === "bootstrap" || network?.membership.ring !== undefined) return;
  const asked = config.role.kind === "observer" ? undefined : network?.params.bootstrapKey;
  if (from !== (asked ?? joining.bootstrapKey)) return;
  giveUp(turn, message.code, message.text);
}

/** At a joining node: without the fleet's token nobody there will ever talk to it. True when it gives up. */
export function giveUpOnToken(
  turn: Turn,
  { url, code }: { readonly url: string; readonly code: string },
): boolean {
  const { config: { role }, network } = turn.node;
  if (role.kind === "bootstrap" || network !== undefined) return false;
  if (url !== role.bootstrapUrl || code !== "join-token-wrong") return false;
  giveUp(turn, code, "Cannot join: got a wrong join token, wanted the fleet's");
  return true;
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

/** Hands the ring to a member that does not have it yet. */
export function sendRing(
  turn: Pick<Turn, "nowMs" | "effects">,
  network: Readonly<MembershipPart>,
  peer: Addressee,
): void {
  const { ring, records } = network.membership;
  if (ring !== undefined) sendTo(turn, peer, { type: "ring", ring, records });
}

/** Tells every peer where this node is. Sent once the peers are known, and after each start. */
export function introduce(turn: Turn): void {
  const { node } = turn;
  const { record, role } = node.config;
  const message = role.kind === "observer"
    ? joinMessageOf(node)
    : { type: "records", records: [record] } as const;
  for (const peer of node.peers.values()) {
    sendTo(turn, peer, message);
    peer.nextStatusAtMs = turn.nowMs;
  }

  // Everybody may have moved while this node was away; then the bootstrap node is where the flag says.
  if (role.kind === "member" && node.network !== undefined) {
    const publicKey = node.network.params.bootstrapKey;
    const url = role.bootstrapUrl;
    if (node.peers.get(publicKey)?.url !== url) {
      turn.effects.push({ type: "send", url, publicKey, message });
    }
  } else if (role.kind === "observer") {
    const { bootstrapUrl: url } = role;
    if (![...node.peers.values()].some((peer) => peer.url === url)) {
      turn.effects.push({ type: "send", url, publicKey: undefined, message });
    }
  }
  wakeBy(turn, turn.nowMs);
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

function tryToJoin(turn: Turn): void {
  const { node, nowMs } = turn;
  const { joining, config, network } = node;
  if (config.role.kind === "bootstrap") return;
  if (joining.nextAttemptAtMs > nowMs) return wakeBy(turn, joining.nextAttemptAtMs);

  const { bootstrapUrl } = config.role;
  if (joining.attemptCount % JOIN_LOG_ATTEMPTS === 0) {
    const text = node.network === undefined
      ? "Waiting for the bootstrap node"
      : "Waiting for the other nodes to join";
    log(turn, "info", text, { url: bootstrapUrl });
  }
  const { joinRetryMsMin, joinRetryMsMax } = config.timing;
  const delayMs = Math.min(
    joinRetryMsMax,
    joinRetryMsMin * 2 ** Math.min(joining.attemptCount, 16),
  );
  joining.attemptCount++;
  joining.nextAttemptAtMs = nowMs + delayMs;
  wakeBy(turn, joining.nextAttemptAtMs);
  turn.effects.push({
    type: "send",
    url: bootstrapUrl,
    publicKey: config.role.kind === "observer"
      ? joining.bootstrapKey
      : network?.params.bootstrapKey,
    message: joinMessageOf(node),
  });
}

function joinMessageOf({ config }: Readonly<Pick<NodeState, "config">>): JoinMessage {
  const { role, record } = config;
  return {
    type: "join",
    protocolVersion: PROTOCOL_VERSION,
    record,
    observer: role.kind === "observer",
    expectations: role.kind === "bootstrap" ? {} : role.expectations,
  };
}

/** At an observer: a member that may have forgotten it is asked again to serve it. */
export function askToFollow(turn: SpeakingTurn, member: Addressee): void {
  if (turn.node.config.role.kind !== "observer") return;
  sendTo(turn, member, joinMessageOf(turn.node));
}

/** At the bootstrap node: signs the ring as soon as all are in, and hands it out. */
function completeRing(turn: MembershipTurn, network: MembershipPart & LedgerView): void {
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
  const { membership, params } = network;
  if (node.config.role.kind !== "bootstrap" || membership.payoutsMade) return;
  const publicKeys = membership.ring?.publicKeys ?? [];
  const others = publicKeys.slice(1);
  const everybodyHasIt = others.every((publicKey) => node.peers.get(publicKey)?.status?.hasRing);
  if (!everybodyHasIt) return;

  // Payouts of an earlier life, of which this node has lost its memory, come back from the members.
  const paidBefore = payoutsIn(network);
  for (const receiver of others.filter((owner) => !paidBefore.has(owner))) {
    const paid = payFromOwnWallet(turn, network, { receiver, amount: params.coinsPerNode });
    if (paid.ok) continue;
    log(turn, "error", "Cannot pay a node its first coins: they were spent in an earlier life", {
      receiver,
      ...paid.error,
    });
  }
  changeMembership(turn, network, { payoutsMade: true });
  log(turn, "info", "Paid everybody the first coins", { payouts: others.length });
}

/** Whom the founder has paid first coins, in the chain or waiting. Walks the chain: once, at its start. */
function payoutsIn({ chain, mempool, params }: LedgerView): ReadonlySet<PublicKey> {
  const paid = new Set<PublicKey>();
  const note = ({ sender, outputs: [first] }: Transaction): void => {
    const isPayout = sender === params.bootstrapKey && first?.amount === params.coinsPerNode;
    if (isPayout) paid.add(first.owner);
  };
  for (let height = 1; height <= chain.height; height++) {
    const entry = chain.atHeight(height);
    const block = entry === undefined ? undefined : chain.block(entry.hash);
    for (const transaction of block?.transactions ?? []) note(transaction);
  }
  for (const transaction of mempool.transactions()) note(transaction);
  return paid;
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

/**
 * Learns where nodes are. Of a node outside the ring that is not known, only a ring member's word counts:
 * the bootstrap node has let it join.
 */
function learnRecords(
  turn: MembershipTurn,
  network: MembershipPart,
  { from, records }: { from: PublicKey; records: readonly AddressRecord[] },
): AddressRecord[] {
  const { node } = turn;
  const isFromMember = ringIdOf(network, from) !== undefined;
  const news = records.filter((record) => {
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

function passOn(
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

function changeMembership(
  turn: { readonly draft: Pick<CommitDraft, "membership"> },
  network: MembershipPart,
  change: Partial<Membership>,
): void {
  network.membership = { ...network.membership, ...change };
  turn.draft.membership = network.membership;
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

function giveUp(turn: Pick<Turn, "effects">, code: string, text: string): void {
  turn.effects.push({ type: "give-up", code, text });
}

/** What a node's own flags say against the network's parameters, for people. */
function contradictionOf(expectations: Expectations, params: Params): string | undefined {
  for (const name of ["nodes", "capacity", "difficulty"] as const) {
    const got = expectations[name];
    if (got !== undefined && got !== params[name]) {
      return `Cannot join: got --${name} ${got}, wanted ${params[name]} as the network has it`;
    }
  }
  return undefined;
}
