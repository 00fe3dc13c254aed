/**
 * Merges what the machines of a fleet wrote down into one run, as an experiment on one machine writes it.
 *
 * - A line's times are those that its own node saw: "seen by all" and "confirmed" mean that node.
 * - A block counts as found when the first node had it, and as seen by all when the last one had it.
 * - The run is held to the same tests as any other: one tip, one state, every coin, everything confirmed.
 *
 * Pure. Called by `noobcash report merge`.
 *
 * @module
 */
import { findProblems } from "../cluster/find_problems.ts";
import type { ExperimentRecord } from "../measure/experiment_record.ts";
import { computeMetrics } from "../measure/run_metrics.ts";
import {
  type BlockRecord,
  type Cell,
  type Finding,
  formatCell,
  RECORD_VERSION,
  type RunData,
  type RunRecord,
} from "../measure/run_record.ts";
import { err, ok, type Result } from "../result.ts";
import { judgeRun } from "./judge_run.ts";
import { REPLAY_RECORD_VERSION, type ReplayRecord } from "./replay_record.ts";

export interface MergeError {
  readonly code: "records-unfit";
  readonly message: string;
}

/** Merges one record of each node. */
export function mergeReplays(
  records: readonly ReplayRecord[],
  { repeat }: { readonly repeat: number },
): Result<RunData, MergeError> {
  const sorted = records.toSorted((a, b) => a.node.id - b.node.id);
  const [first] = sorted;
  if (first === undefined) {
    return err({
      code: "records-unfit",
      message: "Cannot merge records: there are none, and each node has one",
    });
  }
  const foreign = sorted.find(({ version }) => version !== REPLAY_RECORD_VERSION);
  if (foreign !== undefined) return unfit(`version ${foreign.version}`, "1");
  const { cell, network, load } = first;
  const other = sorted.find((record) => !isSameCell(record.cell, cell));
  if (other !== undefined) {
    return unfit(`${formatCell(cell)} and ${formatCell(other.cell)}`, "one network");
  }
  const ids = sorted.map(({ node }) => node.id);
  if (ids.length !== cell.nodes || ids.some((id, index) => id !== index)) {
    return unfit(`nodes ${ids.join(", ")}`, `each of 0 to ${cell.nodes - 1} once`);
  }

  const transactions = sorted.flatMap((record) => record.transactions);
  const blocks = mergeBlocks(sorted.map((record) => record.blocks));
  const { problems, warnings } = findProblems({
    hasSettled: sorted.every(({ hasSettled }) => hasSettled),
    audits: sorted.map(({ audit }) => audit),
    transactions,
    waitingMax: network.strict ? cell.capacity - 1 : 0,
    missedEvents: sorted.reduce((sum, { missedEvents }) => sum + missedEvents, 0),
  });
  const run: RunRecord = {
    version: RECORD_VERSION,
    cell,
    repeat,
    startedAtMs: Math.min(...sorted.map(({ startedAtMs }) => startedAtMs)),
    startUpMs: 0,
    load,
    network,
    nodes: sorted.map(({ node }) => node),
    invalid: problems,
    warnings: [...warnings, ...clockWarnings(sorted)],
  };

  const metrics = computeMetrics({ run, transactions, blocks });
  const judged = judgeRun(metrics, { limitPerSecond: Infinity });
  return ok({
    run: {
      ...run,
      invalid: [...problems, ...judged.invalid],
      warnings: [...run.warnings, ...judged.warnings],
    },
    transactions,
    blocks,
  });
}

/** The experiment that a run belongs to: what is there already, and the run's cell. */
export function mergeExperiment(
  experiment: ExperimentRecord | undefined,
  { run }: RunData,
  record: ReplayRecord,
): ExperimentRecord {
  const { nodes, capacity, difficulty } = run.cell;
  const plan = experiment?.plan;
  return {
    version: 1,
    preset: null,
    command: "scripts/experiment.sh",
    startedAtMs: Math.min(experiment?.startedAtMs ?? Infinity, run.startedAtMs),
    environment: experiment?.environment ?? record.environment,
    plan: {
      nodes: union(plan?.nodes, nodes),
      capacities: union(plan?.capacities, capacity),
      difficulties: union(plan?.difficulties, difficulty),
      repeats: Math.max(plan?.repeats ?? 0, run.repeat + 1),
      workload: run.load.workload,
      linesPerNode: null,
      seed: 0,
      load: run.load,
      network: run.network,
    },
  };
}

function mergeBlocks(lists: readonly (readonly BlockRecord[])[]): readonly BlockRecord[] {
  const byHash = new Map<string, BlockRecord[]>();
  for (const list of lists) {
    for (const block of list) byHash.set(block.hash, [...byHash.get(block.hash) ?? [], block]);
  }

  // Node 0 is the observing one. A block that it never saw has no time of observation.
  const observed = new Map(lists[0]?.map((block) => [block.hash, block.observedAtMs]));
  return [...byHash].map(([hash, seen]): BlockRecord => {
    const work = seen.find((block) => block.work !== undefined)?.work;
    const last = seen.map(({ seenByAllAtMs }) => seenByAllAtMs).filter((time) => time !== null);
    return {
      ...seen[0] as BlockRecord,
      minerId: seen.find(({ minerId }) => minerId !== null)?.minerId ?? null,
      isMain: seen.some(({ isMain }) => isMain),
      transactionCount: seen.find(({ transactionCount }) => transactionCount !== null)
        ?.transactionCount ?? null,
      ...(work !== undefined && { work }),
      firstSeenAtMs: Math.min(...seen.map(({ firstSeenAtMs }) => firstSeenAtMs)),
      observedAtMs: observed.get(hash) ?? null,
      seenByAllAtMs: last.length === lists.length ? Math.max(...last) : null,
    };
  }).sort((a, b) => a.height - b.height || a.firstSeenAtMs - b.firstSeenAtMs);
}

/** Clocks that disagree show in blocks that are seen before their miner has them. */
function clockWarnings(records: readonly ReplayRecord[]): readonly Finding[] {
  const leadMsMax = Math.max(
    0,
    ...records.flatMap((record) =>
      record.blocks.map((block) => {
        const miner = records.find(({ node }) => node.id === block.minerId);
        const mined = miner?.blocks.find(({ hash }) => hash === block.hash);
        return mined === undefined ? 0 : mined.firstSeenAtMs - block.firstSeenAtMs;
      })
    ),
  );
  if (leadMsMax <= CLOCK_LEAD_MS_MAX) return [];
  const text = `The machines' clocks differ: a block was seen ${Math.round(leadMsMax)} ms before ` +
    "its miner had it";
  return [{ code: "clocks-differ", text }];
}

/** Clocks that are set by network time agree better than that. */
const CLOCK_LEAD_MS_MAX = 50;

function isSameCell(a: Cell, b: Cell): boolean {
  return formatCell(a) === formatCell(b);
}

function union(values: readonly number[] | undefined, value: number): readonly number[] {
  return [...new Set([...values ?? [], value])].sort((a, b) => a - b);
}

function unfit(got: string, wanted: string): Result<never, MergeError> {
  return err({
    code: "records-unfit",
    message: `Cannot merge records: got ${got}, wanted ${wanted}`,
  });
}
