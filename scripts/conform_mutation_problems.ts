/**
 * What is wrong with a list of faults: a text that is not there once, a test that is none, a test that no
 * fault is aimed at.
 *
 * @module
 */
import { ALL_TESTS } from "../lib/conform/all_tests.ts";
import type { ConformMutation } from "./conform_mutation.ts";

export function mutationProblems(
  mutations: readonly ConformMutation[],
  readText: (file: string) => string,
): readonly string[] {
  const problems: string[] = [];
  for (const { name, edits, tests } of mutations) {
    for (const { file, find } of edits) {
      const count = readText(file).split(find).length - 1;
      if (count !== 1) {
        problems.push(
          `${name}: got its text ${count} times in ${file}, wanted it once: ${find.slice(0, 60)}`,
        );
      }
    }
    for (const code of tests) {
      if (!ALL_TESTS.some((test) => test.code === code)) {
        problems.push(`${name}: there is no test ${code}`);
      }
    }
  }
  const aimed = new Set(mutations.flatMap(({ tests }) => tests));
  for (const { code } of ALL_TESTS) {
    if (!aimed.has(code)) problems.push(`no fault is aimed at ${code}`);
  }
  return problems;
}
