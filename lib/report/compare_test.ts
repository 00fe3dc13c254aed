import assert from "node:assert/strict";
import { handMadeRun } from "../measure/hand_made_run.ts";
import { summarizeRun, summarizeRuns } from "../measure/summary.ts";
import { compareResults } from "./compare.ts";

Deno.test("compareResults() tells better, worse and no difference, by what is good for a figure", () => {
  const a = resultsOf([10, 11, 12], [100, 101, 102]);
  const b = resultsOf([20, 21, 22], [200, 201, 202]);

  const compared = compareResults(a, b, ["txPerSecond", "blockTimeMs"]);
  assert.deepEqual(
    compared.map(({ metric, verdict, ratio }) => [metric, verdict, ratio.toFixed(2)]),
    [["txPerSecond", "better", "1.91"], ["blockTimeMs", "worse", "1.99"]],
  );
  assert(
    compareResults(a, a, ["txPerSecond"]).every((one) => one.verdict === "no difference found"),
  );
});

Deno.test("compareResults() draws no verdict from single runs and leaves out cells that one side lacks", () => {
  const single = resultsOf([10], [100]);
  assert.equal(compareResults(single, single, ["txPerSecond"])[0]?.verdict, "single runs");
  const other = { ...single, cells: [] };
  assert.deepEqual(compareResults(single, other), []);
});

function resultsOf(throughputs: readonly number[], blockTimes: readonly number[]) {
  const run = summarizeRun(handMadeRun());
  return summarizeRuns(throughputs.map((txPerSecond, repeat) => ({
    ...run,
    repeat,
    metrics: { ...run.metrics, txPerSecond, blockTimeMsMean: blockTimes[repeat] as number },
  })));
}
