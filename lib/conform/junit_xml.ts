/**
 * Results as JUnit XML, which every system for continuous integration reads.
 *
 * A suite a level; flaky counts as a failure and says so; what is not applicable is skipped.
 *
 * @module
 */
import { LEVEL_NAMES } from "./conform_test.ts";
import type { RunResult, TestResult } from "./result.ts";

export function junitXml(run: RunResult): string {
  const levels = ([1, 2, 3, 4, 5, 6] as const)
    .map((level) => ({ level, results: run.results.filter((result) => result.level === level) }))
    .filter(({ results }) => results.length > 0);
  const suites = levels.map(({ level, results }) =>
    [
      `  <testsuite name="${escapeXml(`Level ${level}: ${LEVEL_NAMES[level]}`)}" ${
        counts(results)
      } timestamp="${run.startedAt.slice(0, 19)}">`,
      ...results.map((result) => testCase(run, result)),
      "  </testsuite>",
    ].join("\n")
  );
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites name="${escapeXml(`noobcash conform ${run.implementation}`)}" ${
      counts(run.results)
    }>`,
    ...suites,
    "</testsuites>",
    "",
  ].join("\n");
}

function testCase(run: RunResult, result: TestResult): string {
  const { code, title, verdict, reason, failures, runs, failureCode } = result;
  const head = `    <testcase classname="${
    escapeXml(`${run.implementation}.level${result.level}`)
  }" name="${escapeXml(`${code} ${title}`)}" time="${seconds(result)}"`;
  if (verdict === "passed") return `${head}/>`;
  const text = escapeXml(reason ?? "");
  const inside = verdict === "not-applicable"
    ? `<skipped message="${text}"/>`
    : `<failure type="${failureCode}" message="${
      escapeXml(`failed ${failures} of ${runs} runs: `)
    }${text}">${escapeXml(evidence(result))}</failure>`;
  return `${head}>\n      ${inside}\n    </testcase>`;
}

function evidence({ calls, why }: TestResult): string {
  return [
    `Why it is required: ${why}`,
    ...calls.slice(-5).map(({ atMs, node, request, answer }) =>
      `${atMs} ms, node ${node}: ${request}\n  ${answer.slice(0, 400)}`
    ),
  ].join("\n");
}

function counts(results: readonly TestResult[]): string {
  const failed =
    results.filter(({ verdict }) => verdict === "failed" || verdict === "flaky").length;
  const skipped = results.filter(({ verdict }) => verdict === "not-applicable").length;
  const time = results.reduce((sum, { durationMs }) => sum + durationMs, 0) / 1000;
  return `tests="${results.length}" failures="${failed}" errors="0" skipped="${skipped}" time="${
    time.toFixed(3)
  }"`;
}

function seconds({ durationMs }: TestResult): string {
  return (durationMs / 1000).toFixed(3);
}

/** Text for an attribute or an element; characters that XML cannot have become a question mark. */
function escapeXml(text: string): string {
  // deno-lint-ignore no-control-regex
  return text.replaceAll(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, "?")
    .replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll(
      '"',
      "&quot;",
    )
    .replaceAll("\n", "&#10;");
}
