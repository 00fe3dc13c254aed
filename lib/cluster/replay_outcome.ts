/**
 * The outcome of a replay as one object with stable keys: what `--json` prints. Pure.
 *
 * @module
 */
import { computeMetrics, type Quantiles, type RunMetrics } from "../measure/run_metrics.ts";
import {
  type Cell,
  type Finding,
  RECORD_VERSION,
  type RunData,
  type SteadyRecord,
} from "../measure/run_record.ts";
import type { ClusterLoad } from "./cluster_load.ts";
import type { ClusterReplay } from "./cluster_replay.ts";
import { findProblems } from "./find_problems.ts";
import type { NodeReplay } from "./node_replay.ts";

/** What a replay through one node comes to. */
export interface ReplayOutcome {
  readonly offered: number;
  readonly accepted: number;
  readonly confirmed: number;
  readonly rejected: Readonly<Record<string, number>>;

  /** Main-chain blocks found meanwhile. */
  readonly blocks: number;
  readonly reorgs: number;
  /** Null where nobody noted when the last block was confirmed; the warnings say so. */
  readonly seconds: number | null;
  readonly txPerSecond: number | null;
  readonly blockTimeMsMean: number | null;
  /** Why the result does not count; empty when it does. */
  readonly problems: readonly Finding[];
  readonly warnings: readonly Finding[];
}

/** Half, nine tenths, … of the payments took less than these milliseconds. */
export type OutcomeQuantiles = Pick<Quantiles, "p50" | "p90" | "p99" | "p999">;

/** What a load comes to: `txPerSecond` is the rate in its steady state. */
export interface LoadOutcome extends ClusterOutcome {
  readonly latencyMs: {
    /** Until the answer had arrived. */
    readonly accepted: OutcomeQuantiles | null;

    /** From the node that accepted it to the last of all. */
    readonly relayed: OutcomeQuantiles | null;

    /** Until the last node had its block. */
    readonly confirmed: OutcomeQuantiles | null;
  };
  readonly loadSeconds: number;
  readonly warmUpSeconds: number;

  /** How often a wallet waited for coins from the ring. */
  readonly heldBack: number;

  /** The share of the payments that latencies are taken of. */
  readonly sampledShare: number;

  /** What all cores verify in a second / nodes: each node verifies every transaction. */
  readonly signatureBound: number;
  readonly shareOfBound: number | null;
}

/** What a replay on a whole cluster comes to; lists are by node id. */
export interface ClusterOutcome extends Cell, ReplayOutcome {
  readonly hashRateImplied: number | null;
  readonly hashRateMeasured: number | null;
  readonly tips: readonly string[];
  readonly supply: readonly number[];
  readonly balances: readonly number[];

  /** All nodes on one tip with the same unspent outputs, every coin there. */
  readonly converged: boolean;
}

const NOT_CONVERGED: ReadonlySet<string> = new Set([
  "not-converged",
  "states-differ",
  "supply-wrong",
]);

export function clusterOutcome(cell: Cell, replay: ClusterReplay): ClusterOutcome {
  return outcomeOfMetrics(cell, replay, metricsOf(cell, replay));
}

/** @param verificationsPerSecond what all cores together verify */
export function loadOutcome(
  cell: Cell,
  load: ClusterLoad,
  verificationsPerSecond: number,
): LoadOutcome {
  const { steady } = load;
  const metrics = metricsOf(cell, load);
  const { answered, relayed, confirmed } = metrics.latencyMs;
  const signatureBound = verificationsPerSecond / cell.nodes;
  return {
    ...outcomeOfMetrics(cell, load, metrics),
    latencyMs: {
      accepted: outcomeQuantiles(answered),
      relayed: outcomeQuantiles(relayed),
      confirmed: outcomeQuantiles(confirmed),
    },
    loadSeconds: steady.durationMs / 1000,
    warmUpSeconds: steady.warmUpMs / 1000,
    heldBack: steady.heldBack,
    sampledShare: steady.sampledShare,
    signatureBound,
    shareOfBound: metrics.txPerSecond === null ? null : metrics.txPerSecond / signatureBound,
  };
}

function outcomeQuantiles(quantiles: Quantiles | null): OutcomeQuantiles | null {
  if (quantiles === null) return null;
  const { p50, p90, p99, p999 } = quantiles;
  return { p50, p90, p99, p999 };
}

function outcomeOfMetrics(
  cell: Cell,
  replay: ClusterReplay,
  metrics: RunMetrics,
): ClusterOutcome {
  return {
    nodes: cell.nodes,
    capacity: cell.capacity,
    difficulty: cell.difficulty,
    ...outcomeOf(metrics),
    hashRateImplied: metrics.hashRateImplied,
    hashRateMeasured: metrics.hashRateMeasured,
    tips: replay.nodes.map(({ tipHash }) => tipHash),
    supply: replay.nodes.map(({ supply }) => supply),
    balances: replay.nodes.map(({ balance }) => balance),
    converged: !replay.invalid.some(({ code }) => NOT_CONVERGED.has(code)),
    problems: replay.invalid,
    warnings: replay.warnings,
  };
}

/**
 * @param options.waitingMax how many accepted transactions may be left waiting: 0, or in a strict network
 *   capacity - 1
 */
export function nodeOutcome(
  cell: Cell,
  replay: NodeReplay,
  { waitingMax }: { readonly waitingMax: number },
): ReplayOutcome {
  const { transactions, blocks, reorgDepths } = replay;
  // One node cannot tell whether all agree. The few that wait in a strict network do not count as moving.
  const unconfirmed =
    transactions.filter(({ outcome, blockHeight }) =>
      outcome === "accepted" && blockHeight === null
    ).length;
  const hasSettled = replay.hasSettled || (unconfirmed > 0 && unconfirmed <= waitingMax);
  const { problems, warnings } = findProblems({ ...replay, hasSettled, audits: [], waitingMax });
  const metrics = metricsOf(cell, { transactions, blocks, nodes: [], invalid: problems, warnings });
  return { ...outcomeOf(metrics), reorgs: reorgDepths.length, problems, warnings };
}

function metricsOf(
  cell: Cell,
  { transactions, blocks, nodes, invalid, warnings, steady }: ClusterReplay & {
    readonly steady?: SteadyRecord;
  },
): RunMetrics {
  const run: RunData["run"] = {
    version: RECORD_VERSION,
    cell,
    repeat: 0,
    startedAtMs: 0,
    startUpMs: 0,
    load: {
      workload: "",
      loop: "closed",
      ratePerSecond: null,
      concurrency: 1,
      leadLines: 0,
      retry: false,
      limitPerSecond: null,
      ceiling: 0,
    },
    network: {
      strict: false,
      blockWaitMs: 0,
      threadsPerNode: 1,
      hashRateLimit: null,
      linkLatencyMs: 0,
      linkLoss: 0,
      coinsPerNode: 0,
    },
    nodes,
    ...(steady !== undefined && { steady }),
    invalid,
    warnings,
  };
  return computeMetrics({ run, transactions, blocks });
}

function outcomeOf(metrics: RunMetrics): Omit<ReplayOutcome, "problems" | "warnings"> {
  const { offered, accepted, confirmed, rejected, blocks, reorgs, seconds } = metrics;
  return {
    offered,
    accepted,
    confirmed,
    rejected,
    blocks,
    reorgs,
    seconds,
    txPerSecond: metrics.txPerSecond,
    blockTimeMsMean: metrics.blockTimeMsMean,
  };
}
