/**
 * Replays a workload on a cluster and writes down everything that there is to know of it.
 *
 * ```
 * settle → counters → clients pay, all at once → settle → counters → audit every node → records
 * ```
 *
 * Called by `noobcash cluster --replay` and by the experiments.
 *
 * @module
 */
import type { TransactionRecord } from "../measure/run_record.ts";
import type { BlockRecord, Finding, LoadRecord, NodeRecord } from "../measure/run_record.ts";
import type { AuditJson } from "../wire/api_chain.ts";
import type { LineRecord } from "../workload/line_record.ts";
import { findImpossible } from "../workload/lint_workload.ts";
import { replayClosedLoop } from "../workload/replay_closed_loop.ts";
import { replayOpenLoop } from "../workload/replay_open_loop.ts";
import type { Workload } from "../workload/workload_file.ts";
import { createApiPayer } from "./cluster_payer.ts";
import { watchCluster } from "./cluster_watch.ts";
import { findProblems } from "./find_problems.ts";
import { blockRecords, transactionRecords } from "./join_records.ts";
import { type NodeCounters, readNodeCounters } from "./node_counters.ts";
import { readMainChain } from "./read_main_chain.ts";
import { type Cluster, ClusterError, type ClusterNode } from "./start_cluster.ts";

/** How to replay. */
export interface ClusterReplayOptions {
  readonly load: Pick<LoadRecord, "concurrency" | "leadLines" | "retry" | "ratePerSecond">;
  readonly capacity: number;
  readonly strict: boolean;
  readonly coinsPerNode: number;
  readonly fee: number;

  /** The network counts as stuck when nothing has moved for so long. */
  readonly stillMsMax: number;
  readonly signal: AbortSignal;
  readonly onRecord?: (record: LineRecord) => void;
}

/** What came of it. */
export interface ClusterReplay {
  readonly transactions: readonly TransactionRecord[];
  readonly blocks: readonly BlockRecord[];
  readonly nodes: readonly NodeRecord[];
  readonly audits: readonly AuditJson[];

  /** Why the result does not count. */
  readonly invalid: readonly Finding[];
}

/** With retry: how long nothing may arrive before the line that lacks most gives up. */
const PATIENCE_MS = 1_000;
const UNDER_WAY_MAX = 200;

export async function replayOnCluster(
  cluster: Cluster,
  workload: Workload,
  options: ClusterReplayOptions,
): Promise<ClusterReplay> {
  const { capacity, strict, stillMsMax, signal } = options;
  const waitingMax = strict ? capacity - 1 : 0;
  const lost = new AbortController();
  void cluster.nodeLost.then((node) =>
    lost.abort(new ClusterError(`Cannot go on: got the end of node ${node.id}, wanted it to run`))
  );
  const either = AbortSignal.any([signal, lost.signal]);
  const watch = await watchCluster(cluster);
  try {
    await watch.settled({ waitingMax: 0, stillMsMax, signal: either });
    const before = await readCounters(cluster.nodes);
    const [start] = await auditAll(cluster.nodes);
    const fromHeight = (start?.height ?? 0) + 1;
    const startMs = Date.now();

    const lines = await replay();
    either.throwIfAborted();
    const hasSettled = await watch.settled({ waitingMax, stillMsMax, signal: either });
    const after = await readCounters(cluster.nodes);
    const audits = await auditAll(cluster.nodes);
    const chain = await readMainChain((cluster.nodes[0] as ClusterNode).client, fromHeight);
    await watch.close();

    const { observers } = watch;
    const transactions = transactionRecords(lines, { observers, chain });
    const blocks = blockRecords({ observers, chain, fromHeight, startMs });
    const nodes = cluster.nodes.map(({ id }, index) =>
      nodeRecord(id, {
        before: before[index] as NodeCounters,
        after: after[index] as NodeCounters,
        audit: audits[index] as AuditJson,
        reorgDepths: observers[index]?.reorgDepths ?? [],
      })
    );
    const missedEvents = observers.reduce((sum, observer) => sum + observer.missed(), 0);
    const invalid = findProblems({ hasSettled, audits, transactions, waitingMax, missedEvents });
    return { transactions, blocks, nodes, audits, invalid };
  } finally {
    await watch.close();
  }

  async function replay(): Promise<readonly LineRecord[]> {
    const records: LineRecord[] = [];
    const clients = cluster.nodes.map(({ id, client }) => ({
      payer: createApiPayer({ nodeId: id, client }, watch.arrivalsOf(id)),
      lines: workload[id]?.lines ?? [],
    }));
    const shared = {
      now: () => performance.timeOrigin + performance.now(),
      signal: either,
      onRecord(record: LineRecord) {
        records.push(record);
        options.onRecord?.(record);
      },
    };
    const { ratePerSecond, concurrency, leadLines, retry } = options.load;
    if (ratePerSecond !== null) {
      await replayOpenLoop(clients, { ...shared, ratePerSecond, underWayMax: UNDER_WAY_MAX });
    } else {
      const impossible = new Set(findImpossible(workload, options).map(({ line }) => line));
      await replayClosedLoop(clients, {
        ...shared,
        concurrency,
        leadLines,
        retry,
        impossible,
        patienceMs: PATIENCE_MS,
      });
    }
    return records;
  }
}

function readCounters(nodes: readonly ClusterNode[]): Promise<NodeCounters[]> {
  return Promise.all(nodes.map(({ url, process }) => readNodeCounters(url, process.pid)));
}

async function auditAll(nodes: readonly ClusterNode[]): Promise<AuditJson[]> {
  const answers = await Promise.all(nodes.map(({ client }) => client.audit()));
  return answers.map((answer) => {
    if (!answer.ok) throw new ClusterError(answer.error.message);
    return answer.value;
  });
}

function nodeRecord(
  id: number,
  { before, after, audit, reorgDepths }: {
    readonly before: NodeCounters;
    readonly after: NodeCounters;
    readonly audit: AuditJson;
    readonly reorgDepths: readonly number[];
  },
): NodeRecord {
  return {
    id,
    hashes: after.hashes - before.hashes,
    miningMs: after.miningMs - before.miningMs,
    cpuMs: after.cpuMs === null || before.cpuMs === null ? null : after.cpuMs - before.cpuMs,
    memoryBytes: after.memoryBytes,
    messagesSent: after.messagesSent - before.messagesSent,
    bytesSent: after.bytesSent - before.bytesSent,
    reorgDepths,
    tipHash: audit.tipHash,
    supply: audit.supply,
    utxoCommitment: audit.utxoCommitment,
    balance: audit.balances.find(({ wallet }) => wallet.nodeId === id)?.confirmed ?? 0,
  };
}
