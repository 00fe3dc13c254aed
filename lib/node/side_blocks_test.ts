/** Where side blocks count, nodes tell each other of them and find those that they have missed. */
import assert from "node:assert/strict";
import { networkOf, type TestNode, TestWorld } from "../testing/test_world.ts";

function readyTrio(): { world: TestWorld; trio: readonly [TestNode, TestNode, TestNode] } {
  const world = new TestWorld({
    nodes: 3,
    capacity: 1,
    forkChoice: "ghost",
    emptyBlocks: true,
    isAutomatic: false,
  });
  for (let name = 0; name < 3; name++) world.add();
  for (let round = 0; round < 20; round++) {
    world.run(200);
    if (world.nodes.every(({ state }) => state.phase === "ready")) break;
    world.mine(world.nodes[0] as TestNode);
  }
  const trio = world.nodes as unknown as [TestNode, TestNode, TestNode];
  assert(trio.every(({ state }) => state.phase === "ready"));
  world.run(200);
  return { world, trio };
}

const claimOf = (node: TestNode) => networkOf(node).chain.claim.work;

Deno.test("F11 under GHOST everybody hears of a block that lost, and counts it", () => {
  const { world, trio: [a, b, c] } = readyTrio();
  const before = claimOf(a);
  world.mine(a);
  world.mine(b);
  world.run(100);
  const { workPerBlock } = networkOf(a).params;
  for (const node of [a, b, c]) assert.equal(claimOf(node), before + 2n * workPerBlock);
  assert.equal(new Set([a, b, c].map((node) => networkOf(node).chain.tip.hash)).size, 1);
});

Deno.test("F11 under GHOST a side block that was missed is found by comparing what nodes count", () => {
  const { world, trio: [a, b, c] } = readyTrio();
  // c is away while two blocks of one height are found, and hears only of what comes on top of one.
  world.partition([c], [a, b]);
  world.mine(a);
  world.mine(b);
  world.run(100);
  world.partition([c], [a, b], false);
  world.mine(a);
  world.runUntil(() => claimOf(c) === claimOf(a) && claimOf(b) === claimOf(a));
  assert.equal(networkOf(c).chain.size, networkOf(a).chain.size);
  assert.equal(networkOf(c).chain.tip.hash, networkOf(a).chain.tip.hash);
  assert.deepEqual([a, b, c].map((node) => [...node.state.peers.values()].map((p) => p.score)), [
    [0, 0],
    [0, 0],
    [0, 0],
  ]);
});

Deno.test("F11 two halves with bushes of their own agree on the heavier one when they meet", () => {
  const { world, trio: [a, b, c] } = readyTrio();
  world.partition([c], [a, b]);
  // Five blocks on one, twice two side by side, against a chain of four: it is longer than any branch.
  world.mine(a);
  world.run(100);
  for (let round = 0; round < 2; round++) {
    world.mine(a);
    world.mine(b);
    world.run(100);
  }
  for (let count = 0; count < 4; count++) {
    world.mine(c);
    world.run(100);
  }
  const longest = networkOf(c).chain.height;
  const bush = networkOf(a).chain.tip.hash;
  assert(networkOf(a).chain.height < longest);
  world.partition([c], [a, b], false);
  world.runUntil(() => networkOf(c).chain.tip.hash === networkOf(a).chain.tip.hash);
  assert.equal(networkOf(c).chain.tip.hash, bush, "more work, though the chain is shorter");
});
