/** What a node that kept its blocks back says when it does so no more. */
import assert from "node:assert/strict";
import { step } from "../../node/node.ts";
import { networkOf, type TestNode, TestWorld } from "../../testing/test_world.ts";
import { NO_LAB_FAULTS } from "../../wire/lab.ts";
import { Lab } from "./lab.ts";

/** A lab around a node that has a peer, and the compact blocks that have left through it. */
function labOf(world: TestWorld, node: TestNode) {
  const announced: string[] = [];
  const lab = new Lab(NO_LAB_FAULTS, {
    node: node.state,
    clockMs: () => world.nowMs,
    send: ({ message }) => {
      if (message.type === "compact-block") announced.push(message.hash);
    },
    setHashRateLimit: () => Promise.resolve(),
    tick: () => {},
    hashRate: () => 0,
  });
  return { lab, announced };
}

Deno.test("whoever stops keeping blocks back while one is taken in announces that one", async () => {
  const world = new TestWorld({ nodes: 2, capacity: 1, isAutomatic: false });
  const nodes = [world.add({ stagedTransactionsMin: 1 }), world.add()];
  const [node] = nodes as [TestNode, TestNode];
  world.runUntil(() => {
    world.mine(node);
    return nodes.every(({ state: { network, phase } }) =>
      phase === "ready" && network?.mempool.size === 0
    );
  });
  world.run(5_000);
  const { lab, announced } = labOf(world, node);
  try {
    await lab.apply({ ...NO_LAB_FAULTS, isWithholding: true });
    assert(world.pay(node, node.keyPair.publicKey, 1).ok);
    world.run(1);
    const { jobId, template: { header: { timestampMs } } } = node.job!;
    const send = (effects: ReturnType<typeof step>) => {
      for (const effect of effects) if (effect.type === "send") lab.send(effect);
    };
    send(step(node.state, { type: "mined", jobId, timestampMs, nonce: 1 }, world.nowMs));
    const { staged, chain } = networkOf(node);
    assert(staged?.stage === "stored");
    assert.deepEqual(announced, []);

    await lab.apply(NO_LAB_FAULTS);
    assert.deepEqual(announced, [staged.entry.hash]);
    while (chain.tip !== staged.entry) {
      send(step(node.state, { type: "continue" }, world.nowMs));
    }
    assert.deepEqual(announced, [staged.entry.hash], "once is enough");
  } finally {
    lab.close();
  }
});
