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
