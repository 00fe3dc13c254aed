/**
 * Puts the shards of one sweep together, and refuses what does not belong together.
 *
 * @module
 */
import { err, ok, type Result } from "../result.ts";
import { keysOf } from "./sweep_kinds.ts";
import { canonicalJson, type Json } from "./sweep_plan.ts";
import {
  differenceOf,
  type Parts,
  readParts,
  readSweep,
  type SweepFolderError,
  type SweepRecord,
} from "./sweep_folder.ts";

export interface MergedSweep {
  readonly record: SweepRecord;
  readonly parts: Parts;
  /** Keys that no folder has. */
  readonly missing: readonly string[];
  /** Keys that several folders have, with the same result. */
  readonly doubled: readonly string[];
}

export interface MergeError {
  readonly code: SweepFolderError["code"] | "sweep-absent" | "parts-contradict";
  readonly message: string;
}

export function mergeSweeps(folders: readonly string[]): Result<MergedSweep, MergeError> {
  let record: SweepRecord | undefined;
  const parts = new Map<string, Json>();
  const doubled = new Set<string>();
  for (const folder of folders) {
    const found = readSweep(folder);
    if (!found.ok) return found;
    if (found.value === undefined) {
      return err({
        code: "sweep-absent",
        message: `Cannot merge "${folder}": it is no folder that simulate --out made`,
      });
    }
    record ??= found.value;
    const problem = differenceOf(found.value, record);
    if (problem !== undefined) {
      return err({ code: "sweep-differs", message: `Cannot merge "${folder}": ${problem}` });
    }
    for (const [key, result] of readParts(folder)) {
      const known = parts.get(key);
      if (known !== undefined) doubled.add(key);
      if (known !== undefined && canonicalJson(known) !== canonicalJson(result)) {
        return err({
          code: "parts-contradict",
          message:
            `Cannot merge "${folder}": got another result of "${key}" than another folder, ` +
            "wanted the same from every machine",
        });
      }
      parts.set(key, result);
    }
  }
  if (record === undefined) {
    return err({ code: "sweep-absent", message: "Cannot merge: no folder is named" });
  }
  const keys = keysOf(record.plan);
  return ok({
    record,
    parts,
    missing: keys.filter((key) => !parts.has(key)),
    doubled: keys.filter((key) => doubled.has(key)),
  });
}
