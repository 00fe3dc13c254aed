/**
 * Runs a plan: every cell, every repetition, each on a fresh network, one after the other.
 *
 * Repetitions are the outer loop and cells come in a new seeded order each time, so that a machine that
 * grows slower or faster does so for all cells alike. What is done is on disk after each run; with
 * `resume` whole runs are not done again.
 *
 * @module
 */
import { join } from "node:path";
import { cellsOf, type ExperimentPlan, type PlannedRun } from "../measure/experiment_record.ts";
import { type Cell, formatCell, type RunData } from "../measure/run_record.ts";
import { randomStream } from "../random/random_stream.ts";
import { DEFAULT_WORKLOAD_CHOICE, generateWorkload } from "../workload/generate_workload.ts";
import { isOfShard, type Shard, WHOLE } from "../sweep/shard.ts";
import { isThere } from "../store/is_there.ts";
import { readWorkload, type ReadWorkloadError } from "../workload/read_workload.ts";
import type { Workload } from "../workload/workload_file.ts";
import { ok, type Result } from "../result.ts";
import { foundersIntervalMs, keptIntervalMs } from "./block_interval.ts";
import { hasRun, writeRun } from "./experiment_folder.ts";
import { BASE_PLAN } from "./presets.ts";
import { measureLimit, runCell } from "./run_cell.ts";

/** How far the experiment is. */
export interface ExperimentProgress {
  readonly run: PlannedRun;
  readonly doneRuns: number;
  readonly totalRuns: number;

  /** Lines of the workload; of a load, milliseconds. */
  readonly done: number;
  readonly total: number;

  /** Estimated from the runs so far; `undefined` before the first one is done. */
  readonly leftMs: number | undefined;
}

export interface ExperimentOptions {
  readonly folder: string;
  /** Only these cells; all of them without it. */
  readonly shard?: Shard;
  readonly signal: AbortSignal;
  readonly onProgress: (progress: ExperimentProgress) => void;
  /** A run was measured, and nothing of it is written yet. */
  readonly onMeasured?: () => void;
  readonly onRun: (data: RunData) => void;
}

/** Does all runs that are not there yet. */
export async function runExperiment(
  plan: ExperimentPlan,
  { folder, shard = WHOLE, signal, onProgress, onMeasured, onRun }: ExperimentOptions,
): Promise<void> {
  const runs = runsOfShard(plan, shard);
  const timing = new TimeLeft(plan);
  const limits = new Map<number, number>();
  let doneRuns = runs.filter((run) => hasRun(folder, run)).length;
  for (const [index, run] of runs.entries()) {
    if (hasRun(folder, run)) continue;
    signal.throwIfAborted();
    const read = workloadFor(plan, run.cell);
    // What was there when the experiment began is gone.
    if (!read.ok) throw new Error(read.error.message);
    const workload = read.value;
    const total = plan.load.durationMs ??
      workload.files.reduce((sum, { lines }) => sum + lines.length, 0);
    const toDo = runs.slice(index).filter((other) => !hasRun(folder, other));
    let done = 0;
    const startMs = performance.now();
    const report = () =>
      onProgress({
        run,
        doneRuns,
        totalRuns: runs.length,
        done,
        total,
        leftMs: timing.left(toDo, performance.now() - startMs),
      });

    report();
    const { nodes } = run.cell;
    const limitPerSecond = limits.get(nodes) ?? await measureLimit(plan, nodes);
    limits.set(nodes, limitPerSecond);
    const data = await runCell(run, {
      plan,
      workload,
      limitPerSecond,
      signal,
      onRecord() {
        done++;
        report();
      },
      onElapsed(elapsedMs) {
        done = elapsedMs;
        report();
      },
    });
    onMeasured?.();
    writeRun(folder, data);
    timing.note(run.cell, performance.now() - startMs);
    doneRuns++;
    onRun(data);
  }
}

/** All runs in the order in which they are done. */
export function plannedRuns(plan: ExperimentPlan): readonly PlannedRun[] {
  return Array.from(
    { length: plan.repeats },
    (_, repeat) =>
      randomStream(plan.seed, `experiment/${repeat}`).shuffle(cellsOf(plan))
        .map((cell) => ({ cell, repeat })),
  ).flat();
}

/** A shard's runs: a cell with all its repetitions, so that one machine measures all of it. */
export function runsOfShard(plan: ExperimentPlan, shard: Shard): readonly PlannedRun[] {
  return plannedRuns(plan).filter(({ cell }) => isOfShard(formatCell(cell), shard));
}

/**
 * The files for a number of nodes: from the workload's folder. The generator makes them only where nobody
 * has named a folder and the usual one has none for so many nodes.
 */
export function workloadFor(
  { workload, linesPerNode, network, load }: Pick<
    ExperimentPlan,
    "workload" | "linesPerNode" | "network" | "load"
  >,
  { nodes }: Pick<Cell, "nodes">,
): Result<{ readonly name: string; readonly files: Workload }, ReadWorkloadError> {
  if (load.durationMs !== undefined) return ok({ name: "round the ring", files: [] });
  const folder = join(workload, `${nodes}nodes`);
  const { coinsPerNode } = network;
  const isMade = usesGenerator({ workload }, { nodes });
  const read = isMade
    ? ok(generateWorkload({ ...DEFAULT_WORKLOAD_CHOICE, nodes, coinsPerNode }))
    : readWorkload(folder, nodes);
  if (!read.ok) return read;
  return ok({
    name: isMade ? `generated, seed ${DEFAULT_WORKLOAD_CHOICE.seed}` : folder,
    files: linesPerNode === null
      ? read.value
      : read.value.map((file) => ({ ...file, lines: file.lines.slice(0, linesPerNode) })),
  });
}

/** Nobody has named a folder, and the usual one has none for so many nodes. */
export function usesGenerator(
  { workload }: Pick<ExperimentPlan, "workload">,
  { nodes }: Pick<Cell, "nodes">,
): boolean {
  return workload === BASE_PLAN.workload && !isThere(join(workload, `${nodes}nodes`));
}

/** Tells how long the rest takes, by how long the runs so far took against what was expected of them. */
class TimeLeft {
  readonly #plan: ExperimentPlan;
  readonly #tookMs = new Map<string, number>();
  #expected = 0;
  #took = 0;

  constructor(plan: ExperimentPlan) {
    this.#plan = plan;
  }

  note(cell: Cell, tookMs: number): void {
    this.#tookMs.set(JSON.stringify(cell), tookMs);
    this.#expected += this.#expectedMs(cell);
    this.#took += tookMs;
  }

  /** The first of the runs is under way. */
  left(runs: readonly PlannedRun[], underWayMs: number): number | undefined {
    if (this.#expected === 0) return undefined;
    const factor = this.#took / this.#expected;
    const totalMs = runs.reduce(
      (sum, { cell }) =>
        sum + (this.#tookMs.get(JSON.stringify(cell)) ?? factor * this.#expectedMs(cell)),
      0,
    );
    return Math.max(0, totalMs - underWayMs);
  }

  /** Start-up, and blocks at a guessed hash rate; the factor corrects the guess. */
  #expectedMs(cell: Cell): number {
    const { nodes, capacity } = cell;
    const { linesPerNode, load, network } = this.#plan;
    if (load.durationMs !== undefined) return 4_000 + 500 * nodes + 1.2 * load.durationMs;
    const blocks = nodes * (linesPerNode ?? 100) / capacity;
    // Where the difficulty is adjusted, the tip's soon keeps the interval, whatever the founder chose.
    const intervalMs = keptIntervalMs(network) ??
      foundersIntervalMs(cell, { network, hashRateGuessed: 5e6 });
    return 3_000 + 500 * nodes + blocks * (15 + intervalMs);
  }
}
