import assert from "node:assert/strict";
import fc from "fast-check";
import { EventQueue } from "./event_queue.ts";

Deno.test("EventQueue gives events by time, and those of one time in the order of their arrival", () => {
  const operations = fc.array(
    fc.oneof(fc.integer({ min: 0, max: 9 }), fc.constant("pop" as const)),
  );
  fc.assert(fc.property(operations, (steps) => {
    const queue = new EventQueue<{ timeMs: number; order: number }>();
    let model: { timeMs: number; order: number }[] = [];
    for (const [order, step] of steps.entries()) {
      if (step === "pop") {
        model = model.toSorted((a, b) => a.timeMs - b.timeMs || a.order - b.order);
        assert.equal(queue.nextTimeMs, model[0]?.timeMs ?? Infinity);
        assert.deepEqual(queue.pop(), model.shift());
      } else {
        const event = { timeMs: step, order };
        queue.push(step, event);
        model.push(event);
      }
      assert.equal(queue.size, model.length);
    }
  }));
});
