/**
 * `noobcash report merge`: makes one result of what several machines have, and says what is missing.
 *
 * Folders are shards of a sweep or of an experiment; files are records of a fleet's nodes
 * (`report_command.ts` merges those).
 *
 * @module
 */
import { mergeSweeps } from "../sweep/merge_sweeps.ts";
import { openSweep, writeParts } from "../sweep/sweep_folder.ts";
import { sweepFigures, writeSweepFiles } from "../sweep/sweep_files.ts";
import { keysOf } from "../sweep/sweep_kinds.ts";
import { EXIT_CODES, failCommand } from "../terminal/fail_command.ts";

/** The most names that are shown. */
const NAMES_MAX = 20;

/** Tells whether these are folders of simulated sweeps. */
export function areSweeps(paths: readonly string[]): boolean {
  return paths.some((path) => isFile(`${path}/sweep.json`));
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
