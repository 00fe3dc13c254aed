import assert from "node:assert/strict";
import { utf8Bytes } from "../bytes.ts";
import { sha256 } from "../crypto/hash.ts";
import { keyPairOfSeed } from "../crypto/keys.ts";
import type { Amount } from "../primitives/amount.ts";
import { hashHeader } from "../primitives/header.ts";
import { signRecord } from "../wire/ring.ts";
import { createPayment } from "../wallet/payment.ts";
import {
  balances,
  coinTiersOf,
  networkOf,
  settle,
  type TestNode,
  TestWorld,
  tipOf,
} from "../testing/test_world.ts";

Deno.test("N02 nodes that join at the same time get dense ids and one ring", () => {
  const world = new TestWorld({ nodes: 8 });
  world.addAll();
  const rings = world.nodes.map((node) => networkOf(node).membership.ring?.publicKeys.join());
  assert.equal(new Set(rings).size, 1);
  const ids = world.nodes.map((node) => networkOf(node).membership.id);
  assert.deepEqual([...ids].sort(), [0, 1, 2, 3, 4, 5, 6, 7]);
});

Deno.test("N01 a node that asks twice keeps its id", () => {
  const world = new TestWorld({ nodes: 3 });
  const bootstrap = world.add();
  const node = world.add();
  world.runUntil(() => node.state.network !== undefined);
  world.run(30_000);
  assert.equal(networkOf(bootstrap).membership.joined.length, 2);
  assert.equal(networkOf(node).membership.id, 1);

  world.crash(node);
  world.restart(node);
  world.run(5_000);
  assert.equal(networkOf(bootstrap).membership.joined.length, 2);
  world.add();
  world.runUntil(() => world.nodes.every(({ state }) => state.phase === "ready"));
  assert.equal(networkOf(node).membership.id, 1);
});

Deno.test("N03 the node after the last one is refused", () => {
  const world = new TestWorld({ nodes: 2 });
  world.addAll();
  const late = world.add();
  world.runUntil(() => late.gaveUp !== undefined);
  assert.equal(late.gaveUp, "ring-full");
  assert.equal(networkOf(world.nodes[0] as TestNode).membership.joined.length, 2);
});

Deno.test("N04 payouts wait for a slow node, and are made once though the bootstrap crashes", () => {
  const world = new TestWorld({ nodes: 3 });
  const bootstrap = world.add();
  const slow = world.add();
  world.runUntil(() => slow.state.network !== undefined);
  world.crash(slow);
  world.add();
  world.run(10_000);
  assert.equal(networkOf(bootstrap).membership.payoutsMade, false);
  assert.equal(networkOf(bootstrap).chain.height, 0);

  world.restart(slow);
  world.runUntil(() => networkOf(bootstrap).membership.payoutsMade);
  world.crash(bootstrap);
  world.restart(bootstrap);
  world.runUntil(() => world.nodes.every(({ state }) => state.phase === "ready"));
  world.run(10_000);
  assert.deepEqual(balances(world), [100, 100, 100]);
});

for (const [nodes, capacity] of [[5, 10], [5, 3], [5, 1], [4, 3], [1, 5], [2, 1]] as const) {
  Deno.test(`N05 N10 ${nodes} nodes start with 100 confirmed coins in strict blocks of ${capacity}`, () => {
    const world = new TestWorld({ nodes, capacity, strict: true });
    world.addAll();
    assert.deepEqual(balances(world), Array(nodes).fill(100));
    for (const node of world.nodes) assert.equal(networkOf(node).mempool.size, 0);
  });
}

Deno.test("N06 a node that starts first waits for the bootstrap node", () => {
  const world = new TestWorld({ nodes: 2 });
  const bootstrap = world.add();
  world.crash(bootstrap);
  const node = world.add();
  world.run(20_000);
  assert.equal(node.state.phase, "joining");
  world.restart(bootstrap);
  world.runUntil(() => node.state.phase === "ready");
});

Deno.test("N07 a node whose flags contradict the network is told which", () => {
  const world = new TestWorld({ nodes: 2, capacity: 2 });
  world.add();
  const node = world.add({
    role: { kind: "member", bootstrapUrl: "http://n0.sim:5000", expectations: { capacity: 5 } },
  });
  world.runUntil(() => node.gaveUp !== undefined);
  assert.equal(node.gaveUp, "params-contradicted");
});

Deno.test("N09 a payment before the node is ready is refused and changes nothing", () => {
  const world = new TestWorld({ nodes: 2 });
  const bootstrap = world.add();
  const reply = world.pay(bootstrap, bootstrap.keyPair.publicKey, 1);
  assert.deepEqual(reply, { ok: false, error: { code: "not-ready", phase: "waiting-for-ring" } });
});

Deno.test("U02 a hundred payments from one coin confirm in order", () => {
  const world = new TestWorld({ nodes: 2, capacity: 30 });
  world.addAll();
  const [a, b] = world.nodes as [TestNode, TestNode];
  for (let count = 0; count < 100; count++) assert(world.pay(b, a.keyPair.publicKey, 1).ok);
  const reply = world.pay(b, a.keyPair.publicKey, 1);
  assert.equal(reply.ok ? "" : reply.error.code, "insufficient-funds");
  settle(world);
  assert.deepEqual(balances(world), [200, 0]);
});

Deno.test("F01 F08 a tie at rest ends on one tip, and every payment stands", () => {
  const world = new TestWorld({ nodes: 2, isAutomatic: false });
  const [a, b] = readyPair(world);
  world.partition([a], [b]);
  assert(world.pay(a, b.keyPair.publicKey, 10).ok);
  assert(world.pay(b, a.keyPair.publicKey, 20).ok);
  world.runUntil(() => a.job !== undefined && b.job !== undefined);
  world.mine(a);
  world.mine(b);
  assert.notEqual(tipOf(a), tipOf(b));

  world.partition([a], [b], false);
  world.run(8_000);
  // Each block's payment waits at the other node now, so somebody mines the next block.
  world.runUntil(() => {
    world.mine(a);
    world.run(10);
    return tipOf(a) === tipOf(b) && networkOf(a).mempool.size === 0 &&
      networkOf(b).mempool.size === 0;
  });
  assert.deepEqual(balances(world), [110, 90]);
});

Deno.test("F04 a double spend across a partition ends with one of the two", () => {
  const world = new TestWorld({ nodes: 3, capacity: 1, isAutomatic: false });
  for (let name = 0; name < 3; name++) world.add();
  mineUntil(world, () => world.nodes.every(({ state }) => state.phase === "ready"));
  const [a, b, c] = world.nodes as [TestNode, TestNode, TestNode];

  // The same coin of c is paid to a on one side and to b on the other; b's side mines one block more.
  world.partition([a], [b, c]);
  const { params } = networkOf(c);
  const context = { keyPair: c.keyPair, params };
  const payment = { receiver: a.keyPair.publicKey, amount: 60 as Amount };
  const toA = createPayment(payment, coinTiersOf(networkOf(c), c.keyPair.publicKey), context);
  assert(toA.ok);
  world.input(a, { type: "submit", requestId: 1, transaction: toA.value });
  assert(a.replies.get(1)?.ok);
  assert(world.pay(c, b.keyPair.publicKey, 70).ok);
  assert(world.pay(b, c.keyPair.publicKey, 1).ok);
  world.run(50);
  world.mine(a);
  mineUntil(world, () => networkOf(b).mempool.size === 0 && networkOf(c).mempool.size === 0);
  assert.equal(networkOf(a).chain.height, 3);
  assert.equal(networkOf(b).chain.height, 4);

  world.partition([a], [b, c], false);
  world.runUntil(() => new Set(world.nodes.map(tipOf)).size === 1);
  assert.equal(networkOf(a).mempool.size, 0);
  assert.deepEqual(balances(world), [100, 169, 31]);
  const removed = a.events.find((event) => event.type === "transaction-removed");
  assert(removed?.type === "transaction-removed");
  assert.equal(removed.txid, toA.value.txid);
  assert.equal(removed.reason.code, "conflict");
});

Deno.test("F07 a solution found in a race is never lost: a side block, or the tip if its hash is lower", () => {
  for (const isLower of [false, true]) {
    const world = new TestWorld({ nodes: 2, isAutomatic: false });
    const [a, b] = readyPair(world);
    assert(world.pay(a, b.keyPair.publicKey, 10).ok);
    assert(world.pay(a, b.keyPair.publicKey, 10).ok);
    world.run(50);
    const { jobId, template: { header } } = b.job!;
    world.mine(a);
    world.run(50);
    assert.equal(tipOf(a), tipOf(b));
    const { timestampMs } = header;
    let nonce = 0;
    while (hashHeader({ ...header, nonce }) < tipOf(a) !== isLower) nonce++;
    world.input(b, { type: "mined", jobId, timestampMs, nonce });
    assert.equal(networkOf(b).chain.rivals.length, 1);
    assert.equal(b.events.filter(({ type }) => type === "side-block").length, 1);
    assert.equal(tipOf(b) !== tipOf(a), isLower);
    world.run(50);
    assert.equal(tipOf(b), tipOf(a));
  }
});

Deno.test("F01 a block announced while a question is open is not missed", () => {
  const world = new TestWorld({ nodes: 3, capacity: 1, isAutomatic: false });
  for (let name = 0; name < 3; name++) world.add();
  mineUntil(world, () => world.nodes.every(({ state }) => state.phase === "ready"));
  const [a, b, c] = world.nodes as [TestNode, TestNode, TestNode];
  for (let count = 0; count < 4; count++) assert(world.pay(a, b.keyPair.publicKey, 1).ok);
  world.run(50);

  // c misses a block of a and one of b; then a's next one makes it ask a for headers.
  world.partition([c], [a, b]);
  for (const miner of [a, b]) {
    world.mine(miner);
    world.run(50);
  }
  world.partition([c], [a, b], false);
  world.mine(a);
  world.run(6);
  assert(networkOf(c).sync.headersRequest !== undefined);

  // Before a answers, b finds another one, of which a does not hear.
  world.partition([a], [b]);
  world.mine(b);
  world.run(100);
  assert.notEqual(tipOf(a), tipOf(b));
  assert.equal(tipOf(c), tipOf(b));
});

Deno.test("R01 M06 a crash keeps id, chain and waiting payments", () => {
  const world = new TestWorld({ nodes: 2, capacity: 5, isAutomatic: false });
  const [a, b] = readyPair(world);
  world.partition([a], [b]);
  assert(world.pay(b, a.keyPair.publicKey, 7).ok);
  world.crash(b);
  world.restart(b);
  assert.equal(networkOf(b).membership.id, 1);
  assert.equal(networkOf(b).mempool.size, 1);

  world.partition([a], [b], false);
  world.runUntil(() => networkOf(a).mempool.size === 1);
  mineUntil(world, () => networkOf(a).mempool.size === 0 && networkOf(b).mempool.size === 0);
  assert.deepEqual(balances(world), [107, 93]);
});

Deno.test("M06 own payments that a crash left waiting are sent again at once, whatever the tips", () => {
  const world = new TestWorld({ nodes: 2, capacity: 5, isAutomatic: false });
  const [a, b] = readyPair(world);
  world.partition([a], [b]);
  assert(world.pay(b, a.keyPair.publicKey, 7).ok);
  world.crash(b);
  world.partition([a], [b], false);
  world.restart(b);
  world.run(20);
  assert.equal(networkOf(a).mempool.size, 1);
});

Deno.test("R03 R04 a node that was away catches up from any peer, the bootstrap node gone", () => {
  const world = new TestWorld({ nodes: 3, capacity: 1 });
  world.addAll();
  const [a, b, c] = world.nodes as [TestNode, TestNode, TestNode];
  world.crash(c);
  for (let count = 0; count < 60; count++) assert(world.pay(a, b.keyPair.publicKey, 1).ok);
  world.runUntil(() => networkOf(b).mempool.size === 0 && networkOf(b).chain.height >= 62);
  world.crash(a);
  world.restart(c);
  world.runUntil(() => tipOf(b) === tipOf(c));
  assert(world.pay(c, b.keyPair.publicKey, 5).ok);
  world.runUntil(() => networkOf(b).chain.height >= 63 && tipOf(b) === tipOf(c));
});

Deno.test("an observer follows without a place in the ring", () => {
  const world = new TestWorld({ nodes: 2 });
  world.addAll();
  const observer = world.add({
    role: { kind: "observer", bootstrapUrl: "http://n0.sim:5000", expectations: {} },
    isMining: false,
  });
  world.runUntil(() => observer.state.phase === "ready");
  const [a, b] = world.nodes as [TestNode, TestNode];
  assert(world.pay(a, b.keyPair.publicKey, 5).ok);
  settle(world);
  assert.equal(tipOf(observer), tipOf(a));
  assert.equal(networkOf(observer).membership.id, undefined);
  const reply = world.pay(observer, a.keyPair.publicKey, 1);
  assert.equal(reply.ok ? "" : reply.error.code, "observer-has-no-wallet");
});

Deno.test("an operator's invalid block is left by a real reorganisation and comes back", () => {
  const world = new TestWorld({ nodes: 2, capacity: 1 });
  world.addAll();
  const [a, b] = world.nodes as [TestNode, TestNode];
  world.control(b, { kind: "pause-mining" });
  assert(world.pay(b, a.keyPair.publicKey, 5).ok);
  settle(world);
  const hash = tipOf(b);
  assert(world.control(b, { kind: "invalidate-block", hash }).ok);
  assert.equal(networkOf(b).chain.height, 1);
  assert.equal(networkOf(b).mempool.size, 1);
  assert(world.control(b, { kind: "reconsider-block", hash }).ok);
  assert.equal(tipOf(b), hash);
  assert.equal(networkOf(b).mempool.size, 0);
});

function readyPair(world: TestWorld): [TestNode, TestNode] {
  world.add();
  world.add();
  mineUntil(world, () => world.nodes.every(({ state }) => state.phase === "ready"));
  return world.nodes as [TestNode, TestNode];
}

function mineUntil(world: TestWorld, holds: () => boolean): void {
  world.runUntil(() => {
    // Everybody hears of a block before another one is mined: no ties by chance.
    if (world.nodes.some((node) => world.mine(node))) world.run(10);
    return holds();
  });
}

Deno.test("F08 W01 a tie at rest is settled within a hop: no timer, no status is waited for", () => {
  const world = new TestWorld({ nodes: 3, isAutomatic: false, blockWaitMs: 0 });
  for (let name = 0; name < 3; name++) world.add();
  mineUntil(world, () => world.nodes.every(({ state }) => state.phase === "ready"));
  const [a, b] = world.nodes as [TestNode, TestNode];
  assert(world.pay(a, b.keyPair.publicKey, 5).ok);
  world.run(20);
  for (const node of world.nodes) world.mine(node);
  const lowest = world.nodes.map(tipOf).sort()[0];
  assert.equal(new Set(world.nodes.map(tipOf)).size, 3);
  world.run(5);
  for (const node of world.nodes) assert.equal(tipOf(node), lowest);
});

Deno.test("M04 fewer than capacity are mined once the oldest has waited for the block wait", () => {
  const world = new TestWorld({ nodes: 2, capacity: 10, blockWaitMs: 1000 });
  world.addAll();
  const [a, b] = world.nodes as [TestNode, TestNode];
  world.run(5_000);
  assert(world.pay(a, b.keyPair.publicKey, 5).ok);
  world.run(900);
  assert.equal(networkOf(a).mempool.size, 1);
  assert.equal(a.job, undefined);
  world.run(200);
  assert.equal(networkOf(a).mempool.size, 0);
  assert.equal(networkOf(b).mempool.size, 0);
});

Deno.test("M04 a strict network waits for a full block, however long", () => {
  const world = new TestWorld({ nodes: 2, capacity: 3, strict: true, blockWaitMs: 100 });
  world.addAll();
  const [a, b] = world.nodes as [TestNode, TestNode];
  for (let count = 0; count < 2; count++) assert(world.pay(a, b.keyPair.publicKey, 5).ok);
  world.run(60_000);
  assert.equal(networkOf(b).mempool.size, 2);
  const reply = world.control(a, { kind: "mine-now", blocks: 1 });
  assert.equal(reply.ok ? "" : reply.error.code, "block-underfull");
  assert(world.pay(b, a.keyPair.publicKey, 1).ok);
  world.runUntil(() => networkOf(a).mempool.size === 0 && networkOf(b).mempool.size === 0, 1_000);
});

Deno.test("a node knows 64 observers at most; one that is gone gives way to a new one", () => {
  const world = new TestWorld({ nodes: 1 });
  world.addAll();
  const [node] = world.nodes as [TestNode];
  const stranger = (number: number) => keyPairOfSeed(sha256(utf8Bytes(`stranger ${number}`)));
  const introduce = (number: number, url: string) => {
    const keyPair = stranger(number);
    const message = {
      type: "join",
      protocolVersion: 2,
      record: signRecord({ url, sequence: 1 }, keyPair),
      observer: true,
      expectations: {},
    } as const;
    world.input(node, { type: "message", from: keyPair.publicKey, message });
  };
  for (let number = 0; number < 64; number++) introduce(number, node.url);
  introduce(64, node.url);
  assert.equal(node.state.peers.size, 64);
  assert(!node.state.peers.has(stranger(64).publicKey));

  const url = "http://127.0.0.1:9";
  const { publicKey } = stranger(3);
  (node.state.peers.get(publicKey) as { url: string }).url = url;
  world.input(node, { type: "peer-failed", url, publicKey, code: "connection-refused" });
  introduce(65, node.url);
  assert.equal(node.state.peers.size, 64);
  assert(node.state.peers.has(stranger(65).publicKey));
  assert(!node.state.peers.has(publicKey));
});
