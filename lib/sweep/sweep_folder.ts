/**
 * The folder of a sweep: what stands where, and how it is read again.
 *
 * ```
 * DIR/sweep.json      plan, its hash, version: the same in every shard
 * DIR/parts.jsonl     one line a part that is done, as it was done
 * DIR/machine.json    where it ran, and which shard
 * DIR/strategy.ts     one's own strategy, if there was one
 * DIR/figures.json, figures.csv, runs.csv, runs.parquet, *.svg   made of the parts, in the plan's order
 * ```
 *
 * A line is written whole or, when the power goes, not at all: half a line at the end is left out and
 * its part done again.
 *
 * @module
 */
import { join } from "node:path";
import { z } from "zod";
import { parseRecord } from "../parse_record.ts";
import { err, ok, type Result } from "../result.ts";
import { differencesOf, hashOfPlan, type Json, type SweepPlan } from "./sweep_plan.ts";

/** What all shards of one sweep share. */
export interface SweepRecord {
  readonly format: 1;
  readonly planHash: string;
  /** Version and commit: other code may give other results. */
  readonly program: string;
  readonly plan: SweepPlan;
}

export interface SweepFolderError {
  readonly code: "sweep-unreadable" | "sweep-differs" | "sweep-exists";
  readonly message: string;
}

/** The hash of the plan holds what stands in it. */
const recordSchema = z.looseObject({
  format: z.literal(1),
  planHash: z.string(),
  program: z.string(),
  plan: z.looseObject({
    kind: z.enum(["attack", "network", "variants", "fuzz"]),
    choice: z.looseObject({}),
  }),
});
const partSchema = z.looseObject({
  key: z.string(),
  result: z.unknown().refine((result) => result !== undefined, "nothing"),
});

export type Parts = ReadonlyMap<string, Json>;

const RECORD_FILE = "sweep.json";
const PARTS_FILE = "parts.jsonl";

export function sweepRecord(plan: SweepPlan, program: string): SweepRecord {
  // As it is read again: what is not JSON is left out.
  const written: SweepPlan = JSON.parse(JSON.stringify(plan));
  return { format: 1, planHash: hashOfPlan(written), program, plan: written };
}

/** Reads a folder's record; `undefined` where there is none. */
export function readSweep(folder: string): Result<SweepRecord | undefined, SweepFolderError> {
  const path = join(folder, RECORD_FILE);
  const text = readText(path);
  if (text === undefined) return ok(undefined);
  const parsed = parseRecord(text, recordSchema);
  if (!parsed.ok) return unreadable(path, parsed.error);
  const record = parsed.value as unknown as SweepRecord;
  return record.planHash === hashOfPlan(record.plan)
    ? ok(record)
    : unreadable(path, '"planHash": not the hash of the plan');
}

/** Makes a folder for a sweep, or finds that it holds this very one. */
export function openSweep(
  folder: string,
  record: SweepRecord,
  { resumes }: { readonly resumes: boolean },
): Result<Parts, SweepFolderError> {
  const found = readSweep(folder);
  if (!found.ok) return found;
  if (found.value === undefined) {
    Deno.mkdirSync(folder, { recursive: true });
    Deno.writeTextFileSync(join(folder, RECORD_FILE), JSON.stringify(record, null, 2) + "\n");
    return ok(new Map());
  }
  const problem = differenceOf(found.value, record);
  if (problem !== undefined) {
    return err({ code: "sweep-differs", message: `Cannot go on in "${folder}": ${problem}` });
  }
  if (!resumes) {
    return err({
      code: "sweep-exists",
      message:
        `Cannot begin in "${folder}": got a sweep that is there, wanted --resume or another ` +
        "folder",
    });
  }
  return ok(readParts(folder));
}

/** How two sweeps differ, in words; `undefined` when they are the same. */
export function differenceOf(a: SweepRecord, b: SweepRecord): string | undefined {
  if (a.planHash !== b.planHash) {
    const fields = differencesOf(a.plan as unknown as Json, b.plan as unknown as Json)
      .map((path) => path.replace(/^choice\./, ""));
    return `got another plan, which differs in ${fields.join(", ")}`;
  }
  if (a.program !== b.program) {
    return `got results of ${a.program}, wanted those of ${b.program}`;
  }
  return undefined;
}

/** The parts that are done. */
export function readParts(folder: string): Parts {
  const parts = new Map<string, Json>();
  for (const line of readText(join(folder, PARTS_FILE))?.split("\n") ?? []) {
    const part = parseRecord(line, partSchema);
    if (part.ok) parts.set(part.value.key, part.value.result as Json);
  }
  return parts;
}

export function appendPart(folder: string, key: string, result: Json): void {
  const path = join(folder, PARTS_FILE);
  Deno.writeTextFileSync(path, JSON.stringify({ key, result }) + "\n", { append: true });
}

/** Writes the parts anew, in order and without halves: what a merge leaves. */
export function writeParts(folder: string, parts: Parts, keys: readonly string[]): void {
  const lines = keys.flatMap((key) => {
    const result = parts.get(key);
    return result === undefined ? [] : [JSON.stringify({ key, result }) + "\n"];
  });
  Deno.writeTextFileSync(join(folder, PARTS_FILE), lines.join(""));
}

export function writeMachine(folder: string, machine: object): void {
  Deno.writeTextFileSync(join(folder, "machine.json"), JSON.stringify(machine, null, 2) + "\n");
}

function unreadable(path: string, got: string): Result<never, SweepFolderError> {
  return err({
    code: "sweep-unreadable",
    message: `Cannot read "${path}": got ${got}, wanted what simulate --out wrote`,
  });
}

function readText(path: string): string | undefined {
  try {
    return Deno.readTextFileSync(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}
