import assert from "node:assert/strict";
import { computeMetrics } from "../measure/run_metrics.ts";
import type { BlockRecord, TransactionRecord } from "../measure/run_record.ts";
import { mergeExperiment, mergeReplays } from "./merge_replays.ts";
import type { ReplayRecord } from "./replay_record.ts";

const START_MS = 1_000_000;
const TIP = "bb".repeat(32);

/** Two nodes, two blocks of one transaction each; node 0 mined the first, node 1 the second. */
function twoRecords(): [ReplayRecord, ReplayRecord] {
  const blocks = [
    block({ hash: "aa", height: 1, minerId: 0, firstSeenAtMs: START_MS + 1_000 }),
    block({ hash: TIP, height: 2, minerId: 1, firstSeenAtMs: START_MS + 3_005 }),
  ];
  const later = [
    block({ hash: "aa", height: 1, minerId: 0, firstSeenAtMs: START_MS + 1_010 }),
    block({ hash: TIP, height: 2, minerId: 1, firstSeenAtMs: START_MS + 3_000 }),
  ];
  return [
    record(0, { blocks, transaction: { sentAtMs: START_MS, confirmedAtMs: START_MS + 1_000 } }),
    record(1, {
      blocks: later,
      transaction: { sentAtMs: START_MS + 5, confirmedAtMs: START_MS + 3_000 },
    }),
  ];
}

Deno.test("mergeReplays() makes one run of what two nodes recorded", () => {
  const [first, second] = twoRecords();
  const merged = mergeReplays([second, first], { repeat: 3 });
  assert(merged.ok);
  const { run, transactions, blocks } = merged.value;

  assert.deepEqual(run.invalid, []);
  assert.equal(run.repeat, 3);
  assert.deepEqual(run.nodes.map(({ id }) => id), [0, 1]);
  assert.deepEqual(transactions.map(({ nodeId }) => nodeId), [0, 1]);

  // Found when the first had it, observed when node 0 did, seen by all when the last did.
  assert.deepEqual(
    blocks.map((b) =>
      [b.firstSeenAtMs, b.observedAtMs, b.seenByAllAtMs].map((ms) => ms! - START_MS)
    ),
    [[1_000, 1_000, 1_010], [3_000, 3_005, 3_005]],
  );

  // Two confirmed in the 3.0 seconds from the first submit to the last confirmation.
  const metrics = computeMetrics(merged.value);
  assert.equal(metrics.confirmed, 2);
  assert.equal(metrics.seconds, 3);
  assert.equal(metrics.blockTimeMsMean, 2_005);
});

Deno.test("mergeReplays() marks a run whose nodes disagree", () => {
  const [first, second] = twoRecords();
  const elsewhere = { ...second, audit: { ...second.audit, tipHash: "cc".repeat(32) } };
  const poor = { ...second, audit: { ...second.audit, supply: 199 } };
  const unsettled = { ...second, hasSettled: false };

  for (
    const [other, code] of [
      [elsewhere, "not-converged"],
      [poor, "supply-wrong"],
      [unsettled, "not-settled"],
    ] as const
  ) {
    const merged = mergeReplays([first, other], { repeat: 0 });
    assert(merged.ok);
    assert.deepEqual(merged.value.run.invalid.map((finding) => finding.code), [code]);
  }
});

Deno.test("mergeReplays() warns where clocks differ", () => {
  const [first, second] = twoRecords();
  const late = second.blocks.map((seen) => ({ ...seen, firstSeenAtMs: seen.firstSeenAtMs + 700 }));
  const merged = mergeReplays([first, { ...second, blocks: late }], { repeat: 0 });
  assert(merged.ok);
  assert.deepEqual(merged.value.run.warnings.map(({ code }) => code), ["clocks-differ"]);
  assert.match(merged.value.run.warnings[0]?.text ?? "", /seen 695 ms before/);
});

Deno.test("mergeReplays() refuses records that are not of one network", () => {
  const [first, second] = twoRecords();
  const other = { ...second, cell: { ...second.cell, capacity: 5 } };
  const refusals = [
    [[], "Cannot merge records: there are none, and each node has one"],
    [[first], "Cannot merge records: got nodes 0, wanted each of 0 to 1 once"],
    [[first, first], "Cannot merge records: got nodes 0, 0, wanted each of 0 to 1 once"],
    [[first, other], "Cannot merge records: got n2-c1-d4 and n2-c5-d4, wanted one network"],
  ] as const;
  for (const [records, message] of refusals) {
    const merged = mergeReplays(records, { repeat: 0 });
    assert(!merged.ok);
    assert.equal(merged.error.message, message);
  }
});

Deno.test("mergeExperiment() adds a cell to those that are there", () => {
  const [first, second] = twoRecords();
  const merged = mergeReplays([first, second], { repeat: 1 });
  assert(merged.ok);
  const once = mergeExperiment(undefined, merged.value, first);
  assert.deepEqual([once.plan.nodes, once.plan.capacities, once.plan.repeats], [[2], [1], 2]);

  const { run } = merged.value;
  const wider = {
    ...merged.value,
    run: { ...run, cell: { ...run.cell, capacity: 10 }, repeat: 0 },
  };
  const twice = mergeExperiment(once, wider, first);
  assert.deepEqual([twice.plan.nodes, twice.plan.capacities, twice.plan.repeats], [
    [2],
    [1, 10],
    2,
  ]);
});

function block(
  seen: Pick<BlockRecord, "hash" | "height" | "minerId" | "firstSeenAtMs">,
): BlockRecord {
  return {
    ...seen,
    isMain: true,
    transactionCount: 1,
    observedAtMs: seen.firstSeenAtMs,
    seenByAllAtMs: seen.firstSeenAtMs,
  };
}

function record(
  id: number,
  { blocks, transaction }: {
    readonly blocks: readonly BlockRecord[];
    readonly transaction: { readonly sentAtMs: number; readonly confirmedAtMs: number };
  },
): ReplayRecord {
  const { sentAtMs, confirmedAtMs } = transaction;
  const line: TransactionRecord = {
    nodeId: id,
    lineNumber: 1,
    receiverId: 1 - id,
    amount: 5,
    scheduledAtMs: null,
    submittedAtMs: sentAtMs,
    answeredAtMs: sentAtMs + 2,
    attempts: 1,
    outcome: "accepted",
    code: null,
    txid: `0${id}`.repeat(32),
    seenByAllAtMs: sentAtMs + 1,
    inBlockAtMs: confirmedAtMs,
    confirmedAtMs,
    blockHeight: id + 1,
  };
  const state = { tipHash: TIP, supply: 200, utxoCommitment: "dd".repeat(32) };
  return {
    version: 1,
    cell: { nodes: 2, capacity: 1, difficulty: 4 },
    environment: {
      program: "noobcash",
      deno: "2.9.6",
      v8: "15",
      os: "linux",
      processor: "any",
      cores: 2,
      memoryBytes: 2_000_000_000,
    },
    startedAtMs: sentAtMs,
    load: {
      workload: "transactions/2nodes",
      loop: "closed",
      ratePerSecond: null,
      concurrency: 1,
      leadLines: 1,
      retry: false,
      limitPerSecond: null,
      ceiling: 2,
    },
    network: {
      strict: true,
      blockWaitMs: 1_000,
      threadsPerNode: 1,
      hashRateLimit: null,
      linkLatencyMs: 0,
      linkLoss: 0,
      coinsPerNode: 100,
    },
    node: {
      id,
      hashes: 65_536,
      miningMs: 1_000,
      cpuMs: null,
      memoryBytes: null,
      messagesSent: 10,
      bytesSent: 1_000,
      reorgDepths: [],
      balance: 100,
      ...state,
    },
    audit: { height: 2, supplyExpected: 200, utxoCount: 4, ...state },
    hasSettled: true,
    missedEvents: 0,
    transactions: [line],
    blocks,
  };
}
