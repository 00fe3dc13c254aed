/**
 * Finds what lies below a folder: experiments, simulations, recordings, the newest first.
 *
 * A folder is a result when it has `experiment.json` or `figures.json`; a file is a recording when it begins
 * as one. The search is bounded in depth, in entries and in results, and says when that bit. Nothing is
 * run, and a file that cannot be read is left out.
 *
 * @module
 */
import { join } from "node:path";
import { constants, gunzipSync } from "node:zlib";
import { RECORDING_FORMAT } from "../control/recording.ts";
import { isGone, nameInside } from "./result_path.ts";

export type ResultKind = "experiment" | "simulation" | "recording";

export interface FoundResult {
  readonly kind: ResultKind;

  /** Below the root, with slashes; empty for the root itself. */
  readonly name: string;
  readonly path: string;
  readonly timeMs: number;
  readonly sizeBytes: number;
}

export interface Finding {
  readonly results: readonly FoundResult[];

  /** There is more than is looked at. */
  readonly isCut: boolean;
}

export interface FindBounds {
  readonly depthMax: number;
  readonly entriesMax: number;
  readonly resultsMax: number;
}

export const FIND_BOUNDS: FindBounds = { depthMax: 5, entriesMax: 20_000, resultsMax: 500 };

/** Result folders have folders of their own that hold no further results. */
const INNER_FOLDERS = new Set(["runs", "plots", "node_modules", "noobcash-data"]);
const BEGINNING_BYTES = 4096;

export function findResults(root: string, bounds: FindBounds = FIND_BOUNDS): Finding {
  const results: FoundResult[] = [];
  let entries = 0;
  let isCut = false;
  visit(root, 0);
  results.sort((a, b) => b.timeMs - a.timeMs || a.name.localeCompare(b.name));
  isCut ||= results.length > bounds.resultsMax;
  return { results: results.slice(0, bounds.resultsMax), isCut };

  function visit(folder: string, depth: number): void {
    const inside = readFolder(folder);
    const kind = inside.has("experiment.json")
      ? "experiment"
      : inside.has("figures.json")
      ? "simulation"
      : undefined;
    if (kind !== undefined) {
      add(kind, folder, join(folder, kind === "experiment" ? "experiment.json" : "figures.json"));
    }
    for (const [name, isDirectory] of inside) {
      entries++;
      if (entries > bounds.entriesMax) {
        isCut = true;
        return;
      }
      const path = join(folder, name);
      if (isDirectory) {
        if (INNER_FOLDERS.has(name)) continue;
        if (depth >= bounds.depthMax) isCut = true;
        else visit(path, depth + 1);
      } else if (isRecording(path)) add("recording", path, path);
    }
  }

  function add(kind: ResultKind, path: string, dated: string): void {
    const info = statOf(dated);
    if (info === undefined) return;
    results.push({
      kind,
      name: nameInside(root, path),
      path,
      timeMs: info.mtime?.getTime() ?? 0,
      sizeBytes: info.size,
    });
  }
}

/** Names and whether each is a folder; links and hidden names are left out. */
function readFolder(folder: string): ReadonlyMap<string, boolean> {
  try {
    const entries = [...Deno.readDirSync(folder)]
      .filter(({ name, isSymlink }) => !name.startsWith(".") && !isSymlink)
      .sort((a, b) => a.name.localeCompare(b.name));
    return new Map(entries.map(({ name, isDirectory }) => [name, isDirectory]));
  } catch (error) {
    if (error instanceof Deno.errors.PermissionDenied || isGone(error)) return new Map();
    throw error;
  }
}

/** Whether a file begins as a recording does; the player decides whether it is a whole one. */
export function isRecording(path: string): boolean {
  let file: Deno.FsFile;
  try {
    file = Deno.openSync(path);
  } catch (error) {
    if (error instanceof Deno.errors.PermissionDenied || isGone(error)) return false;
    throw error;
  }
  try {
    if (!file.statSync().isFile) return false;
    const bytes = new Uint8Array(BEGINNING_BYTES);
    const size = file.readSync(bytes) ?? 0;
    if (size < 20 || bytes[0] !== 0x1f || bytes[1] !== 0x8b) return false;
    const beginning = gunzipSync(bytes.subarray(0, size), {
      finishFlush: constants.Z_SYNC_FLUSH,
      maxOutputLength: 64 * BEGINNING_BYTES,
    });
    return beginning.toString("utf8", 0, 200).startsWith(`{"format":"${RECORDING_FORMAT}"`);
  } catch {
    return false;
  } finally {
    file.close();
  }
}

function statOf(path: string): Deno.FileInfo | undefined {
  try {
    return Deno.statSync(path);
  } catch (error) {
    if (error instanceof Deno.errors.PermissionDenied || isGone(error)) return undefined;
    throw error;
  }
}
