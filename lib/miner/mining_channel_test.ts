import assert from "node:assert/strict";
import { MiningChannel } from "./mining_channel.ts";

const JOB = {
  jobId: 2 ** 40 + 1,
  header: Uint8Array.from({ length: 116 }, (_, i) => i),
  target: Uint8Array.from({ length: 32 }, (_, i) => 255 - i),
};

Deno.test("MiningChannel carries an order whole", () => {
  const channel = MiningChannel.create(1);
  assert.equal(channel.read().command, "idle");

  const generation = channel.publish("mine", JOB);
  const order = new MiningChannel(channel.buffer).read();

  assert.deepEqual(order, { generation, command: "mine", ...JOB });
  assert.ok(channel.inForce(generation));
  assert.ok(!channel.inForce(channel.publish("idle") - 2));
});

Deno.test("MiningChannel grants one solution per order", () => {
  const channel = MiningChannel.create(2);
  const generation = channel.publish("mine", JOB);

  assert.equal(channel.claimSolved(generation), true);
  assert.equal(channel.claimSolved(generation), false);
  assert.ok(!channel.inForce(generation));
});

Deno.test("F07 MiningChannel grants a late solution and leaves the later order as it is", () => {
  const channel = MiningChannel.create(2);
  const late = channel.publish("mine", JOB);
  const current = channel.publish("mine", JOB);

  assert.equal(channel.claimSolved(late), true);
  assert.ok(channel.inForce(current));
  assert.equal(channel.claimSolved(current), true);

  // Even when the later one is solved already, which it stays.
  assert.equal(channel.claimSolved(late), true);
  assert.ok(!channel.inForce(current));
});

Deno.test("MiningChannel settles when every thread obeys the last order", async () => {
  const channel = MiningChannel.create(2);
  const earlier = channel.publish("mine", JOB);
  channel.obey(0, earlier);
  channel.obey(1, earlier);
  await channel.settled();

  const generation = channel.publish("idle");
  let isSettled = false;
  const settled = channel.settled().then(() => isSettled = true);
  channel.obey(0, generation);
  await new Promise((resolve) => setTimeout(resolve, 5));
  assert.equal(isSettled, false);

  // Waiting on shared memory does not keep the event loop alive: with a miner, its threads do.
  const alive = setInterval(() => {}, 1);
  channel.obey(1, generation);
  await settled;
  clearInterval(alive);
});

Deno.test("MiningChannel keeps hashes, cursor and leader by thread", () => {
  const channel = MiningChannel.create(3);
  const cursor = { timestampMs: 1_700_000_000_123, nonce: 2 ** 32 - 1 };

  channel.count(0, 5);
  channel.count(2, 2 ** 40);
  channel.saveCursor(1, cursor);
  channel.setLeader(1, 1);

  assert.equal(channel.hashes(), 2 ** 40 + 5);
  assert.deepEqual(channel.savedCursor(1), cursor);
  assert.deepEqual([0, 1, 2].map((thread) => channel.leader(thread)), [0, 1, 0]);
});
