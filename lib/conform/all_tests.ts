/**
 * Every test of the grader, by code.
 *
 * @module
 */
import type { ConformTest } from "./conform_test.ts";
import { LEVEL_1 } from "./level_1.ts";
import { LEVEL_2 } from "./level_2.ts";
import { LEVEL_3 } from "./level_3.ts";
import { LEVEL_4 } from "./level_4.ts";
import { LEVEL_5 } from "./level_5.ts";
import { LEVEL_6 } from "./level_6.ts";

export const ALL_TESTS: readonly ConformTest[] = [
  ...LEVEL_1,
  ...LEVEL_2,
  ...LEVEL_3,
  ...LEVEL_4,
  ...LEVEL_5,
  ...LEVEL_6,
].toSorted((a, b) => a.code.localeCompare(b.code));
