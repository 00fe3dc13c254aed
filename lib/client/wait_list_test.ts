/** Waiting for a whole list: in order, with few questions, bounded, and with a reason for each that fails. */
import assert from "node:assert/strict";
import { err, ok } from "../result.ts";
import type { ApiClient } from "./api_client.ts";
import type { EventStream } from "./event_stream.ts";
import { confirmList, waitListConfirmed } from "./wait_list.ts";

type Client = Pick<ApiClient, "events" | "transaction">;

/** A node that confirms as many more as it is told to with each event. */
function fakeNode(txids: readonly string[], rounds: readonly number[], failed = new Set<string>()) {
  let confirmed = rounds[0] ?? 0;
  let questions = 0;
  const closed = Promise.withResolvers<void>();
  const stream: EventStream = {
    lastId: undefined,
    close: () => closed.resolve(),
    async *[Symbol.asyncIterator]() {
      for (const count of rounds.slice(1)) {
        confirmed += count;
        yield { type: "lagged", timeMs: 0, missed: 0 };
      }
      await closed.promise;
    },
  };
  const client = {
    events: () => Promise.resolve(ok(stream)),
    transaction(txid: string) {
      questions++;
      const isThere = txids.indexOf(txid) < confirmed;
      const state = !isThere ? "pending" : failed.has(txid) ? "failed" : "confirmed";
      const height = state === "confirmed" ? 7 : null;
      const reasonCode = state === "failed" ? "tx-conflicts" : null;
      return Promise.resolve(ok({ state, height, reasonCode }));
    },
  } as unknown as Client;
  return { client, questions: () => questions };
}

const TXIDS = Array.from({ length: 100 }, (_, index) => `t${index}`);
const options = { timeoutMs: 60_000, onProgress: () => {} };

Deno.test("waitListConfirmed() waits for the last, and asks little more than once for each", async () => {
  const node = fakeNode(TXIDS, [10, 0, 0, 0, 40, 0, 0, 50]);
  const done: number[] = [];
  const settled = await waitListConfirmed(node.client, TXIDS, {
    ...options,
    onProgress: (count) => done.push(count),
  });
  assert(settled.ok);
  assert.deepEqual(settled.value, TXIDS.map(() => ({ height: 7, code: null })));
  assert.equal(done.at(-1), 100);
  assert(node.questions() < 200, `${node.questions()}`);
});

Deno.test("waitListConfirmed() ends when the time is over, and says which still waited", async () => {
  const node = fakeNode(TXIDS, [30]);
  const settled = await waitListConfirmed(node.client, TXIDS, { ...options, timeoutMs: 20 });
  assert(settled.ok);
  assert.deepEqual(settled.value[29], { height: 7, code: null });
  assert.deepEqual(settled.value[30], { height: null, code: "wait-timeout" });
  assert.equal(settled.value.length, 100);
});

Deno.test("confirmList() tells of each payment its block, or why it has none", async () => {
  const node = fakeNode(TXIDS, [100], new Set(["t1"]));
  const paid = {
    offered: 4,
    accepted: 3,
    refused: { "insufficient-funds": 1 },
    payments: [
      { to: 1, amount: 1, txid: "t0", code: null },
      { to: 1, amount: 9, txid: null, code: "insufficient-funds" },
      { to: 1, amount: 1, txid: "t1", code: null },
      { to: 1, amount: 1, txid: "t2", code: null },
    ],
  };
  const list = await confirmList(node.client, paid, options);
  assert(list.ok);
  assert.equal(list.value.confirmed, 2);
  assert.deepEqual(list.value.unconfirmed, { "tx-conflicts": 1 });
  assert.deepEqual(
    list.value.payments.map(({ height, code }) => [height, code]),
    [[7, null], [null, "insufficient-funds"], [null, "tx-conflicts"], [7, null]],
  );
});

Deno.test("waitListConfirmed() hands on why the node cannot be asked", async () => {
  const gone = { kind: "unreachable", code: "node-unreachable", message: "Cannot" } as const;
  const { client } = fakeNode(TXIDS, [0]);
  const failing = { ...client, transaction: () => Promise.resolve(err(gone)) } as Client;
  assert.deepEqual(await waitListConfirmed(failing, TXIDS, options), err(gone));
});
