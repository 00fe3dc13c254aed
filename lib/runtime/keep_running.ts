/**
 * Keeps a node going over a disk that cannot be written for a while: full, read-only, held by another
 * program.
 *
 * ```
 * runs → the store fails → what was not committed is taken back, peers and miner end
 *      → only the API goes on: shows what it knows, refuses what would write, says so on its status
 *      → the disk takes a probe → the node starts again from what is there
 * ```
 *
 * A node whose memory is ahead of its disk takes nothing more and tells no peer anything: it is looked at
 * until it can be made anew, and thrown away. Any other end (an order, a refusal, a broken invariant, a damaged database) is the end of the process.
 *
 * @module
 */
import { join } from "node:path";
import { createApiApp } from "../http/api_app.ts";
import type { NodeEvent } from "../node/effect.ts";
import type { Snapshot } from "../node/persistence.ts";
import type { NodeState } from "../node/state.ts";
import type { SqliteStore } from "../store/sqlite_store.ts";
import { StoreFailure, storeFailureOf } from "../store/store_failure.ts";
import { Listeners } from "./listeners.ts";
import {
  type NodeResources,
  type RunningNode,
  runNode,
  type RunOptions,
  type StopReason,
  type WiredNode,
} from "./run_node.ts";
import { machineClock } from "./node_clock.ts";

/** Failures that may pass without anybody touching the node's files. */
const PASSING_CODES: ReadonlySet<string> = new Set([
  "store-disk-full",
  "store-read-only",
  "store-locked",
  "store-io",
]);
/** How often it is tried whether the disk can be written again, and with how much. */
const PROBE_INTERVAL_MS = 1_000;
const PROBE_SIZE_BYTES = 1024 * 1024;
const PROBE_NAME = "room.part";

export interface KeptResources extends Omit<NodeResources, "snapshot"> {
  readonly store: SqliteStore;
  /** Closes server, store and folder. */
  closeAll(): Promise<void>;
}

/**
 * Runs a node until it ends for good.
 *
 * @param first.snapshot what the store holds now
 * @param first.setHandle gets who answers requests from now on
 * @param first.setReserve gets who knows the members' addresses
 */
export async function keepRunning(
  resources: KeptResources,
  options: RunOptions,
  { snapshot, setHandle, setReserve }: {
    readonly snapshot: Snapshot | undefined;
    readonly setHandle: (
      answers: Pick<WiredNode, "handle" | "payPlainly" | "answerOpening">,
    ) => void;
    readonly setReserve: (isMemberAddress: WiredNode["isMemberAddress"]) => void;
  },
): Promise<RunningNode> {
  const { folder, url, port, dataDir } = resources;
  const { logger } = options;
  const clock = options.clock ?? machineClock();
  const listeners = new Listeners<NodeEvent>();
  const stopped = Promise.withResolvers<StopReason>();
  const ordered = Promise.withResolvers<StopReason>();
  let isOrdered = false;
  let running: WiredNode | undefined;
  let node: NodeState;

  await begin(snapshot);
  void watch();
  return {
    url,
    port,
    dataDir,
    keyPair: folder.keyPair,
    token: folder.token,
    get node() {
      return node;
    },
    subscribe: listeners.subscribe,
    async stop() {
      isOrdered = true;
      ordered.resolve({ kind: "order", code: "stopped", text: "Stopped" });
      await running?.stop();
      await stopped.promise;
    },
    stopped: stopped.promise,
  };

  async function begin(snapshot: Snapshot | undefined): Promise<void> {
    const wired = await runNode({ ...resources, snapshot }, { ...options, clock });
    running = wired;
    node = wired.node;
    wired.subscribe((event) => listeners.tell(event));
    setHandle(wired);
    setReserve(wired.isMemberAddress);
    wired.start();
  }

  async function watch(): Promise<void> {
    let reason: StopReason;
    try {
      for (;;) {
        reason = await running!.stopped;
        running = undefined;
        const isPassing = PASSING_CODES.has(reason.code);
        // Told to stop just after the disk failed: it stops as it was told to.
        if (isOrdered && isPassing) reason = await ordered.promise;
        if (isOrdered || !isPassing) break;
        logger.error("Cannot write to the disk: takes no payments until it can", {
          code: reason.code,
          reason: reason.text,
        });
        const next = await untilWritable(reason);
        if ("end" in next) {
          reason = next.end;
          break;
        }
        logger.warning("The disk can be written again: goes on from what is there");
        await begin(next.snapshot);
      }
    } catch (thrown) {
      const error = storeFailureOf(thrown, "go on after a failure of the disk");
      const text = error instanceof Error ? error.message : String(error);
      reason = { kind: "internal", code: "store-failed", text };
    }
    await resources.closeAll();
    stopped.resolve(reason);
  }

  /** Shows what is there until the disk can be written, or until the node is told to stop. */
  async function untilWritable(
    { text }: StopReason,
  ): Promise<{ snapshot: Snapshot | undefined } | { end: StopReason }> {
    const stopping = new AbortController();
    const app = lookOnlyApi(node, resources, options, {
      reason: text,
      nowMs: clock.steadyMs,
      stopping: stopping.signal,
    });
    setHandle({
      handle: (request) => app.fetch(request),
      payPlainly: app.payPlainly,
      answerOpening: undefined,
    });
    try {
      for (;;) {
        const end = await Promise.race([ordered.promise, pause(PROBE_INTERVAL_MS)]);
        if (end !== undefined) return { end };
        const written = tryToWrite(resources);
        if (written !== undefined) return written;
      }
    } finally {
      stopping.abort();
    }
  }
}

/** The API of a node whose disk fails: shows what it knows, refuses what would write. */
function lookOnlyApi(
  node: NodeState,
  { folder, url }: KeptResources,
  { version, host, logger }: RunOptions,
  { reason, nowMs, stopping }: {
    readonly reason: string;
    readonly nowMs: () => number;
    readonly stopping: AbortSignal;
  },
): ReturnType<typeof createApiApp> {
  const refused = { ok: false, error: { code: "store-failed", reason } } as const;
  const refuse = () => Promise.resolve(refused);
  return createApiApp({
    node,
    version,
    startedAtMs: nowMs(),
    token: folder.token,
    hostNames: [host, new URL(url).hostname],
    stopping,
    nowMs,
    pay: refuse,
    submit: refuse,
    submitBlock: refuse,
    control: refuse,
    subscribe: () => () => {},
    mining: () => ({ isSearching: false, hashesPerSecond: 0 }),
    metrics: () => [],
    sickness: () => "store-failed",
  }, {
    onInternalError: (error) =>
      logger.error("Cannot answer a request: the node made a mistake", { error }),
  });
}

/**
 * What the store holds, if the disk can take what a node writes in a moment; `undefined` while it
 * cannot.
 */
function tryToWrite(
  { store, dataDir }: KeptResources,
): { snapshot: Snapshot | undefined } | undefined {
  const path = join(dataDir, PROBE_NAME);
  try {
    Deno.writeFileSync(path, new Uint8Array(PROBE_SIZE_BYTES), { mode: 0o600 });
    Deno.removeSync(path);
    store.recover();
    return { snapshot: store.load() };
  } catch (thrown) {
    try {
      Deno.removeSync(path);
    } catch {
      // It was not made, or cannot be taken away while the disk is read-only.
    }
    const failure = storeFailureOf(thrown, `write to "${dataDir}"`);
    if (failure instanceof StoreFailure && PASSING_CODES.has(failure.code)) return undefined;
    throw failure;
  }
}

function pause(delayMs: number): Promise<undefined> {
  return new Promise((resolve) => setTimeout(() => resolve(undefined), delayMs));
}
