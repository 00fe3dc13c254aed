/**
 * Reads a workload from a folder: the one file of this room that touches the disk.
 *
 * A folder that lacks a file, or a file that is no text or too large, is a person's mistake and comes
 * back as one; what stands in the lines is `workload_file.ts`'s business.
 *
 * @module
 */
import { join } from "node:path";
import { isThere } from "../store/is_there.ts";
import { err, ok, type Result } from "../result.ts";
import {
  parseWorkloadFile,
  type Workload,
  type WorkloadFile,
  workloadFileName,
} from "./workload_file.ts";

export interface ReadWorkloadError {
  readonly code: "workload-unreadable" | "workload-missing";
  readonly message: string;
}

/** The most bytes that a file may have: about a million lines. */
const FILE_SIZE_BYTES_MAX = 16 * 1024 * 1024;

/** Reads the files of nodes 0 to `nodes` - 1; without a number, all there are, from 0 on. */
export function readWorkload(
  folder: string,
  nodes?: number,
): Result<Workload, ReadWorkloadError> {
  const files: WorkloadFile[] = [];
  const count = nodes ?? countFiles(folder);
  if (count === 0) return missing(join(folder, workloadFileName(0)));
  for (let nodeId = 0; nodeId < count; nodeId++) {
    const file = readWorkloadFile(folder, nodeId);
    if (!file.ok && nodeId > 0 && file.error.code === "workload-missing") {
      const message = `${file.error.message} (--nodes ${nodeId} would do)`;
      return err({ ...file.error, message });
    }
    if (!file.ok) return file;
    files.push(file.value);
  }
  return ok(files);
}

/** Reads the file of one node. */
export function readWorkloadFile(
  folder: string,
  nodeId: number,
): Result<WorkloadFile, ReadWorkloadError> {
  const path = join(folder, workloadFileName(nodeId));
  try {
    const { size, isFile } = Deno.statSync(path);
    if (!isFile) return unreadable(path, "no file");
    if (size > FILE_SIZE_BYTES_MAX) return unreadable(path, `${size} bytes`);
    return ok(parseWorkloadFile(nodeId, Deno.readTextFileSync(path)));
  } catch (error) {
    const isMissing = error instanceof Deno.errors.NotFound ||
      error instanceof Deno.errors.NotADirectory;
    if (isMissing) return missing(path);
    return unreadable(path, error instanceof Error ? error.message : String(error));
  }
}

function countFiles(folder: string): number {
  let count = 0;
  while (isThere(join(folder, workloadFileName(count)))) count++;
  return count;
}

function missing(path: string): Result<never, ReadWorkloadError> {
  const message = `Cannot read "${path}": there is no such file for that node`;
  return err({ code: "workload-missing", message });
}

function unreadable(path: string, got: string): Result<never, ReadWorkloadError> {
  return err({
    code: "workload-unreadable",
    message: `Cannot read "${path}": got ${got}, wanted a text file of at most 16 MiB`,
  });
}
