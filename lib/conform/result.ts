/**
 * The result of a test, and of a whole run.
 *
 * @module
 */
import type { CallRecord } from "./call.ts";
import type { ConformTest, Level } from "./conform_test.ts";
import type { TroubleCode } from "./trouble.ts";

/** `flaky`: failed, but not every time. `not-applicable` is never a pass. */
export type Verdict = "passed" | "failed" | "flaky" | "not-applicable";

export interface TestResult {
  readonly code: string;
  readonly level: Level;
  readonly title: string;
  readonly why: string;
  readonly basis: ConformTest["basis"];
  readonly points: number;
  readonly verdict: Verdict;
  /** Why it failed, or why it was not applicable. */
  readonly reason: string | null;
  /** `wrong-answer`, or how the implementation failed to be there at all. */
  readonly failureCode: TroubleCode | "wrong-answer" | null;
  readonly runs: number;
  readonly failures: number;
  readonly startedAt: string;
  readonly durationMs: number;
  /** When the first failing run failed, after its beginning. */
  readonly failedAtMs: number | null;
  readonly notes: readonly string[];
  /** Of the first failing run: what was asked and answered, word by word, the newest at the end. */
  readonly calls: readonly CallRecord[];
  /** Of the first failing run: the end of what each node wrote. */
  readonly logs: readonly string[];
}

export interface RunResult {
  /** The version of this format. */
  readonly format: 1;
  readonly implementation: string;
  readonly adapterSha256: string;
  readonly seed: number;
  readonly program: string;
  readonly sandbox: string;
  readonly startedAt: string;
  readonly durationMs: number;
  /** What runs this again, all of it. */
  readonly command: string;
  readonly results: readonly TestResult[];
}
