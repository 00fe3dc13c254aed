import assert from "node:assert/strict";
import { handMadeRun } from "../measure/hand_made_run.ts";
import { summarizeRun, summarizeRuns } from "../measure/summary.ts";
import { compareResults } from "./compare.ts";
import { comparisonOf } from "./compare_table.ts";
import { progressText, runText } from "./run_progress.ts";
import { reportTexts } from "./texts.ts";

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

Deno.test("comparisonOf() and the lines of progress leave no word in English to a Greek reader", () => {
  const text = reportTexts("el");
  const figures = compareResults(resultsOf([10, 11], [5, 6]), resultsOf([20, 21], [5, 7]));
  const { head, rows } = comparisonOf(figures, text);
  assert(rows.length > 0);
  const state = {
    run: handMadeRun().run,
    doneRuns: 0,
    totalRuns: 2,
    done: 1,
    total: 4,
    leftMs: 9e4,
  };
  const said = [
    ...head,
    ...rows.flatMap((row) => row.slice(1)),
    progressText(state, text),
    runText(handMadeRun(), text),
  ];
  for (const each of said) {
    assert.doesNotMatch(each.replace(/bytes|tx\/s|p\d\d/g, ""), /[a-z]{3}/i, each);
  }
});
