/**
 * Checks an artifact: that it is whole, and that its results come out again.
 *
 * Simulated results have to be the same bytes; measured ones may be off by the tolerance that the
 * artifact states.
 *
 * @module
 */
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { sha256Hex } from "../crypto/hash.ts";
import { readExperiment } from "../experiment/experiment_folder.ts";
import { runExperiment, workloadFor } from "../experiment/run_experiment.ts";
import { compareResults } from "../report/compare.ts";
import { loadResults } from "../report/render_report.ts";
import { METRICS } from "../measure/metric_table.ts";
import { formatCell } from "../measure/run_record.ts";
import { runSweep } from "../sweep/run_sweep.ts";
import {
  appendPart,
  openSweep,
  readParts,
  readSweep,
  type SweepRecord,
} from "../sweep/sweep_folder.ts";
import { writeSweepFiles } from "../sweep/sweep_files.ts";
import { keepStrategy, keptStrategy } from "../sweep/load_strategy.ts";
import { keysOf, strategyHashOf } from "../sweep/sweep_kinds.ts";
import { canonicalJson, type Json } from "../sweep/sweep_plan.ts";
import { planOfArtifact } from "./bundled_workload.ts";
import type { Artifact } from "./bundle.ts";

/** The figures of an experiment that a reader relies on. */
const MEASURED = ["txPerSecond", "blockTimeMs"] as const;

export interface CheckOptions {
  /** Where the results are made anew. */
  readonly folder: string;
  readonly jobs: number;
  /** Whether a strategy that came with the artifact may run: its code may do whatever this program may. */
  readonly runsStrategy: boolean;
  readonly signal: AbortSignal;
  readonly onProgress: (done: number, total: number) => void;
}

/** What did not come out again; empty when everything did. */
export type Differences = readonly string[];

/** Makes the results anew beside the old ones, and tells where they differ. */
export async function checkArtifact(
  artifact: Artifact,
  options: CheckOptions,
): Promise<Differences> {
  const original = join(options.folder, "artifact");
  const again = join(options.folder, "again");
  for (const [path, bytes] of artifact.files) {
    Deno.mkdirSync(dirname(join(original, path)), { recursive: true });
    Deno.writeFileSync(join(original, path), bytes);
  }
  return artifact.manifest.kind === "simulated"
    ? await checkSimulated(artifact, { ...options, original, again })
    : await checkMeasured(artifact, { ...options, original, again });
}

type FolderOptions = CheckOptions & { readonly original: string; readonly again: string };

async function checkSimulated(
  { manifest }: Artifact,
  { original, again, jobs, runsStrategy, signal, onProgress }: FolderOptions,
): Promise<Differences> {
  const found = readSweep(original);
  if (!found.ok || found.value === undefined) return ["the artifact holds no sweep"];
  const record: SweepRecord = found.value;
  const sha256 = strategyHashOf(record.plan);
  const strategyPath = sha256 === null ? undefined : keptStrategy(original, sha256);
  if (sha256 !== null && strategyPath === undefined) {
    return ["the plan names a strategy of one's own, which is not part of the artifact"];
  }
  if (strategyPath !== undefined && !runsStrategy) {
    return ["the artifact brings a strategy of its own, whose code was not allowed to run"];
  }
  const strategyUrl = strategyPath === undefined ? undefined : pathToFileURL(strategyPath).href;
  const keys = keysOf(record.plan);
  const opened = openSweep(again, record, { resumes: true });
  if (!opened.ok) return [opened.error.message];
  const parts = new Map<string, Json>(opened.value);
  await runSweep(record.plan, keys.filter((key) => !parts.has(key)), {
    jobs,
    strategyUrl,
    signal,
    onDone(key, result) {
      parts.set(key, result);
      appendPart(again, key, result);
      onProgress(parts.size, keys.length);
    },
  });

  const old = readParts(original);
  const changed = keys.filter((key) =>
    canonicalJson(parts.get(key) ?? null) !== canonicalJson(old.get(key) ?? null)
  );
  if (changed.length > 0) {
    const key = changed[0] as string;
    const figure = firstDifference(old.get(key) ?? null, parts.get(key) ?? null);
    return [`${changed.length} of ${keys.length} runs differ, first "${key}" in ${figure}`];
  }
  await writeSweepFiles(again, record, parts);
  if (strategyPath !== undefined) keepStrategy(strategyPath, again);
  return manifest.files.flatMap(({ path, sha256 }) => {
    // How runs were spread over time and machines is not a result.
    if (path === "parts.jsonl" || path === "machine.json") return [];
    const bytes = readIfThere(join(again, path));
    return bytes !== undefined && sha256Hex(bytes) === sha256 ? [] : [`"${path}" has other bytes`];
  });
}

async function checkMeasured(
  { manifest, files }: Artifact,
  { original, again, signal, onProgress }: FolderOptions,
): Promise<Differences> {
  const record = readExperiment(original);
  const before = loadResults(original);
  if (!record.ok || record.value === undefined || !before.ok) {
    return ["the artifact holds no experiment with runs"];
  }
  const plan = planOfArtifact(record.value.plan, { folder: original, paths: files.keys() });
  for (const nodes of plan.nodes) {
    const workload = workloadFor(plan, { nodes });
    if (!workload.ok) return [workload.error.message];
  }
  const total = plan.repeats * before.value.results.cells.length;
  let done = 0;
  const { writeExperiment } = await import("../experiment/experiment_folder.ts");
  writeExperiment(again, record.value);
  await runExperiment(plan, {
    folder: again,
    signal,
    onProgress: () => {},
    onRun: () => onProgress(++done, total),
  });
  const after = loadResults(again);
  if (!after.ok) return [after.error.message];
  const tolerance = manifest.tolerance ?? 0;
  const compared = compareResults(before.value.results, after.value.results, MEASURED);
  const missing = before.value.results.cells.flatMap(({ cell, metrics }) =>
    MEASURED.filter((metric) =>
      metrics[metric] !== undefined &&
      !compared.some((figure) =>
        figure.metric === metric && formatCell(figure.cell) === formatCell(cell)
      )
    ).map((metric) => `${METRICS[metric].label} of ${formatCell(cell)} did not come out at all`)
  );
  return [
    ...missing,
    ...compared.filter(({ ratio }) => !(Math.abs(ratio - 1) <= tolerance))
      .map(({ cell, metric, meanA, meanB }) =>
        `${METRICS[metric].label} of ${formatCell(cell)} is ${meanB.toPrecision(4)}, ` +
        `${meanA.toPrecision(4)} in the artifact`
      ),
  ];
}

function firstDifference(a: Json, b: Json): string {
  const [left, right] = [a, b] as Record<string, Json>[];
  const name = Object.keys({ ...left, ...right }).find((key) =>
    canonicalJson(left?.[key] ?? null) !== canonicalJson(right?.[key] ?? null)
  );
  return name === undefined
    ? "everything"
    : `${name}: ${JSON.stringify(right?.[name])}, ${JSON.stringify(left?.[name])} in the artifact`;
}

function readIfThere(path: string): Uint8Array<ArrayBuffer> | undefined {
  try {
    return Deno.readFileSync(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}
