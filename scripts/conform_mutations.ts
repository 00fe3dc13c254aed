/**
 * All faults that `conform_mutants.ts` builds in, by level.
 *
 * @module
 */
import type { ConformMutation } from "./conform_mutation.ts";
import { NOOBCASH_MUTATIONS } from "./conform_mutations_noobcash.ts";
import { PYTHON_MUTATIONS } from "./conform_mutations_python.ts";

export const CONFORM_MUTATIONS: readonly ConformMutation[] = [
  ...NOOBCASH_MUTATIONS,
  ...PYTHON_MUTATIONS,
].toSorted((a, b) => firstTest(a).localeCompare(firstTest(b)));

function firstTest({ tests }: ConformMutation): string {
  return tests[0] as string;
}
