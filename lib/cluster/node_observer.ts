/**
 * Listens to one node and remembers when it saw what: transactions, blocks, reorganisations.
 *
 * Times are the node's own, sent with each event; the nodes of a cluster share one machine's clock. A
 * stream that breaks is taken up again behind the last event; what was missed all the same is counted.
 *
 * Called by the cluster's replay and load.
 *
 * @module
 */
import type { EventStream } from "../client/event_stream.ts";
import type { ApiEventJson, ApiEventType } from "../wire/api_events.ts";
import { ClusterError } from "./cluster_error.ts";
import type { ClusterNode } from "./start_cluster.ts";

/** A block as one node saw it. */
export interface SeenBlock {
  readonly height: number;
  readonly minerId: number | null;
  readonly seenAtMs: number;

  /** When it came onto this node's main chain for the first time; null if it never did. */
  connectedAtMs: number | null;
  transactionCount: number | null;
}

/** What one node has said so far. */
export interface NodeObserver {
  readonly transactionSeenAtMs: ReadonlyMap<string, number>;
  readonly blocks: ReadonlyMap<string, SeenBlock>;
  readonly reorgDepths: readonly number[];

  /** Payments to the node's own wallet. */
  arrivals(): number;

  /** At least so many events were not heard: times are missing then. */
  missed(): number;

  /** True once the stream has ended, asked for or not. */
  hasEnded(): boolean;

  /** Forgets when transactions were seen that are not kept any more. */
  forget(isKept: (txid: string) => boolean): void;
  close(): Promise<void>;
}

export interface ObserverListeners {
  readonly onEvent: () => void;
  readonly onArrival: () => void;

  /** Of which transactions the time is kept; all of them when not given. */
  readonly isKept?: (txid: string) => boolean;

  /** Milliseconds from one piece of events to the next at least; the node's usual ones when not given. */
  readonly intervalMs?: number | undefined;
}

const TYPES: readonly ApiEventType[] = ["transactions-seen", "block", "side-block", "reorg"];

/** Starts to listen; resolves when the node has taken the listener. */
export async function observeNode(
  node: Pick<ClusterNode, "id" | "client">,
  { onEvent, onArrival, isKept = () => true, intervalMs }: ObserverListeners,
): Promise<NodeObserver> {
  const transactionSeenAtMs = new Map<string, number>();
  const blocks = new Map<string, SeenBlock>();
  const reorgDepths: number[] = [];
  let arrivals = 0;
  let missed = 0;
  let ended = false;
  let isClosed = false;
  let stream = await open(undefined);
  const listening = listen();

  return {
    transactionSeenAtMs,
    blocks,
    reorgDepths,
    arrivals: () => arrivals,
    missed: () => missed,
    hasEnded: () => ended,
    forget(isStillKept) {
      for (const txid of transactionSeenAtMs.keys()) {
        if (!isStillKept(txid)) transactionSeenAtMs.delete(txid);
      }
    },
    async close() {
      isClosed = true;
      stream.close();
      await listening;
    },
  };

  async function open(afterId: string | undefined): Promise<EventStream> {
    const answer = await node.client.events({ types: TYPES, afterId, intervalMs });
    if (!answer.ok) throw new ClusterError(answer.error.message);
    return answer.value;
  }

  async function listen(): Promise<void> {
    for (;;) {
      let heard = 0;
      for await (const event of stream) {
        heard++;
        note(event);
        onEvent();
      }
      // A node that is gone, or lets nobody listen, is found by whoever asks it something.
      if (isClosed || heard === 0) break;
      try {
        stream = await open(stream.lastId);
      } catch (error) {
        if (!(error instanceof ClusterError)) throw error;
        break;
      }
      if (isClosed) stream.close();
    }
    ended = true;
    onEvent();
  }

  function note(event: ApiEventJson): void {
    switch (event.type) {
      case "transactions-seen":
        for (const txid of event.txids) {
          if (isKept(txid) && !transactionSeenAtMs.has(txid)) {
            transactionSeenAtMs.set(txid, event.timeMs);
          }
        }
        arrivals += event.received;
        if (event.received > 0) onArrival();
        return;
      case "block":
      case "side-block": {
        const { hash, height, miner, timeMs } = event;
        const seen: SeenBlock = blocks.get(hash) ?? {
          height,
          minerId: miner.nodeId,
          seenAtMs: timeMs,
          connectedAtMs: null,
          transactionCount: null,
        };
        if (event.type === "block") {
          seen.connectedAtMs ??= timeMs;
          seen.transactionCount = event.transactionCount;
        }
        blocks.set(hash, seen);
        return;
      }
      case "reorg":
        reorgDepths.push(event.disconnected.length);
        return;
      case "lagged":
        missed += event.missed ?? 1;
        return;
      default:
        return;
    }
  }
}
