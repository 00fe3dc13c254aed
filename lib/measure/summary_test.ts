import assert from "node:assert/strict";
import { handMadeRun } from "./hand_made_run.ts";
import { formatCsv, summarizeRun, summarizeRuns } from "./summary.ts";

Deno.test("E05 summarizeRuns() never averages an invalid run in", () => {
  const valid = summarizeRun(handMadeRun());
  const other = {
    ...valid,
    repeat: 1,
    invalid: [{ code: "not-converged", text: "Two tips" }],
    metrics: { ...valid.metrics, txPerSecond: 1e9 },
  };
  const { cells, runs } = summarizeRuns([valid, other]);

  assert.equal(runs.length, 2);
  assert.deepEqual([cells[0]?.validRuns, cells[0]?.invalidRuns], [1, 1]);
  assert.deepEqual(cells[0]?.metrics.txPerSecond, {
    mean: 1.5,
    deviation: 0,
    halfWidth: null,
    values: [1.5],
  });
});

Deno.test("summarizeRuns() gives mean, deviation and confidence interval worked out by hand", () => {
  const run = summarizeRun(handMadeRun());
  const runs = [1, 2, 6].map((txPerSecond, repeat) => ({
    ...run,
    repeat,
    metrics: { ...run.metrics, txPerSecond },
  }));
  const summary = summarizeRuns(runs).cells[0]?.metrics.txPerSecond;

  // Deviations -2, -1, 3: variance 14 / 2 = 7; half width 4.3027 · sqrt(7 / 3).
  assert(summary);
  assert.equal(summary.mean, 3);
  assert(Math.abs(summary.deviation - Math.sqrt(7)) < 1e-12);
  assert(Math.abs((summary.halfWidth ?? 0) - 4.3027 * Math.sqrt(7 / 3)) < 1e-9);
});

Deno.test("summarizeRuns() keeps cells apart", () => {
  const run = summarizeRun(handMadeRun());
  const { cells } = summarizeRuns([run, { ...run, cell: { ...run.cell, capacity: 5 } }]);
  assert.deepEqual(cells.map(({ cell }) => cell.capacity), [2, 5]);
});

Deno.test("formatCsv() writes a row per cell and figure", () => {
  const lines = formatCsv(summarizeRuns([summarizeRun(handMadeRun())])).trimEnd().split("\n");
  assert.equal(
    lines[0],
    "nodes,capacity,difficulty,metric,unit,mean,deviation,half_width_95,valid_runs",
  );
  assert.equal(lines[1], "2,2,1,txPerSecond,tx/s,1.5,0,,1");
  assert(lines.every((line) => line.split(",").length === 9));
});
