/** The event stream: what a listener hears, what a slow one loses, when it ends. */
import assert from "node:assert/strict";
import { parseEvent } from "../client/event_stream.ts";
import type { NodeEvent } from "../node/effect.ts";
import type { Height } from "../primitives/header.ts";
import type { Txid } from "../primitives/outpoint.ts";
import { createTestApi, type TestApi } from "../testing/test_api.ts";
import { networkOf } from "../testing/test_world.ts";
import { API_EVENT_TYPES, type ApiEventJson } from "../wire/api_events.ts";
import { BATCH_EVENTS_MAX } from "./event_log.ts";
import { createEventHub, LISTENERS_MAX, RESUME_MS_MAX, SEEN_IDS_MAX } from "./event_hub.ts";

/** Opens a stream and reads it event by event. */
async function listen(api: TestApi, query = "", headers: Record<string, string> = {}) {
  const response = await api.get(`/events${query}`, headers);
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

function removedEvent(number: number): NodeEvent {
  const txid = String(number).padStart(64, "0") as Txid;
  return { type: "transaction-removed", txid, reason: { code: "dropped-by-operator" } };
}

function heightOf({ data }: { readonly data: string }): number | undefined {
  return JSON.parse(data).height;
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

Deno.test("W04 the event hub tells a slow listener what it missed, within its bound", async () => {
  const api = createTestApi();
  const hub = createEventHub(api.ports, { logEventsMax: 20 });
  const listener = hub.listen(new Set(["block", "phase"]));
  const other = hub.listen(new Set(["transaction-removed"]));
  assert(listener !== undefined && other !== undefined);
  for (let height = 0; height < 25; height++) {
    api.emit(blockEvent(api, height));
    // Of a type that it does not want: never missed.
    api.emit(removedEvent(height));
  }
  const batch = await listener.next(0);
  assert.deepEqual(batch.map(heightOf), [
    undefined,
    ...Array.from({ length: 10 }, (_, i) => 15 + i),
  ]);
  assert.deepEqual(JSON.parse(batch[0]?.data ?? ""), {
    type: "lagged",
    timeMs: api.world.nowMs,
    missed: 15,
  });
  assert.deepEqual(await listener.next(1), []);
  api.stop();
});

Deno.test("W04 the event hub hands over what waits as one batch, and takes a listener up where it left", async () => {
  const api = createTestApi();
  const hub = createEventHub(api.ports);
  const types = new Set(["block"] as const);
  const first = hub.listen(types);
  assert(first !== undefined);
  for (let height = 0; height < 5; height++) api.emit(blockEvent(api, height));
  const batch = await first.next(0);
  assert.deepEqual(batch.map(heightOf), [0, 1, 2, 3, 4]);
  first.close();

  api.emit(blockEvent(api, 5));
  const second = hub.listen(types, { afterId: batch[2]?.id });
  assert.deepEqual((await second?.next(0))?.map(heightOf), [3, 4, 5]);
  second?.close();

  // What is not known any more is said, and so is another life of the node.
  for (const id of ["zz-1", `${batch[0]?.id?.split("-")[0]}-999`, "nonsense"]) {
    const lost = hub.listen(types, { afterId: id });
    assert.deepEqual((await lost?.next(0))?.map(({ data }) => JSON.parse(data).missed), [null]);
    lost?.close();
  }
  api.stop();
});

Deno.test("W04 what happens soon after a piece shares the next one, and a close ends the rest", async () => {
  const api = createTestApi();
  const listener = createEventHub(api.ports).listen(new Set(["block"]));
  assert(listener !== undefined);
  api.emit(blockEvent(api, 0));
  assert.deepEqual((await listener.next(0)).map(heightOf), [0]);

  const next = listener.next(10_000);
  for (let height = 1; height < 4; height++) {
    await new Promise((resolve) => setImmediate(resolve));
    api.emit(blockEvent(api, height));
  }
  assert.deepEqual((await next).map(heightOf), [1, 2, 3]);
  const last = listener.next(10_000);
  listener.close();
  assert.deepEqual(await last, []);
  api.stop();
});

Deno.test("W04 a listener gets pieces as rarely as it says, and what does not fit into one at once", async () => {
  const api = createTestApi();
  const types = new Set(["block"] as const);
  const listener = createEventHub(api.ports).listen(types, { intervalMs: 1_000_000 });
  assert(listener !== undefined);
  for (let height = 0; height < 2 * BATCH_EVENTS_MAX + 1; height++) {
    api.emit(blockEvent(api, height));
  }
  const counts = [];
  for (let count = 0; count < 3; count++) counts.push((await listener.next(0)).length);
  assert.deepEqual(counts, [BATCH_EVENTS_MAX, BATCH_EVENTS_MAX, 1]);

  // The next piece has to wait, until the listener goes.
  api.emit(blockEvent(api, 0));
  let hasCome = false;
  const next = listener.next(0).then((events) => {
    hasCome = true;
    return events;
  });
  for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve));
  assert.equal(hasCome, false);
  listener.close();
  assert.deepEqual(await next, []);

  for (const interval of ["19", "1001", "x"]) {
    const answer = await api.get(`/events?interval=${interval}`);
    assert.equal(answer.status, 400);
    await answer.body?.cancel();
  }
  api.stop();
});

Deno.test("W04 the event hub forgets a listener that does not come back", async () => {
  const api = createTestApi();
  let nowMs = 1_000;
  let subscriptions = 0;
  const listeners = new Set<(event: NodeEvent) => void>();
  const hub = createEventHub({
    ...api.ports,
    node: api.node.state,
    nowMs: () => nowMs,
    subscribe(listener) {
      subscriptions++;
      listeners.add(listener);
      return () => {
        subscriptions--;
        listeners.delete(listener);
      };
    },
  });
  const emit = (height: number) => listeners.forEach((each) => each(blockEvent(api, height)));
  const types = new Set(["block"] as const);
  const listener = hub.listen(types);
  emit(1);
  const id = (await listener?.next(0))?.[0]?.id;
  listener?.close();
  nowMs += RESUME_MS_MAX;
  emit(2);
  assert.equal(subscriptions, 1);
  nowMs += 1;
  emit(3);
  assert.equal(subscriptions, 0);
  const late = hub.listen(types, { afterId: id });
  assert.deepEqual((await late?.next(0))?.map(({ type }) => type), ["lagged"]);
  api.stop();
});

Deno.test("GET /events?types=transactions-seen tells the ids of one step at once", async () => {
  const api = createTestApi();
  const stream = await listen(api, "?types=transactions-seen,block");
  const from = api.node.events.length;
  const txids = [];
  for (let count = 0; count < 3; count++) {
    txids.push((await (await api.post("/payments", { to: 1, amount: 1 })).json()).txid);
  }
  for (const event of api.node.events.slice(from)) api.emit(event);
  const event = parseEvent(await stream.next() ?? "");
  assert.deepEqual(event, {
    type: "transactions-seen",
    timeMs: api.world.nowMs,
    txids,
    received: 0,
  });
  await stream.cancel();
  api.stop();
});

Deno.test("W04 an event of transactions seen has so many ids, and the next one the rest", async () => {
  const api = createTestApi();
  const paid = api.node.events.length;
  api.world.pay(api.node, api.node.keyPair.publicKey, 1);
  const event = api.node.events.slice(paid).find(({ type }) => type === "transaction");
  assert(event !== undefined);
  const hub = createEventHub(api.ports);
  const listener = hub.listen(new Set(["transactions-seen"]));
  for (let count = 0; count < SEEN_IDS_MAX + 1; count++) api.emit(event);
  await Promise.resolve();
  const events = await listener?.next(0) ?? [];
  assert.deepEqual(events.map(({ data }) => JSON.parse(data).txids.length), [SEEN_IDS_MAX, 1]);
  api.stop();
});

Deno.test("GET /events takes up a stream behind Last-Event-ID", async () => {
  const api = createTestApi();
  const stream = await listen(api, "?types=block");
  api.emit(blockEvent(api, 7));
  api.emit(blockEvent(api, 8));
  const id = /^id: (.+)$/m.exec(await stream.next() ?? "")?.[1];
  assert(id !== undefined);
  await stream.cancel();
  const again = await listen(api, "?types=block", { "Last-Event-ID": id });
  assert.match(await again.next() ?? "", /"height":8/);
  await again.cancel();
  api.stop();
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
