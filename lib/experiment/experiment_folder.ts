/**
 * The folder of an experiment: what stands where, and how it is written and read again.
 *
 * ```
 * DIR/experiment.json          the plan and the machine
 * DIR/runs/<cell>/<repeat>/    run.json, transactions.jsonl, blocks.jsonl
 * DIR/results.json|csv, report.html, plots/
 * ```
 *
 * A run's `run.json` is written last, under another name first: a run whose `run.json` is there is whole.
 *
 * @module
 */
import { join } from "node:path";
import type { z } from "zod";
import type { ExperimentRecord, PlannedRun } from "../measure/experiment_record.ts";
import {
  blockRecordSchema,
  experimentRecordSchema,
  runRecordSchema,
  transactionRecordSchema,
} from "../measure/record_schemas.ts";
import { parseRecord } from "../parse_record.ts";
import { formatCell, type RunData } from "../measure/run_record.ts";
import { err, ok, type Result } from "../result.ts";

export interface FolderError {
  readonly code: "experiment-unreadable";
  readonly message: string;
}

const EXPERIMENT_FILE = "experiment.json";
const RUN_FILE = "run.json";
const TRANSACTIONS_FILE = "transactions.jsonl";
const BLOCKS_FILE = "blocks.jsonl";

export function writeExperiment(folder: string, record: ExperimentRecord): void {
  Deno.mkdirSync(folder, { recursive: true });
  writeWhole(join(folder, EXPERIMENT_FILE), JSON.stringify(record, null, 2) + "\n");
}

/** Reads the plan; `undefined` where there is none yet. */
export function readExperiment(
  folder: string,
): Result<ExperimentRecord | undefined, FolderError> {
  const path = join(folder, EXPERIMENT_FILE);
  const text = readText(path);
  if (text === undefined) return ok(undefined);
  const record = parseRecord(text, experimentRecordSchema);
  return record.ok ? record : unreadable(path, record.error);
}

export function hasRun(folder: string, run: PlannedRun): boolean {
  return readText(join(runFolder(folder, run), RUN_FILE)) !== undefined;
}

export function writeRun(folder: string, { run, transactions, blocks }: RunData): void {
  const path = runFolder(folder, run);
  Deno.mkdirSync(path, { recursive: true });
  Deno.writeTextFileSync(join(path, TRANSACTIONS_FILE), jsonLines(transactions));
  Deno.writeTextFileSync(join(path, BLOCKS_FILE), jsonLines(blocks));
  writeWhole(join(path, RUN_FILE), JSON.stringify(run, null, 2) + "\n");
}

/** Reads every whole run, in the order of the folders' names. */
export function readRuns(folder: string): Result<readonly RunData[], FolderError> {
  const runs: RunData[] = [];
  for (const cell of namesIn(join(folder, "runs"))) {
    for (const repeat of namesIn(join(folder, "runs", cell))) {
      const path = join(folder, "runs", cell, repeat);
      const runText = readText(join(path, RUN_FILE));
      if (runText === undefined) continue;
      const run = parseRecord(runText, runRecordSchema);
      if (!run.ok) return unreadable(join(path, RUN_FILE), run.error);
      const transactions = readLines(join(path, TRANSACTIONS_FILE), transactionRecordSchema);
      if (!transactions.ok) return transactions;
      const blocks = readLines(join(path, BLOCKS_FILE), blockRecordSchema);
      if (!blocks.ok) return blocks;
      runs.push({ run: run.value, transactions: transactions.value, blocks: blocks.value });
    }
  }
  return ok(runs.toSorted((a, b) =>
    a.run.cell.nodes - b.run.cell.nodes ||
    a.run.cell.difficulty - b.run.cell.difficulty ||
    a.run.cell.capacity - b.run.cell.capacity ||
    a.run.repeat - b.run.repeat
  ));
}

function runFolder(folder: string, { cell, repeat }: PlannedRun): string {
  return join(folder, "runs", formatCell(cell), String(repeat));
}

function writeWhole(path: string, text: string): void {
  Deno.writeTextFileSync(`${path}.new`, text);
  Deno.renameSync(`${path}.new`, path);
}

function jsonLines(records: readonly unknown[]): string {
  return records.map((record) => JSON.stringify(record) + "\n").join("");
}

function readLines<T>(path: string, schema: z.ZodType<T>): Result<readonly T[], FolderError> {
  const text = readText(path);
  if (text === undefined) return unreadable(path, "nothing");
  const records: T[] = [];
  for (const [index, line] of text.split("\n").entries()) {
    if (line === "") continue;
    const record = parseRecord(line, schema);
    if (!record.ok) return unreadable(path, `in line ${index + 1} ${record.error}`);
    records.push(record.value);
  }
  return ok(records);
}

function namesIn(folder: string): string[] {
  try {
    return [...Deno.readDirSync(folder)].map(({ name }) => name).sort();
  } catch (error) {
    if (error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory) {
      return [];
    }
    throw error;
  }
}

function readText(path: string): string | undefined {
  try {
    return Deno.readTextFileSync(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory) {
      return undefined;
    }
    throw error;
  }
}

function unreadable(path: string, got: string): Result<never, FolderError> {
  return err({
    code: "experiment-unreadable",
    message: `Cannot read "${path}": got ${got}, wanted a folder of noobcash experiment`,
  });
}
