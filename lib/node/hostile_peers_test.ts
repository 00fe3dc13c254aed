import assert from "node:assert/strict";
import { utf8Bytes } from "../bytes.ts";
import { sha256 } from "../crypto/hash.ts";
import { type KeyPair, keyPairOfSeed } from "../crypto/keys.ts";
import { createParams } from "../params.ts";
import { networkOf, TestNetwork as World, type TestNode } from "../testing/node_network.ts";
import type { Message } from "../wire/message.ts";
import { signRecord } from "../wire/ring.ts";

Deno.test("a stranger cannot make a node give up that waits for its place", () => {
  const refusal = { type: "refusal", code: "ring-full", text: "Go away" } as const;
  const world = new World({ nodes: 3 });
  const bootstrap = world.add();
  world.crash(bootstrap);
  const node = world.add();
  world.run(100);
  say(world, node, refusal);
  assert.equal(node.gaveUp, undefined);

  world.restart(bootstrap);
  world.runUntil(() => node.state.network !== undefined);
  for (const victim of world.nodes) {
    say(world, victim, refusal);
    assert.equal(victim.gaveUp, undefined);
  }
});

Deno.test("a stranger cannot welcome a node into a network of its own", () => {
  const world = new World({ nodes: 2 });
  const bootstrap = world.add();
  world.crash(bootstrap);
  const node = world.add();
  world.run(100);
  const params = createParams({
    nodes: 2,
    capacity: 1,
    difficulty: 0,
    coinsPerNode: 1,
    reward: 0,
    fee: 0,
    blockWaitMs: 0,
    strict: false,
    emptyBlocks: false,
    genesisTimeMs: world.nowMs,
    bootstrapKey: STRANGER.publicKey,
  });
  assert(params.ok);
  const records = [signRecord({ url: "http://127.0.0.1:6666", sequence: 1 }, STRANGER)];
  say(world, node, { type: "welcome", params: params.value, id: 1, joinedCount: 2, records });
  assert.equal(node.state.network, undefined);

  world.restart(bootstrap);
  world.runUntil(() => node.state.phase === "ready");
  assert.equal(networkOf(node).params.genesis.hash, world.params.genesis.hash);
});

const STRANGER = keyPairOfSeed(sha256(utf8Bytes("a stranger")));

/** Lets a node hear a message from somebody who is no peer of it. */
function say(world: World, node: TestNode, message: Message, from: KeyPair = STRANGER): void {
  world.input(node, { type: "message", from: from.publicKey, message });
}
