import assert from "node:assert/strict";
import { DEFAULT_NETWORK_CHOICE, planNetwork, runNetwork } from "./network_plan.ts";

/** Nobody may be crowded out: the first node has room for few that it was not given as neighbours. */
Deno.test("planNetwork() makes a thousand nodes that all hear of the first blocks", () => {
  const planned = planNetwork({ ...DEFAULT_NETWORK_CHOICE, nodes: 1000 });
  runNetwork(planned, 2);
  const { world, topology } = planned;
  world.run(world.nowMs + 5_000);
  for (const node of world.nodes) {
    assert((node.state?.network?.chain.height ?? 0) >= 2);
    assert.equal(node.state?.peers.size, topology[node.index]?.length);
  }
});
