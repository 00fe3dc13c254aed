import assert from "node:assert/strict";
import type { ApiClient } from "../client/api_client.ts";
import type { EventStream } from "../client/event_stream.ts";
import type { ApiEventJson } from "../wire/api_events.ts";
import { haveSettled, watchCluster } from "./cluster_watch.ts";

const chain = (transactionsWaiting: number, poolDigest = "aa", tipHash = "t") => ({
  tipHash,
  transactionsWaiting,
  poolDigest,
});

Deno.test("haveSettled() wants one tip, and no more waiting than may", () => {
  assert(haveSettled([chain(0), chain(0), chain(0)], 0));
  assert(haveSettled([chain(9), chain(9)], 9));
  assert(!haveSettled([chain(0), chain(0, "aa", "other")], 0));
  assert(!haveSettled([chain(1), chain(1)], 0));
  assert(!haveSettled([chain(10), chain(10)], 9));
});

Deno.test("haveSettled() knows that what waits at one node only is on its way to the others", () => {
  // Ten payments fill a block: each node has its own, and none has all.
  assert(!haveSettled([chain(4, "aa"), chain(3, "bb"), chain(3, "cc")], 9));
  assert(!haveSettled([chain(9, "aa"), chain(9, "bb")], 9));
});

Deno.test("haveSettled() takes the word of nodes that tell no digest", () => {
  const { poolDigest: _, ...older } = chain(0);
  assert(haveSettled([older, older], 0));
});

/** A node that says what the test has it say. */
function sayingNode(id: number) {
  const said = new TransformStream<ApiEventJson, ApiEventJson>();
  const writer = said.writable.getWriter();
  const stream: EventStream = {
    lastId: undefined,
    close: () => void writer.close().catch(() => {}),
    [Symbol.asyncIterator]: () => said.readable[Symbol.asyncIterator](),
  };
  const client = {
    events: () => Promise.resolve({ ok: true, value: stream }),
  } as unknown as ApiClient;
  return { node: { id, client }, tellsBlock: () => writer.write(blockEvent("aa")) };
}

function blockEvent(hash: string): ApiEventJson {
  return {
    type: "block",
    hash,
    height: 1,
    miner: { nodeId: 0 },
    timeMs: 5,
    transactionCount: 1,
  } as unknown as ApiEventJson;
}

Deno.test("heardOf() waits for the last node's event, which comes after the state that it tells of", async () => {
  const [early, late] = [sayingNode(0), sayingNode(1)];
  const watch = await watchCluster({ nodes: [early.node, late.node] });
  await early.tellsBlock();
  let isHeard = false;
  const hearing = watch.heardOf([{ hash: "aa" }]).then(() => isHeard = true);
  await new Promise((resolve) => setTimeout(resolve, 0));
  assert(!isHeard);
  await late.tellsBlock();
  await hearing;
  assert.deepEqual(watch.observers.map(({ blocks }) => blocks.get("aa")?.connectedAtMs), [5, 5]);
  await watch.close();
});

Deno.test("heardOf() does not wait without end for an event that was missed", async () => {
  const deaf = sayingNode(0);
  const watch = await watchCluster({ nodes: [deaf.node] });
  await watch.heardOf([{ hash: "aa" }]);
  assert.equal(watch.observers[0]?.blocks.size, 0);
  await watch.close();
});
