/**
 * Listens to one node and remembers when it saw what: transactions, blocks, reorganisations.
 *
 * Times are the node's own, sent with each event; the nodes of a cluster share one machine's clock.
 *
 * Called by the cluster's replay.
 *
 * @module
 */
import type { EventStream } from "../client/event_stream.ts";
import type { ApiEventJson } from "../wire/api_events.ts";
import type { ClusterNode } from "./start_cluster.ts";
import { ClusterError } from "./start_cluster.ts";

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

  /** Events that the node could not send in time: times are missing then. */
  missed(): number;

  /** True once the stream has ended, asked for or not. */
  hasEnded(): boolean;
  close(): Promise<void>;
}

/** Starts to listen; resolves when the node has taken the listener. */
export async function observeNode(
  node: Pick<ClusterNode, "id" | "client">,
  listeners: { readonly onEvent: () => void; readonly onArrival: () => void },
): Promise<NodeObserver> {
  const answer = await node.client.events({
    types: ["transaction", "block", "side-block", "reorg", "lagged"],
  });
  if (!answer.ok) throw new ClusterError(answer.error.message);
  const stream = answer.value;

  const transactionSeenAtMs = new Map<string, number>();
  const blocks = new Map<string, SeenBlock>();
  const reorgDepths: number[] = [];
  let arrivals = 0;
  let missed = 0;
  let ended = false;
  const listening = listen(stream);

  return {
    transactionSeenAtMs,
    blocks,
    reorgDepths,
    arrivals: () => arrivals,
    missed: () => missed,
    hasEnded: () => ended,
    async close() {
      stream.close();
      await listening;
    },
  };

  async function listen(events: EventStream): Promise<void> {
    for await (const event of events) {
      note(event);
      listeners.onEvent();
    }
    ended = true;
    listeners.onEvent();
  }

  function note(event: ApiEventJson): void {
    switch (event.type) {
      case "transaction": {
        const { txid, receiver } = event.transaction;
        if (!transactionSeenAtMs.has(txid)) transactionSeenAtMs.set(txid, event.timeMs);
        if (receiver.nodeId !== node.id || event.own) return;
        arrivals++;
        return listeners.onArrival();
      }
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
        missed += event.missed;
        return;
      default:
        return;
    }
  }
}
