/** The event stream: what a listener hears, what a slow one loses, when it ends. */
import assert from "node:assert/strict";
import { parseEvent } from "../client/event_stream.ts";
import type { NodeEvent } from "../node/effect.ts";
import type { Height } from "../primitives/header.ts";
import { createTestApi, type TestApi } from "../testing/test_api.ts";
import { networkOf } from "../testing/node_network.ts";
import { API_EVENT_TYPES, type ApiEventJson } from "../wire/api_events.ts";
import { createEventHub, LISTENER_EVENTS_MAX, LISTENERS_MAX } from "./event_hub.ts";

/** Opens a stream and reads it event by event. */
async function listen(api: TestApi, query = "") {
  const response = await api.get(`/events${query}`);
  assert.equal(response.status, 200);
  assert.match(response.headers.get("content-type") ?? "", /^text\/event-stream/);
  assert(response.body !== null);
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let text = "";
  const next = async (): Promise<string | undefined> => {
    for (;;) {
      const end = text.indexOf("\n\n");
      if (end >= 0) {
        const part = text.slice(0, end);
        text = text.slice(end + 2);
        return part;
      }
      const { done, value } = await reader.read();
      if (done) return undefined;
      text += value;
    }
  };
  assert.equal(await next(), ": listening");
  return { next, cancel: () => reader.cancel() };
}

function blockEvent(api: TestApi, height: number): NodeEvent {
  const { tip } = networkOf(api.node).chain;
  return {
    type: "block",
    hash: tip.hash,
    height: height as Height,
    miner: tip.header.miner,
    transactionCount: 2,
    own: true,
  };
}

Deno.test("GET /events tells of transactions and blocks as they happen", async () => {
  const api = createTestApi();
  const stream = await listen(api);
  const from = api.node.events.length;
  const paid = await (await api.post("/payments", { to: 1, amount: 5 })).json();
  api.world.run(1_000);
  for (const event of api.node.events.slice(from)) api.emit(event);

  const heard: ApiEventJson[] = [];
  while (!heard.some(({ type }) => type === "block")) {
    const text = await stream.next();
    assert(text !== undefined);
    const event = parseEvent(text);
    assert(event !== undefined, text);
    assert.equal(/^event: (.+)$/m.exec(text)?.[1], event.type);
    heard.push(event);
  }
  const transaction = heard.find((event) => event.type === "transaction");
  assert.equal(transaction?.transaction.txid, paid.txid);
  assert.equal(transaction?.transaction.receiver.nodeId, 1);
  await stream.cancel();
  api.stop();
});

Deno.test("GET /events?types tells of nothing else", async () => {
  const api = createTestApi();
  const stream = await listen(api, "?types=phase,reorg");
  api.emit(blockEvent(api, 7));
  api.emit({ type: "phase", phase: "ready" });
  assert.deepEqual(parseEvent(await stream.next() ?? ""), {
    type: "phase",
    timeMs: api.world.nowMs,
    phase: "ready",
  });
  await stream.cancel();
  api.stop();

  const refusal = await api.get("/events?types=phase,nonsense");
  assert.equal(refusal.status, 400);
  assert.match((await refusal.json()).error.message, /"nonsense", wanted phase, block/);
});

Deno.test("GET /events ends when the node stops, and unsubscribes when nobody listens", async () => {
  const api = createTestApi();
  let subscriptions = 0;
  const { subscribe } = api.ports;
  Object.assign(api.ports, {
    subscribe: (listener: (event: NodeEvent) => void) => {
      subscriptions++;
      const unsubscribe = subscribe(listener);
      return () => {
        subscriptions--;
        unsubscribe();
      };
    },
  });
  const first = await listen(api);
  const second = await listen(api);
  assert.equal(subscriptions, 1);
  await first.cancel();
  api.stop();
  assert.equal(await second.next(), undefined);
  assert.equal(subscriptions, 0);
});

Deno.test("the event hub gives a slow listener a bounded buffer and says what it missed", async () => {
  const api = createTestApi();
  const hub = createEventHub(api.ports);
  const listener = hub.listen(new Set(API_EVENT_TYPES));
  assert(listener !== undefined);
  for (let height = 0; height < LISTENER_EVENTS_MAX + 5; height++) {
    api.emit(blockEvent(api, height));
  }
  for (let height = 0; height < LISTENER_EVENTS_MAX; height++) {
    const event = await listener.next(0);
    assert.equal(JSON.parse(event?.data ?? "").height, height);
  }
  const lagged = JSON.parse((await listener.next(0))?.data ?? "");
  assert.deepEqual([lagged.type, lagged.missed], ["lagged", 5]);
  assert.equal(await listener.next(1), undefined);
  listener.close();
});

Deno.test("the event hub bounds how many listen", () => {
  const api = createTestApi();
  const hub = createEventHub(api.ports);
  const types = new Set(API_EVENT_TYPES);
  const listeners = Array.from({ length: LISTENERS_MAX }, () => hub.listen(types));
  assert(listeners.every((listener) => listener !== undefined));
  assert.equal(hub.listen(types), undefined);
  listeners[0]?.close();
  assert.notEqual(hub.listen(types), undefined);
  api.stop();
  assert.equal(hub.listen(types), undefined);
});
