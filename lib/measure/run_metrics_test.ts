import assert from "node:assert/strict";
import { computeMetrics } from "./run_metrics.ts";
import { handMadeRun } from "./hand_made_run.ts";

Deno.test("E01 computeMetrics() counts confirmed workload transactions from first submit to last confirm", () => {
  const metrics = computeMetrics(handMadeRun());

  // Four lines accepted, three of them on every node at the end; first submit at 1000, last confirm at 3000.
  assert.deepEqual(
    [metrics.offered, metrics.accepted, metrics.confirmed, metrics.rejected],
    [5, 4, 3, { "insufficient-funds": 1 }],
  );
  assert.equal(metrics.seconds, 2);
  assert.equal(metrics.txPerSecond, 1.5);
});

Deno.test("E02 computeMetrics() takes block time from one observer's main-chain blocks, mining time apart", () => {
  const metrics = computeMetrics(handMadeRun());

  // Main-chain blocks at the observer: 1500, 2100, 2900. The stale block does not count.
  assert.equal(metrics.blockTimeMsMean, 700);

  // Both nodes made 100 hashes in 1 s of mining: 1 s of the network's search, for four blocks found.
  assert.equal(metrics.miningTimeMsMean, 250);
  assert.deepEqual([metrics.blocks, metrics.staleBlocks, metrics.staleRate], [3, 1, 0.25]);
  assert.deepEqual([metrics.reorgs, metrics.reorgDepthMax], [2, 2]);
  assert.equal(metrics.blockSpreadMsMean, 10);
});

Deno.test("E03 computeMetrics() reports the offered load beside the throughput", () => {
  // Five lines go out between 1000 and 1800.
  assert.equal(computeMetrics(handMadeRun()).offeredPerSecond, 5);
});

Deno.test("E04 computeMetrics() sets implied against measured hash rate", () => {
  const metrics = computeMetrics(handMadeRun());
  assert.equal(metrics.hashRateMeasured, 200);

  // Four blocks of 16 hashes in one second; 200 hashes were made, so 12.5 blocks were to be expected.
  assert.equal(metrics.hashRateImplied, 64);
  assert(Math.abs((metrics.hashRateSigmas ?? 0) - (4 - 12.5) / Math.sqrt(12.5)) < 1e-12);
});

Deno.test("E04 computeMetrics() calls a few blocks that came early no miracle", () => {
  const { run, ...records } = handMadeRun();
  const sigmasOf = (hashes: number) => {
    const nodes = run.nodes.map((node, index) => ({ ...node, hashes: index === 0 ? hashes : 0 }));
    return computeMetrics({ ...records, run: { ...run, nodes } }).hashRateSigmas ?? 0;
  };

  // Four blocks where one and where four were to be expected: 2 · (2 - 1) and none.
  assert(Math.abs(sigmasOf(16) - 2) < 1e-12);
  assert.equal(sigmasOf(64), 0);

  // Where half a one was, Poisson's law gives four or more once in 570 times: a normal value's 2.9.
  const sigmas = sigmasOf(8);
  assert(sigmas > 2 && sigmas < 2.9, `${sigmas}`);
  assert(sigmasOf(1600) < -9);
});

Deno.test("computeMetrics() takes efficiency apart into factors whose product it is", () => {
  const { efficiency } = computeMetrics(handMadeRun());
  assert(efficiency);

  // Ideal: 2 · 200 / 16 = 25 tx/s; measured 1.5.
  assert.equal(efficiency.total, 0.06);
  assert.deepEqual(
    [efficiency.filled, efficiency.kept, efficiency.mining, efficiency.luck],
    [0.5, 0.75, 0.5, 4 / 12.5],
  );
  const { filled, kept, mining, luck } = efficiency;
  assert(Math.abs(filled * kept * mining * luck - efficiency.total) < 1e-12);
});

Deno.test("E04 computeMetrics() takes the blocks' own work where the difficulty is adjusted", () => {
  const { run, blocks, ...records } = handMadeRun();
  const network = { ...run.network, rules: { difficultyAdjustment: "lwma" } as const };

  // Heights 1 to 3 took 16, 32 and 64 hashes; the stale block at height 2 as many as the one that won.
  const worked = blocks.map((block) =>
    block.isMain ? { ...block, work: 8 * 2 ** block.height } : block
  );
  const metrics = computeMetrics({ ...records, run: { ...run, network }, blocks: worked });

  // 16 + 32 + 32 + 64 = 144 hashes' worth in one second; 200 were made.
  assert.equal(metrics.hashRateImplied, 144);
  const { efficiency } = metrics;
  assert(efficiency);

  // Ideal: 2 · 200 / 36 tx/s, for 36 hashes a block; measured 1.5.
  assert(Math.abs(efficiency.total - 1.5 * 36 / 400) < 1e-12);
  assert.deepEqual(
    [efficiency.filled, efficiency.kept, efficiency.mining, efficiency.luck],
    [0.5, 0.75, 0.5, 144 / 200],
  );
  const { filled, kept, mining, luck } = efficiency;
  assert(Math.abs(filled * kept * mining * luck - efficiency.total) < 1e-12);

  // 144² / (16² + 2 · 32² + 64²) = 3.24 equal blocks vary as much; 4.5 were to be expected.
  assert(Math.abs((metrics.hashRateSigmas ?? 0) - (3.24 - 4.5) / Math.sqrt(4.5)) < 1e-12);

  // Records that do not say what a block took cannot tell.
  const silent = computeMetrics({ ...records, run: { ...run, network }, blocks });
  assert.deepEqual(
    [silent.hashRateImplied, silent.hashRateSigmas, silent.efficiency],
    [null, null, null],
  );
});

Deno.test("computeMetrics() takes equal work for the founder's difficulty, adjusted or not", () => {
  const { run, blocks, ...records } = handMadeRun();
  const network = { ...run.network, rules: { difficultyAdjustment: "window" } as const };
  const worked = blocks.map((block) => block.isMain ? { ...block, work: 16 } : block);
  assert.deepEqual(
    computeMetrics({ ...records, run: { ...run, network }, blocks: worked }),
    computeMetrics(handMadeRun()),
  );
});

Deno.test("computeMetrics() measures latency from the submit, in an open loop from the schedule", () => {
  const run = handMadeRun();
  const { latencyMs } = computeMetrics(run);

  // Confirmed after 600, 1200 and 1800 ms; between two values the percentile is linear.
  const { p999, ...quantiles } = latencyMs.confirmed ?? { p999: 0 };
  assert.deepEqual(quantiles, { p50: 1200, p90: 1680, p95: 1740, p99: 1788 });
  assert(Math.abs(p999 - 1798.8) < 1e-9);
  assert.equal(latencyMs.answered?.p50, 10);

  const transactions = run.transactions.map((record) => ({
    ...record,
    scheduledAtMs: record.submittedAtMs === null ? null : record.submittedAtMs - 100,
  }));
  assert.equal(computeMetrics({ ...run, transactions }).latencyMs.confirmed?.p50, 1300);
});

Deno.test("computeMetrics() spreads messages and bytes over confirmed transactions", () => {
  const metrics = computeMetrics(handMadeRun());
  assert.deepEqual([metrics.messagesPerTransaction, metrics.bytesPerTransaction], [20, 2000]);
  assert.deepEqual([metrics.cpuMsPerNode, metrics.memoryBytesPerNode], [300, 1e8]);
});

Deno.test("computeMetrics() of a run without a confirmation is zero, not NaN", () => {
  const run = handMadeRun();
  const metrics = computeMetrics({ ...run, transactions: [], blocks: [] });
  assert.deepEqual([metrics.txPerSecond, metrics.seconds, metrics.staleRate], [0, 0, 0]);
  assert.deepEqual([metrics.blockTimeMsMean, metrics.efficiency], [null, null]);
});

Deno.test("computeMetrics() of a load takes the rate between the blocks of its steady state", () => {
  const run = handMadeRun();
  const steady = {
    startMs: 1000,
    durationMs: 2000,
    warmUpMs: 600,
    offered: 90,
    accepted: 80,
    rejected: { "mempool-full": 10 },
    confirmed: 79,
    heldBack: 0,
    sampledShare: 1,
  };
  const metrics = computeMetrics({ ...run, run: { ...run.run, steady } });
  assert.deepEqual(
    [metrics.offered, metrics.accepted, metrics.confirmed, metrics.offeredPerSecond],
    [90, 80, 79, 45],
  );

  // Main-chain blocks at 1500 (warm-up), 2100 and 2900, two transactions each: 2 in 0.8 s.
  assert.equal(metrics.txPerSecond, 2.5);

  // Due at 1000 and 1500 (warm-up) and at 1800, which was confirmed at 3000.
  assert.deepEqual([metrics.latencyMs.confirmed?.p50, metrics.latencyMs.confirmed?.p99], [
    1200,
    1200,
  ]);
  const unsteady = { ...steady, warmUpMs: 1900 };
  assert.equal(
    computeMetrics({ ...run, run: { ...run.run, steady: unsteady } }).latencyMs.confirmed,
    null,
  );

  // A network that is choked after two blocks has no rate of the moment between them.
  const choked = { ...steady, durationMs: 10_600 };
  const { txPerSecond } = computeMetrics({ ...run, run: { ...run.run, steady: choked } });
  assert.equal(txPerSecond, 4 / 10);

  const short = { ...steady, warmUpMs: 1500 };
  assert.equal(computeMetrics({ ...run, run: { ...run.run, steady: short } }).txPerSecond, null);
});

Deno.test("W05 computeMetrics() counts what the chain has, and says null where a time is not known", () => {
  const run = handMadeRun();
  const transactions = run.transactions.map((record) => ({ ...record, confirmedAtMs: null }));
  const metrics = computeMetrics({ ...run, transactions });
  assert.equal(metrics.confirmed, 3);
  assert.deepEqual([metrics.seconds, metrics.txPerSecond], [null, null]);
  assert.equal(metrics.latencyMs.confirmed, null);
});
