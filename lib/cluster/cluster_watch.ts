/**
 * Watches all nodes of a cluster at once: their events, and the moment when nothing moves any more.
 *
 * Settled means: every node has the same tip, and nothing waits to be mined (in a strict network less
 * than a full block does, and the same everywhere: otherwise more is on its way to somebody).
 *
 * Called by the cluster's replay.
 *
 * @module
 */
import type { ApiClient } from "../client/api_client.ts";
import { EVENT_INTERVAL_MS } from "../wire/api_events.ts";
import type { Arrivals } from "./cluster_payer.ts";
import { ClusterError } from "./cluster_error.ts";
import { type NodeObserver, observeNode, type ObserverListeners } from "./node_observer.ts";

export interface ClusterWatch {
  /** By node id. */
  readonly observers: readonly NodeObserver[];
  arrivalsOf(nodeId: number): Arrivals;

  /** Resolves true when the condition holds, false when nothing has moved for too long before. */
  until(condition: () => Promise<boolean>, options: UntilOptions): Promise<boolean>;

  /** Resolves true when the cluster has settled, false when nothing has moved for too long before. */
  settled(options: SettleOptions): Promise<boolean>;

  /**
   * Resolves when every node has told of the last of these blocks on its main chain: an event comes up to an
   * interval after the state that it tells of. One that was missed is not waited for without end.
   */
  heardOf(blocks: readonly { readonly hash: string }[]): Promise<void>;
  close(): Promise<void>;
}

export interface UntilOptions {
  /** After this long without any change the network counts as stuck. */
  readonly stillMsMax: number;
  readonly signal: AbortSignal;
}

export interface SettleOptions extends UntilOptions {
  /** How many transactions may be left waiting: 0, or in a strict network capacity - 1. */
  readonly waitingMax: number;
}

/** A node to listen to, by its place in the list. */
export interface WatchedNode {
  readonly id: number;
  readonly client: ApiClient;
}

/** The state is asked for after events, but no more often than this, and at least every second. */
const CHECK_MS_MIN = 20;
const CHECK_MS_MAX = 1_000;

/** How long an event is waited for that may have been missed, on top of the interval of events. */
const LATE_EVENT_MS_MAX = 1_000;

/** Starts to listen to every node. */
export async function watchCluster(
  { nodes }: { readonly nodes: readonly WatchedNode[] },
  { isKept, intervalMs }: Pick<ObserverListeners, "isKept" | "intervalMs"> = {},
): Promise<ClusterWatch> {
  const arrivalListeners = nodes.map(() => new Set<() => void>());
  let moved = Promise.withResolvers<void>();
  let movedAtMs = performance.now();
  const observers = await Promise.all(nodes.map((node, index) =>
    observeNode(node, {
      onEvent() {
        movedAtMs = performance.now();
        moved.resolve();
        moved = Promise.withResolvers();
      },
      onArrival() {
        for (const listener of arrivalListeners[index] ?? []) listener();
      },
      intervalMs,
      ...(isKept !== undefined && { isKept }),
    })
  ));
  return { observers, arrivalsOf, until, settled, heardOf, close };

  function arrivalsOf(nodeId: number): Arrivals {
    return {
      count: () => observers[nodeId]?.arrivals() ?? 0,
      onArrival(listener) {
        arrivalListeners[nodeId]?.add(listener);
        return () => arrivalListeners[nodeId]?.delete(listener);
      },
    };
  }

  async function until(
    condition: () => Promise<boolean>,
    { stillMsMax, signal }: UntilOptions,
  ): Promise<boolean> {
    movedAtMs = performance.now();
    for (;;) {
      signal.throwIfAborted();
      const checkedAtMs = performance.now();
      const nextMove = moved.promise;
      if (await condition()) return true;
      if (performance.now() - movedAtMs > stillMsMax) return false;

      await waitAtMost(nextMove, CHECK_MS_MAX);
      await waitAtMost(new Promise(() => {}), checkedAtMs + CHECK_MS_MIN - performance.now());
    }
  }

  function settled({ waitingMax, ...options }: SettleOptions): Promise<boolean> {
    return until(() => isSettled(waitingMax), options);
  }

  async function heardOf(blocks: readonly { readonly hash: string }[]): Promise<void> {
    const last = blocks.at(-1);
    if (last === undefined) return;
    const untilMs = performance.now() + LATE_EVENT_MS_MAX + (intervalMs ?? EVENT_INTERVAL_MS.min);
    for (;;) {
      const nextMove = moved.promise;
      const isHeard = observers.every((each) =>
        each.hasEnded() || each.blocks.get(last.hash)?.connectedAtMs != null
      );
      const restMs = untilMs - performance.now();
      if (isHeard || restMs <= 0) return;
      await waitAtMost(nextMove, restMs);
    }
  }

  async function isSettled(waitingMax: number): Promise<boolean> {
    const answers = await Promise.all(nodes.map(({ client }) => client.status()));
    const chains = answers.map((answer) => {
      if (!answer.ok) throw new ClusterError(answer.error.message);
      return answer.value.chain;
    });
    return haveSettled(chains, waitingMax);
  }

  async function close(): Promise<void> {
    await Promise.all(observers.map((observer) => observer.close()));
  }
}

async function waitAtMost(promise: Promise<void>, delayMs: number): Promise<void> {
  const { promise: late, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, Math.max(0, delayMs));
  await Promise.race([promise, late]);
  clearTimeout(timer);
}

/** Where a node stands, as its status tells it. */
interface ChainStatus {
  readonly tipHash: string;
  readonly transactionsWaiting: number;
  readonly poolDigest?: string | undefined;
}

/**
 * Tells whether nodes with these chains have nothing left to do: one tip, and the same few transactions
 * waiting everywhere. What has reached one pool and not another is on its way, and may fill a block.
 *
 * @param waitingMax how many may wait for good
 */
export function haveSettled(
  chains: readonly (ChainStatus | null)[],
  waitingMax: number,
): boolean {
  const [first] = chains;
  return chains.every((chain) =>
    chain?.tipHash === first?.tipHash && (chain?.transactionsWaiting ?? 0) <= waitingMax &&
    chain?.poolDigest === first?.poolDigest
  );
}
