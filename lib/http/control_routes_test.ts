/** The routes that steer a running node. */
import assert from "node:assert/strict";
import { createTestApi, type TestApi } from "../testing/test_api.ts";
import { networkOf } from "../testing/test_world.ts";

async function order(api: TestApi, path: string, body?: unknown): Promise<void> {
  const response = await api.post(path, body);
  const text = await response.text();
  assert.equal(response.status, 200, text);
  assert.deepEqual(JSON.parse(text), { done: true });
}

async function refusedCode(api: TestApi, path: string, body?: unknown): Promise<string> {
  const response = await api.post(path, body);
  assert(!response.ok);
  return (await response.json()).error.code;
}

Deno.test("mining pauses and goes on", async () => {
  const api = createTestApi({ nodes: 1 });
  await order(api, "/control/mining/pause");
  await (await api.post("/payments", { to: "self", amount: 1 })).body?.cancel();
  api.world.run(5_000);
  assert.equal(networkOf(api.node).mempool.size, 1);
  assert.equal((await (await api.get("/status")).json()).mining.enabled, false);
  await order(api, "/control/mining/resume");
  api.world.run(5_000);
  assert.equal(networkOf(api.node).mempool.size, 0);
});

Deno.test("a block is mined on demand, and not of nothing", async () => {
  const api = createTestApi({ nodes: 1, capacity: 10, blockWaitMs: 3_600_000 });
  assert.equal(await refusedCode(api, "/control/mining/mine", { blocks: 1 }), "mempool-empty");
  for (const blocks of [0, 1001, 1.5, "1"]) {
    assert.equal(await refusedCode(api, "/control/mining/mine", { blocks }), "request-malformed");
  }
  await (await api.post("/payments", { to: "self", amount: 1 })).body?.cancel();
  api.world.run(5_000);
  assert.equal(networkOf(api.node).mempool.size, 1);
  await order(api, "/control/mining/mine", { blocks: 1 });
  api.world.run(10);
  assert.equal(networkOf(api.node).mempool.size, 0);
});

Deno.test("peers are cut off and come back by id, by address, or all", async () => {
  const api = createTestApi();
  const cut = () => [...api.node.state.peers.values()].map(({ isCut }) => isCut);
  const one = (await (await api.get("/ring")).json()).nodes[1].wallet.address;
  await order(api, "/control/peers/disconnect", { peers: [one] });
  assert.deepEqual(cut().sort(), [false, true]);
  await order(api, "/control/peers/disconnect", { peers: [] });
  assert.deepEqual(cut(), [true, true]);
  await order(api, "/control/peers/reconnect", { peers: ["id1", 2] });
  assert.deepEqual(cut(), [false, false]);
  assert.equal(
    await refusedCode(api, "/control/peers/disconnect", { peers: ["id7"] }),
    "wallet-unknown",
  );
});

Deno.test("a waiting transaction is dropped, an unknown one refused", async () => {
  const api = createTestApi();
  await order(api, "/control/mining/pause");
  const { txid } = await (await api.post("/payments", { to: 1, amount: 5 })).json();
  await order(api, "/control/transactions/drop", { txid });
  const state = await (await api.get(`/transactions/${txid}`)).json();
  assert.deepEqual([state.state, state.reasonCode], ["failed", "dropped-by-operator"]);
  assert.equal((await (await api.get("/balances/self")).json()).available, 100);
  assert.equal(
    await refusedCode(api, "/control/transactions/drop", { txid }),
    "transaction-unknown",
  );
});

Deno.test("a block is invalidated and reconsidered; coins follow", async () => {
  const api = createTestApi({ nodes: 5, capacity: 1, minersMax: 1 });
  await order(api, "/control/mining/pause");
  await order(api, "/control/peers/disconnect", { peers: [] });
  const before = await (await api.get("/audit")).json();
  await order(api, "/control/blocks/invalidate", { block: 3 });
  const during = await (await api.get("/audit")).json();
  assert.deepEqual([during.height, during.supply], [2, 500]);
  assert.equal((await (await api.get("/blocks/tip")).json()).height, 2);

  await order(api, "/control/blocks/reconsider", { block: before.tipHash });
  assert.deepEqual(await (await api.get("/audit")).json(), before);
  assert.equal(
    await refusedCode(api, "/control/blocks/invalidate", { block: 0 }),
    "genesis-immutable",
  );
  assert.equal(
    await refusedCode(api, "/control/blocks/invalidate", { block: "ab" }),
    "block-not-found",
  );
});
