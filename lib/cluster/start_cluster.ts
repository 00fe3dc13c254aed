/**
 * Starts a whole network of real processes on this machine, and stops it again.
 *
 * ```
 * all processes at once → bootstrap node listens → the others are told where → every node ready (100 confirmed
 *                                                                              coins each)
 * ```
 *
 * Ports are free ones unless a first port is given. Data goes to a folder that is removed afterwards,
 * unless one is given. Whatever goes wrong, and whenever `stop()` is called, no child is left behind.
 *
 * Called by `noobcash cluster` and by the experiments.
 *
 * @module
 */
import { join } from "node:path";
import { type ApiClient, createApiClient } from "../client/api_client.ts";
import { findToken } from "../client/token_file.ts";
import { parameterArgs } from "../parameter_table.ts";
import { Listeners } from "../runtime/listeners.ts";
import { type FoundingChoice, URL_FROM_STDIN } from "../runtime/node_options.ts";
import { LAB_VARIABLE, type LabFaults, NO_LAB_FAULTS } from "../wire/lab.ts";
import { ClusterError } from "./cluster_error.ts";
import { type NodeProcess, startNodeProcess } from "./node_process.ts";

/** What kind of network. */
export interface ClusterOptions extends FoundingChoice {
  readonly nodes: number;
  readonly host: string;

  /** Node i listens at `port` + i; free ports when left out. */
  readonly port?: number;
  readonly dataDir?: string;
  readonly threads: number;
  readonly hashRateLimit?: number;

  /** What each node hashes at most, a second, by its index; before the limit for all. */
  readonly hashRateLimits?: readonly number[];
  readonly linkLatencyMs: number;
  readonly linkLoss: number;
  readonly startMsMax: number;
  readonly signal: AbortSignal;

  /** With it the cluster can break its own nodes; each child gets it in its environment. */
  readonly labSecret?: string;
}

/** One node of the network. */
export interface ClusterNode {
  readonly id: number;

  /** The place in which it was started: ids follow the order of joining. */
  readonly index: number;
  readonly url: string;
  readonly address: string;
  readonly client: ApiClient;
  /** Over connections that carry nothing but payments, which costs the node less. */
  readonly payments: Pick<ApiClient, "pay" | "payAll" | "close">;
  /** The process that it runs in now. */
  readonly process: NodeProcess;
}

export interface Cluster {
  /** By id. */
  readonly nodes: readonly ClusterNode[];
  readonly startUpMs: number;
  readonly dataDir: string;

  /** Resolves with the node that ended although nobody asked it to. */
  readonly nodeLost: Promise<ClusterNode>;

  /** Tells every such node, which can be restarted then; the returned function ends that. */
  watchLost(listener: (node: ClusterNode) => void): () => void;

  /** Kills a node's process, which leaves no time to clean up; it is not counted as lost. */
  kill(node: ClusterNode): Promise<void>;

  /** Starts a node again whose process is gone, at its address and on its data; resolves when it listens. */
  restart(node: ClusterNode, faults: LabFaults): Promise<void>;
  stop(): Promise<void>;
}

/** How long a node has to answer: longer than a busy machine lets it wait. */
const CLIENT_TIMEOUT_MS = 30_000;

/** Starts the network; resolves when every node is ready. */
export async function startCluster(options: ClusterOptions): Promise<Cluster> {
  const startedMs = performance.now();
  const dataDir = options.dataDir ?? await Deno.makeTempDir({ prefix: "noobcash-cluster-" });
  const processes = new Set<NodeProcess>();
  const argsByProcess = new Map<NodeProcess, { index: number; args: readonly string[] }>();
  let started: readonly ClusterNode[] = [];
  const killed = new Set<NodeProcess>();
  const lost = Promise.withResolvers<ClusterNode>();
  const lostListeners = new Listeners<ClusterNode>();
  let stopping: Promise<void> | undefined;

  const startUp = boundStartUp(options);
  try {
    startUp.signal.throwIfAborted();
    const nodes = await Promise.race([startAll(), startUp.ended]);
    for (const node of nodes) void watchNode(node);
    return {
      nodes,
      startUpMs: performance.now() - startedMs,
      dataDir,
      nodeLost: lost.promise,
      watchLost: lostListeners.subscribe,
      kill,
      restart: (node, faults) => restart(node as RunningClusterNode, faults),
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  } finally {
    startUp.settle();
  }

  async function startAll(): Promise<readonly RunningClusterNode[]> {
    const bootstrap = startFirst(0, ["--bootstrap", ...parameterArgs(options)]);
    const others = Array.from(
      { length: options.nodes - 1 },
      (_, index) => startFirst(index + 1, ["--bootstrap-url", URL_FROM_STDIN]),
    );
    const { url } = await bootstrap.waitFor(({ event }) => event === "listening");
    for (const [index, process] of others.entries()) {
      process.say(String(url));
      argsByProcess.set(process, { index: index + 1, args: ["--bootstrap-url", String(url)] });
    }
    const nodes = await Promise.all([bootstrap, ...others].map(connect));
    started = nodes;
    return nodes.sort((a, b) => a.id - b.id);
  }

  function startFirst(index: number, args: readonly string[]): NodeProcess {
    startUp.signal.throwIfAborted();
    const port = options.port === undefined ? 0 : options.port + index;
    return start({ index, args, port, faults: NO_LAB_FAULTS });
  }

  function start({ index, args, port, faults }: {
    readonly index: number;
    readonly args: readonly string[];
    readonly port: number;
    readonly faults: LabFaults;
  }): NodeProcess {
    const { labSecret } = options;
    const process = startNodeProcess([...nodeArgs(index, port, options), ...args], {
      dataDir: join(dataDir, `node-${index}`),
      variables: labSecret === undefined
        ? {}
        : { [LAB_VARIABLE]: JSON.stringify({ secret: labSecret, faults }) },
    });
    processes.add(process);
    argsByProcess.set(process, { index, args });
    return process;
  }

  /** Notes when a node ends although nobody asked it to. */
  async function watchNode(node: RunningClusterNode): Promise<void> {
    const { process } = node;
    await process.exited;
    processes.delete(process);
    if (stopping !== undefined || killed.has(process)) return;
    // Such a node counts as killed, and can be started again.
    killed.add(process);
    lost.resolve(node);
    lostListeners.tell(node);
  }

  async function kill({ process }: ClusterNode): Promise<void> {
    killed.add(process);
    process.signal("SIGKILL");
    await process.exited;
  }

  async function restart(node: RunningClusterNode, faults: LabFaults): Promise<void> {
    const before = argsByProcess.get(node.process);
    if (before === undefined || !killed.has(node.process) || stopping !== undefined) {
      throw new ClusterError(
        `Cannot restart node ${node.id}: got one that runs, wanted a killed one`,
      );
    }
    const process = start({ ...before, port: Number(new URL(node.url).port), faults });
    argsByProcess.delete(node.process);
    killed.delete(node.process);
    node.process = process;
    void watchNode(node);
    await process.waitFor(({ event }) => event === "listening");
  }

  function stop(): Promise<void> {
    stopping ??= (async () => {
      for (const { payments } of started) payments.close();
      await Promise.all([...processes].map((process) => process.stop()));
      if (options.dataDir === undefined) await Deno.remove(dataDir, { recursive: true });
    })();
    return stopping;
  }
}

/** A node once it is ready. */
async function connect(process: NodeProcess, index: number): Promise<RunningClusterNode> {
  const { url } = await process.waitFor(({ event }) => event === "listening");
  await process.waitFor(({ event, phase }) => event === "phase" && phase === "ready");
  const { token } = findToken({ dataDir: process.dataDir, host: "127.0.0.1", port: 0 });
  const own = { url: String(url), token, timeoutMs: CLIENT_TIMEOUT_MS };
  const client = createApiClient(own);
  const payments = createApiClient({ ...own, hasOwnConnections: true });
  const status = await client.status();
  if (!status.ok) throw new ClusterError(status.error.message);
  const { address, nodeId } = status.value.wallet;
  return { id: nodeId ?? -1, index, url: String(url), address, client, payments, process };
}

/** Ends a start that takes too long, or that nobody wants any more. */
function boundStartUp({ startMsMax, signal }: ClusterOptions) {
  const startUp = new AbortController();
  const ended = Promise.withResolvers<never>();
  ended.promise.catch(() => {});
  startUp.signal.addEventListener("abort", () => ended.reject(startUp.signal.reason));
  const timer = setTimeout(() => {
    startUp.abort(
      new ClusterError(
        `Cannot start the cluster: not all nodes were ready after ${startMsMax / 1000} s ` +
          "(--start-timeout)",
        "not-ready",
      ),
    );
  }, startMsMax);
  const onAbort = () => startUp.abort(signal.reason);
  signal.addEventListener("abort", onAbort);
  if (signal.aborted) onAbort();
  return {
    signal: startUp.signal,
    /** Rejects when the start has to end. */
    ended: ended.promise,
    settle() {
      clearTimeout(timer);
      signal.removeEventListener("abort", onAbort);
    },
  };
}

/** A node whose process is another one after a restart. */
type RunningClusterNode = { -readonly [K in keyof ClusterNode]: ClusterNode[K] };

function nodeArgs(index: number, port: number, options: ClusterOptions): string[] {
  const hashRateLimit = options.hashRateLimits?.[index] ?? options.hashRateLimit;
  return [
    ...["--host", options.host],
    ...["--port", String(port)],
    ...["--threads", String(options.threads)],
    ...["--log-format", "json"],
    ...(hashRateLimit === undefined ? [] : ["--hash-rate-limit", `${hashRateLimit}H/s`]),
    ...(options.linkLatencyMs > 0 ? ["--link-latency", `${options.linkLatencyMs}ms`] : []),
    ...(options.linkLoss > 0 ? ["--link-loss", String(options.linkLoss)] : []),
  ];
}
