import assert from "node:assert/strict";
import { withNodeProcesses } from "../../lib/testing/spawned_node.ts";
import { runCrashCycles } from "./crash_cycles.ts";

Deno.test("R01 M06 ten cycles of kill -9 under load: nothing lost, nothing doubled, one tip", async () => {
  await withNodeProcesses(async (processes) => {
    const options = { nodes: 5, cycles: 10, seed: 1, report: () => {} };
    const report = await runCrashCycles(processes, options);
    assert(report.kills >= 10);
    assert(report.killsInsideCommits > 0);
    assert(report.acknowledged > 0);
    assert.equal(report.supply, 500);
  });
});
