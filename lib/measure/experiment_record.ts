/**
 * What is written down of a whole experiment beside its runs: the plan and the machine.
 *
 * @module
 */
import type { Cell, LoadRecord, NetworkRecord } from "./run_record.ts";

/** What is to be run. */
export interface ExperimentPlan {
  readonly nodes: readonly number[];
  readonly capacities: readonly number[];
  readonly difficulties: readonly number[];
  readonly repeats: number;

  /** The folder that holds `<n>nodes/transactions<id>.txt`. */
  readonly workload: string;

  /** Only so many lines of each file; null: all. */
  readonly linesPerNode: number | null;

  /** Orders the cells: each repetition visits all of them in an order of its own. */
  readonly seed: number;
  readonly load: Pick<
    LoadRecord,
    "ratePerSecond" | "concurrency" | "leadLines" | "retry" | "durationMs"
  >;
  readonly network: NetworkRecord;
}

/** Where and with what it ran. */
export interface Environment {
  readonly program: string;
  readonly deno: string;
  readonly v8: string;
  readonly os: string;
  readonly processor: string;
  readonly cores: number;
  readonly memoryBytes: number;
}

export interface ExperimentRecord {
  readonly version: 1;
  readonly preset: string | null;

  /** The command that runs it again. */
  readonly command: string;
  readonly startedAtMs: number;
  readonly plan: ExperimentPlan;
  readonly environment: Environment;
  /** Other programs that went on with it later, in their order. */
  readonly resumedBy?: readonly ResumedBy[];
  /** The machine's name. */
  readonly host?: string;
  /** Which part of the cells this folder is to have, as in `1/3`. */
  readonly shard?: string;
  /** Where each cell was measured, in a merged folder of several machines. */
  readonly measuredOn?: readonly MeasuredOn[];
}

/** A program that measured what was missing, from a time on. */
export interface ResumedBy {
  readonly program: string;
  readonly deno: string;
  readonly sinceMs: number;
}

/** A machine, and the cells that were measured on it. */
export interface MeasuredOn {
  readonly host: string | null;
  readonly environment: Environment;
  readonly cells: readonly string[];
}

/** One run to do. */
export interface PlannedRun {
  readonly cell: Cell;
  readonly repeat: number;
}

/** The programs that measured it, in their order: more than one where it was resumed by another. */
export function programNamesOf(
  { environment, resumedBy = [] }: Pick<ExperimentRecord, "environment" | "resumedBy">,
): readonly string[] {
  return [environment, ...resumedBy].map(({ program }) => program);
}

/** All cells of the matrix, nodes outermost. */
export function cellsOf(plan: ExperimentPlan): readonly Cell[] {
  return plan.nodes.flatMap((nodes) =>
    plan.difficulties.flatMap((difficulty) =>
      plan.capacities.map((capacity) => ({ nodes, capacity, difficulty }))
    )
  );
}
