/** Joining coins, against a real node's API. */
import assert from "node:assert/strict";
import { paymentAmountOf } from "../primitives/amount.ts";
import { createTestApi, TEST_TOKEN } from "../testing/test_api.ts";
import { createApiClient } from "./api_client.ts";
import { consolidate } from "./consolidate.ts";

Deno.test("a wallet of 700 receipts of one coin is told how much it can pay at once, and joins them", async () => {
  const api = createTestApi({ nodes: 2, coinsPerNode: 700, capacity: 1000 });
  const { world, node } = api;
  const other = world.nodes[1];
  assert(other !== undefined);
  const one = paymentAmountOf(1);
  assert(one !== undefined);

  // The node gives away what it has and gets it back in single coins.
  assert((await (await api.post("/payments", { to: 1, amount: 700 })).json()).txid);
  world.run(2_000);
  for (let count = 0; count < 700; count++) {
    assert(world.pay(other, node.keyPair.publicKey, one).ok);
  }
  world.run(5_000);

  const server = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen: () => {} }, api.app.fetch);
  try {
    const url = `http://127.0.0.1:${server.addr.port}`;
    const client = createApiClient({ url, token: TEST_TOKEN, timeoutMs: 30_000 });
    const before = await client.balance();
    assert(before.ok);
    assert.deepEqual([before.value.available, before.value.coins], [700, 700]);

    const refused = await client.pay(1, 700);
    assert(!refused.ok && refused.error.kind === "refused");
    assert.equal(refused.error.code, "too-many-coins-needed");
    assert.deepEqual(refused.error.evidence, { max: 256, payable: 256, want: 700 });
    assert.match(refused.error.message, /256 coins.*noobcash client consolidate/);

    const seen: number[] = [];
    const joined = await consolidate(client, ({ coins }) => seen.push(coins));
    assert(joined.ok);
    assert.deepEqual(seen, [700, 445, 190, 1]);
    assert.deepEqual([joined.value.coinsBefore, joined.value.coins], [700, 1]);
    assert.equal(joined.value.payments.length, 3);

    const again = await consolidate(client, () => {});
    assert(again.ok);
    assert.deepEqual(again.value.payments, []);
    assert((await client.pay(1, 700)).ok);
  } finally {
    await server.shutdown();
    api.stop();
  }
});
