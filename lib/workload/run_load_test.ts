import assert from "node:assert/strict";
import { INSUFFICIENT_FUNDS, type PaymentAnswer } from "./payer.ts";
import { LIST_SIZE_MAX, type LoadClient, type LoadedPayment, runLoad } from "./run_load.ts";

const ACCEPTED: PaymentAnswer = { kind: "accepted", txid: "t" };
const LACKING: PaymentAnswer = { kind: "refused", code: INSUFFICIENT_FUNDS };

/** Clients of a clock that moves on by a step with every list. */
function world(answerOf: (call: number) => PaymentAnswer) {
  let nowMs = 1_000;
  let calls = 0;
  const sizes: number[] = [];
  const payments: LoadedPayment[] = [];
  let heldBack = 0;
  const client = (nodeId: number): LoadClient => ({
    nodeId,
    pay(count) {
      sizes.push(count);
      nowMs += 5;
      const answer = answerOf(calls++);
      return Promise.resolve(Array.from({ length: count }, () => answer));
    },
  });
  const options = {
    durationMs: 100,
    ratePerSecond: null,
    concurrency: 100,
    now: () => nowMs,
    signal: new AbortController().signal,
    onPayment: (payment: LoadedPayment) => void payments.push(payment),
    onHeldBack: (count: number) => void (heldBack += count),
  };
  return {
    client,
    options,
    sizes,
    payments,
    heldBack: () => heldBack,
    advance: (ms: number) => void (nowMs += ms),
  };
}

Deno.test("runLoad() keeps so many payments under way in lists, until the time is over", async () => {
  const { client, options, sizes, payments } = world(() => ACCEPTED);
  await runLoad([client(0), client(1)], options);

  // 100 under way are two lists of 50; four lanes share 20 calls of 5 ms.
  assert(sizes.every((size) => size === 50 && size <= LIST_SIZE_MAX));
  assert(sizes.length >= 20 && sizes.length <= 24, `${sizes.length} lists`);
  assert.equal(payments.length, 50 * sizes.length);
  assert.deepEqual(new Set(payments.map(({ nodeId }) => nodeId)), new Set([0, 1]));
});

Deno.test("runLoad() holds a wallet back that has run low, and goes on when coins have come", async () => {
  const { client, options, payments, heldBack } = world((call) => call < 3 ? LACKING : ACCEPTED);
  await runLoad([client(0)], { ...options, concurrency: 10 });
  assert.equal(heldBack(), 30);
  assert(payments.length > 0);
  assert(payments.every(({ answer }) => answer.kind === "accepted"));
});

Deno.test("runLoad() in an open loop makes every payment due at its time, whatever the answers do", async () => {
  const { client, options, payments, advance } = world(() => ACCEPTED);
  const moving = setInterval(() => advance(4), 1);
  await runLoad([client(0), client(1)], { ...options, ratePerSecond: 1_000 });
  clearInterval(moving);
  const due = payments.map(({ scheduledAtMs }) => scheduledAtMs as number).sort((a, b) => a - b);
  assert(due.length >= 95 && due.length <= 101, `${due.length} payments`);
  for (const [index, at] of due.entries()) assert.equal(at, 1_000 + index);
  for (const { scheduledAtMs, submittedAtMs } of payments) {
    assert((submittedAtMs ?? Infinity) >= (scheduledAtMs ?? 0));
  }
});

Deno.test("runLoad() in an open loop sends what is due within four milliseconds as one list, taking turns", async () => {
  const { client, options, payments, sizes, advance } = world(() => ACCEPTED);
  const moving = setInterval(() => advance(1), 1);
  await runLoad([client(0), client(1)], { ...options, ratePerSecond: 1_000 });
  clearInterval(moving);
  const groups = Map.groupBy(
    payments,
    ({ scheduledAtMs }) => Math.floor(((scheduledAtMs as number) - 1_000) / 4),
  );
  for (const [index, group] of groups) {
    assert(group.every(({ nodeId }) => nodeId === index % 2), `group ${index}`);
  }
  // But for the last one they are whole; several that are late share a list.
  assert(sizes.slice(0, -1).every((size) => size % 4 === 0), sizes.join(" "));
});

Deno.test("runLoad() in an open loop owns up to what it could not send", async () => {
  const { options, payments, advance } = world(() => ACCEPTED);
  const stuck: LoadClient = {
    nodeId: 0,
    async pay(count) {
      while (options.now() < 1_100) await new Promise((resolve) => setTimeout(resolve, 1));
      return Array.from({ length: count }, () => ACCEPTED);
    },
  };
  const moving = setInterval(() => advance(4), 1);
  await runLoad([stuck], { ...options, ratePerSecond: 1_000, concurrency: 10 });
  clearInterval(moving);
  const unsent = payments.filter(({ answer }) => answer.kind === "refused");
  assert(unsent.length > 0);
  assert(unsent.every(({ answer }) => answer.kind === "refused" && answer.code === "not-sent"));
  assert(payments.length - unsent.length <= 20);
});

Deno.test("runLoad() in an open loop tells what it sent late by its own fault, and nothing else", async () => {
  const late = async (concurrency: number, stallMs: number) => {
    const { client, options, advance } = world(() => ACCEPTED);
    let count = 0;
    let isStalled = false;
    const moving = setInterval(() => {
      advance(isStalled ? 4 : stallMs + 4);
      isStalled = true;
    }, 1);
    const slow: LoadClient = {
      nodeId: 0,
      async pay(size) {
        const until = options.now() + 60;
        while (options.now() < until) await new Promise((resolve) => setTimeout(resolve, 1));
        return await client(0).pay(size);
      },
    };
    await runLoad([slow], {
      ...options,
      durationMs: 400,
      ratePerSecond: 1_000,
      concurrency,
      onLate: (more) => void (count += more),
    });
    clearInterval(moving);
    return count;
  };
  // A stall of 200 ms of this program makes the payments of its first 150 ms late.
  assert(await late(10_000, 200) >= 100);
  // Answers that do not come are the network's fault.
  assert(await late(5, 0) <= 5);
});

Deno.test("runLoad() ends when it is told to", async () => {
  const stop = new AbortController();
  const { client, options, sizes } = world((call) => {
    if (call === 3) stop.abort();
    return ACCEPTED;
  });
  await runLoad([client(0)], { ...options, durationMs: 1e9, concurrency: 1, signal: stop.signal });
  assert.equal(sizes.length, 4);
});
