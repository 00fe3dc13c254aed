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
