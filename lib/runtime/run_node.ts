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
import type { KeyPair, PublicKey } from "../crypto/keys.ts";
import { createApiApp } from "../http/api_app.ts";
import { createP2pRoutes } from "../http/p2p_routes.ts";
import { type LabPorts, labRoutes } from "../http/lab_routes.ts";
import type { ApiPorts, RuntimeReply } from "../http/ports.ts";
import type { NodeEvent } from "../node/effect.ts";
import type { NodeInput } from "../node/input.ts";
import { createNode } from "../node/node.ts";
import { peerKindOf, wantsAddressProof } from "./peer_kind.ts";
import type { Snapshot } from "../node/persistence.ts";
import { DEFAULT_TIMING, type NodeState, type NodeTiming, type Role } from "../node/state.ts";
import { createLinkFaults } from "../peers/link_faults.ts";
import { createPeerTransport } from "../peers/peer_transport.ts";
import type { DataFolder } from "../store/data_folder.ts";
import type { NodeStore } from "../store/node_store.ts";
import { StoreFailure } from "../store/store_failure.ts";
import type { LabStart } from "../wire/lab.ts";
import type { Message } from "../wire/message.ts";
import { signRecord } from "../wire/ring.ts";
import { collectGarbage } from "./collect_garbage.ts";
import { Lab } from "./lab/lab.ts";
import { type MinerDriver, type MinerHooks, startMinerDriver } from "./miner_driver.ts";
import { machineClock, type NodeClock } from "./node_clock.ts";
import { watchNode } from "./node_log.ts";
import { NodeLoop } from "./node_loop.ts";
import type { OutwardEffect } from "./outward_effect.ts";
import { type FoundingChoice, foundingContradiction } from "./node_options.ts";
import { runtimeMetrics } from "./runtime_metrics.ts";
import { POOL_TRANSACTIONS_MIN, VerificationPool } from "./verification/verification_pool.ts";

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
  handle(request: Request, remoteAddress: string): Response | Promise<Response>;
  start(): void;
}

export async function runNode(
  resources: NodeResources,
  options: RunOptions,
): Promise<WiredNode> {
  const { url, store, snapshot, folder: { keyPair, token } } = resources;
  const { logger } = options;
  const machine = options.clock ?? machineClock();
  const skewMs = () => lab?.faults.clockSkewMs ?? 0;
  const clock: NodeClock = options.lab === undefined
    ? machine
    : { steadyMs: machine.steadyMs, wallMs: () => machine.wallMs() + skewMs() };
  const startedAtMs = clock.steadyMs();
  const node = createNodeOf(resources, options, startedAtMs);
  if (snapshot !== undefined) collectGarbage();

  const stopping = new AbortController();
  const stopped = Promise.withResolvers<StopReason>();
  const listeners = new Set<(event: NodeEvent) => void>();
  const watch = watchNode(node, logger);
  const verification = new VerificationPool({ onFault: (text) => logger.warning(text) });
  const loop = new NodeLoop({
    node,
    store,
    clock,
    perform,
    onFailed: (error) => void stop(reasonOf(error)),
  });
  const miner: MinerDriver | undefined = !options.isMining ? undefined : await startMinerDriver({
    threads: options.threads,
    hashRateLimit: options.hashRateLimit,
    hooks: options.miner ?? {},
    onSolved: (solution) => loop.push({ type: "mined", ...solution }),
    onFault: (text) => logger.warning(text),
  });
  const peers = createPeerTransport({
    keyPair,
    record: node.config.record,
    joinToken: options.joinToken,
    faults: createLinkFaults(
      { latencyMs: options.linkLatencyMs, loss: options.linkLoss },
      Math.random,
    ),
    kindOf: (publicKey) => peerKindOf(node, publicKey),
    wantsProof: () => wantsAddressProof(node),
    deliver,
    onConnected: (connection) => loop.push({ type: "peer-connected", ...connection }),
    onFailed: (failure) => {
      watch.peerFailed(failure);
      loop.push({ type: "peer-failed", ...failure });
    },
    onMisbehaved: (from, code) => loop.push({ type: "peer-misbehaved", from, code }),
    onRefused: (code) => watch.callerRefused(code),
  });
  const lab = options.lab === undefined ? undefined : new Lab(options.lab.faults, {
    node,
    clockMs: () => performance.timeOrigin + performance.now(),
    send: (effect) => peers.send(effect, effect.message),
    setHashRateLimit: async (limit) =>
      await miner?.setHashRateLimit(limit ?? options.hashRateLimit),
    tick: () => loop.push({ type: "tick" }),
    hashRate: () => miner?.status().isSearching === true ? miner.status().hashesPerSecond : 0,
  });
  if (options.lab !== undefined) await lab?.apply(options.lab.faults);
  const app = createApiApp(apiPorts(), {
    peerRoutes: createP2pRoutes(peers),
    ...(lab !== undefined && options.lab !== undefined &&
      { labRoutes: labRoutes(labPorts(lab, options.lab.secret)) }),
    onInternalError: (thrown) =>
      logger.error("Cannot answer a request: got an error of our own", { error: thrown }),
  });

  return {
    url,
    port: resources.port,
    dataDir: resources.dataDir,
    keyPair,
    token,
    node,
    subscribe,
    stop: () => stop({ kind: "order", code: "stopped", text: "Stopped" }),
    stopped: stopped.promise,
    handle: (request, remoteAddress) => app.fetch(request, { remoteAddress }),
    start: () => loop.push({ type: "start" }),
  };

  function labPorts(lab: Lab, secret: string): LabPorts {
    return {
      secret,
      stopping: stopping.signal,
      clockMs: () => lab.clockMs(),
      faults: () => lab.faults,
      apply: (faults) => lab.apply(faults),
      listen: (detail) => lab.listen(detail),
      setDetail: (detail) => lab.setDetail(detail),
      blocksBetween: (from, to) => lab.blocksBetween(from, to),
    };
  }

  /** An order of a client; a refusal is told. */
  async function ask(inputOf: (requestId: number) => NodeInput): Promise<RuntimeReply> {
    const reply = await loop.request(inputOf);
    lab?.reply(reply);
    return reply;
  }

  function apiPorts(): ApiPorts {
    return {
      node,
      version: options.version,
      startedAtMs,
      token,
      hostNames: [options.host, new URL(url).hostname],
      stopping: stopping.signal,
      nowMs: clock.steadyMs,
      pay: (payment) => ask((requestId) => ({ type: "pay", requestId, ...payment })),
      submit: (transaction) => ask((requestId) => ({ type: "submit", requestId, transaction })),
      submitBlock: (block) => ask((requestId) => ({ type: "submit-block", requestId, block })),
      control: (command) => loop.request((requestId) => ({ type: "control", requestId, command })),
      subscribe,
      mining: () => miner?.status() ?? { isSearching: false, hashesPerSecond: 0 },
      metrics: () =>
        runtimeMetrics({
          loop: loop.stats(),
          peers: peers.stats(),
          miner: miner?.stats(),
          ignored: node.ignored,
        }),
      sickness: () => loop.ended?.code,
    };
  }

  function subscribe(listener: (event: NodeEvent) => void): () => void {
    listeners.add(listener);
    return () => void listeners.delete(listener);
  }

  /** In the order of arrival; signatures of many transactions are verified on all cores before. */
  async function deliver(from: PublicKey, messages: readonly Message[]): Promise<void> {
    for (const message of messages) {
      const transactions = transactionsOf(message);
      const { network } = node;
      if (network !== undefined && transactions.length >= POOL_TRANSACTIONS_MIN) {
        await verification.verify(transactions, network);
      }
      await loop.room();
      if (lab?.receive(from, message) === false) continue;
      loop.push({ type: "message", from, message });
    }
  }

  function perform(effect: OutwardEffect): void {
    switch (effect.type) {
      case "send":
        return lab === undefined ? peers.send(effect, effect.message) : lab.send(effect);
      case "mine":
        return miner?.mine(effect);
      case "stop-mining":
        return miner?.idle();
      case "event":
        watch.event(effect.event);
        lab?.event(effect.event);
        for (const listener of listeners) listener(effect.event);
        if (effect.event.type === "phase") checkParams();
        return;
      case "log":
        if (typeof effect.properties["code"] === "string") lab?.refused(effect.properties["code"]);
        return logger[effect.level](effect.text, { ...effect.properties });
      case "give-up":
        return void stop({ kind: "refused", code: effect.code, text: effect.text });
    }
  }

  /** The flags that a join does not carry are held against the network once it is known. */
  function checkParams(): void {
    const params = node.network?.params;
    if (params === undefined) return;
    const text = foundingContradiction(options.founding, params);
    if (text !== undefined) void stop({ kind: "refused", code: "params-contradicted", text });
  }

  async function stop(reason: StopReason): Promise<void> {
    if (stopping.signal.aborted) return void await stopped.promise;
    loop.end({ code: "node-stopping" });
    stopping.abort();
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

function transactionsOf(message: Message) {
  switch (message.type) {
    case "transactions":
    case "block-transactions":
      return message.transactions;
    case "blocks":
      return message.blocks.flatMap((block) => block.transactions);
    default:
      return [];
  }
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
