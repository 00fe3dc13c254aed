import assert from "node:assert/strict";
import { FrameQueue, FRAMES_MAX } from "./frame_queue.ts";

const frame = (number: number) => Uint8Array.of(number >> 8, number & 255);

Deno.test("a frame arrives after the delay, not before, and in order", () => {
  const queue = new FrameQueue({ delayMs: 200, lossRate: 0 }, "seed");
  assert.equal(queue.dueAtMs, undefined);
  assert(queue.push(frame(1), 1000));
  assert(queue.push(frame(2), 1050));
  assert.equal(queue.dueAtMs, 1200);
  assert.equal(queue.takeDue(1199), undefined);
  assert.deepEqual(queue.takeDue(1200), frame(1));
  assert.equal(queue.takeDue(1200), undefined);
  assert.deepEqual(queue.takeDue(1300), frame(2));
  assert.equal(queue.dueAtMs, undefined);
});

Deno.test("as many frames are lost as the rate says, others for another seed", () => {
  const fates = (seed: string, lossRate: number) => {
    const queue = new FrameQueue({ delayMs: 0, lossRate }, seed);
    return Array.from({ length: 4_000 }, (_, number) => {
      const isSent = queue.push(frame(number), 0);
      assert.equal(queue.takeDue(0) !== undefined, isSent);
      return isSent;
    });
  };
  const lost = (all: readonly boolean[]) => all.filter((isSent) => !isSent).length;

  // Five standard deviations of a binomial: sqrt(4 000 · 0.05 · 0.95) = 13.8.
  assert(Math.abs(lost(fates("a", 0.05)) - 200) < 70);
  assert.deepEqual(fates("a", 0.05), fates("a", 0.05));
  assert.notDeepEqual(fates("a", 0.05), fates("b", 0.05));
  assert.equal(lost(fates("a", 0)), 0);
  assert.equal(lost(fates("a", 1)), 4_000);
});

Deno.test("a full link loses what comes last", () => {
  const queue = new FrameQueue({ delayMs: 10, lossRate: 0 }, "seed");
  for (let number = 0; number < FRAMES_MAX; number++) assert(queue.push(frame(number), 0));
  assert.equal(queue.push(frame(FRAMES_MAX), 0), false);
  assert.deepEqual(queue.takeDue(10), frame(0));
  assert(queue.push(frame(FRAMES_MAX), 10));
});
