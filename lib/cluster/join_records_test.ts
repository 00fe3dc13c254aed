import assert from "node:assert/strict";
import type { Block } from "../primitives/block.ts";
import type { LineRecord } from "../workload/line_record.ts";
import { findProblems } from "./find_problems.ts";
import { blockRecords, transactionRecords } from "./join_records.ts";
import type { SeenBlock } from "./node_observer.ts";

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
  const [record] = transactionRecords([LINE], { observers: OBSERVERS, chain: CHAIN });
  assert(record);
  assert.equal(record.inBlockAtMs, 200);
  assert.equal(record.confirmedAtMs, 320);
  assert.equal(record.blockHeight, 1);

  // Node 1 never had it in its pool: it learned of it with the block.
  assert.equal(record.seenByAllAtMs, 320);
});

Deno.test("E01 transactionRecords() does not count what stands on a stale branch only", () => {
  const chain = [blockOf("A", 1, []), blockOf("B", 2, [])];
  const [record] = transactionRecords([LINE], { observers: OBSERVERS, chain });
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
    ]),
    [
      ["X", false, 190, null, null],
      ["A", true, 200, 200, 210],
      ["B", true, 300, 300, 320],
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
    transactions: [{ outcome: "accepted", confirmedAtMs: 5 }] as const,
    waitingMax: 0,
    missedEvents: 0,
  };
  assert.deepEqual(findProblems(good), []);

  const codesOf = (spoilt: Partial<Parameters<typeof findProblems>[0]>) =>
    findProblems({ ...good, ...spoilt }).map(({ code }) => code);
  assert.deepEqual(codesOf({ audits: [audit, { ...audit, tipHash: "other" }] }), ["not-converged"]);
  assert.deepEqual(codesOf({ audits: [audit, { ...audit, utxoCommitment: "other" }] }), [
    "states-differ",
  ]);
  assert.deepEqual(codesOf({ audits: [audit, { ...audit, supply: 199 }] }), ["supply-wrong"]);
  assert.deepEqual(codesOf({ hasSettled: false }), ["not-settled"]);
  assert.deepEqual(codesOf({ missedEvents: 3 }), ["events-missed"]);

  const waiting = [{ outcome: "accepted", confirmedAtMs: null }] as const;
  assert.deepEqual(codesOf({ transactions: waiting }), ["not-confirmed"]);
  assert.deepEqual(codesOf({ transactions: waiting, waitingMax: 1 }), []);
});

function seen(height: number, seenAtMs: number, connectedAtMs: number): SeenBlock {
  return { height, minerId: 0, seenAtMs, connectedAtMs, transactionCount: 1 };
}

function blockOf(hash: string, height: number, txids: readonly string[]) {
  const transactions = txids.map((txid) => ({ txid }));
  return { hash, header: { height }, transactions } as unknown as Block;
}
