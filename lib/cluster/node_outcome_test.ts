/** What a replay through one node comes to: an accepted payment without a block is a problem. */
import assert from "node:assert/strict";
import type { TransactionRecord } from "../measure/run_record.ts";
import { nodeOutcome } from "./replay_outcome.ts";

const cell = { nodes: 1, capacity: 3, difficulty: 3 };

function payment(lineNumber: number, blockHeight: number | null): TransactionRecord {
  return {
    nodeId: 0,
    lineNumber,
    receiverId: 1,
    amount: 1,
    attempts: 1,
    outcome: "accepted",
    code: null,
    txid: `t${lineNumber}`,
    scheduledAtMs: null,
    submittedAtMs: 1,
    answeredAtMs: 2,
    seenAtAllMs: 2,
    blockHash: blockHeight === null ? null : "b",
    blockHeight,
    confirmedAtMs: blockHeight === null ? null : 10,
  } as unknown as TransactionRecord;
}

Deno.test("nodeOutcome() finds accepted payments that no block holds", () => {
  const replay = {
    transactions: [payment(1, 1), payment(2, null)],
    blocks: [],
    reorgDepths: [],
    hasSettled: false,
    missedEvents: 0,
  };
  const codes = (waitingMax: number) =>
    nodeOutcome(cell, replay, { waitingMax }).problems.map(({ code }) => code);
  assert.deepEqual(codes(0), ["not-settled", "not-confirmed"]);
  // A strict network may leave a block's rest waiting for ever.
  assert.deepEqual(codes(2), []);
  const settled = { ...replay, transactions: [payment(1, 1)], hasSettled: true };
  assert.deepEqual(nodeOutcome(cell, settled, { waitingMax: 0 }).problems, []);
});
