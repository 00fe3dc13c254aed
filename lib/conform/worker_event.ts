/**
 * What the grader's two halves say to each other.
 *
 * @module
 */
import type { Adapter } from "./adapter_schema.ts";
import type { TestResult } from "./result.ts";
import type { SandboxMode } from "./sandbox.ts";

/** What the outer half wants done, one line on the worker's stdin. */
export interface WorkerJob {
  readonly kind: "suite" | "check";
  readonly adapter: Adapter;
  readonly home: string;
  readonly root: string;
  readonly mode: SandboxMode;
  readonly job: number;
  readonly codes: readonly string[];
  readonly seed: number;
  readonly runs: number;
}

/** What the worker tells, a line each on its stdout. */
export type WorkerEvent =
  | { readonly event: "test"; readonly code: string; readonly run: number }
  | { readonly event: "result"; readonly result: TestResult }
  | {
    readonly event: "check";
    readonly operation: string;
    readonly request: string;
    readonly answer: string;
    readonly value: string;
    readonly ok: boolean;
  }
  | { readonly event: "trouble"; readonly code: string; readonly message: string }
  | { readonly event: "done" };
