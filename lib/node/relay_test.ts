import assert from "node:assert/strict";
import { networkOf, TestNetwork as World, type TestNode } from "../testing/node_network.ts";

/** What a message needs from one node of the test network to another. */
const DELAY_MS = 5;

/** Three nodes in rest; the first has paid, the second knows, the third does not. */
function worldWithNews(): { world: World; nodes: [TestNode, TestNode, TestNode] } {
  const world = new World({ nodes: 3, capacity: 1, isAutomatic: false });
  for (let count = 0; count < 3; count++) world.add();
  world.runUntil(() => {
    world.mine(world.nodes[0] as TestNode);
    return world.nodes.every(({ state: { network, phase } }) =>
      phase === "ready" && network?.mempool.size === 0
    );
  });
  world.run(100);
  const nodes = world.nodes as [TestNode, TestNode, TestNode];
  const [payer, knowing, unknowing] = nodes;
  world.partition([payer], [unknowing]);
  assert(world.pay(payer, knowing.keyPair.publicKey, 5).ok);
  world.run(DELAY_MS);
  assert.equal(networkOf(knowing).mempool.size, 1);
  assert.equal(networkOf(unknowing).mempool.size, 0);
  return { world, nodes };
}

Deno.test("a block brings its young transactions along: nobody has to ask", () => {
  const { world, nodes: [, knowing, unknowing] } = worldWithNews();
  assert(world.mine(knowing));
  const { hash } = networkOf(knowing).chain.tip;
  world.run(DELAY_MS);
  assert.equal(networkOf(unknowing).chain.tip.hash, hash);
  assert.equal(networkOf(unknowing).partialBlocks.size, 0);
});

Deno.test("a block leaves its old transactions at home: who lacks one asks for it", () => {
  const { world, nodes: [, knowing, unknowing] } = worldWithNews();
  world.run(100);
  assert(world.mine(knowing));
  const { hash } = networkOf(knowing).chain.tip;
  world.run(DELAY_MS);
  assert.notEqual(networkOf(unknowing).chain.tip.hash, hash);
  assert.equal(networkOf(unknowing).partialBlocks.size, 1);
  world.run(2 * DELAY_MS);
  assert.equal(networkOf(unknowing).chain.tip.hash, hash);
});
