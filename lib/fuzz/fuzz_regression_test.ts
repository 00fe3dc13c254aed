/**
 * Bugs that the fuzzer has found, each as the shrunk plan that showed it. Plans are kept whole, not as
 * seeds: what a seed draws may change.
 */
import assert from "node:assert/strict";
import { DEFAULT_PARAMS } from "../params.ts";
import type { FuzzPlan } from "./fuzz_plan.ts";
import { runFuzz } from "./fuzz_run.ts";

const REGRESSIONS: readonly (readonly [file: string, bug: string])[] = [
  [
    "restored_pool_order",
    "seed 3: a reorganisation put a parent behind its child in the store; the child was lost at the " +
    "next start",
  ],
  [
    "merged_changes",
    "seed 22: a turn that connected a block and took it off again told the store to disconnect what it " +
    "never had",
  ],
  [
    "failed_and_alive",
    "seed 86: a payment that came back into the pool stood in the list of failed ones, too",
  ],
  [
    "unvouched_block",
    "seed 3077: a node handed on a side block that it had never connected, and was charged with what " +
    "its forger had done",
  ],
  [
    "short_median",
    "seed 201261: a header's time was judged by the median of too few blocks, and an honest peer was " +
    "charged",
  ],
  [
    "two_future_branches",
    "seed 6100: a clock that was set back put one branch of the future aside, and left the other one",
  ],
  [
    "future_side_branch",
    "seed 33000255: while branches of the future were put aside a lighter one won for a moment, and a " +
    "payment that it rules out was called failed for nothing",
  ],
];

for (const [file, bug] of REGRESSIONS) {
  Deno.test(`regression, ${bug}`, () => {
    const { violation } = runFuzz(readPlan(file));
    assert.equal(violation, undefined);
  });
}

function readPlan(file: string): FuzzPlan {
  const url = new URL(`./testdata/regressions/${file}.json`, import.meta.url);
  const { plan } = JSON.parse(Deno.readTextFileSync(url));
  // JSON writes Infinity as null: a node that is started by hand.
  const nodes = plan.nodes.map((node: FuzzPlan["nodes"][number]) => ({
    ...node,
    startAtMs: node.startAtMs ?? Infinity,
  }));
  // A plan is as old as its bug: it lacks the parameters that came later.
  return { ...plan, params: { ...DEFAULT_PARAMS, ...plan.params }, nodes };
}
