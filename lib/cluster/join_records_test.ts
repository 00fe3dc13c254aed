import assert from "node:assert/strict";
import type { LineRecord } from "../workload/line_record.ts";
import { findProblems } from "./find_problems.ts";
import { blockRecords, transactionRecords } from "./join_records.ts";
import type { SeenBlock } from "./node_observer.ts";
import type { MainChain } from "./read_main_chain.ts";

const LINE: LineRecord = {
  nodeId: 0,
  lineNumber: 1,
  receiverId: 1,
  amount: 5,
  scheduledAtMs: null,
  submittedAtMs: 100,
  answeredAtMs: 101,
  attempts: 1,
  outcome: "accepted",
  code: null,
  txid: "t",
};

/** Node 0 knows blocks A and B, node 1 had X first and came over to A and B later. */
const OBSERVERS = [
  {
    transactionSeenAtMs: new Map([["t", 100]]),
    blocks: new Map([["A", seen(1, 200, 200)], ["B", seen(2, 300, 300)]]),
  },
  {
    transactionSeenAtMs: new Map<string, number>(),
    blocks: new Map([["X", seen(1, 190, 190)], ["A", seen(1, 210, 320)], ["B", seen(2, 320, 320)]]),
  },
];
const CHAIN = [blockOf("A", 1, ["t"]), blockOf("B", 2, [])];

Deno.test("E01 transactionRecords() counts a transaction as confirmed when the last node has its block", () => {
  const [record] = transactionRecords([LINE], { observers: OBSERVERS, places: placesOf(CHAIN) });
  assert(record);
  assert.equal(record.inBlockAtMs, 200);
  assert.equal(record.confirmedAtMs, 320);
  assert.equal(record.blockHeight, 1);

  // Node 1 never had it in its pool: it learned of it with the block.
  assert.equal(record.seenByAllAtMs, 320);
});

Deno.test("E01 transactionRecords() does not count what stands on a stale branch only", () => {
  const chain = [blockOf("A", 1, []), blockOf("B", 2, [])];
  const [record] = transactionRecords([LINE], { observers: OBSERVERS, places: placesOf(chain) });
  assert.deepEqual([record?.inBlockAtMs, record?.confirmedAtMs], [null, null]);
});

Deno.test("blockRecords() tells main-chain from stale blocks and who saw them when", () => {
  const records = blockRecords({ observers: OBSERVERS, chain: CHAIN, fromHeight: 1, startMs: 0 });
  assert.deepEqual(
    records.map((record) => [
      record.hash,
      record.isMain,
      record.firstSeenAtMs,
      record.observedAtMs,
      record.seenByAllAtMs,
      record.work,
    ]),
    [
      ["X", false, 190, null, null, undefined],
      ["A", true, 200, 200, 210, 16],
      ["B", true, 300, 300, 320, 32],
    ],
  );
  const later = blockRecords({ observers: OBSERVERS, chain: CHAIN, fromHeight: 2, startMs: 0 });
  assert.deepEqual(later.map(({ hash }) => hash), ["B"]);
});

Deno.test("E05 findProblems() accepts only nodes that agree, with every coin and transaction there", () => {
  const audit = {
    tipHash: "tip",
    height: 9,
    supply: 200,
    supplyExpected: 200,
    utxoCommitment: "state",
  };
  const good = {
    hasSettled: true,
    audits: [audit, audit],
    transactions: [{ outcome: "accepted", blockHeight: 1, confirmedAtMs: 5 }] as const,
    waitingMax: 0,
    missedEvents: 0,
  };
  assert.deepEqual(findProblems(good), { problems: [], warnings: [] });

  const codesOf = (spoilt: Partial<Parameters<typeof findProblems>[0]>) =>
    findProblems({ ...good, ...spoilt }).problems.map(({ code }) => code);
  assert.deepEqual(codesOf({ audits: [audit, { ...audit, tipHash: "other" }] }), ["not-converged"]);
  assert.deepEqual(codesOf({ audits: [audit, { ...audit, utxoCommitment: "other" }] }), [
    "states-differ",
  ]);
  assert.deepEqual(codesOf({ audits: [audit, { ...audit, supply: 199 }] }), ["supply-wrong"]);
  assert.deepEqual(codesOf({ hasSettled: false }), ["not-settled"]);

  const waiting = [{ outcome: "accepted", blockHeight: null, confirmedAtMs: null }] as const;
  assert.deepEqual(codesOf({ transactions: waiting }), ["not-confirmed"]);
  assert.deepEqual(codesOf({ transactions: waiting, waitingMax: 1 }), []);
});

Deno.test("W05 findProblems() lets the chain say what is confirmed, and warns of times that were missed", () => {
  const { problems, warnings } = findProblems({
    hasSettled: true,
    audits: [],
    transactions: [{ outcome: "accepted", blockHeight: 7, confirmedAtMs: null }],
    waitingMax: 0,
    missedEvents: 3,
  });
  assert.deepEqual(problems, []);
  assert.deepEqual(warnings.map(({ code }) => code), ["events-missed", "times-missing"]);
});

Deno.test("W05 transactionRecords() and blockRecords() take from the chain what no event told", () => {
  const deaf = [{ transactionSeenAtMs: new Map(), blocks: new Map() }];
  const [record] = transactionRecords([LINE], { observers: deaf, places: placesOf(CHAIN) });
  assert.deepEqual([record?.blockHeight, record?.confirmedAtMs], [1, null]);
  const blocks = blockRecords({ observers: deaf, chain: CHAIN, fromHeight: 1, startMs: 1e9 });
  assert.deepEqual(
    blocks.map(({ hash, isMain, transactionCount }) => [hash, isMain, transactionCount]),
    [
      ["A", true, 1],
      ["B", true, 0],
    ],
  );
});

function seen(height: number, seenAtMs: number, connectedAtMs: number): SeenBlock {
  return { height, minerId: 0, seenAtMs, connectedAtMs, transactionCount: 1 };
}

function blockOf(hash: string, height: number, txids: readonly string[]) {
  return {
    hash,
    height,
    timestampMs: 10 * height,
    transactionCount: txids.length,
    work: 16 * height,
    txids,
  };
}

function placesOf(chain: readonly ReturnType<typeof blockOf>[]): MainChain["places"] {
  return new Map(chain.flatMap((block) => block.txids.map((txid) => [txid, block] as const)));
}
