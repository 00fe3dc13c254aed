import assert from "node:assert/strict";
import type { Asked } from "../http/plain_request.ts";
import { OPENING_SIZE_BYTES } from "../wire/handshake.ts";
import {
  DEFAULT_KIND_LIMITS,
  type KindLimits,
  type LimitedHandler,
  limitRequests,
  type RequestLimits,
} from "./request_limit.ts";

const kindsOf = (openMax: number, openPerAddressMax: number): RequestLimits["kinds"] => {
  const each = { openMax, openPerAddressMax, bodiesPerAddressMax: 0, bodiesMax: 0 };
  const peer = { ...each, bodiesPerAddressMax: 2, bodiesMax: openMax };
  return { owner: each, peer, other: each };
};
const isOwner = ({ headers }: Asked) => headers.get("authorization") === "Bearer t";
const get = () => new Request("http://n/");
const order = () => new Request("http://n/api", { headers: { authorization: "Bearer t" } });
const opening = (body: BodyInit | null) =>
  new Request("http://n/p2p/v1/handshake", { method: "POST", body });

/** Answers with what came, as those do who stand behind. */
const answerBody: LimitedHandler = async (request, _address, _upgrade, body) =>
  new Response(body ?? await request.text());

/** A body of which the end never comes. */
function halfBody(): ReadableStream<Uint8Array> {
  return new ReadableStream({ start: (stream) => stream.enqueue(new Uint8Array(10)) });
}

Deno.test("P01 limitRequests() bounds open requests in all and for each address", async () => {
  const gate = Promise.withResolvers<void>();
  const handle = limitRequests(async () => {
    await gate.promise;
    return new Response("done");
  }, { kinds: kindsOf(3, 2) });
  const ask = (address: string) => handle(get(), address);

  const open = [ask("a"), ask("a")];
  assert.equal((await ask("a")).status, 503);
  open.push(ask("b"));
  const refused = await ask("c");
  assert.equal(refused.status, 503);
  assert.equal((await refused.json()).error.code, "node-busy");

  gate.resolve();
  for (const response of await Promise.all(open)) assert.equal(await response.text(), "done");
  assert.equal((await ask("a")).status, 200);
});

Deno.test("X03 what is answered without the handler takes the owner's places, too", async () => {
  const gate = Promise.withResolvers<void>();
  const limited = limitRequests(async () => {
    await gate.promise;
    return new Response("done");
  }, { kinds: kindsOf(2, 2), isOwner });
  const leave = limited.enterAs("owner", "a");
  assert(leave !== undefined);
  const waiting = limited(order(), "a");
  assert.equal(limited.enterAs("owner", "a"), undefined);
  assert.equal((await limited(order(), "a")).status, 503);
  leave();
  const again = limited.enterAs("owner", "a");
  assert(again !== undefined);
  again();
  gate.resolve();
  assert.equal((await waiting).status, 200);
});

Deno.test("X03 each kind of caller has places of its own, also from one address", async () => {
  const gate = Promise.withResolvers<void>();
  const handle = limitRequests(async (request) => {
    if (!isOwner(request) && !request.url.includes("/p2p/")) await gate.promise;
    return new Response("done");
  }, { kinds: kindsOf(2, 2), isOwner });
  const strangers = [handle(get(), "127.0.0.1"), handle(get(), "127.0.0.1")];
  assert.equal((await handle(get(), "127.0.0.1")).status, 503);
  assert.equal((await handle(order(), "127.0.0.1")).status, 200);
  assert.equal((await handle(opening("x"), "127.0.0.1")).status, 200);
  gate.resolve();
  await Promise.all(strangers);
});

Deno.test("X03 half a body is cut after a time, and the oldest of too many gives way to a whole one", async () => {
  const handle = limitRequests(answerBody, {
    kinds: kindsOf(4, 4),
    bodyMsMax: 50,
  });
  const half = [1, 2, 3].map(() => handle(opening(halfBody()), "a"));
  assert.equal(await (await handle(opening("whole"), "a")).text(), "whole");
  const statuses = (await Promise.all(half)).map(({ status }) => status);
  assert.deepEqual(statuses, [503, 503, 408]);
});

Deno.test("X03 eleven hundred half bodies of one address keep nobody out", async () => {
  const handle = limitRequests(answerBody, {
    kinds: DEFAULT_KIND_LIMITS,
    bodyMsMax: 100,
    isOwner,
  });
  const half = Array.from({ length: 1100 }, () => handle(opening(halfBody()), "127.0.0.1"));
  for (const request of [get(), order(), opening("whole")]) {
    assert.equal((await handle(request, "127.0.0.1")).status, 200);
  }
  assert((await Promise.all(half)).every(({ status }) => status === 503 || status === 408));
});

Deno.test("X04 readers together take no more of the processor than is theirs", async () => {
  const busyMs = 20;
  let spentMs = 0;
  const each = { openMax: 1000, openPerAddressMax: 1000, bodiesPerAddressMax: 0, bodiesMax: 0 };
  const time = {
    all: { perSecond: 100, burst: 100 },
    perAddress: { perSecond: 1000, burst: 1000 },
  };
  const handle = limitRequests((request) => {
    if (isOwner(request)) return new Response("paid");
    const startMs = performance.now();
    while (performance.now() - startMs < busyMs);
    // What the machine did meanwhile is not the reader's.
    spentMs += busyMs;
    return new Response("read");
  }, { kinds: { owner: each, peer: each, other: { ...each, time } }, isOwner });
  const startMs = performance.now();
  const reads = Array.from({ length: 20 }, (_, index) => handle(get(), `a${index}`));
  assert.equal((await handle(order(), "a0")).status, 200);
  await Promise.all(reads);
  const seconds = (performance.now() - startMs) / 1000;
  assert(spentMs <= 100 + busyMs + 110 * seconds, `${spentMs} ms in ${seconds} s`);
});

Deno.test("X03 of half bodies from everywhere the oldest gives way once all places are taken", async () => {
  const handle = limitRequests(answerBody, {
    kinds: kindsOf(3, 3),
    bodyMsMax: 50,
  });
  const half = ["a", "b", "c"].map((address) => handle(opening(halfBody()), address));
  assert.equal(await (await handle(opening("whole"), "d")).text(), "whole");
  const statuses = (await Promise.all(half)).map(({ status }) => status);
  assert.deepEqual(statuses, [503, 408, 408]);
});

Deno.test("X03 a body is read up to the size of an opening, and not at all when it says that it is larger", async () => {
  const seen: (number | "unread")[] = [];
  let isCut = false;
  const handle = limitRequests((_request, _address, _upgrade, body) => {
    seen.push(body?.length ?? "unread");
    return new Response();
  }, { kinds: kindsOf(3, 3) });
  const partSize = 1024;
  const endless = new ReadableStream<Uint8Array>({
    pull: (stream) => stream.enqueue(new Uint8Array(partSize)),
    cancel: () => void (isCut = true),
  });
  await handle(opening(endless), "a");
  assert(isCut);
  for (const sizeBytes of [OPENING_SIZE_BYTES, OPENING_SIZE_BYTES + 1]) {
    const honest = new Request("http://n/p2p/v1/handshake", {
      method: "POST",
      body: new Uint8Array(sizeBytes),
      headers: { "content-length": String(sizeBytes) },
    });
    await handle(honest, "a");
  }
  assert.deepEqual(seen, [partSize, OPENING_SIZE_BYTES, "unread"]);
});

Deno.test("X03 half a body that says how large it is gives way and is cut like any other", async () => {
  const handle = limitRequests(answerBody, { kinds: kindsOf(4, 4), bodyMsMax: 50 });
  const opens = (body: BodyInit, sizeBytes: number) =>
    new Request("http://n/p2p/v1/handshake", {
      method: "POST",
      body,
      headers: { "content-length": String(sizeBytes) },
    });
  const half = [1, 2, 3].map(() => handle(opens(halfBody(), 100), "a"));
  assert.equal(await (await handle(opens("whole", 5), "a")).text(), "whole");
  const statuses = (await Promise.all(half)).map(({ status }) => status);
  assert.deepEqual(statuses, [503, 503, 408]);
});

Deno.test("X03 bodies that are late together are given up one after the other", async () => {
  const handle = limitRequests(answerBody, { kinds: kindsOf(50, 50), bodyMsMax: 20 });
  const startMs = performance.now();
  const endsMs: number[] = [];
  const half = Array.from({ length: 20 }, async (_, index) => {
    const { status } = await handle(opening(halfBody()), `a${index}`);
    endsMs.push(performance.now() - startMs);
    return status;
  });
  assert((await Promise.all(half)).every((status) => status === 408));
  for (const [index, endMs] of endsMs.entries()) {
    assert(endMs >= 20 + 9 * index, `the ${index}th after ${endMs} ms`);
  }
});

const withTime = (time: KindLimits["time"]): RequestLimits["kinds"] => {
  const each = { openMax: 1000, openPerAddressMax: 1000, bodiesPerAddressMax: 0, bodiesMax: 0 };
  return { owner: each, peer: each, other: { ...each, ...(time === undefined ? {} : { time }) } };
};
const PLENTY = { perSecond: 1e6, burst: 1e6 };

Deno.test("X04 an address that has read for all its time is refused after a while, and another one is answered", async () => {
  const handle = limitRequests(() => {
    const startMs = performance.now();
    while (performance.now() - startMs < 5);
    return new Response("read");
  }, {
    kinds: withTime({ all: PLENTY, perAddress: { perSecond: 0.001, burst: 1 } }),
    turnMsMax: 60,
  });
  assert.equal((await handle(get(), "a")).status, 200);
  const refused = await handle(get(), "a");
  assert.equal(refused.status, 503);
  assert.equal((await refused.json()).error.code, "node-busy");
  assert.equal((await handle(get(), "b")).status, 200);
});

Deno.test("X04 an answer that pauses keeps the next one waiting for a tenth of a second at most", async () => {
  const gate = Promise.withResolvers<void>();
  const handle = limitRequests(async ({ url }) => {
    if (url.endsWith("slow")) await gate.promise;
    return new Response("read");
  }, { kinds: withTime({ all: PLENTY, perAddress: PLENTY }), turnMsMax: 60_000 });
  const slow = handle(new Request("http://n/slow"), "a");
  assert.equal((await handle(get(), "b")).status, 200);
  gate.resolve();
  assert.equal((await slow).status, 200);
});

Deno.test("limitRequests() frees the place of a request that failed", async () => {
  const handle = limitRequests(() => {
    throw new TypeError("broken");
  }, { kinds: kindsOf(1, 1) });
  for (let count = 0; count < 3; count++) {
    await assert.rejects(handle(get(), "a"), { message: "broken" });
  }
});

Deno.test({
  name:
    "X03 with the bounds of a node, each kind of caller has so many requests open, and one more is refused",
  // They are never answered.
  sanitizeOps: false,
  sanitizeResources: false,
  async fn() {
    const places = {
      owner: { ask: order, ofAddress: 1_024, inAll: 1_024 },
      peer: { ask: () => new Request("http://n/p2p/v2/stream"), ofAddress: 2_048, inAll: 4_096 },
      other: { ask: get, ofAddress: 128, inAll: 256 },
    };
    for (const [kind, { ask, ofAddress, inAll }] of Object.entries(places)) {
      const never = new Promise<Response>(() => {});
      const handle = limitRequests(() => never, { isOwner, turnMsMax: 3_600_000 });
      const isRefused = async (address: string) => {
        const turn = new Promise<undefined>((resolve) => setTimeout(() => resolve(undefined), 0));
        const response = await Promise.race([handle(ask(), address), turn]);
        return response?.status === 503;
      };
      for (let index = 0; index < ofAddress; index++) void handle(ask(), "a");
      assert(await isRefused("a"), `${kind} of one address`);
      for (let index = ofAddress; index < inAll; index++) void handle(ask(), `b${index}`);
      assert(await isRefused("c"), `${kind} in all`);
    }
  },
});

Deno.test({
  name:
    "X03 128 half bodies of an address wait with the bounds of a node, and 256 in all; of one more, the oldest goes",
  // The timers of those before may end meanwhile.
  sanitizeOps: false,
  sanitizeResources: false,
  async fn() {
    const bounds = [[128, () => "a"], [256, (index: number) => `b${index}`]] as const;
    for (const [countMax, addressOf] of bounds) {
      const handle = limitRequests(answerBody, { bodyMsMax: 2_000 });
      const half = Array.from(
        { length: countMax },
        (_, index) => handle(opening(halfBody()), addressOf(index)),
      );
      const turn = () =>
        new Promise<undefined>((resolve) => setTimeout(() => resolve(undefined), 20));
      await turn();
      half.push(handle(opening(halfBody()), addressOf(countMax)));
      assert.equal((await half[0])?.status, 503);
      const statuses = (await Promise.all(half)).map(({ status }) => status);
      assert.equal(statuses.filter((status) => status === 503).length, 1);
    }
  },
});

Deno.test({
  name: "X04 readers who wait for one another share an answer, and one alone gets a new one",
  // A look for those that wait may be on its way.
  sanitizeOps: false,
  sanitizeResources: false,
  async fn() {
    let made = 0;
    const handle = limitRequests(() => {
      made++;
      return new Response(`${made}`, { headers: { etag: `"${made}"` } });
    }, { kinds: withTime(DEFAULT_KIND_LIMITS.other.time) });
    for (let count = 1; count <= 3; count++) {
      assert.equal(await (await handle(get(), "a")).text(), `${count}`);
    }
    const texts = await Promise.all(
      Array.from({ length: 50 }, async (_, index) => (await handle(get(), `b${index}`)).text()),
    );
    assert(made <= 6, `${made} answers were made`);
    assert(texts.every((text) => Number(text) <= made));
  },
});

Deno.test({
  name: "X04 the owner shares no answers",
  // A timer of a test before may end meanwhile.
  sanitizeOps: false,
  sanitizeResources: false,
  async fn() {
    let made = 0;
    const handle = limitRequests(() => {
      return new Response(`${++made}`, { headers: { etag: `"${made}"` } });
    }, { isOwner });
    await Promise.all(Array.from({ length: 50 }, () => handle(order(), "a")));
    assert.equal(made, 50);
  },
});
