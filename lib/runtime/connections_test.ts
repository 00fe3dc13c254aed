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

Deno.test("X07 256 connections of an address rest, and 1,024 of strangers: one more costs one of them its place", () => {
  const one = () => "10.0.0.1";
  const each = (index: number) => `10.1.${index >> 8}.${index & 255}`;
  for (const [addressOf, countMax] of [[one, 256], [each, 1_024]] as const) {
    const connections = new Connections({ handle: () => new Response() });
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
