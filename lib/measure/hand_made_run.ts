/**
 * A small run made by hand, with round numbers whose figures can be worked out on paper. For tests.
 *
 * @module
 */
import type { ExperimentRecord } from "./experiment_record.ts";
import type { BlockRecord, NodeRecord, RunData, TransactionRecord } from "./run_record.ts";

/** Two nodes, capacity 2, difficulty 1 (16 hashes a block), five lines, three blocks and a stale one. */
export function handMadeRun(): RunData {
  return {
    run: {
      version: 1,
      cell: { nodes: 2, capacity: 2, difficulty: 1 },
      repeat: 0,
      startedAtMs: 0,
      startUpMs: 900,
      load: {
        workload: "hand-made",
        loop: "closed",
        ratePerSecond: null,
        concurrency: 1,
        leadLines: 4,
        retry: false,
        limitPerSecond: 1000,
        ceiling: 5,
      },
      network: {
        strict: false,
        blockWaitMs: 1000,
        threadsPerNode: 1,
        hashRateLimit: null,
        linkLatencyMs: 0,
        linkLoss: 0,
        coinsPerNode: 100,
      },
      nodes: [nodeRecord(0, [2]), nodeRecord(1, [1])],
      invalid: [],
      warnings: [],
    },
    transactions: [
      transactionRecord(1, 1000, 2800),
      transactionRecord(2, 1500, 2100),
      {
        ...transactionRecord(3, 1600, null),
        outcome: "rejected",
        code: "insufficient-funds",
        txid: null,
      },
      transactionRecord(4, 1700, null),
      transactionRecord(5, 1800, 3000),
    ],
    blocks: [
      blockRecord(1, 1500, true),
      blockRecord(2, 1900, false),
      blockRecord(2, 2100, true),
      blockRecord(3, 2900, true),
    ],
  };
}

function transactionRecord(
  lineNumber: number,
  submittedAtMs: number,
  confirmedAtMs: number | null,
): TransactionRecord {
  return {
    nodeId: lineNumber % 2,
    lineNumber,
    receiverId: (lineNumber + 1) % 2,
    amount: 5,
    scheduledAtMs: null,
    submittedAtMs,
    answeredAtMs: submittedAtMs + 10,
    attempts: 1,
    outcome: "accepted",
    code: null,
    txid: `${lineNumber}`.padStart(64, "0"),
    seenByAllAtMs: confirmedAtMs === null ? null : submittedAtMs + 20,
    inBlockAtMs: confirmedAtMs === null ? null : confirmedAtMs - 50,
    confirmedAtMs,
    blockHeight: confirmedAtMs === null ? null : 1,
  };
}

function blockRecord(height: number, observedAtMs: number, isMain: boolean): BlockRecord {
  return {
    hash: `${height}${isMain ? "a" : "b"}`.padStart(64, "0"),
    height,
    minerId: height % 2,
    isMain,
    transactionCount: 2,
    firstSeenAtMs: observedAtMs - 5,
    observedAtMs,
    seenByAllAtMs: observedAtMs + 5,
  };
}

function nodeRecord(id: number, reorgDepths: readonly number[]): NodeRecord {
  return {
    id,
    hashes: 100,
    miningMs: 1000,
    cpuMs: 300,
    memoryBytes: 1e8,
    messagesSent: 30,
    bytesSent: 3000,
    reorgDepths,
    tipHash: "3a".padStart(64, "0"),
    supply: 200,
    utxoCommitment: "ab".repeat(32),
    balance: 100,
  };
}

/** The experiment that such a run may be of. */
export function handMadeExperiment(): ExperimentRecord {
  const { load, network } = handMadeRun().run;
  return {
    version: 1,
    preset: null,
    command: "noobcash experiment",
    startedAtMs: 1,
    plan: {
      nodes: [2],
      capacities: [5],
      difficulties: [3],
      repeats: 1,
      workload: "workload",
      linesPerNode: null,
      seed: 1,
      load,
      network,
    },
    environment: {
      program: "noobcash",
      deno: "2",
      v8: "1",
      os: "linux",
      processor: "any",
      cores: 2,
      memoryBytes: 1,
    },
  };
}
