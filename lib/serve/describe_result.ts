/**
 * What is to be said of a result: how it was made, its verdict, its plots, its figures, its raw files.
 *
 * Reads what the commands wrote, `experiment.json`, `results.json` and `figures.json`; a file that is none
 * of theirs gives no figures, and is named with the place where it is wrong. What was read is kept while the file stays the same.
 *
 * @module
 */
import { join } from "node:path";
import { z } from "zod";
import { programNamesOf } from "../measure/experiment_record.ts";
import { experimentRecordSchema, resultsSchema } from "../measure/record_schemas.ts";
import { parseRecord } from "../parse_record.ts";
import type { Results } from "../measure/summary.ts";
import { drawConclusions } from "../report/conclusions.ts";
import type { FoundResult } from "./find_results.ts";
import { isGone } from "./result_path.ts";

export type Verdict = "yes" | "no" | "undecided" | "none";

export interface Described {
  readonly title: string;
  readonly command: string | null;
  readonly startedAtMs: number;
  readonly program: string | null;
  readonly machine: string | null;
  readonly verdict: Verdict;

  /** The verdict in the words of who drew it; null where it has none. */
  readonly verdictText: string | null;
  readonly runs: { readonly valid: number; readonly all: number } | null;

  /** Of an experiment. */
  readonly results: Results | null;

  /** Of a simulation: a line for each point. */
  readonly points: readonly Readonly<Record<string, unknown>>[];

  /** Names of files in the folder. */
  readonly plots: readonly string[];
  readonly files: readonly { readonly name: string; readonly sizeBytes: number }[];
  readonly hasReport: boolean;

  /** What is wrong with files that are there, each with its file and place. */
  readonly problems: readonly string[];
}

/** What `simulate` writes: a list of points, or of outcomes. */
const figuresSchema = z.looseObject({
  kind: z.string().optional(),
  program: z.string().nullish(),
  commit: z.string().nullish(),
  verdict: z.string().nullish(),
  points: z.array(z.unknown()).optional(),
  outcomes: z.array(z.unknown()).optional(),
});

/** How deep a point's fields are looked for. */
const DEPTH_MAX = 8;

const JSON_SIZE_BYTES_MAX = 64 * 1024 * 1024;
const FILES_MAX = 400;
const KEPT_MAX = 200;

const kept = new Map<string, { readonly stamp: string; readonly described: Described }>();

export function describeResult(result: FoundResult): Described {
  const files = result.kind === "recording" ? [] : listFiles(result.path);
  const dated = ["results.json", "figures.json", "experiment.json"]
    .map((name) => stampOf(join(result.path, name)));
  const stamp = JSON.stringify([result.timeMs, dated, files]);
  const before = kept.get(result.path);
  if (before?.stamp === stamp) return before.described;
  const described = describe(result, files);
  kept.delete(result.path);
  kept.set(result.path, { stamp, described });
  if (kept.size > KEPT_MAX) kept.delete(kept.keys().next().value as string);
  return described;
}

function describe(result: FoundResult, files: Described["files"]): Described {
  const base = {
    title: result.name.split("/").at(-1) || ".",
    command: null,
    startedAtMs: result.timeMs,
    program: null,
    machine: null,
    verdict: "none",
    verdictText: null,
    runs: null,
    results: null,
    points: [],
    plots: files.map(({ name }) => name).filter((name) => name.endsWith(".svg")),
    files,
    hasReport: files.some(({ name }) => name === "report.html"),
    problems: [],
  } as const satisfies Described;
  switch (result.kind) {
    case "experiment":
      return describeExperiment(result.path, base);
    case "simulation":
      return describeSimulation(result.path, base);
    case "recording":
      return base;
  }
}

function describeExperiment(path: string, base: Described): Described {
  const problems: string[] = [];
  const record = readRecord(path, "experiment.json", experimentRecordSchema, problems);
  const results = readRecord(path, "results.json", resultsSchema, problems) ?? null;
  const conclusions = results === null ? [] : drawConclusions(results);
  const valid = results?.runs.filter(({ invalid }) => invalid.length === 0).length ?? 0;
  const verdicts = new Set(conclusions.map(({ verdict }) => verdict));
  return {
    ...base,
    command: record?.command ?? null,
    startedAtMs: record?.startedAtMs ?? base.startedAtMs,
    program: record === undefined ? null : programNamesOf(record).join(", "),
    machine: record?.environment?.processor ?? null,
    results,
    runs: results === null ? null : { valid, all: results.runs.length },
    verdict: results === null
      ? "none"
      : valid < results.runs.length || verdicts.has("no")
      ? "no"
      : verdicts.has("undecided")
      ? "undecided"
      : "yes",
    problems,
  };
}

function describeSimulation(path: string, base: Described): Described {
  const problems: string[] = [];
  const figures = readRecord(path, "figures.json", figuresSchema, problems);
  return {
    ...base,
    command: figures?.kind === undefined ? null : `noobcash simulate ${figures.kind}`,
    program: figures?.program ?? figures?.commit ?? null,
    verdictText: figures?.verdict ?? null,
    points: rowsOf(figures?.points ?? figures?.outcomes ?? []),
    problems,
  };
}

/** Each point as one flat line: `estimates.staleRate.mean` is a column. */
function rowsOf(points: readonly unknown[]): readonly Readonly<Record<string, unknown>>[] {
  return points.map((point) => {
    const row: Record<string, unknown> = {};
    const visit = (value: unknown, name: string, depth: number) => {
      if (Array.isArray(value) || depth > DEPTH_MAX) return;
      if (typeof value !== "object" || value === null) return void (row[name] = value);
      for (const [key, inner] of Object.entries(value)) {
        visit(inner, name === "" ? key : `${name}.${key}`, depth + 1);
      }
    };
    visit(point, "", 0);
    return row;
  });
}

/** The files of a folder and of its plots, by name; those of single runs are too many to be listed. */
function listFiles(folder: string): Described["files"] {
  const files: { readonly name: string; readonly sizeBytes: number }[] = [];
  const visit = (prefix: string) => {
    for (const entry of entriesOf(join(folder, prefix))) {
      const name = `${prefix}${entry.name}`;
      if (entry.name.startsWith(".") || entry.isSymlink || files.length >= FILES_MAX) continue;
      if (entry.isDirectory) {
        if (prefix === "" && entry.name === "plots") visit("plots/");
      } else files.push({ name, sizeBytes: stampOf(join(folder, name))?.size ?? 0 });
    }
  };
  visit("");
  return files.sort((a, b) => a.name.localeCompare(b.name));
}

function entriesOf(folder: string): readonly Deno.DirEntry[] {
  try {
    return [...Deno.readDirSync(folder)];
  } catch (error) {
    if (error instanceof Deno.errors.PermissionDenied || isGone(error)) return [];
    throw error;
  }
}

function stampOf(path: string): { readonly size: number; readonly timeMs: number } | undefined {
  try {
    const { size, mtime } = Deno.statSync(path);
    return { size, timeMs: mtime?.getTime() ?? 0 };
  } catch (error) {
    if (error instanceof Deno.errors.PermissionDenied || isGone(error)) return undefined;
    throw error;
  }
}

/** Reads a file that may not be there; what is wrong with one that is goes to the problems. */
function readRecord<T>(
  folder: string,
  name: string,
  schema: z.ZodType<T>,
  problems: string[],
): T | undefined {
  const path = join(folder, name);
  try {
    const { size = 0 } = stampOf(path) ?? {};
    if (size > JSON_SIZE_BYTES_MAX) {
      problems.push(`${name}: ${size} bytes, wanted at most ${JSON_SIZE_BYTES_MAX}`);
      return undefined;
    }
    const record = parseRecord(Deno.readTextFileSync(path), schema);
    if (record.ok) return record.value;
    problems.push(`${name}: ${record.error}`);
  } catch (error) {
    if (error instanceof Deno.errors.PermissionDenied) problems.push(`${name}: not readable`);
    else if (!isGone(error)) throw error;
  }
  return undefined;
}
