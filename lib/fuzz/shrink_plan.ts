/**
 * Makes a failing plan small: the shortest prefix, then the fewest happenings that still break the same
 * rule.
 *
 * Works by leaving out (Zeller and Hildebrandt 2002, "ddmin"): ever smaller parts of the list are taken
 * away for as long as the rule still breaks. Random streams are split by purpose, so what is left happens
 * as it did.
 *
 * @module
 */
import type { FuzzPlan, Happening } from "./fuzz_plan.ts";
import { runFuzz } from "./fuzz_run.ts";

/** How many runs a shrinking may take. */
export const SHRINK_RUNS_MAX = 300;

export interface ShrunkPlan {
  readonly plan: FuzzPlan;
  /** Places in the full plan's list of what is left. */
  readonly kept: readonly number[];
  readonly runCount: number;
}

/** @param rule the rule that the plan breaks */
export function shrinkPlan(full: FuzzPlan, rule: string): ShrunkPlan {
  let runCount = 0;
  const breaks = (plan: FuzzPlan) => {
    runCount++;
    const { violation, atMs } = runFuzz(plan);
    return violation?.rule === rule ? atMs : undefined;
  };

  // Nothing that comes after the violation has a part in it.
  let plan = full;
  const firstMs = breaks(full);
  if (firstMs !== undefined && firstMs < full.horizonMs) {
    plan = { ...full, happenings: full.happenings.filter(({ atMs }) => atMs <= firstMs) };
  }

  let parts = 2;
  while (plan.happenings.length > 0 && runCount < SHRINK_RUNS_MAX) {
    const { happenings } = plan;
    const size = Math.ceil(happenings.length / parts);
    let smaller: FuzzPlan | undefined;
    for (let start = 0; start < happenings.length && runCount < SHRINK_RUNS_MAX; start += size) {
      const rest = [...happenings.slice(0, start), ...happenings.slice(start + size)];
      if (breaks({ ...plan, happenings: rest }) === undefined) continue;
      smaller = { ...plan, happenings: rest };
      break;
    }
    if (smaller !== undefined) {
      plan = smaller;
      parts = Math.max(2, parts - 1);
    } else if (size === 1) {
      break;
    } else {
      parts = Math.min(happenings.length, 2 * parts);
    }
  }
  return { plan, kept: placesOf(full, plan.happenings), runCount };
}

/** A plan with only some of its happenings. */
export function keepHappenings(plan: FuzzPlan, kept: readonly number[]): FuzzPlan {
  const chosen = new Set(kept);
  return { ...plan, happenings: plan.happenings.filter((_, index) => chosen.has(index)) };
}

function placesOf({ happenings }: FuzzPlan, kept: readonly Happening[]): number[] {
  const chosen = new Set(kept);
  return happenings.flatMap((happening, index) => chosen.has(happening) ? [index] : []);
}
