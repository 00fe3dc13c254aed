/**
 * One run: a fresh cluster of real processes, one workload, all records, and the verdict on them.
 *
 * A run that fails, in whatever way, comes back as an invalid one with the reason; only the user's wish to
 * stop is passed on.
 *
 * @module
 */
import { loadCluster, warmUpOf } from "../cluster/cluster_load.ts";
import { type ClusterReplay, replayOnCluster } from "../cluster/cluster_replay.ts";
import { startCluster } from "../cluster/start_cluster.ts";
import type { ExperimentPlan, PlannedRun } from "../measure/experiment_record.ts";
import { computeMetrics } from "../measure/run_metrics.ts";
import {
  type Finding,
  type NetworkRecord,
  RECORD_VERSION,
  type RunData,
  type RunRecord,
  type SteadyRecord,
} from "../measure/run_record.ts";
import type { LineRecord } from "../workload/line_record.ts";
import { lintWorkload } from "../workload/lint_workload.ts";
import type { Workload } from "../workload/workload_file.ts";
import { foundersIntervalMs, keptIntervalMs } from "./block_interval.ts";
import { judgeRun } from "./judge_run.ts";
import { measureGeneratorLimit, measureLoadLimit } from "./generator_limit.ts";

export interface RunCellOptions {
  readonly plan: ExperimentPlan;
  readonly workload: { readonly name: string; readonly files: Workload };
  readonly limitPerSecond: number;
  readonly signal: AbortSignal;
  readonly onRecord: (record: LineRecord) => void;

  /** Told how long the load has gone on. */
  readonly onElapsed: (elapsedMs: number) => void;
}

/** An open loop does not wait for answers: its limit is that of many lines under way. */
const OPEN_LOOP_CONCURRENCY = 16;

const LIMIT_ROUNDS = 3;

const START_MS_MAX = 180_000;

/** Nothing moving for this many expected block intervals, or a minute, counts as stuck. */
const STILL_MS_MIN = 60_000;
const STILL_INTERVALS = 30;

/**
 * Measures what the load generator can do for so many nodes: the same in every run of an experiment. The
 * best of a few rounds counts: in a round somebody else may have had the processor, and in the first one
 * the code is not compiled yet.
 */
export async function measureLimit(
  { load }: Pick<ExperimentPlan, "load">,
  nodes: number,
): Promise<number> {
  let best = 0;
  for (let round = 0; round < LIMIT_ROUNDS; round++) {
    best = Math.max(best, await measureLimitOnce(load, nodes));
  }
  return best;
}

function measureLimitOnce(load: ExperimentPlan["load"], nodes: number): Promise<number> {
  return load.durationMs !== undefined
    ? measureLoadLimit({ clients: nodes, concurrency: load.concurrency })
    : measureGeneratorLimit({
      clients: nodes,
      leadLines: load.leadLines,
      concurrency: load.ratePerSecond === null ? load.concurrency : OPEN_LOOP_CONCURRENCY,
    });
}

/** Does one run. */
export async function runCell(planned: PlannedRun, options: RunCellOptions): Promise<RunData> {
  const { plan, workload, signal } = options;
  const { network, load } = plan;
  const { nodes } = planned.cell;
  const startedAtMs = Date.now();
  const { limitPerSecond } = options;
  const lint = lintWorkload(workload.files, {
    coinsPerNode: network.coinsPerNode,
    fee: 0,
    orders: 0,
    seed: 0,
  });
  const record: RunRecord = {
    version: RECORD_VERSION,
    ...planned,
    startedAtMs,
    startUpMs: 0,
    load: {
      ...load,
      workload: workload.name,
      loop: load.ratePerSecond === null ? "closed" : "open",
      limitPerSecond,
      ceiling: lint.ceiling,
    },
    network,
    nodes: [],
    invalid: [],
    warnings: [],
  };

  try {
    const { startUpMs, replay } = await runCluster(planned.cell, options);
    const { transactions, blocks } = replay;
    const run: RunRecord = {
      ...record,
      startUpMs,
      nodes: replay.nodes,
      ...(replay.steady !== undefined && { steady: replay.steady }),
    };
    const metrics = computeMetrics({ run, transactions, blocks });
    const judged = judgeRun(metrics, {
      limitPerSecond,
      hashRateWanted: network.hashRateLimit === null ? undefined : network.hashRateLimit * nodes,
    });
    return {
      run: {
        ...run,
        invalid: [...replay.invalid, ...judged.invalid],
        warnings: [...replay.warnings, ...judged.warnings],
      },
      transactions,
      blocks,
    };
  } catch (error) {
    if (signal.aborted) throw signal.reason;
    const text = error instanceof Error ? error.message : String(error);
    const failed: Finding = { code: "run-failed", text };
    return { run: { ...record, invalid: [failed] }, transactions: [], blocks: [] };
  }
}

/** Starts the cell's network, runs the load or the workload on it, and stops it. */
async function runCluster(
  { nodes, capacity, difficulty }: PlannedRun["cell"],
  options: RunCellOptions,
): Promise<{ startUpMs: number; replay: ClusterReplay & { readonly steady?: SteadyRecord } }> {
  const { plan: { network, load }, workload, signal } = options;
  const { hashRateLimit } = network;
  const cluster = await startCluster({
    nodes,
    capacity,
    difficulty,
    strict: network.strict,
    blockWaitMs: network.blockWaitMs,
    coinsPerNode: network.coinsPerNode,
    ...network.rules,
    reward: 0,
    fee: 0,
    host: "127.0.0.1",
    threads: network.threadsPerNode,
    linkLatencyMs: network.linkLatencyMs,
    linkLoss: network.linkLoss,
    startMsMax: START_MS_MAX,
    signal,
    ...(hashRateLimit !== null && { hashRateLimit }),
  });
  const shared = {
    capacity,
    strict: network.strict,
    stillMsMax: stillMsMax({ nodes, difficulty }, network),
    signal,
  };
  try {
    const replay = load.durationMs === undefined
      ? await replayOnCluster(cluster, workload.files, {
        ...shared,
        load,
        coinsPerNode: network.coinsPerNode,
        fee: 0,
        onRecord: options.onRecord,
      })
      : await loadCluster(cluster, {
        ...shared,
        durationMs: load.durationMs,
        warmUpMs: warmUpOf(load.durationMs),
        ratePerSecond: load.ratePerSecond,
        concurrency: load.concurrency,
        onProgress: ({ elapsedMs }) => options.onElapsed(elapsedMs),
      });
    return { startUpMs: cluster.startUpMs, replay };
  } finally {
    await cluster.stop();
  }
}

/**
 * How long a network may be still before a run counts as stuck. Where the difficulty is adjusted, the first
 * blocks take as long as the founder's asks for, and later ones as the tip's does, which keeps the interval.
 */
export function stillMsMax(
  cell: Pick<PlannedRun["cell"], "nodes" | "difficulty">,
  network: NetworkRecord,
): number {
  // Without a limit, a slow machine is assumed.
  const foundersMs = foundersIntervalMs(cell, { network, hashRateGuessed: 1e6 });
  const intervalMs = Math.max(foundersMs, keptIntervalMs(network) ?? 0);
  return Math.max(STILL_MS_MIN, STILL_INTERVALS * intervalMs);
}
