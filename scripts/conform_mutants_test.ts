/**
 * The grader's own test: faults that can be built in, and what the last runs with each of them found
 * (`conform_mutants.ts --write`).
 */
import assert from "node:assert/strict";
import { ALL_TESTS } from "../lib/conform/all_tests.ts";
import { mutationProblems } from "./conform_mutation_problems.ts";
import { CONFORM_MUTATIONS } from "./conform_mutations.ts";

const ROOT = new URL("../", import.meta.url);
const VERDICTS: readonly { name: string; caughtBy: readonly string[] }[] = JSON.parse(
  Deno.readTextFileSync(new URL("docs/conform-mutants.json", ROOT)),
);

Deno.test("every fault can be built in, and every test has one", () => {
  const problems = mutationProblems(
    CONFORM_MUTATIONS,
    (file) => Deno.readTextFileSync(new URL(file, ROOT)),
  );
  assert.deepEqual(problems, []);
});

Deno.test("at least forty faults are of our own program, and all have names of their own", () => {
  const own = CONFORM_MUTATIONS.filter(({ subject }) => subject === "noobcash");
  assert(own.length >= 40, `${own.length}`);
  assert.equal(new Set(CONFORM_MUTATIONS.map(({ name }) => name)).size, CONFORM_MUTATIONS.length);
});

Deno.test("every fault was found by a test that is aimed at it", () => {
  for (const { name, tests } of CONFORM_MUTATIONS) {
    const verdict = VERDICTS.find((one) => one.name === name);
    assert(verdict !== undefined, `${name} was not tried`);
    assert(tests.some((code) => verdict.caughtBy.includes(code)), `${name}: nothing found it`);
  }
});

Deno.test("every test of the grader has found a fault", () => {
  const found = new Set(VERDICTS.flatMap(({ caughtBy }) => caughtBy));
  assert.deepEqual(ALL_TESTS.map(({ code }) => code).filter((code) => !found.has(code)), []);
});
