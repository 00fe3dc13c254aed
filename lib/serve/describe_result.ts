/**
 * What is to be said of a result: how it was made, its verdict, its plots, its figures, its raw files.
 *
 * Reads what the commands wrote, `experiment.json`, `results.json` and `figures.json`; a file that is none
 * of theirs gives no figures, not an error. What was read is kept while the file stays the same.
 *
 * @module
 */
import { join } from "node:path";
import type { ExperimentRecord } from "../measure/experiment_record.ts";
import type { Results } from "../measure/summary.ts";
import { type Conclusion, drawConclusions } from "../report/conclusions.ts";
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
  readonly conclusions: readonly Conclusion[];

  /** Of an experiment. */
  readonly results: Results | null;

  /** Of a simulation: a line for each point. */
  readonly points: readonly Readonly<Record<string, unknown>>[];

  /** Names of files in the folder. */
  readonly plots: readonly string[];
  readonly files: readonly { readonly name: string; readonly sizeBytes: number }[];
  readonly hasReport: boolean;
}

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
    conclusions: [],
    results: null,
    points: [],
    plots: files.map(({ name }) => name).filter((name) => name.endsWith(".svg")),
    files,
    hasReport: files.some(({ name }) => name === "report.html"),
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
  const record = readJson(join(path, "experiment.json")) as Partial<ExperimentRecord> | undefined;
  const results = resultsOf(readJson(join(path, "results.json")));
  const conclusions = results === null ? [] : drawConclusions(results);
  const valid = results?.runs.filter(({ invalid }) => invalid.length === 0).length ?? 0;
  const verdicts = new Set(conclusions.map(({ verdict }) => verdict));
  return {
    ...base,
    command: record?.command ?? null,
    startedAtMs: record?.startedAtMs ?? base.startedAtMs,
    program: record?.environment?.program ?? null,
    machine: record?.environment?.processor ?? null,
    results,
    conclusions,
    runs: results === null ? null : { valid, all: results.runs.length },
    verdict: results === null
      ? "none"
      : valid < results.runs.length || verdicts.has("no")
      ? "no"
      : verdicts.has("undecided")
      ? "undecided"
      : "yes",
  };
}

/** Results as they were written, if that is what they are. */
function resultsOf(value: unknown): Results | null {
  const { cells, runs } = (value ?? {}) as Partial<Results>;
  const isWhole = Array.isArray(cells) && Array.isArray(runs) &&
    cells.every((each) => typeof each?.cell === "object" && typeof each?.metrics === "object") &&
    runs.every((each) => Array.isArray(each?.invalid) && typeof each?.metrics === "object");
  return isWhole ? { cells, runs } as Results : null;
}

function describeSimulation(path: string, base: Described): Described {
  const figures = (readJson(join(path, "figures.json")) ?? {}) as Readonly<Record<string, unknown>>;
  const [points, outcomes] = [figures["points"], figures["outcomes"]];
  const verdict = typeof figures["verdict"] === "string" ? figures["verdict"] : null;
  const program = figures["program"] ?? figures["commit"];
  return {
    ...base,
    command: typeof figures["kind"] === "string" ? `noobcash simulate ${figures["kind"]}` : null,
    program: typeof program === "string" ? program : null,
    verdictText: verdict,
    points: rowsOf(Array.isArray(points) ? points : Array.isArray(outcomes) ? outcomes : []),
  };
}

/** Each point as one flat line: `estimates.staleRate.mean` is a column. */
function rowsOf(points: readonly unknown[]): readonly Readonly<Record<string, unknown>>[] {
  return points.map((point) => {
    const row: Record<string, unknown> = {};
    const visit = (value: unknown, name: string) => {
      if (Array.isArray(value)) return;
      if (typeof value !== "object" || value === null) return void (row[name] = value);
      for (const [key, inner] of Object.entries(value)) {
        visit(inner, name === "" ? key : `${name}.${key}`);
      }
    };
    visit(point, "");
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

function readJson(path: string): unknown {
  try {
    if ((stampOf(path)?.size ?? Infinity) > JSON_SIZE_BYTES_MAX) return undefined;
    return JSON.parse(Deno.readTextFileSync(path));
  } catch (error) {
    if (error instanceof SyntaxError || isGone(error)) return undefined;
    if (error instanceof Deno.errors.PermissionDenied) return undefined;
    throw error;
  }
}
