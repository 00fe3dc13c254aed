import assert from "node:assert/strict";
import { PAYMENT_DELAY_MS_MAX, PaymentGate, PEER_LAG_MS_MAX } from "./payment_gate.ts";

/** A gate whose peers are as far behind as the test says. */
function gateBehind(firstLagMs: number) {
  const links = { lagMs: firstLagMs };
  const stopping = new AbortController();
  const gate = new PaymentGate({ lagMs: () => links.lagMs, stopping: stopping.signal });
  return { links, stopping, gate };
}

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
