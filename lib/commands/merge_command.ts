/**
 * `noobcash report merge`: makes one result of what several machines have, and says what is missing.
 *
 * Folders are shards of a sweep or of an experiment; files are records of a fleet's nodes
 * (`report_command.ts` merges those).
 *
 * @module
 */
import { readExperiment, writeExperiment, writeRun } from "../experiment/experiment_folder.ts";
import { machineText, mergeCells } from "../experiment/merge_cells.ts";
import { mergeSweeps } from "../sweep/merge_sweeps.ts";
import { keepStrategy, keptStrategy } from "../sweep/load_strategy.ts";
import { openSweep, writeParts } from "../sweep/sweep_folder.ts";
import { sweepFigures, writeSweepFiles } from "../sweep/sweep_files.ts";
import { keysOf, strategyHashOf } from "../sweep/sweep_kinds.ts";
import { EXIT_CODES, failCommand } from "../terminal/fail_command.ts";
import { render, type RenderOptions } from "./render_folder.ts";

/** The most names that are shown. */
const NAMES_MAX = 20;

/** Tells whether these are folders of simulated sweeps. */
export function areSweeps(paths: readonly string[]): boolean {
  return paths.some((path) => isFile(`${path}/sweep.json`));
}

/** Tells whether these are folders of experiments. */
export function areExperiments(paths: readonly string[]): boolean {
  return paths.some((path) => isFile(`${path}/experiment.json`));
}

/**
 * Merges the cells that several machines have measured. Nothing is written while runs are missing, and
 * none is averaged with another machine's.
 */
export async function mergeCellFolders(
  folders: readonly string[],
  out: string,
  { json, language }: RenderOptions,
): Promise<void> {
  const merged = mergeCells(folders);
  if (!merged.ok) {
    const isOverlap = merged.error.code === "cell-measured-twice" ||
      merged.error.code === "cell-of-two-machines";
    return failCommand(isOverlap ? "refused" : "usage", merged.error.message);
  }
  const { record, runs, missing, doubled } = merged.value;
  if (doubled.length > 0) {
    console.error(`${doubled.length} runs are there more than once, alike: ${named(doubled)}`);
  }
  if (missing.length > 0) {
    if (json) console.log(JSON.stringify({ isComplete: false, missing, doubled }));
    const total = runs.length + missing.length;
    console.error(`Incomplete: ${missing.length} of ${total} runs are missing: ${named(missing)}`);
    Deno.exitCode = EXIT_CODES.refused;
    return;
  }
  const there = readExperiment(out);
  if (!there.ok) return failCommand("usage", there.error.message);
  if (there.value !== undefined) {
    return failCommand(
      "usage",
      `Cannot merge into "${out}": got an experiment that is there, wanted another folder`,
    );
  }
  writeExperiment(out, record);
  for (const data of runs) writeRun(out, data);
  const { measuredOn = [] } = record;
  if (measuredOn.length > 0) {
    console.error(
      `Note: the cells were measured on ${measuredOn.length} machines. Measured cells of different ` +
        "machines are never averaged, and a comparison of two of them compares the machines, too:",
    );
    for (const { host, environment, cells } of measuredOn) {
      const machine = machineText({ ...(host === null ? {} : { host }), environment });
      console.error(`  ${machine}: ${cells.join(", ")}`);
    }
  }
  await render(out, { json, language });
}

/** Merges the shards of a simulated sweep into a folder. Nothing is written while parts are missing. */
export async function mergeSweepFolders(
  folders: readonly string[],
  out: string,
  json: boolean,
): Promise<void> {
  const merged = mergeSweeps(folders);
  if (!merged.ok) {
    const isContradiction = merged.error.code === "parts-contradict";
    return failCommand(isContradiction ? "refused" : "usage", merged.error.message);
  }
  const { record, parts, missing, doubled } = merged.value;
  if (doubled.length > 0) {
    console.error(`${doubled.length} parts are there more than once, alike: ${named(doubled)}`);
  }
  if (missing.length > 0) {
    const total = keysOf(record.plan).length;
    if (json) console.log(JSON.stringify({ isComplete: false, missing, doubled }));
    console.error(`Incomplete: ${missing.length} of ${total} parts are missing: ${named(missing)}`);
    Deno.exitCode = EXIT_CODES.refused;
    return;
  }
  const opened = openSweep(out, record, { resumes: true });
  if (!opened.ok) return failCommand("usage", opened.error.message);
  writeParts(out, parts, keysOf(record.plan));
  const sha256 = strategyHashOf(record.plan);
  const strategies = sha256 === null
    ? []
    : folders.flatMap((folder) => keptStrategy(folder, sha256) ?? []);
  if (strategies[0] !== undefined) keepStrategy(strategies[0], out);
  await writeSweepFiles(out, record, parts);
  const figures = sweepFigures(record, parts);
  console.log(
    json
      ? JSON.stringify({ isComplete: true, missing, doubled, figures })
      : `${parts.size} parts of ${folders.length} folders in ${out}` +
        (figures.verdict === null ? "" : `\n${figures.verdict}`),
  );
}

function named(keys: readonly string[]): string {
  const shown = keys.slice(0, NAMES_MAX).join("; ");
  return keys.length > NAMES_MAX ? `${shown}; and ${keys.length - NAMES_MAX} more` : shown;
}

function isFile(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch (error) {
    const isAbsent = error instanceof Deno.errors.NotFound ||
      error instanceof Deno.errors.NotADirectory;
    if (isAbsent) return false;
    throw error;
  }
}
