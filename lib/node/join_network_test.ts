import assert from "node:assert/strict";
import { numberedKeyPair } from "../crypto/numbered_key_pair.ts";
import { balances, settle, type TestNode, TestWorld, tipOf } from "../testing/test_world.ts";
import { signRecord } from "../wire/ring.ts";
import { newPeer } from "./peer_table.ts";

Deno.test("a node on another address keeps its id and is found", () => {
  const world = new TestWorld({ nodes: 3 });
  world.addAll();
  const [a, b] = world.nodes as [TestNode, TestNode, TestNode];
  world.crash(b);
  world.move(b, "http://127.0.0.1:7777");
  world.run(100);
  world.restart(b);
  world.runUntil(() =>
    world.nodes.every((node) =>
      node === b || node.state.peers.get(b.keyPair.publicKey)?.record.url === b.url
    )
  );
  assert(world.pay(b, a.keyPair.publicKey, 5).ok);
  settle(world);
  assert.deepEqual(balances(world), [105, 95, 100]);
});

Deno.test("nodes that have all moved while each was away find each other again", () => {
  const world = new TestWorld({ nodes: 3 });
  world.addAll();
  const [a, b, c] = world.nodes as [TestNode, TestNode, TestNode];
  const move = (node: TestNode, port: number) => {
    world.move(node, `http://127.0.0.1:${port}`);
    const bootstrapUrl = a.url;
    world.restart(node, {
      ...(node === a ? {} : { role: { kind: "member", bootstrapUrl, expectations: {} } }),
    });
  };
  world.crash(c);
  world.crash(b);
  world.crash(a);
  world.run(1_000);
  move(a, 7001);
  move(b, 7002);
  world.runUntil(() => a.state.peers.get(b.keyPair.publicKey)?.url === b.url);
  assert(world.pay(a, b.keyPair.publicKey, 30).ok);
  world.run(3_000);
  world.crash(b);
  move(c, 7003);
  world.runUntil(() => tipOf(c) === tipOf(a));
  move(b, 7004);
  world.runUntil(() => b.state.peers.get(c.keyPair.publicKey)?.url === c.url);
  world.runUntil(() => c.state.peers.get(b.keyPair.publicKey)?.url === b.url);
});

Deno.test("nodes that have all moved find each other though their first words are lost", () => {
  const world = new TestWorld({ nodes: 3 });
  world.addAll();
  const nodes = world.nodes as [TestNode, TestNode, TestNode];
  const [a, b, c] = nodes;
  for (const node of nodes) world.crash(node);
  world.partition([c], [a, b]);
  for (const [number, node] of nodes.entries()) {
    world.move(node, `http://127.0.0.1:${7001 + number}`);
    const member = { kind: "member", bootstrapUrl: a.url, expectations: {} } as const;
    world.restart(node, node === a ? {} : { role: member });
  }
  // Nobody calls an observer, and so no call to it fails.
  const { publicKey } = numberedKeyPair(7);
  const record = signRecord({ url: "", sequence: 1 }, numberedKeyPair(7));
  c.state.peers.set(publicKey, { ...newPeer(record, undefined, world.nowMs), isCut: true });
  world.run(30_000);
  const isFound = (finder: TestNode, node: TestNode) =>
    finder.state.peers.get(node.keyPair.publicKey)?.url === node.url;
  assert(isFound(a, b) && isFound(b, a));
  assert(!isFound(a, c) && !isFound(c, a));
  world.partition([c], [a, b], false);
  world.runUntil(() =>
    nodes.every((from) => nodes.every((to) => from === to || isFound(from, to)))
  );
  assert(world.pay(c, a.keyPair.publicKey, 5).ok);
  settle(world);
  assert.deepEqual(balances(world), [105, 100, 95]);

  // Whoever has found the others asks nobody any more.
  const before = c.state.joining.attemptCount;
  world.run(30_000);
  assert.equal(c.state.joining.attemptCount, before);
});

Deno.test("a node that waits for its place asks every two seconds at the latest", () => {
  const world = new TestWorld({ nodes: 2 });
  const bootstrap = world.add();
  world.crash(bootstrap);
  const node = world.add();
  world.run(60_000);
  const before = node.state.joining.attemptCount;
  world.run(20_000);
  assert.equal(node.state.joining.attemptCount - before, 10);
});
