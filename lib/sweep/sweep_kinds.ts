/**
 * The kinds of sweeps: which parts a plan has, and how one is run.
 *
 * @module
 */
import type { Strategy } from "../attack/strategy.ts";
import { unreachable } from "../result.ts";
import { attackKeys, runAttackPart } from "./attack_sweep.ts";
import { fuzzKeys, runFuzzPart } from "./fuzz_sweep.ts";
import { networkKeys, runNetworkPart } from "./network_sweep.ts";
import { runVariantPart, variantKeys } from "./variant_sweep.ts";
import type { Json, SweepPlan } from "./sweep_plan.ts";

/** The keys of all parts, in the order in which results are shown. */
export function keysOf(plan: SweepPlan): readonly string[] {
  switch (plan.kind) {
    case "attack":
      return attackKeys(plan.choice);
    case "network":
      return networkKeys(plan.choice);
    case "variants":
      return variantKeys(plan.choice);
    case "fuzz":
      return fuzzKeys(plan.choice);
    default:
      return unreachable(plan);
  }
}

/** The hash of one's own strategy, where a plan names one. */
export function strategyHashOf(plan: SweepPlan): string | null {
  return plan.kind === "attack" ? plan.choice.strategySha256 : null;
}

/** Runs one part, here and now. */
export function runPart(plan: SweepPlan, key: string, strategy: Strategy | undefined): Json {
  return JSON.parse(JSON.stringify(resultOf(plan, key, strategy)));
}

function resultOf(plan: SweepPlan, key: string, strategy: Strategy | undefined): unknown {
  switch (plan.kind) {
    case "attack":
      return runAttackPart(plan.choice, key, strategy);
    case "network":
      return runNetworkPart(plan.choice, key);
    case "variants":
      return runVariantPart(plan.choice, key);
    case "fuzz":
      return runFuzzPart(plan.choice, key);
    default:
      return unreachable(plan);
  }
}
