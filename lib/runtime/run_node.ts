/**
 * Runs a node on what was opened for it: wires the loop to peers, API, miner and log.
 *
 * What the node wants is performed here; what happens in the world is told to it. Stops by order, by the
 * node's own wish, or because the machine or an invariant failed, and always in the same order: nothing
 * more is taken in, streams and threads end, open requests end, the store is closed.
 *
 * Called by `keep_running.ts`; `start_node.ts` opens and closes.
 *
 * @module
 */
import type { Logger } from "@logtape/logtape";
import type { KeyPair } from "../crypto/keys.ts";
import { createApiApp } from "../http/api_app.ts";
import type { PayPlainly } from "../http/payment_door.ts";
import {
  type AnswerOpening,
  answerOpenings,
  createP2pRoutes,
  LateRefusals,
} from "../http/p2p_routes.ts";
import { labRoutes } from "../http/lab_routes.ts";
import type { NodeEvent } from "../node/effect.ts";
import { createNode } from "../node/node.ts";
import { knowsMembers, peerKindOf, wantsAddressProof } from "./peer_kind.ts";
import type { Snapshot } from "../node/persistence.ts";
import { DEFAULT_TIMING, type NodeState, type NodeTiming, type Role } from "../node/state.ts";
import { createLinkFaults } from "../peers/link_faults.ts";
import { createPeerTransport, type PeerTransport } from "../peers/peer_transport.ts";
import type { DataFolder } from "../store/data_folder.ts";
import type { NodeStore } from "../store/node_store.ts";
import { StoreFailure } from "../store/store_failure.ts";
import type { LabStart } from "../wire/lab.ts";
import { signRecord } from "../wire/ring.ts";
import { clientHint } from "./client_hint.ts";
import { apiPortsOf, labPortsOf, type RunningParts } from "./api_ports.ts";
import { type BlockBacklog, PaymentGate } from "./payment_gate.ts";
import type { LimitedHandler } from "./request_limit.ts";
import { collectGarbage } from "./collect_garbage.ts";
import { IncomingMessages } from "./incoming_messages.ts";
import { RefusalCounts } from "./refusal_counts.ts";
import { Lab } from "./lab/lab.ts";
import { Listeners } from "./listeners.ts";
import { memberAddressTest } from "./member_addresses.ts";
import { watchMemory } from "./memory_watch.ts";
import { type MinerDriver, type MinerHooks, startMinerDriver } from "./miner_driver.ts";
import { machineClock, type NodeClock } from "./node_clock.ts";
import { type NodeWatch, watchNode } from "./node_log.ts";
import { NodeLoop } from "./node_loop.ts";
import { NodeOutlet } from "./node_outlet.ts";
import { type FoundingChoice, foundingContradiction } from "./node_options.ts";
import { VerificationPool } from "./verification/verification_pool.ts";

export interface RunOptions {
  readonly host: string;
  readonly founding: FoundingChoice;
  readonly threads: number;
  readonly isMining: boolean;
  readonly hashRateLimit: number | undefined;
  readonly joinToken: string;
  readonly linkLatencyMs: number;
  readonly linkLoss: number;
  readonly version: string;
  /** How whoever started the node calls this program. */
  readonly program?: string;
  readonly logger: Logger;
  readonly timing?: Partial<NodeTiming>;
  /** Where tests take hold of the mining threads. */
  readonly miner?: MinerHooks;
  /** The machine's clock if nothing else is given. */
  readonly clock?: NodeClock;
  /** The cluster that started this node may break it; nobody may when left out. */
  readonly lab?: LabStart | undefined;
}

/** What was opened for the node. */
export interface NodeResources {
  readonly url: string;
  readonly port: number;
  readonly dataDir: string;
  readonly folder: DataFolder;
  readonly store: NodeStore;
  readonly snapshot: Snapshot | undefined;
  readonly role: Role;
  /** Milliseconds that answers to strangers have taken so far. */
  readonly strangersMs: () => number;
}

/** Why a node stopped. */
export interface StopReason {
  readonly code: string;
  readonly text: string;
  /** `order`: it was told to; `refused`: the network does not want it; `internal`: it is broken. */
  readonly kind: "order" | "refused" | "internal";
}

export interface RunningNode {
  readonly url: string;
  readonly port: number;
  readonly dataDir: string;
  readonly keyPair: KeyPair;
  readonly token: string;
  /** Read only. */
  readonly node: NodeState;
  /** Hears every event from now on; the returned function ends that. */
  subscribe(listener: (event: NodeEvent) => void): () => void;
  /** Stops in good order; resolves when everything is closed. */
  stop(): Promise<void>;
  /** Resolves when the node has stopped, whatever the reason. */
  readonly stopped: Promise<StopReason>;
}

/** A node that is wired and waits for its first input. */
export interface WiredNode extends RunningNode {
  /** @param remoteAddress the caller's */
  readonly handle: LimitedHandler;
  readonly payPlainly: PayPlainly;
  /** Nothing while no peers are talked to. */
  readonly answerOpening: AnswerOpening | undefined;
  /** Tells whether members call from an address. */
  isMemberAddress(address: string): boolean;
  start(): void;
}

export async function runNode(
  resources: NodeResources,
  options: RunOptions,
): Promise<WiredNode> {
  const { store, folder: { keyPair, token } } = resources;
  const { logger } = options;
  const clock = clockOf(options, () => lab?.faults.clockSkewMs ?? 0);
  const startedAtMs = clock.steadyMs();
  const node = createNodeOf(resources, options, startedAtMs);
  // The engine goes by what it finds now: before its first collection it would grow to 200 MB. Where nothing was
  // loaded there is little to collect, and a network of new nodes is ready sooner without.
  const isUncollected = resources.snapshot === undefined;
  if (!isUncollected) collectGarbage();

  const stopping = new AbortController();
  const stopped = Promise.withResolvers<StopReason>();
  const listeners = new Listeners<NodeEvent>();
  const watch = watchNode(node, logger);
  const verification = new VerificationPool({ onFault: (text) => logger.warning(text) });
  const loop = new NodeLoop({
    node,
    store,
    clock,
    perform: (effect) => outlet.perform(effect),
    onFailed: (error) => void stop(reasonOf(error)),
  });
  const miner = await minerOf(options, loop);
  const peers = peersOf(options, { node, loop, watch, incoming: () => incoming });
  const endMemoryWatch = watchMemory({
    isUncollected,
    inputCount: () => loop.stats().steps,
    busyMs() {
      const { stepMs, commitMs, performMs } = loop.stats();
      return stepMs + commitMs + performMs;
    },
    strangersMs: () => resources.strangersMs() + peers.strangersMs(),
    expect: (work) => storeOrStop(() => store.keepPages(work === "much" ? "many" : "few")),
    rest() {
      // On a busy machine a node may take seconds until it is started, and nothing comes before that.
      if (loop.ended !== undefined || !node.isStarted) return;
      loop.push({ type: "rest" });
      storeOrStop(() => store.rest());
    },
  });
  const lab = await labOf(options, { node, loop, peers, miner });
  const refusals = new RefusalCounts((code) => lab?.refused(code));
  const outlet = new NodeOutlet({
    peers,
    miner,
    lab,
    refusals,
    logger,
    onEvent: (event) => {
      watch.event(event);
      lab?.event(event);
      listeners.tell(event);
      const refusal = event.type === "phase" ? paramsRefusal(node, options.founding) : undefined;
      if (refusal !== undefined) void stop(refusal);
    },
    onGivenUp: ({ code, text }) => void stop({ kind: "refused", code, text }),
  });
  const nowMs = () => clock.steadyMs();
  const incoming = new IncomingMessages({ node, nowMs, loop, verification, lab });
  const gate = new PaymentGate({
    lagMs: () => peers.lagMs(),
    backlog: () => backlogOf(node),
    stopping: stopping.signal,
  });
  const late = new LateRefusals();
  const app = apiOf(resources, options, startedAtMs, lab, {
    late,
    node,
    loop,
    peers,
    miner,
    gate,
    refusals,
    clock,
    subscribe: listeners.subscribe,
    stopping: stopping.signal,
  });

  return {
    url: resources.url,
    port: resources.port,
    dataDir: resources.dataDir,
    keyPair,
    token,
    node,
    subscribe: listeners.subscribe,
    stop: () => stop({ kind: "order", code: "stopped", text: "Stopped" }),
    stopped: stopped.promise,
    handle: (request, remoteAddress, upgrade, body) =>
      app.fetch(request, { remoteAddress, upgrade, body }),
    payPlainly: app.payPlainly,
    answerOpening: answerOpenings(peers, late),
    isMemberAddress: memberAddressTest(node, () => peers.memberAddresses(), clock.steadyMs),
    start: () => loop.push({ type: "start" }),
  };

  function storeOrStop(ask: () => void): void {
    try {
      ask();
    } catch (error) {
      void stop(reasonOf(error));
    }
  }

  async function stop(reason: StopReason): Promise<void> {
    if (stopping.signal.aborted) return void await stopped.promise;
    loop.end({ code: "node-stopping" });
    stopping.abort();
    endMemoryWatch();
    watch.close();
    lab?.close();
    verification.close();
    await Promise.all([miner?.close(), peers.close()]);
    stopped.resolve(reason);
  }
}

/** A node that goes on where its folder's snapshot ends. It does nothing yet. */
export function createNodeOf(
  resources: NodeResources,
  options: Pick<RunOptions, "isMining" | "timing">,
  nowMs: number,
): NodeState {
  const { url, store, snapshot, folder: { keyPair } } = resources;
  return createNode(
    {
      keyPair,
      record: signRecord({ url, sequence: nextSequence(resources, nowMs) }, keyPair),
      role: resources.role,
      isMining: options.isMining,
      isFullMesh: true,
      timing: { ...DEFAULT_TIMING, ...options.timing },
    },
    store,
    snapshot === undefined ? {} : { snapshot },
  );
}

/** The machine's clock, wrong by what the lab orders. */
function clockOf(options: RunOptions, skewMs: () => number): NodeClock {
  const machine = options.clock ?? machineClock();
  if (options.lab === undefined) return machine;
  return { steadyMs: machine.steadyMs, wallMs: () => machine.wallMs() + skewMs() };
}

function backlogOf({ network, peers }: NodeState): BlockBacklog | undefined {
  if (network === undefined || peers.size === 0) return undefined;
  const { mempool, params: { capacity }, chain: { height } } = network;
  return { waiting: mempool.size, capacity, height };
}

function peersOf(
  options: RunOptions,
  { node, loop, watch, incoming }: {
    readonly node: NodeState;
    readonly loop: NodeLoop;
    readonly watch: NodeWatch;
    /** Is there once the first message comes. */
    readonly incoming: () => IncomingMessages;
  },
): PeerTransport {
  return createPeerTransport({
    keyPair: node.config.keyPair,
    record: node.config.record,
    joinToken: options.joinToken,
    faults: createLinkFaults(
      { latencyMs: options.linkLatencyMs, loss: options.linkLoss },
      Math.random,
    ),
    kindOf: (publicKey) => peerKindOf(node, publicKey),
    wantsProof: () => wantsAddressProof(node),
    knowsMembers: () => knowsMembers(node),
    deliver: (from, messages) => incoming().deliver(from, messages),
    overtake: (from, message) => incoming().overtake(from, message),
    onConnected: (connection) => loop.push({ type: "peer-connected", ...connection }),
    onFailed: (failure) => {
      watch.peerFailed(failure);
      loop.push({ type: "peer-failed", ...failure });
    },
    onMisbehaved: (from, code) => loop.push({ type: "peer-misbehaved", from, code }),
    onRefused: (code) => watch.callerRefused(code),
  });
}

function apiOf(
  { url, port, dataDir, folder: { token } }: NodeResources,
  { host, version, program, lab: labStart, logger }: RunOptions,
  startedAtMs: number,
  lab: Lab | undefined,
  parts: RunningParts & { readonly peers: PeerTransport; readonly late: LateRefusals },
): ReturnType<typeof createApiApp> {
  const ports = apiPortsOf(parts, {
    token,
    version,
    startedAtMs,
    hostNames: [host, new URL(url).hostname],
  });
  return createApiApp(ports, {
    peerRoutes: createP2pRoutes(parts.peers, parts.late),
    ...(lab !== undefined && labStart !== undefined &&
      { labRoutes: labRoutes(labPortsOf(lab, labStart.secret, parts.stopping)) }),
    ...(program !== undefined && { clientHint: clientHint(program, { port, dataDir }) }),
    onInternalError: (thrown) =>
      logger.error("Cannot answer a request: the node made a mistake", { error: thrown }),
  });
}

async function minerOf(options: RunOptions, loop: NodeLoop): Promise<MinerDriver | undefined> {
  if (!options.isMining) return undefined;
  return await startMinerDriver({
    threads: options.threads,
    hashRateLimit: options.hashRateLimit,
    hooks: options.miner ?? {},
    onSolved: (solution) => loop.push({ type: "mined", ...solution }),
    onFault: (text) => options.logger.warning(text),
  });
}

async function labOf(
  options: RunOptions,
  { node, loop, peers, miner }: {
    readonly node: NodeState;
    readonly loop: NodeLoop;
    readonly peers: PeerTransport;
    readonly miner: MinerDriver | undefined;
  },
): Promise<Lab | undefined> {
  if (options.lab === undefined) return undefined;
  const lab = new Lab(options.lab.faults, {
    node,
    clockMs: () => performance.timeOrigin + performance.now(),
    send: (effect) => peers.send(effect, effect.message),
    setHashRateLimit: async (limit) =>
      await miner?.setHashRateLimit(limit ?? options.hashRateLimit),
    tick: () => loop.push({ type: "tick" }),
    hashRate: () => miner?.status().isSearching === true ? miner.status().hashesPerSecond : 0,
  });
  await lab.apply(options.lab.faults);
  return lab;
}

/** The flags that a join does not carry are held against the network once it is known. */
function paramsRefusal({ network }: NodeState, founding: FoundingChoice): StopReason | undefined {
  if (network === undefined) return undefined;
  const text = foundingContradiction(founding, network.params);
  return text === undefined ? undefined : { kind: "refused", code: "params-contradicted", text };
}

function reasonOf(error: unknown): StopReason {
  if (error instanceof StoreFailure) {
    return { kind: "internal", code: error.code, text: error.message };
  }
  const text = error instanceof Error ? error.stack ?? error.message : String(error);
  return { kind: "internal", code: "invariant-broken", text };
}

/** Later than the last word on this node's address, even if the machine's clock was set back. */
function nextSequence({ snapshot, folder }: NodeResources, nowMs: number): number {
  const own = snapshot?.membership.records.find(({ publicKey }) =>
    publicKey === folder.keyPair.publicKey
  );
  return Math.max(nowMs, (own?.sequence ?? 0) + 1);
}
