/**
 * Getting into a network: asking the bootstrap node again and again until it answers, and telling the peers
 * where this node is.
 *
 * @module
 */
import type { PublicKey } from "../crypto/keys.ts";
import { FLAG_ROWS, longFlagOf, typedValueOf } from "../parameter_table.ts";
import { type Params, PROTOCOL_VERSION } from "../params.ts";
import type { Expectations, JoinMessage, RefusalMessage, WelcomeMessage } from "../wire/message.ts";
import { rememberRecords } from "./address_book.ts";
import { newMembership } from "./membership_record.ts";
import { createNetwork } from "./network.ts";
import type { Addressee } from "./peer.ts";
import { isQuiet, learnRecord } from "./peer_table.ts";
import type { LedgerView, MembershipPart, NodeState } from "./state.ts";
import { log, sendTo, type SpeakingTurn, type Turn, wakeBy } from "./turn.ts";

/** At every this many attempts the log says what the node waits for. */
const JOIN_LOG_ATTEMPTS = 10;

/** Asks the bootstrap node for a place, whenever it is time to. */
export function tryToJoin(turn: Turn): void {
  const { network } = turn.node;
  const waitsFor = network === undefined ? "the bootstrap node" : "the other nodes to join";
  askBootstrap(turn, `Waiting for ${waitsFor}`);
}

/**
 * Asks the bootstrap node where the others are for as long as no member can be reached: when everybody has moved
 * its URL is all that a node has, and any one message can be lost. Observers do not count: nobody calls them, so no
 * call to them fails.
 */
export function seekPeers(turn: Turn, { membership, params }: MembershipPart & LedgerView): void {
  const { config, joining, peers } = turn.node;
  // A node of a given topology learns of nobody else.
  if (membership.ring === undefined || !config.isFullMesh) return;
  for (const { id, failureCount } of peers.values()) {
    if (id === undefined || failureCount > 0) continue;
    joining.attemptCount = 0;
    return;
  }
  const bootstrap = peers.get(params.bootstrapKey);
  if (bootstrap !== undefined && isQuiet(bootstrap, turn.nowMs)) return;
  askBootstrap(turn, "Looking for the other nodes");
}

/** @param text what the log says now and then */
function askBootstrap(turn: SpeakingTurn & { readonly node: NodeState }, text: string): void {
  const { node, nowMs } = turn;
  const { joining, config: { role }, network } = node;
  if (role.kind === "bootstrap") return;
  if (joining.nextAttemptAtMs > nowMs) return wakeBy(turn, joining.nextAttemptAtMs);

  const { bootstrapUrl: url } = role;
  if (joining.attemptCount % JOIN_LOG_ATTEMPTS === 0) log(turn, "info", text, { url });
  planAttempt(turn);
  turn.effects.push({
    type: "send",
    url,
    publicKey: role.kind === "observer" ? joining.bootstrapKey : network?.params.bootstrapKey,
    message: joinMessageOf(node),
  });
}

/** Plans the next attempt: later each time, up to `joinRetryMsMax`. */
function planAttempt(turn: SpeakingTurn & { readonly node: Pick<NodeState, "joining"> }): void {
  const { joining, config } = turn.node;
  const { joinRetryMsMin, joinRetryMsMax } = config.timing;
  const doublings = Math.min(joining.attemptCount, 16);
  joining.attemptCount++;
  joining.nextAttemptAtMs = turn.nowMs +
    Math.min(joinRetryMsMax, joinRetryMsMin * 2 ** doublings);
  wakeBy(turn, joining.nextAttemptAtMs);
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
  giveUp(turn, code, "Cannot join: the join token is not the fleet's");
  return true;
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

  planAttempt(turn);
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

/** At an observer: a member that may have forgotten it is asked again to serve it. */
export function askToFollow(turn: SpeakingTurn, member: Addressee): void {
  if (turn.node.config.role.kind !== "observer") return;
  sendTo(turn, member, joinMessageOf(turn.node));
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

function giveUp(turn: Pick<Turn, "effects">, code: string, text: string): void {
  turn.effects.push({ type: "give-up", code, text });
}

/** What a node's own flags say against the network's parameters, for people. */
export function contradictionOf(expectations: Expectations, params: Params): string | undefined {
  for (const [name] of FLAG_ROWS) {
    const got = expectations[name];
    if (got === undefined || got === params[name]) continue;
    const wanted = typedValueOf(name, params[name]);
    return `Cannot join: got ${longFlagOf(name)} ${typedValueOf(name, got)}, wanted ${wanted} ` +
      "as the network has it";
  }
  return undefined;
}
