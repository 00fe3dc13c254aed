/** The routes that read: what they answer, checked by the schemas that clients use. */
import assert from "node:assert/strict";
import { ByteReader } from "../bytes.ts";
import { formatAddress } from "../crypto/address.ts";
import { decodeBlock } from "../primitives/block.ts";
import { step } from "../node/node.ts";
import { assertRefused, createTestApi, type TestApi, testApiOf } from "../testing/test_api.ts";
import { networkOf, TestWorld } from "../testing/test_world.ts";
import { auditSchema, blockListSchema, blockSchema } from "../wire/api_chain.ts";
import { lastTransactionsSchema, mempoolSchema, tipsSchema } from "../wire/api_chain.ts";
import { transactionStateSchema } from "../wire/api_chain.ts";
import { paramsSchema, ringSchema, statusSchema } from "../wire/api_network.ts";
import { acceptedSchema, balanceListSchema, balanceSchema } from "../wire/api_wallet.ts";
import { historySchema } from "../wire/api_wallet.ts";

async function json(api: TestApi, path: string): Promise<unknown> {
  const response = await api.get(path);
  assert.equal(response.status, 200, path);
  assert.match(response.headers.get("content-type") ?? "", /^application\/json/);
  return await response.json();
}

async function pay(api: TestApi, to: string | number, amount: number): Promise<string> {
  const response = await api.post("/payments", { to, amount });
  assert.equal(response.status, 202);
  return acceptedSchema.parse(await response.json()).txid;
}

Deno.test("GET /status tells who the node is and where its chain stands", async () => {
  const api = createTestApi();
  const status = statusSchema.parse(await json(api, "/status"));
  assert.equal(status.role, "bootstrap");
  assert.equal(status.phase, "ready");
  assert.equal(status.wallet.nodeId, 0);
  assert.equal(status.wallet.address, formatAddress(api.node.keyPair.publicKey));
  assert.equal(status.chain?.height, 1);
  assert.equal(status.chain?.tipHash, networkOf(api.node).chain.tip.hash);
  assert.equal(status.params?.nodes, 3);
  assert.equal(status.mining.enabled, true);
});

Deno.test("GET /params tells everything that genesis fixes", async () => {
  const api = createTestApi({ capacity: 7, fee: 1, reward: 2 });
  const params = paramsSchema.parse(await json(api, "/params"));
  assert.equal(params.capacity, 7);
  assert.equal(params.fee, 1);
  assert.equal(params.reward, 2);
  assert.equal(params.genesisHash, api.world.params.genesis.hash);
});

Deno.test("GET /ring names all nodes with their health", async () => {
  const api = createTestApi();
  const ring = ringSchema.parse(await json(api, "/ring"));
  assert.equal(ring.complete, true);
  assert.deepEqual(ring.nodes.map(({ wallet }) => wallet.nodeId), [0, 1, 2]);
  assert.deepEqual(ring.nodes.map(({ health }) => health), ["self", "connected", "connected"]);
  assert.equal(ring.nodes[2]?.url, "http://n2.sim:5000");
});

Deno.test("GET /ring shows a peer that cannot be reached, and one that was cut off", async () => {
  const api = createTestApi();
  const [, one, two] = api.world.nodes;
  assert(one && two);
  api.world.crash(one);
  await api.post("/control/peers/disconnect", { peers: ["id2"] });
  api.world.run(20_000);
  const ring = ringSchema.parse(await json(api, "/ring"));
  assert.equal(ring.nodes[1]?.health, "unreachable");
  assert.equal(ring.nodes[2]?.health, "disconnected");
});

Deno.test("a block that is stored and not yet connected is nowhere to be seen", async () => {
  const world = new TestWorld({ nodes: 1, capacity: 1, isAutomatic: false });
  const node = world.add({ stagedTransactionsMin: 1 });
  assert(world.pay(node, node.keyPair.publicKey, 1).ok);
  world.run(1);
  const { jobId, template: { header: { timestampMs } } } = node.job!;
  step(node.state, { type: "mined", jobId, timestampMs, nonce: 1 }, world.nowMs);
  const { staged, chain } = networkOf(node);
  assert(staged?.stage === "stored");

  const api = testApiOf(world, node);
  const { hash } = staged.entry;
  for (const name of [hash, hash.slice(0, 12)]) {
    assert.equal(await assertRefused(await api.get(`/blocks/${name}`), 404), "block-not-found");
  }
  const blocksSeen = async () => statusSchema.parse(await json(api, "/status")).chain?.blockCount;
  assert.equal(await blocksSeen(), 1);
  assert.equal(tipsSchema.parse(await json(api, "/tips")).tips.length, 1);

  while (chain.tip.hash !== hash) step(node.state, { type: "continue" }, world.nowMs);
  assert.equal(blockSchema.parse(await json(api, `/blocks/${hash}`)).status, "main");
  assert.equal(await blocksSeen(), 2);
});

Deno.test("P05 GET /transactions is the last confirmed block, not what waits", async () => {
  const api = createTestApi({ isAutomatic: true });
  await pay(api, 1, 5);
  api.world.run(1_000);
  await api.post("/control/mining/pause");
  await pay(api, 2, 7);

  const text = await (await api.get("/transactions")).text();
  const last = lastTransactionsSchema.parse(JSON.parse(text));
  assert.equal(last.block.hash, networkOf(api.node).chain.tip.hash);
  assert.equal(last.block.confirmations, 1);
  assert.deepEqual(
    last.transactions.map(({ sender, receiver, amount, total, change }) => ({
      from: sender.nodeId,
      to: receiver.nodeId,
      amount,
      total,
      change,
    })),
    [{ from: 0, to: 1, amount: 5, total: 100, change: 95 }],
  );
  assert.match(text, /"amount":5,"total":100,"change":95/);
});

Deno.test("P05 GET /balances tells confirmed and pending apart, in integers", async () => {
  const api = createTestApi();
  await api.post("/control/mining/pause");
  await pay(api, "id1", 30);
  const mine = balanceSchema.parse(await json(api, "/balances/self"));
  assert.deepEqual([mine.confirmed, mine.pending, mine.available], [100, -30, 70]);
  const theirs = balanceSchema.parse(await json(api, "/balances/1"));
  assert.deepEqual([theirs.confirmed, theirs.pending, theirs.available], [100, 30, 130]);
  const byAddress = await json(api, `/balances/${mine.wallet.address}`);
  assert.deepEqual(byAddress, mine);
});

Deno.test("GET /balances lists the ring by id; the sum is the supply", async () => {
  const api = createTestApi();
  await pay(api, 2, 11);
  api.world.run(1_000);
  const { balances, supply } = balanceListSchema.parse(await json(api, "/balances"));
  assert.deepEqual(balances.map(({ wallet }) => wallet.nodeId), [0, 1, 2]);
  assert.deepEqual(balances.map(({ confirmed }) => confirmed), [89, 100, 111]);
  assert.equal(supply, 300);
});

Deno.test("GET /blocks lists from the tip down, or from a height up", async () => {
  const api = createTestApi({ nodes: 5, capacity: 1 });
  const newest = blockListSchema.parse(await json(api, "/blocks?limit=2"));
  assert.deepEqual(newest.blocks.map(({ height }) => height), [4, 3]);
  const upwards = blockListSchema.parse(await json(api, "/blocks?from=1&limit=3"));
  assert.deepEqual(upwards.blocks.map(({ height }) => height), [1, 2, 3]);
  assert.deepEqual(upwards.blocks.map(({ confirmations }) => confirmations), [4, 3, 2]);
  const beyond = blockListSchema.parse(await json(api, "/blocks?from=99"));
  assert.deepEqual(beyond.blocks, []);
});

Deno.test("GET /blocks/{block} finds a block by height, by hash and as the tip", async () => {
  const api = createTestApi();
  const byHeight = blockSchema.parse(await json(api, "/blocks/1"));
  assert.deepEqual(blockSchema.parse(await json(api, `/blocks/${byHeight.hash}`)), byHeight);
  assert.deepEqual(blockSchema.parse(await json(api, "/blocks/tip")), byHeight);
  assert.equal(byHeight.status, "main");
  assert.equal(byHeight.transactionCount, byHeight.transactions.length);
  const genesis = blockSchema.parse(await json(api, "/blocks/0"));
  assert.equal(genesis.nonce, 0);
  assert.equal(BigInt(`0x${genesis.previousHash}`), 1n);
  assert.equal(genesis.transactions[0]?.amount, 300);
});

Deno.test("GET /blocks/raw gives encoded blocks, each with its size in front", async () => {
  const api = createTestApi({ nodes: 5, capacity: 1 });
  const response = await api.get("/blocks/raw?from=1&limit=3");
  assert.equal(response.status, 200);
  assert.equal(response.headers.get("content-type"), "application/octet-stream");
  assert.equal(response.headers.get("x-noobcash-tip-height"), "4");

  const reader = new ByteReader(new Uint8Array(await response.arrayBuffer()));
  const hashes: (string | undefined)[] = [];
  while (reader.remainingBytes > 0) hashes.push(decodeBlock(reader.sized(1_000_000))?.hash);
  assert(reader.finish());
  const { chain } = networkOf(api.node);
  assert.deepEqual(hashes, [1, 2, 3].map((height) => chain.atHeight(height)?.hash));

  const above = await api.get("/blocks/raw?from=5");
  assert.equal((await above.arrayBuffer()).byteLength, 0);
});

Deno.test("GET /transactions/{txid} follows a payment from pending to confirmed", async () => {
  const api = createTestApi();
  const txid = await pay(api, 1, 5);
  const pending = transactionStateSchema.parse(await json(api, `/transactions/${txid}`));
  assert.equal(pending.state, "pending");
  assert.deepEqual([pending.blockHash, pending.confirmations], [null, 0]);

  api.world.run(1_000);
  const confirmed = transactionStateSchema.parse(await json(api, `/transactions/${txid}`));
  assert.equal(confirmed.state, "confirmed");
  assert.deepEqual([confirmed.height, confirmed.index, confirmed.confirmations], [2, 0, 1]);
  assert.equal(confirmed.blockHash, networkOf(api.node).chain.tip.hash);

  const unknown = await api.get(`/transactions/${"ab".repeat(32)}`);
  assert.equal(unknown.status, 404);
  assert.equal((await unknown.json()).error.code, "transaction-unknown");
});

Deno.test("GET /transactions/{txid} finds the coins of genesis", async () => {
  const api = createTestApi();
  const txid = api.world.params.genesis.transactions[0]?.txid;
  const state = transactionStateSchema.parse(await json(api, `/transactions/${txid}`));
  assert.deepEqual([state.state, state.height, state.transaction.amount], ["confirmed", 0, 300]);
});

Deno.test("GET /mempool lists what waits in the order of mining", async () => {
  const api = createTestApi();
  await api.post("/control/mining/pause");
  const first = await pay(api, 1, 5);
  const second = await pay(api, 2, 6);
  const all = mempoolSchema.parse(await json(api, "/mempool"));
  assert.deepEqual(all.transactions.map(({ transaction }) => transaction.txid), [first, second]);
  const one = mempoolSchema.parse(await json(api, "/mempool?limit=1"));
  assert.deepEqual([one.size, one.transactions.length, one.next], [2, 1, first]);
  const two = mempoolSchema.parse(await json(api, `/mempool?limit=1&after=${first}`));
  assert.deepEqual(two.transactions.map(({ transaction }) => transaction.txid), [second]);
  assert.equal(two.next, null);

  await api.post("/control/transactions/drop", { txid: first });
  const gone = await api.get(`/mempool?limit=1&after=${first}`);
  assert.deepEqual([gone.status, (await gone.json()).error.code], [404, "cursor-gone"]);
});

Deno.test("GET /history gives pages; what is confirmed between two of them is not left out", async () => {
  const api = createTestApi();
  await pay(api, 1, 5);
  api.world.run(1_000);
  await api.post("/control/mining/pause");
  for (let amount = 1; amount <= 5; amount++) await pay(api, 2, amount);
  const { txid: lost } = await (await api.post("/payments", { to: 2, amount: 9 })).json();
  await api.post("/control/transactions/drop", { txid: lost });
  const whole = historySchema.parse(await json(api, "/history"));
  const txids = whole.entries.map(({ transaction }) => transaction.txid);
  assert.deepEqual([txids.length, txids[0], whole.next], [10, lost, null]);

  for (const limit of [1, 2, 3, 4, 7, 9, 10]) {
    const seen: string[] = [];
    let after = "";
    for (let next: string | null = null; seen.length === 0 || next !== null;) {
      const page = historySchema.parse(await json(api, `/history?limit=${limit}${after}`));
      assert(page.entries.length <= limit);
      seen.push(...page.entries.map(({ transaction }) => transaction.txid));
      next = page.next;
      after = `&after=${next}`;
    }
    assert.deepEqual(seen, txids);
  }

  const first = historySchema.parse(await json(api, "/history?limit=3"));
  assert.equal(first.next, txids[2]);
  assert.equal(first.entries.at(-1)?.state, "pending");
  const foreign = await api.get(`/history?wallet=id1&after=${lost}`);
  assert.equal((await foreign.json()).error.code, "cursor-gone");
  await api.post("/control/mining/resume");
  api.world.run(2_000);
  const second = historySchema.parse(await json(api, `/history?after=${first.next}`));
  assert(second.entries.every(({ state }) => state === "confirmed"));
  assert.deepEqual(second.entries.map(({ transaction }) => transaction.txid), txids.slice(3));
  const gone = await api.get(`/history?after=${"ab".repeat(32)}`);
  assert.deepEqual([gone.status, (await gone.json()).error.code], [404, "cursor-gone"]);
});

Deno.test("GET /history tells what was sent and received, the newest first", async () => {
  const api = createTestApi();
  await pay(api, 1, 5);
  api.world.run(1_000);
  await api.post("/control/mining/pause");
  await pay(api, 2, 6);
  const mine = historySchema.parse(await json(api, "/history"));
  assert.deepEqual(
    mine.entries.map(({ state, direction, transaction }) => [state, direction, transaction.amount]),
    [
      ["pending", "sent", 6],
      ["confirmed", "sent", 5],
      ["confirmed", "sent", 100],
      ["confirmed", "sent", 100],
      ["confirmed", "received", 300],
    ],
  );
  const theirs = historySchema.parse(await json(api, "/history?wallet=id1&limit=1"));
  assert.deepEqual(
    theirs.entries.map(({ direction, transaction }) => [direction, transaction.amount]),
    [["received", 5]],
  );
});

Deno.test("GET /tips tells the active tip and an invalidated branch", async () => {
  const api = createTestApi({ nodes: 5, capacity: 1, minersMax: 1 });
  await api.post("/control/mining/pause");
  const hash = networkOf(api.node).chain.tip.hash;
  await api.post("/control/blocks/invalidate", { block: hash });
  const { tips } = tipsSchema.parse(await json(api, "/tips"));
  assert.deepEqual(tips.map(({ status, height }) => [status, height]), [
    ["active", 3],
    ["invalid", 4],
  ]);
  assert.equal(tips[1]?.hash, hash);
  assert.equal(tips[1]?.invalidCode, "invalidated-by-operator");
  assert.deepEqual([tips[1]?.forkHeight, tips[1]?.branchLength], [3, 1]);
});

Deno.test("GET /audit counts the same at every node with the same tip", async () => {
  const api = createTestApi();
  await pay(api, 1, 42);
  api.world.run(1_000);
  const audit = auditSchema.parse(await json(api, "/audit"));
  assert.equal(audit.supply, 300);
  assert.equal(audit.supplyExpected, 300);
  assert.equal(audit.balances.reduce((sum, { confirmed }) => sum + confirmed, 0), 300);
  assert.match(audit.utxoCommitment, /^[0-9a-f]{64}$/);

  const before = audit.utxoCommitment;
  await pay(api, 1, 1);
  api.world.run(1_000);
  const after = auditSchema.parse(await json(api, "/audit"));
  assert.notEqual(after.utxoCommitment, before);
});

Deno.test("GET /metrics is text that Prometheus reads", async () => {
  const api = createTestApi();
  const response = await api.get("/metrics");
  assert.match(response.headers.get("content-type") ?? "", /^text\/plain; version=0\.0\.4/);
  const text = await response.text();
  assert.match(text, /^noobcash_chain_height 1$/m);
  assert.match(text, /^noobcash_peers\{health="connected"\} 2$/m);
  for (const line of text.trimEnd().split("\n")) {
    assert.match(line, /^# (?:HELP|TYPE) \w+ .+$|^\w+(?:\{\w+="[^"]*"\})? -?[0-9.e+]+$/);
  }
});

Deno.test("K01 a node that cannot follow its network for its clock says so, and is not ready", async () => {
  const api = createTestApi();
  assert.equal((await api.get("/ready")).status, 200);
  api.node.state.wallOffsetMs -= 3 * 3_600_000;
  assert.equal((await api.get("/ready")).status, 200, "Nobody is ahead");
  for (const peer of api.node.state.peers.values()) {
    assert(peer.status !== undefined);
    const tipWork = 10n as typeof peer.status.tipWork;
    const tipHeight = 57 as typeof peer.status.tipHeight;
    peer.status = { ...peer.status, tipWork, tipHeight };
  }
  const refused = await api.get("/ready");
  assert.equal(refused.status, 503);
  const { error } = await refused.json();
  assert.equal(error.code, "clock-behind");
  assert.equal(error.evidence.peersHeight, 57);
  const { warnings } = await (await api.get("/status")).json();
  assert(warnings.some(({ code }: { code: string }) => code === "chain-behind"));
  assert.equal((await api.get("/health")).status, 200, "A new start would not help");
  api.stop();
});
