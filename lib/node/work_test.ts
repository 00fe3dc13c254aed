import assert from "node:assert/strict";
import { networkOf, type TestNode, TestWorld } from "../testing/test_world.ts";

Deno.test("F08 a tie at rest is settled by nodes that do not mine, too, whatever waits with them", () => {
  for (let amount = 1; amount <= 8; amount++) {
    const world = new TestWorld({ nodes: 3, capacity: 5, isAutomatic: false });
    world.add();
    world.add();
    world.add({ isMining: false });
    world.runUntil(() => {
      world.mine(world.nodes[0] as TestNode);
      return world.nodes.every(({ state }) => state.phase === "ready");
    });
    const [a, b, c] = world.nodes as [TestNode, TestNode, TestNode];

    // a confirms one payment, b two of them; c hears both, and a's block first.
    assert(world.pay(a, b.keyPair.publicKey, amount).ok);
    world.run(20);
    world.partition([a], [b]);
    assert(world.pay(b, c.keyPair.publicKey, amount).ok);
    world.run(200);
    for (const node of [a, b]) {
      assert(world.mine(node));
      world.run(20);
    }
    world.control(a, { kind: "pause-mining" });
    world.partition([a], [b], false);
    for (let second = 0; second < 10; second++) {
      world.run(1_000);
      world.mine(b);
    }
    assert.equal(new Set(world.nodes.map(tipOf)).size, 1, `Got two tips, amount ${amount}`);
  }
});

Deno.test("an order to mine now holds while mining is paused, and not for what comes later", () => {
  const world = new TestWorld({ nodes: 2, capacity: 5, blockWaitMs: 60_000 });
  world.addAll();
  const [a, b] = world.nodes as [TestNode, TestNode];
  for (const node of [a, b]) world.control(node, { kind: "pause-mining" });
  const { height } = networkOf(a).chain;
  assert(world.pay(a, b.keyPair.publicKey, 5).ok);
  world.run(1_000);
  assert(world.control(a, { kind: "mine-now", blocks: 3 }).ok);
  world.run(1_000);
  assert.equal(networkOf(b).chain.height, height + 1);

  world.control(a, { kind: "resume-mining" });
  assert(world.pay(a, b.keyPair.publicKey, 5).ok);
  world.run(1_000);
  assert.equal(networkOf(b).chain.height, height + 1);
});

Deno.test("an order to mine now is refused by a node without a miner", () => {
  const world = new TestWorld({ nodes: 2 });
  world.add();
  world.add({ isMining: false });
  world.runUntil(() => world.nodes.every(({ state }) => state.phase === "ready"));
  const [a, b] = world.nodes as [TestNode, TestNode];
  world.control(a, { kind: "pause-mining" });
  assert(world.pay(b, a.keyPair.publicKey, 5).ok);
  const reply = world.control(b, { kind: "mine-now", blocks: 1 });
  assert.equal(reply.ok ? "" : reply.error.code, "not-mining");
});

function tipOf(node: TestNode) {
  return networkOf(node).chain.tip.hash;
}

Deno.test("a second solution of one template makes no rival of the own block", () => {
  const world = new TestWorld({ nodes: 1, capacity: 1, isAutomatic: false });
  const node = world.add();
  world.runUntil(() => node.state.phase === "ready");
  assert(world.pay(node, node.keyPair.publicKey, 5).ok);
  const { jobId, template } = node.job!;
  const { timestampMs } = template.header;
  for (const nonce of [1, 2]) world.input(node, { type: "mined", jobId, timestampMs, nonce });
  assert.equal(networkOf(node).chain.height, 1);
  assert.equal(networkOf(node).chain.rivals.length, 0);
});

Deno.test("W02 transactions that come in a row while a job is under way make one new template", () => {
  const world = new TestWorld({ nodes: 1, capacity: 1000, isAutomatic: false, blockWaitMs: 0 });
  const node = world.add();
  world.runUntil(() => node.state.phase === "ready");
  const jobs = () => networkOf(node).work.lastJobId;
  const pay = (count: number) => {
    for (let paid = 0; paid < count; paid++) {
      assert(world.pay(node, node.keyPair.publicKey, 1).ok);
    }
  };
  pay(1);
  const before = jobs();
  pay(100);
  assert.equal(jobs(), before);
  world.run(49);
  assert.equal(jobs(), before);
  world.run(2);
  assert.equal(jobs(), before + 1);
  assert.equal(node.job?.template.transactions.length, 101);
  // Nothing more came in: nothing changes, however long that lasts.
  world.run(10_000);
  assert.equal(jobs(), before + 1);
});

Deno.test("W02 the transaction that fills a block is mined with at once", () => {
  const world = new TestWorld({ nodes: 1, capacity: 10, isAutomatic: false, blockWaitMs: 0 });
  const node = world.add();
  world.runUntil(() => node.state.phase === "ready");
  for (let paid = 0; paid < 25; paid++) {
    assert(world.pay(node, node.keyPair.publicKey, 1).ok);
    const expected = paid < 9 ? 1 : 10;
    assert.equal(node.job?.template.transactions.length, expected, `payment ${paid}`);
  }
});

Deno.test("W03 what is mined is what is published, also when a payment was dropped meanwhile", () => {
  const world = new TestWorld({ nodes: 1, capacity: 10, isAutomatic: false, blockWaitMs: 0 });
  const node = world.add();
  world.runUntil(() => node.state.phase === "ready");
  const txids = [30, 20, 10].map((amount) => {
    const reply = world.pay(node, node.keyPair.publicKey, amount);
    assert(reply.ok && reply.transaction !== undefined);
    world.run(60);
    return reply.transaction.txid;
  });
  assert.equal(node.job?.template.transactions.length, 3);
  assert(world.control(node, { kind: "drop-transaction", txid: txids[2]! }).ok);
  assert.equal(node.job?.template.transactions.length, 2);
  assert(world.mine(node));
  const { chain, mempool } = networkOf(node);
  assert.deepEqual(
    chain.block(chain.tip.hash)?.transactions.map(({ txid }) => txid),
    txids.slice(0, 2),
  );
  assert.equal(mempool.size, 0);
});
