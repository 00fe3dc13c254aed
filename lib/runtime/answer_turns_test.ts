import assert from "node:assert/strict";
import { AnswerTurns, BYTES_PER_MS } from "./answer_turns.ts";

const PLENTY = { perSecond: 1e6, burst: 1e6 };

Deno.test("X04 between two answers of those that wait, everybody else has their turn", async () => {
  const turns = new AnswerTurns({ all: PLENTY, perAddress: PLENTY }, 60_000);
  const seen: string[] = [];
  const others: Promise<void>[] = [];
  const answers = ["a", "b", "c"].map(async (address) => {
    const end = await turns.take(address);
    seen.push(address);
    // What came in meanwhile, as the event loop tells of it.
    const { promise, resolve } = Promise.withResolvers<void>();
    others.push(promise);
    setTimeout(() => resolve(void seen.push(`after ${address}`)), 0);
    end?.(0);
  });
  await Promise.all(answers);
  await Promise.all(others);
  assert.deepEqual(seen, ["a", "after a", "b", "after b", "c", "after c"]);
});

Deno.test("X04 turns come in order, but an address without time is passed over", async () => {
  const turns = new AnswerTurns({ all: PLENTY, perAddress: { perSecond: 0.001, burst: 1 } }, 100);
  const first = await turns.take("a");
  const startMs = performance.now();
  while (performance.now() - startMs < 5);
  first?.(0);
  const order: string[] = [];
  await Promise.all(["a", "b", "c"].map(async (address) => {
    const end = await turns.take(address);
    order.push(`${address} ${end === undefined ? "refused" : "answered"}`);
    end?.(0);
  }));
  assert.deepEqual(order, ["b answered", "c answered", "a refused"]);
});

Deno.test("a turn that ends twice, or after it was given on, ends once", async () => {
  const turns = new AnswerTurns({ all: PLENTY, perAddress: PLENTY }, 60_000);
  const first = await turns.take("a");
  first?.(0);
  const second = await turns.take("b");
  first?.(0);
  let isThird = false;
  const third = turns.take("c").then((end) => {
    isThird = true;
    end?.(0);
  });
  await new Promise((resolve) => setTimeout(resolve, 0));
  assert.equal(isThird, false);
  second?.(0);
  await third;
  assert(isThird);
});

Deno.test("X04 an answer that holds everybody up counts whole, one that pauses for a tenth of a second at most", async () => {
  const turns = new AnswerTurns({ all: { perSecond: 1, burst: 120 }, perAddress: PLENTY }, 50);
  const pausing = await turns.take("a");
  const second = await turns.take("b");
  pausing?.(0);
  second?.(0);
  // A hundred of 120 are spent: there is time left.
  const holding = await turns.take("c");
  assert(holding !== undefined);
  const startMs = performance.now();
  while (performance.now() - startMs < 300);
  holding(0);
  assert.equal(await turns.take("d"), undefined);
});

Deno.test("X04 the bytes of an answer count as time: they are sent, kept and collected", async () => {
  const turns = new AnswerTurns({ all: { perSecond: 1, burst: 100 }, perAddress: PLENTY }, 50);
  const small = await turns.take("a");
  small?.(90 * BYTES_PER_MS);
  const large = await turns.take("b");
  assert(large !== undefined, "ten of a hundred are left");
  large(90 * BYTES_PER_MS);
  assert.equal(await turns.take("c"), undefined);
});
