/**
 * Puts the measured cells of several machines into one folder, and refuses what does not belong together.
 *
 * A cell belongs to one machine: all its repetitions were measured there, and figures of different
 * machines are never averaged. So a cell that comes from two machines is refused, and so is a run that
 * was measured twice. A copy of the same measurement is no second one.
 *
 * Reads folders, writes nothing. Called by `noobcash report merge`.
 *
 * @module
 */
import {
  cellsOf,
  type Environment,
  type ExperimentRecord,
  type MeasuredOn,
} from "../measure/experiment_record.ts";
import { formatCell, type RunData } from "../measure/run_record.ts";
import { err, ok, type Result } from "../result.ts";
import { canonicalJson, differencesOf, type Json } from "../sweep/sweep_plan.ts";
import { readExperiment, readRuns } from "./experiment_folder.ts";
import { programsOf } from "./resume_program.ts";

export interface MergedCells {
  readonly record: ExperimentRecord;
  readonly runs: readonly RunData[];
  /** Runs that no folder has, as in `5n-c1-d4 #0`. */
  readonly missing: readonly string[];
  /** Runs of which several folders have the same copy. */
  readonly doubled: readonly string[];
}

export interface MergeCellsError {
  readonly code:
    | "experiment-unreadable"
    | "experiment-absent"
    | "experiment-differs"
    | "cell-measured-twice"
    | "cell-of-two-machines";
  readonly message: string;
}

interface Source {
  readonly folder: string;
  readonly record: ExperimentRecord;
}

export function mergeCells(folders: readonly string[]): Result<MergedCells, MergeCellsError> {
  const sources: Source[] = [];
  const found = new Map<string, { readonly data: RunData; readonly source: Source }>();
  const machineOfCell = new Map<string, Source>();
  const doubled = new Set<string>();
  for (const folder of folders) {
    const read = readSource(folder, sources[0]);
    if (!read.ok) return read;
    const source = read.value;
    sources.push(source);
    const runs = readRuns(folder);
    if (!runs.ok) return runs;
    for (const data of runs.value) {
      const cell = formatCell(data.run.cell);
      const name = `${cell} #${data.run.repeat}`;
      const known = found.get(name);
      if (known !== undefined) {
        if (
          canonicalJson(known.data as unknown as Json) === canonicalJson(data as unknown as Json)
        ) {
          doubled.add(name);
          continue;
        }
        return err({
          code: "cell-measured-twice",
          message: `Cannot merge "${folder}": got "${name}", which "${known.source.folder}" has ` +
            "measured, too, wanted each run once: measured cells are never averaged",
        });
      }
      const first = machineOfCell.get(cell);
      if (first !== undefined && !isSameMachine(first.record, source.record)) {
        return err({
          code: "cell-of-two-machines",
          message: `Cannot merge "${folder}": got repetitions of ${cell} from ` +
            `${machineText(source.record)} and, in "${first.folder}", from ` +
            `${machineText(first.record)}, wanted all from one: measured cells of different ` +
            "machines are never averaged",
        });
      }
      machineOfCell.set(cell, first ?? source);
      found.set(name, { data, source });
    }
  }
  const [first] = sources;
  if (first === undefined) {
    return err({
      code: "experiment-absent",
      message: "Cannot merge: no folder is named",
    });
  }
  const { plan } = first.record;
  const names = cellsOf(plan).flatMap((cell) =>
    Array.from({ length: plan.repeats }, (_, repeat) => `${formatCell(cell)} #${repeat}`)
  );
  const beyond = [...found.keys()].find((name) => !names.includes(name));
  if (beyond !== undefined) {
    return err({
      code: "experiment-differs",
      message: `Cannot merge: got the run "${beyond}", wanted those of the plan only`,
    });
  }
  return ok({
    record: recordOf(sources, machineOfCell),
    runs: names.flatMap((name) => found.get(name)?.data ?? []),
    missing: names.filter((name) => !found.has(name)),
    doubled: names.filter((name) => doubled.has(name)),
  });
}

function readSource(folder: string, first: Source | undefined): Result<Source, MergeCellsError> {
  const read = readExperiment(folder);
  if (!read.ok) return read;
  const record = read.value;
  if (record === undefined) {
    return err({
      code: "experiment-absent",
      message:
        `Cannot merge "${folder}": it holds no experiment (noobcash experiment writes such a folder)`,
    });
  }
  const programs = programsOf(record);
  if (programs.length > 1) {
    return err({
      code: "experiment-differs",
      message: `Cannot merge "${folder}": got results of ${programs.join(" and of ")}, wanted ` +
        "those of one program",
    });
  }
  if (first === undefined) return ok({ folder, record });
  const options = differencesOf(
    first.record.plan as unknown as Json,
    record.plan as unknown as Json,
  );
  if (options.length > 0) {
    return err({
      code: "experiment-differs",
      message: `Cannot merge "${folder}": got another plan than "${first.folder}", which differs ` +
        `in ${options.join(", ")}, wanted shards of one experiment`,
    });
  }
  const [before, now] = [...programsOf(first.record), ...programs];
  if (before !== now) {
    return err({
      code: "experiment-differs",
      message: `Cannot merge "${folder}": got results of ${now}, wanted ${before} as in ` +
        `"${first.folder}"`,
    });
  }
  return ok({ folder, record });
}

/** One record for all: the same whatever the number of shards and their order. */
function recordOf(
  sources: readonly Source[],
  machineOfCell: ReadonlyMap<string, Source>,
): ExperimentRecord {
  const sorted = sources.map(({ record }) => record)
    .toSorted((a, b) => a.startedAtMs - b.startedAtMs);
  const [earliest] = sorted as [ExperimentRecord];
  const { shard: _shard, measuredOn: _measuredOn, ...record } = earliest;
  const machines = new Map<string, MeasuredOn>();
  for (const cell of cellsOf(record.plan).map(formatCell)) {
    const source = machineOfCell.get(cell);
    if (source === undefined) continue;
    const { host, environment } = source.record;
    const name = machineText(source.record);
    const known = machines.get(name);
    const cells = [...known?.cells ?? [], cell];
    machines.set(name, {
      host: host ?? null,
      environment: known?.environment ?? environment,
      cells,
    });
  }
  const isOne = machines.size <= 1;
  return {
    ...record,
    command: record.command.replaceAll(/ --(?:shard|out|resume)(?:[ =](?!-)\S+)?| -o \S+/g, "") +
      " --out FOLDER",
    ...(isOne ? {} : { measuredOn: [...machines.values()] }),
  };
}

/** Tells whether figures of two experiments are of one machine. */
export function isSameMachine(a: ExperimentRecord, b: ExperimentRecord): boolean {
  return machineText(a) === machineText(b);
}

/** What a machine is told apart by. */
export function machineText(
  { host, environment }: { readonly host?: string; readonly environment: Environment },
): string {
  const { processor, cores, os } = environment;
  return `${host === undefined ? "" : `${host}, `}${processor}, ${cores} cores, ${os}`;
}
