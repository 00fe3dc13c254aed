/** What becomes of a run: points, JUnit XML, a score sheet, a class's table. */
import assert from "node:assert/strict";
import { commonFailures, compareCsv, compareRuns } from "./compare_runs.ts";
import { noobcashAdapter } from "./adapters/noobcash_adapter.ts";
import { ALL_TESTS } from "./all_tests.ts";
import { changeField, fieldOf } from "./field_path.ts";
import { junitXml } from "./junit_xml.ts";
import { readResult } from "./read_result.ts";
import { paymentsIn } from "./chain_payments.ts";
import { blockView } from "./normalise.ts";
import { gradedResult, gradedRun } from "../testing/graded_run.ts";
import { readAdapter } from "./read_adapter.ts";
import { NotApplicable } from "./trouble.ts";
import { inGroups } from "./run_suite.ts";
import { scoreOf, unknownCodes, weightsSchema } from "./score.ts";
import { scoreSheetHtml } from "./score_sheet.ts";
import { fill, fillJson, TemplateError } from "./template.ts";

const MIXED = gradedRun("team", [
  gradedResult("L101", "passed"),
  gradedResult("L102", "failed"),
  gradedResult("L103", "flaky"),
  gradedResult("L104", "not-applicable", { basis: "beyond the assignment", runs: 0 }),
]);

Deno.test("scoreOf() gives a flaky test its share, and what is not applicable nothing", () => {
  const score = scoreOf(MIXED.results);
  assert.equal(score.possible, 16);
  assert.equal(score.notApplicable, 4);
  assert.ok(Math.abs(score.earned - (4 + 4 * 2 / 3)) < 1e-9);
});

Deno.test("scoreOf() weighs levels, tests and what the assignment does not say", () => {
  assert.equal(
    scoreOf(MIXED.results, { levels: { "1": 2 }, tests: { L101: 3 } }).levels[0]?.possible,
    48,
  );
  assert.equal(scoreOf(MIXED.results, { beyondTheAssignment: 0 }).possible, 12);
  assert.equal(scoreOf(MIXED.results, { notApplicable: "left-out" }).possible, 12);
  assert.equal(weightsSchema.safeParse({ level: {} }).success, false);
  assert.deepEqual(unknownCodes({ tests: { L199: 1, L101: 1 } }), ["L199"]);
});

Deno.test("junitXml() counts, and lets nothing out of its quotes", () => {
  const xml = junitXml(MIXED);
  assert.match(
    xml,
    /<testsuites name="noobcash conform team" tests="4" failures="2" errors="0" skipped="1"/,
  );
  assert.doesNotMatch(xml, /<script>/);
  // deno-lint-ignore no-control-regex
  assert.doesNotMatch(xml, /[\u0000-\u0008]/);
});

Deno.test("scoreSheetHtml() shows what failed word by word, and runs none of it", () => {
  const html = scoreSheetHtml(MIXED, {});
  assert.match(html, /POST \/pay\n&lt;b&gt;/);
  assert.match(html, /--only L102/);
  assert.match(html, /flaky: failed 1 of 3 runs/);
  assert.doesNotMatch(html, /<script|https?:\/\//);
});

Deno.test("compareRuns() puts the best first; CSV is safe for a spreadsheet", () => {
  const other = gradedRun("=2+3", [gradedResult("L101", "passed"), gradedResult("L102", "passed")]);
  const runs = [{ name: "a", run: MIXED }, { name: "b", run: other }];
  assert.deepEqual(compareRuns(runs, {}).map(({ name }) => name), ["b", "a"]);
  assert.deepEqual(commonFailures(runs).map(({ code, count }) => [code, count]), [["L102", 1], [
    "L103",
    1,
  ]]);
  const [head, first] = compareCsv(runs, {}).split("\r\n");
  assert.match(head ?? "", /^run,implementation,seed,earned,possible,not_applicable,level_1/);
  assert.match(first ?? "", /^b,'=2\+3,1,8,8,0,8/);
});

Deno.test("templates are filled, keep numbers, and never become nothing in silence", () => {
  assert.equal(fill("-p {{port}}", { port: 5 }), "-p 5");
  assert.throws(() => fill("{{port}}", {}), TemplateError);
  assert.deepEqual(fillJson({ a: "{{amount}}", b: "x{{to}}" }, { amount: "1.5", to: 2 }), {
    a: 1.5,
    b: "x2",
  });
  assert.deepEqual(fillJson({ a: "{{amount}}" }, { amount: "abc" }), { a: "abc" });
});

Deno.test("changeField() changes a copy at one place", () => {
  const value = { outputs: [{ amount: 3 }] };
  assert.deepEqual(changeField(value, "outputs[0].amount", 4), { outputs: [{ amount: 4 }] });
  assert.equal(fieldOf(value, "outputs[0].amount"), 3);
  assert.deepEqual(changeField(value, "inputs[0].amount", 4), value);
});

Deno.test("every test has a code of its own level, points and a reason", () => {
  const codes = ALL_TESTS.map(({ code }) => code);
  assert.equal(new Set(codes).size, codes.length);
  for (const { code, level, points, why, title } of ALL_TESTS) {
    assert.equal(code[1], String(level));
    assert.ok(points > 0 && why.length > 10 && title.length > 10, code);
  }
  assert.equal(inGroups(ALL_TESTS).length, ALL_TESTS.length);
});

Deno.test("blockView() takes genesis' wallet 0 for nobody, and another block's 0 for node 0", () => {
  const view = (height: number) =>
    blockView(
      { height, transactions: [{ sender: "0", receiver: "1", amount: 400 }] },
      height,
      Number,
    );
  assert.equal(view(0).transactions[0]?.sender, undefined);
  assert.equal(view(1).transactions[0]?.sender, 0);
});

Deno.test("readResult() reads what was written, and what --json prints", () => {
  assert.deepEqual(readResult(JSON.stringify(MIXED)), { ok: true, value: MIXED });
  const printed = JSON.stringify({ ...MIXED, score: scoreOf(MIXED.results) });
  assert.deepEqual(readResult(printed), { ok: true, value: MIXED });
});

Deno.test("paymentsIn() judges nothing where nobody can tell whose the wallets are", () => {
  const read = readAdapter(noobcashAdapter());
  assert(read.ok);
  const { address, ...operations } = read.value.operations;
  const { parameters } = read.value;
  assert(address !== undefined);
  const block = (height: number, sender: string, receiver: string) =>
    blockView(
      { height, transactions: [{ sender, receiver, amount: 3 }] },
      height,
      (wallet) => /^[0-9]$/.test(String(wallet)) ? Number(wallet) : undefined,
    );
  // Genesis names nobody and an unknown wallet in every implementation with addresses.
  const byIds = [block(0, "0", "04ab"), block(1, "1", "2")];
  const byAddresses = [block(0, "0", "04ab"), block(1, "04ab", "04cd")];
  assert.deepEqual(paymentsIn(byIds, { operations, parameters }).map(({ key }) => key), [
    "node 1 → node 2: 3",
  ]);
  assert.throws(() => paymentsIn(byAddresses, { operations, parameters }), NotApplicable);
  assert.deepEqual(
    paymentsIn(byAddresses, { operations: { ...operations, address }, parameters }),
    [],
  );
});

Deno.test("readResult() says what a file is that no run wrote", () => {
  const [first = gradedResult("L101", "passed")] = MIXED.results;
  const cases: readonly (readonly [RegExp, unknown])[] = [
    [/of another kind/, []],
    [/format 2, this program reads 1/, { ...MIXED, format: 2 }],
    [/of another kind/, {}],
    [/results\.0\.verdict: /, { ...MIXED, results: [{ ...first, verdict: "great" }] }],
    [/results\.0\.points: /, { ...MIXED, results: [{ ...first, points: 1e9 }] }],
    [/does not follow from the runs/, { ...MIXED, results: [{ ...first, failures: 1 }] }],
    [/of another level/, { ...MIXED, results: [{ ...first, level: 2 }] }],
    [/there twice/, { ...MIXED, results: [first, first] }],
    [/bonus/, { ...MIXED, bonus: 5 }],
    [/results\.0\.title: .*; \d+ more/, {
      ...MIXED,
      results: Array.from({ length: 5 }, () => ({})),
    }],
  ];
  for (const [wanted, value] of cases) {
    const read = readResult(JSON.stringify(value));
    assert(!read.ok);
    assert.match(read.error, wanted);
  }
  const cut = readResult(JSON.stringify(MIXED).slice(0, -200));
  assert(!cut.ok);
  assert.match(cut.error, /no whole JSON/);
});
