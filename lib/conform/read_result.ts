/**
 * Reads a `results.json` again, as a stranger's: it may be of another version, cut off, or made by hand.
 *
 * @module
 */
import { z } from "zod";
import { err, ok, type Result } from "../result.ts";
import type { RunResult } from "./result.ts";
import { TROUBLE_CODES } from "./trouble.ts";

/** The evidence of a whole bank that failed takes a few megabytes. */
export const RESULT_BYTES_MAX = 256 * 1024 * 1024;
const FORMAT = 1;
const PROBLEMS_SHOWN = 3;
const RESULTS_MAX = 1_000;

const text = z.string();
const count = z.int().min(0);
/** A clock may have been set back meanwhile. */
const duration = z.number();

const callSchema = z.strictObject({
  atMs: duration,
  node: count,
  operation: text,
  request: text,
  answer: text,
  durationMs: duration,
});

const resultSchema = z.strictObject({
  code: z.string().regex(/^L[1-6][0-9]{2}$/),
  level: z.literal([1, 2, 3, 4, 5, 6]),
  title: text,
  why: text,
  basis: z.enum(["assignment", "beyond the assignment"]),
  points: z.number().min(0).max(100),
  verdict: z.enum(["passed", "failed", "flaky", "not-applicable"]),
  reason: text.nullable(),
  failureCode: z.enum([...TROUBLE_CODES, "wrong-answer"]).nullable(),
  runs: count,
  failures: count,
  startedAt: text,
  durationMs: duration,
  failedAtMs: duration.nullable(),
  notes: z.array(text),
  calls: z.array(callSchema),
  logs: z.array(text),
})
  .refine(({ code, level }) => code[1] === String(level), "the code is of another level")
  .refine(
    ({ verdict, runs, failures }) =>
      failures === 0
        ? verdict === "not-applicable" || (verdict === "passed" && runs > 0)
        : verdict === (failures === runs ? "failed" : "flaky") && failures <= runs,
    "the verdict does not follow from the runs",
  );

const runSchema = z.strictObject({
  format: z.literal(FORMAT),
  implementation: text,
  adapterSha256: z.string().regex(/^[0-9a-f]{64}$/),
  seed: count,
  program: text,
  sandbox: text,
  startedAt: text,
  durationMs: duration,
  command: text,
  results: z.array(resultSchema).max(RESULTS_MAX),
  /** What `--json` prints has it, too; points are always counted anew. */
  score: z.unknown().optional(),
}).refine(
  ({ results }) => new Set(results.map(({ code }) => code)).size === results.length,
  "a test is there twice",
);

/** Reads a result's text; the error says what it is instead. */
export function readResult(written: string): Result<RunResult, string> {
  let value: unknown;
  try {
    value = JSON.parse(written);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    return err(`got no whole JSON (${error.message})`);
  }
  const format = z.looseObject({ format: z.unknown() }).safeParse(value);
  if (!format.success) return err("got JSON of another kind");
  if (format.data.format !== FORMAT) {
    return err(
      `got format ${JSON.stringify(format.data.format) ?? "none"}, this program reads ${FORMAT}`,
    );
  }
  const read = runSchema.safeParse(value);
  if (!read.success) {
    const problems = read.error.issues.map(({ path, message }) =>
      path.length === 0 ? message : `${path.join(".")}: ${message}`
    );
    const more = problems.length - PROBLEMS_SHOWN;
    return err(
      `got ${problems.slice(0, PROBLEMS_SHOWN).join("; ")}${more > 0 ? `; ${more} more` : ""}`,
    );
  }
  const { score: _, ...run } = read.data;
  return ok(run);
}
