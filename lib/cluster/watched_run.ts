/**
 * One run on a cluster, whatever is sent: watched from its start until nothing moves any more, and audited.
 *
 * ```
 * settle → counters → send → settle → counters → audit every node → the chain that all have in common
 * ```
 *
 * Called by the cluster's replay and by its load.
 *
 * @module
 */
import type { NodeRecord } from "../measure/run_record.ts";
import type { AuditJson } from "../wire/api_chain.ts";
import { ClusterError, lostText } from "./cluster_error.ts";
import { type ClusterWatch, watchCluster } from "./cluster_watch.ts";
import { type NodeCounters, readNodeCounters } from "./node_counters.ts";
import type { NodeObserver } from "./node_observer.ts";
import { nodeRecord } from "./node_record.ts";
import { type ChainBlock, type MainChain, readCommonChain } from "./read_main_chain.ts";
import type { Cluster, ClusterNode } from "./start_cluster.ts";

export interface WatchedRunOptions {
  /** How many transactions may be left waiting: 0, or in a strict network capacity - 1. */
  readonly waitingMax: number;

  /** The network counts as stuck when nothing has moved for so long. */
  readonly stillMsMax: number;
  readonly signal: AbortSignal;

  /** Which transactions are looked for on the chain. */
  readonly isWanted: (txid: string) => boolean;

  /** Of which transactions it is kept when they were seen; all of them when not given. */
  readonly isKept?: (txid: string) => boolean;

  /** Milliseconds from one piece of a node's events to the next at least; the usual ones when not given. */
  readonly eventIntervalMs?: number;

  /** Called with each block of the chain as it is read at the end. */
  readonly onBlock?: (block: ChainBlock) => void;
}

/** What came of it. */
export interface WatchedRun {
  readonly startMs: number;
  readonly fromHeight: number;
  readonly hasSettled: boolean;
  readonly observers: readonly NodeObserver[];
  readonly nodes: readonly NodeRecord[];
  readonly audits: readonly AuditJson[];
  readonly chain: MainChain;
  readonly missedEvents: number;
}

/** A node counts a large ledger anew no more often than this. */
const AUDIT_AGE_MS_MAX = 60_000;
const AUDIT_AGAIN_MS = 50;

/** Watches while `send` sends; the signal that it gets fires, too, when a node is lost. */
export async function watchRun(
  cluster: Cluster,
  options: WatchedRunOptions,
  send: (watch: ClusterWatch, signal: AbortSignal) => Promise<void>,
): Promise<WatchedRun> {
  const { waitingMax, stillMsMax, isKept, eventIntervalMs: intervalMs } = options;
  const lost = new AbortController();
  void cluster.nodeLost.then(async (node) => lost.abort(new ClusterError(await lostText(node))));
  const signal = AbortSignal.any([options.signal, lost.signal]);

  const watch = await watchCluster(cluster, {
    intervalMs,
    ...(isKept !== undefined && { isKept }),
  });
  try {
    await watch.settled({ waitingMax: 0, stillMsMax, signal });
    const before = await readCounters(cluster.nodes);
    const fromHeight = ((await chainOf(cluster.nodes))?.height ?? 0) + 1;
    const startMs = Date.now();

    await send(watch, signal);
    signal.throwIfAborted();
    const { hasSettled, audits } = await settledAudits();
    const after = await readCounters(cluster.nodes);
    const chain = await readCommonChain(cluster.nodes.map(({ client }) => client), {
      ...options,
      fromHeight,
      tips: audits.map(({ tipHash }) => tipHash),
    });
    await watch.heardOf(chain.blocks);
    await watch.close();

    const { observers } = watch;
    const nodes = cluster.nodes.map(({ id }, index) =>
      nodeRecord(id, {
        before: before[index] as NodeCounters,
        after: after[index] as NodeCounters,
        audit: audits[index] as AuditJson,
        reorgDepths: observers[index]?.reorgDepths ?? [],
      })
    );
    const missedEvents = observers.reduce((sum, observer) => sum + observer.missed(), 0);
    return { startMs, fromHeight, hasSettled, observers, nodes, audits, chain, missedEvents };
  } finally {
    await watch.close();
  }

  /**
   * Audits all nodes at rest. A miner's last block may still be on its way when all had one tip, and a node
   * may give an audit of a moment ago: then audits of one tip are waited for. Nodes that part for good
   * never settle.
   */
  async function settledAudits() {
    const startedMs = performance.now();
    for (;;) {
      const hasSettled = await watch.settled({ waitingMax, stillMsMax, signal });
      const audits = await auditAll(cluster.nodes);
      const now = await chainOf(cluster.nodes);
      const tips = new Set([now?.tipHash, ...audits.map(({ tipHash }) => tipHash)]);
      const isLate = performance.now() - startedMs > stillMsMax + AUDIT_AGE_MS_MAX;
      if (!hasSettled || tips.size === 1 || isLate) return { hasSettled, audits };
      await new Promise((resolve) => setTimeout(resolve, AUDIT_AGAIN_MS));
    }
  }
}

/** Where the first node's chain stands now. */
async function chainOf([first]: readonly ClusterNode[]) {
  const status = await first?.client.status();
  if (status?.ok === false) throw new ClusterError(status.error.message);
  return status?.value.chain;
}

function readCounters(nodes: readonly ClusterNode[]): Promise<NodeCounters[]> {
  return Promise.all(nodes.map(({ url }) => readNodeCounters(url)));
}

async function auditAll(nodes: readonly ClusterNode[]): Promise<AuditJson[]> {
  const answers = await Promise.all(nodes.map(({ client }) => client.audit()));
  return answers.map((answer) => {
    if (!answer.ok) throw new ClusterError(answer.error.message);
    return answer.value;
  });
}
