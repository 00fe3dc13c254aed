import assert from "node:assert/strict";
import {
  BLOCK_AGE_MS_MAX,
  type BlockBacklog,
  BLOCKS_WAITING_MAX,
  PAYMENT_DELAY_MS_MAX,
  PaymentGate,
  PEER_LAG_MS_MAX,
  TRANSACTIONS_WAITING_MAX,
} from "./payment_gate.ts";

/** A gate whose peers and blocks are as far behind as the test says. */
function gateBehind(firstLagMs: number) {
  const links: { lagMs: number; backlog: BlockBacklog | undefined; aheadMs: number } = {
    lagMs: firstLagMs,
    backlog: undefined,
    aheadMs: 0,
  };
  const stopping = new AbortController();
  const gate = new PaymentGate({
    lagMs: () => links.lagMs,
    backlog: () => links.backlog,
    stopping: stopping.signal,
    nowMs: () => performance.now() + links.aheadMs,
  });
  return { links, stopping, gate };
}

/** A gate that has seen a block come, with so many transactions waiting since. */
async function gateWaiting(waiting: number, capacity: number) {
  const made = gateBehind(0);
  made.links.backlog = { waiting: 0, capacity, height: 6 };
  await made.gate.pass();
  made.links.backlog = { waiting, capacity, height: 7 };
  made.links.aheadMs += REVIEW_MS;
  return made;
}

/** Later than this the gate looks again at what has changed. */
const REVIEW_MS = 10;

/** Tells whether a promise has resolved once everything that is due now is done. */
async function isDone(promise: Promise<unknown>): Promise<boolean> {
  let done = false;
  void promise.then(() => {
    done = true;
  });
  await new Promise((resolve) => setImmediate(resolve));
  return done;
}

Deno.test("PaymentGate lets payments pass while most members keep up", async () => {
  const { gate } = gateBehind(PEER_LAG_MS_MAX);
  await Promise.all(Array.from({ length: 100 }, () => gate.pass()));
  assert.equal(gate.stats().delayed, 0);
});

Deno.test("PaymentGate holds payments back until the members have caught up", async () => {
  const { gate, links } = gateBehind(PEER_LAG_MS_MAX + 1);
  const passed = Promise.all(Array.from({ length: 10 }, () => gate.pass()));
  assert.equal(await isDone(passed), false);
  assert.equal(gate.stats().lagMs, PEER_LAG_MS_MAX + 1);
  links.lagMs = 0;
  await passed;
  assert.equal(gate.stats().delayed, 10);
  assert(gate.stats().delayedMs > 0);
});

Deno.test("PAYMENT_DELAY_MS_MAX: PaymentGate refuses nothing: a payment waits a second at most", async () => {
  const { gate } = gateBehind(Infinity);
  const startedAtMs = performance.now();
  await gate.pass();
  assert(performance.now() - startedAtMs >= PAYMENT_DELAY_MS_MAX);
  assert.equal(gate.stats().delayed, 1);
});

Deno.test("PaymentGate lets everybody go when the node stops", async () => {
  const { gate, stopping } = gateBehind(Infinity);
  const passed = gate.pass();
  assert.equal(await isDone(passed), false);
  stopping.abort();
  await passed;
  assert(gate.stats().delayedMs < PAYMENT_DELAY_MS_MAX);
});

Deno.test("BLOCKS_WAITING_MAX: PaymentGate holds payments back until blocks have taken what waits", async () => {
  const { gate, links } = await gateWaiting(BLOCKS_WAITING_MAX * 2_000 + 1, 2_000);
  const passed = gate.pass();
  assert.equal(await isDone(passed), false);
  links.backlog = { waiting: BLOCKS_WAITING_MAX * 2_000, capacity: 2_000, height: 8 };
  await passed;
  assert.equal(gate.stats().delayed, 1);
  assert(gate.stats().delayedMs < PAYMENT_DELAY_MS_MAX);
});

Deno.test("TRANSACTIONS_WAITING_MAX: PaymentGate lets that many wait, however few a block takes", async () => {
  const { gate, links } = await gateWaiting(TRANSACTIONS_WAITING_MAX, 1);
  await gate.pass();
  assert.equal(gate.stats().delayed, 0);
  links.backlog = { waiting: TRANSACTIONS_WAITING_MAX + 1, capacity: 1, height: 8 };
  links.aheadMs += REVIEW_MS;
  const passed = gate.pass();
  assert.equal(await isDone(passed), false);
  links.backlog = undefined;
  await passed;
});

Deno.test("BLOCK_AGE_MS_MAX: PaymentGate waits for no blocks where they are rare", async () => {
  const { gate, links } = await gateWaiting(50_000, 5);
  const held = gate.pass();
  assert.equal(await isDone(held), false);
  links.aheadMs += BLOCK_AGE_MS_MAX + 1;
  await gate.pass();
  await held;
  assert.equal(gate.stats().delayed, 1);
});

Deno.test("PaymentGate waits for no blocks before it has seen one come", async () => {
  const { gate, links } = gateBehind(0);
  links.backlog = { waiting: 50_000, capacity: 5, height: 3 };
  await gate.pass();
  assert.equal(gate.stats().delayed, 0);
});
