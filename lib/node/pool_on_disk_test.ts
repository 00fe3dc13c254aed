/** What of the pool is on disk, and when: own payments at once, others' once they have waited. */
import assert from "node:assert/strict";
import type { Txid } from "../primitives/outpoint.ts";
import { networkOf, type TestNode, TestWorld } from "../testing/test_world.ts";
import { WRITE_BEHIND_MS } from "./pool_on_disk.ts";

/** A payment of the first node that waits at the second, which has nothing of it on disk. */
function worldWithRelayed() {
  const world = new TestWorld({ nodes: 2, capacity: 1, isAutomatic: false });
  const [payer, other] = [world.add(), world.add()];
  world.runUntil(() => {
    world.mine(payer);
    return world.nodes.every(({ state: { network, phase } }) =>
      phase === "ready" && network?.mempool.size === 0
    );
  });
  const relayed = pay(world, payer, other, 60);
  assert(networkOf(other).mempool.has(relayed));
  assert.deepEqual(onDisk(payer), [relayed]);
  assert.deepEqual(onDisk(other), []);
  return { world, payer, other, relayed };
}

function pay(world: TestWorld, from: TestNode, to: TestNode, amount: number): Txid {
  const before = new Set(networkOf(from).mempool.txids());
  assert(world.pay(from, to.keyPair.publicKey, amount).ok);
  world.run(100);
  const [txid] = [...networkOf(from).mempool.txids()].filter((each) => !before.has(each));
  assert(txid !== undefined);
  return txid;
}

function onDisk({ store }: TestNode): readonly Txid[] {
  return store.load()?.pool.map(({ transaction }) => transaction.txid) ?? [];
}

Deno.test("a relayed payment is on disk once it has waited for a while", () => {
  const { world, other, relayed } = worldWithRelayed();
  world.run(WRITE_BEHIND_MS - 1_000);
  assert.deepEqual(onDisk(other), []);
  world.run(1_000);
  assert.deepEqual(onDisk(other), [relayed]);
  assert.equal(networkOf(other).unwritten.size, 0);
});

Deno.test("a relayed payment that a block takes soon costs the disk no row", () => {
  const { world, payer, other } = worldWithRelayed();
  assert(world.mine(payer));
  world.run(100);
  assert.equal(networkOf(other).mempool.size, 0);
  assert.equal(networkOf(other).unwritten.size, 0);
  world.run(2 * WRITE_BEHIND_MS);
  assert.deepEqual(onDisk(other), []);
});

Deno.test("M06 a payment that spends a relayed one is on disk with it, parents first", () => {
  const { world, payer, other, relayed } = worldWithRelayed();
  const own = pay(world, other, payer, 130);
  assert.deepEqual(onDisk(other), [relayed, own]);
  world.partition([payer], [other]);
  world.crash(other);
  world.restart(other);
  world.run(100);
  assert.deepEqual([...networkOf(other).mempool.txids()], [relayed, own]);
  assert.equal(networkOf(other).failed.size, 0);
});

Deno.test("a crash that forgets a relayed payment has it back from a peer", () => {
  const { world, other, relayed } = worldWithRelayed();
  world.crash(other);
  world.restart(other);
  assert(!networkOf(other).mempool.has(relayed));
  world.run(10_000);
  assert(networkOf(other).mempool.has(relayed));
});
