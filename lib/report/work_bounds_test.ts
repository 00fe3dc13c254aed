import assert from "node:assert/strict";
import { handMadeRun } from "../measure/hand_made_run.ts";
import type { RunData } from "../measure/run_record.ts";
import { summarizeRun, summarizeRuns } from "../measure/summary.ts";
import { boundsOf } from "./work_bounds.ts";

function bounds(run: RunData) {
  const [cell] = summarizeRuns([summarizeRun(run)]).cells;
  assert(cell);
  return boundsOf(cell);
}

Deno.test("boundsOf() takes 16^d hashes a block, and where they are adjusted what the blocks took", () => {
  const data = handMadeRun();

  // 200 H/s, 16 hashes a block, two transactions in each.
  assert.deepEqual(bounds(data), { hashRate: 200, blockTimeMs: 80, txPerSecond: 25 });

  // Each of the four took 32.
  const rules = { difficultyAdjustment: "window" } as const;
  const run = { ...data.run, network: { ...data.run.network, rules } };
  const blocks = data.blocks.map((block) => ({ ...block, work: 32 }));
  assert.deepEqual(bounds({ ...data, run, blocks }), {
    hashRate: 200,
    blockTimeMs: 160,
    txPerSecond: 12.5,
  });
  assert.equal(bounds({ ...data, run }), null);
});
