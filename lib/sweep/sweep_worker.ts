/**
 * The worker of a sweep: takes a plan, then one key after the other, and answers each with its result.
 *
 * @module
 */
/// <reference no-default-lib="true" />
/// <reference lib="deno.worker" />
import type { Strategy } from "../attack/strategy.ts";
import { loadStrategy } from "./load_strategy.ts";
import { runPart } from "./sweep_kinds.ts";
import type { Json, SweepPlan } from "./sweep_plan.ts";

/** The first order names the plan, each further one a part. */
export type SweepOrder =
  | { readonly type: "begin"; readonly plan: SweepPlan; readonly strategyUrl: string | undefined }
  | { readonly type: "run"; readonly key: string };

export type SweepAnswer =
  | { readonly type: "ready" }
  | { readonly type: "done"; readonly key: string; readonly result: Json }
  | { readonly type: "failed"; readonly message: string };

let plan: SweepPlan | undefined;
let strategy: Strategy | undefined;

self.onmessage = async ({ data }: MessageEvent<SweepOrder>) => {
  try {
    self.postMessage(await obey(data));
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    self.postMessage({ type: "failed", message } satisfies SweepAnswer);
  }
};

async function obey(order: SweepOrder): Promise<SweepAnswer> {
  if (order.type === "begin") {
    plan = order.plan;
    if (order.strategyUrl !== undefined) {
      const loaded = await loadStrategy(order.strategyUrl);
      if (!loaded.ok) throw new Error(loaded.error.message);
      strategy = loaded.value;
    }
    return { type: "ready" };
  }
  if (plan === undefined) throw new Error("Cannot run a part: its plan has not come before it");
  return { type: "done", key: order.key, result: runPart(plan, order.key, strategy) };
}
