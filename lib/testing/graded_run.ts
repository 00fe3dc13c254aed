/**
 * A grader's run as it is written down, made by hand: for what reads, weighs or shows one.
 *
 * @module
 */
import type { RunResult, TestResult, Verdict } from "../conform/result.ts";

/** What became of one test; a bad one has a call and a line of a log. */
export function gradedResult(
  code: string,
  verdict: Verdict,
  more: Partial<TestResult> = {},
): TestResult {
  const isBad = verdict === "failed" || verdict === "flaky";
  return {
    code,
    level: 1,
    title: `test ${code}`,
    why: "because",
    basis: "assignment",
    points: 4,
    verdict,
    reason: isBad ? 'got <script>alert("x")</script>' : null,
    failureCode: isBad ? "wrong-answer" : null,
    runs: isBad ? 3 : 1,
    failures: verdict === "failed" ? 3 : verdict === "flaky" ? 1 : 0,
    startedAt: "2026-01-02T03:04:05.000Z",
    durationMs: 1500,
    failedAtMs: isBad ? 700 : null,
    notes: [],
    calls: isBad
      ? [{
        atMs: 1,
        node: 0,
        operation: "pay",
        request: "POST /pay\n<b>",
        answer: "HTTP 200 \u0000 </pre>",
        durationMs: 2,
      }]
      : [],
    logs: isBad ? ["node <says>"] : [],
    ...more,
  };
}

export function gradedRun(implementation: string, results: readonly TestResult[]): RunResult {
  return {
    format: 1,
    implementation,
    adapterSha256: "ab".repeat(32),
    seed: 1,
    program: "noobcash 0",
    sandbox: "none",
    startedAt: "2026-01-02T03:04:05.000Z",
    durationMs: 60_000,
    command: "noobcash conform --adapter a.yaml",
    results,
  };
}
