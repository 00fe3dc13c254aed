import assert from "node:assert/strict";
import { handMadeRun } from "../measure/hand_made_run.ts";
import { summarizeRun, summarizeRuns } from "../measure/summary.ts";
import { type Conclusion, drawConclusions } from "./conclusions.ts";

Deno.test("drawConclusions() finds an effect that lies outside the error", () => {
  const conclusion = capacityEffect([100, 101, 99], [1000, 990, 1010]);
  assert(conclusion);
  assert.equal(conclusion.verdict, "yes");
  assert.match(conclusion.evidence[0] ?? "", /capacity 1 to 10: 100 to 1,000 tx\/s \(× 10\)/);
  assert.match(conclusion.evidence[0] ?? "", /outside the error, p < 0.001/);
});

Deno.test("drawConclusions() says no to an effect that is the other way round or is not there", () => {
  assert.equal(capacityEffect([100, 101, 99], [10, 11, 9])?.verdict, "no");
  assert.equal(capacityEffect([100, 101, 99], [100, 99, 101])?.verdict, "no");
});

Deno.test("drawConclusions() leaves open what the spread cannot decide, and does not ask single runs", () => {
  assert.equal(capacityEffect([100, 200, 50], [150, 300, 90])?.verdict, "undecided");
  assert.equal(capacityEffect([100], [1000]), undefined);
  assert.equal(capacityEffect([100, 101], [1000]), undefined);
});

Deno.test("drawConclusions() says where the hash rate puts a published value out of reach", () => {
  const run = summarizeRun(handMadeRun());
  const cell = { nodes: 5, capacity: 1, difficulty: 4 };
  const metrics = { ...run.metrics, txPerSecond: 3.5, hashRateMeasured: 250_000 };
  const runs = [0, 1, 2].map((repeat) => ({ ...run, cell, repeat, metrics }));
  const published = find(runs, "Is throughput above the best published");

  // 250,000 / 16^4 = 3.81 tx/s at most; the best published value is 5.6.
  assert.equal(published.verdict, "undecided");
  assert.match(published.evidence[0] ?? "", /best published 5.6.*out of reach here: at 3.81 tx\/s/);
});

Deno.test("drawConclusions() compares with published values where the hash rate allows them", () => {
  const run = summarizeRun(handMadeRun());
  const cell = { nodes: 5, capacity: 1, difficulty: 4 };
  const verdictAt = (txPerSecond: number) => {
    const metrics = { ...run.metrics, txPerSecond, hashRateMeasured: 5_000_000 };
    const runs = [0, 1].map((repeat) => ({ ...run, cell, repeat, metrics }));
    return find(runs, "Is throughput above the best published").verdict;
  };
  assert.equal(verdictAt(60), "yes");
  assert.equal(verdictAt(3.5), "no");
});

Deno.test("drawConclusions() gives a single run the chance of its blocks", () => {
  const run = summarizeRun(handMadeRun());
  const cell = { nodes: 5, capacity: 10, difficulty: 5 };
  const verdictAt = (txPerSecond: number, blocks: number) => {
    const metrics = { ...run.metrics, txPerSecond, blocks, hashRateMeasured: 5_000_000 };
    return find([{ ...run, cell, metrics }], "Is throughput above the best published").verdict;
  };

  // The best published value is 1.8. Of 100 blocks 1.96 / sqrt(100) = 19.6 % are chance.
  assert.equal(verdictAt(2.2, 100), "undecided");
  assert.equal(verdictAt(2.3, 100), "yes");
  assert.equal(verdictAt(2.2, 400), "yes");
  assert.equal(verdictAt(1.4, 100), "no");
});

Deno.test("E04 drawConclusions() sees hash rates that do not agree", () => {
  const run = summarizeRun(handMadeRun());
  const verdictOf = (sigmas: readonly number[]) => {
    const runs = sigmas.map((hashRateSigmas) => ({
      ...run,
      metrics: { ...run.metrics, hashRateSigmas },
    }));
    return find(runs, "Do the blocks found agree").verdict;
  };
  assert.equal(verdictOf([-2.2, 1.5, 0.3]), "yes");
  assert.equal(verdictOf([-0.5, 4.2, 0.3]), "no");

  // One of sixty may lie at 3.4, one of three may not; all of them a little to one side is no chance.
  const around = Array.from({ length: 59 }, (_, index) => index % 2 === 0 ? 0.9 : -0.9);
  assert.equal(verdictOf([...around, 3.4]), "yes");
  assert.equal(verdictOf([0.9, -0.9, 3.4]), "no");
  assert.equal(verdictOf(around.map(() => 0.9)), "no");
});

function capacityEffect(
  low: readonly number[],
  high: readonly number[],
): Conclusion | undefined {
  const run = summarizeRun(handMadeRun());
  const runsOf = (values: readonly number[], capacity: number) =>
    values.map((txPerSecond, repeat) => ({
      ...run,
      repeat,
      cell: { ...run.cell, capacity },
      metrics: { ...run.metrics, txPerSecond },
    }));
  return drawConclusions(summarizeRuns([...runsOf(low, 1), ...runsOf(high, 10)]))
    .find(({ question }) => question === "Does a larger capacity raise throughput?");
}

function find(
  runs: readonly ReturnType<typeof summarizeRun>[],
  question: string,
): Conclusion {
  const found = drawConclusions(summarizeRuns(runs))
    .find((conclusion) => conclusion.question.startsWith(question));
  assert(found);
  return found;
}
