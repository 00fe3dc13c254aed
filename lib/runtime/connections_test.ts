import assert from "node:assert/strict";
import { CONNECTION_LIMITS, Connections } from "./connections.ts";

Deno.test("X07 strangers of all addresses together connect so often and no more; members always may", async () => {
  const limits = { ...CONNECTION_LIMITS, newOfStrangers: { perSecond: 0.001, burst: 5 } };
  const connections = new Connections({
    handle: () => new Response(),
    isReserved: (address) => address === "10.0.0.1",
    limits,
  });
  const taken = Array.from({ length: 8 }, (_, index) => connections.mayConnect(`10.0.1.${index}`));
  assert.deepEqual(taken, [true, true, true, true, true, false, false, false]);
  assert.equal(connections.mayConnect("10.0.0.1"), true);
  await connections.close();
});

Deno.test("X07 connections of 4,096 addresses are counted; of one more, the first begins anew", async () => {
  const limits = {
    ...CONNECTION_LIMITS,
    newPerAddress: { perSecond: 0.001, burst: 2 },
    newOfStrangers: { perSecond: 1e6, burst: 1e6 },
  };
  for (const [others, isAnew] of [[4_095, false], [4_096, true]] as const) {
    const connections = new Connections({
      handle: () => new Response(),
      isReserved: () => false,
      limits,
    });
    const first = [1, 2, 3].map(() => connections.mayConnect("10.0.0.1"));
    assert.deepEqual(first, [true, true, false]);
    for (let index = 0; index < others; index++) {
      assert(connections.mayConnect(`10.1.${index >> 8}.${index & 255}`));
    }
    assert.equal(connections.mayConnect("10.0.0.1"), isAnew);
    await connections.close();
  }
});

Deno.test("X07 1,024 connections of an address rest, and as many of strangers: one more costs one of them its place", () => {
  const one = () => "10.0.0.1";
  const each = (index: number) => `10.1.${index >> 8}.${index & 255}`;
  // A member's connections are not counted among those of strangers.
  for (
    const [addressOf, countMax, isMember] of [[one, 1_024, true], [each, 1_024, false]] as const
  ) {
    const connections = new Connections({
      handle: () => new Response(),
      isReserved: () => isMember,
    });
    let cut = 0;
    const take = (index: number) =>
      connections.take(addressOf(index), { cancel: () => cut++, finish: () => {} });
    for (let index = 0; index < countMax; index++) take(index);
    assert.equal(cut, 0);
    take(countMax);
    assert.equal(cut, 1);
    void connections.close();
  }
});

Deno.test("X07 halves of first requests have 1,024 places of their own", () => {
  const connections = new Connections({ handle: () => new Response() });
  const cut: number[] = [];
  const take = (index: number) =>
    connections.take("10.0.0.1", { cancel: () => cut.push(index), finish: () => {} });
  for (let index = 0; index < 1_024; index++) connections.waitFor(take(index));
  for (let index = 1_024; index < 2_048; index++) take(index);
  assert.deepEqual(cut, []);
  connections.waitFor(take(2_048));
  assert.equal(cut.length, 2, "one for its coming, one for its half");
  const [ofIdle = NaN, ofHalf = NaN] = cut;
  assert(ofIdle >= 1_024 && ofHalf < 1_024, `${cut}`);
  void connections.close();
});

Deno.test("X07 an address connects 500 times at once, and strangers together 2,000 times", () => {
  const one = () => "10.0.0.1";
  const each = (index: number) => `10.1.${index >> 8}.${index & 255}`;
  for (const [addressOf, burst, perSecond] of [[one, 500, 100], [each, 2_000, 400]] as const) {
    const connections = new Connections({ handle: () => new Response() });
    const startMs = performance.now();
    let taken = 0;
    while (taken < 10 * burst && connections.mayConnect(addressOf(taken))) taken++;
    const seconds = (performance.now() - startMs) / 1000;
    assert(taken >= burst && taken <= burst + perSecond * seconds + 1, `${taken} in ${seconds} s`);
    void connections.close();
  }
});

Deno.test("X07 32 answers are on their way for longer than a second: one more costs the slowest its connection", async () => {
  const connections = new Connections({ handle: () => new Response() });
  const cut: number[] = [];
  const send = (index: number) => {
    const connection = connections.take(`10.0.1.${index}`, {
      cancel: () => cut.push(index),
      finish: () => {},
    });
    connections.begin(connection, new Request("http://n/"));
    connections.send(connection);
  };
  for (let index = 0; index < CONNECTION_LIMITS.sendingMax; index++) send(index);
  await new Promise((resolve) => setTimeout(resolve, 1_100));
  assert.deepEqual(cut, []);
  send(32);
  assert.deepEqual(cut, [0]);
  void connections.close();
});

Deno.test("X07 connections that have taken too long together go ten at a time", async () => {
  const limits = { ...CONNECTION_LIMITS, firstRequestMsMax: 20 };
  const connections = new Connections({ handle: () => new Response(), limits });
  const rounds: number[] = [];
  const gone = Promise.withResolvers<void>();
  let isNewRound = true;
  let left = 25;
  for (let count = left; count > 0; count--) {
    const connection = connections.take("10.0.0.1", {
      cancel() {
        if (isNewRound) queueMicrotask(() => isNewRound = true);
        if (isNewRound) rounds.push(0);
        isNewRound = false;
        rounds.push((rounds.pop() as number) + 1);
        connections.forget(connection);
        if (--left === 0) gone.resolve();
      },
      finish: () => {},
    });
  }
  await gone.promise;
  assert(rounds.length >= 3 && rounds.every((count) => count <= 10), rounds.join());
  await connections.close();
});

Deno.test("X07 a process that stood still reads what came meanwhile before it closes whoever was silent", async () => {
  const connections = new Connections({
    handle: () => new Response(),
    limits: { ...CONNECTION_LIMITS, firstRequestMsMax: 500 },
  });
  let isCancelled = false;
  const connection = connections.take("192.0.2.1", {
    cancel() {
      isCancelled = true;
      connections.forget(connection);
    },
    finish: () => {},
  });
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1_700);
  await new Promise((resolve) => setTimeout(resolve, 0));
  assert.equal(isCancelled, false);
  while (!isCancelled) await new Promise((resolve) => setTimeout(resolve, 5));
  await connections.close();
});
