import assert from "node:assert/strict";
import { networkOf, TestNetwork as World, type TestNode } from "../testing/node_network.ts";

Deno.test("F08 a tie at rest is settled by nodes that do not mine, too, whatever waits with them", () => {
  for (let amount = 1; amount <= 8; amount++) {
    const world = new World({ nodes: 3, capacity: 5, isAutomatic: false });
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
  const world = new World({ nodes: 2, capacity: 5, blockWaitMs: 60_000 });
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
  const world = new World({ nodes: 2 });
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
  const world = new World({ nodes: 1, capacity: 1, isAutomatic: false });
  const node = world.add();
  world.runUntil(() => node.state.phase === "ready");
  assert(world.pay(node, node.keyPair.publicKey, 5).ok);
  const { jobId, template } = node.job!;
  const { timestampMs } = template.header;
  for (const nonce of [1, 2]) world.input(node, { type: "mined", jobId, timestampMs, nonce });
  assert.equal(networkOf(node).chain.height, 1);
  assert.equal(networkOf(node).chain.rivals.length, 0);
});
