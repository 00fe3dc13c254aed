import assert from "node:assert/strict";
import type { ViewSecond } from "../../page/network_view.ts";
import { intervals, mean, stalePercents } from "./chart_values.ts";

/** Seconds in which so many blocks came, so many of them at a height that had one. */
function seconds(...counts: readonly (readonly [blocks: number, beside: number])[]): ViewSecond[] {
  return counts.map(([blocks, beside], second) =>
    ({ second, blocks, beside }) as unknown as ViewSecond
  );
}

Deno.test("intervals() tells how long blocks took, and nothing of seconds without one", () => {
  const idle = [0, 0] as const;
  const told = intervals(seconds([1, 0], idle, idle, [1, 0], [2, 0], [1, 1], [1, 0]));
  assert.deepEqual(told, [null, null, null, 3, 0.5, null, 2]);
  // A network that rests finds no block every ten seconds, however long it rests.
  assert.deepEqual(
    intervals(seconds([1, 0], ...Array(30).fill(idle))).slice(1),
    Array(30).fill(null),
  );
});

Deno.test("mean() and stalePercents() look back, not ahead", () => {
  assert.deepEqual(mean([4, 0, 2], 2), [4, 2, 1]);
  assert.deepEqual(stalePercents(seconds([1, 0], [1, 1], [2, 0]), []), [0, 50, 25]);
});

Deno.test("stalePercents() leaves out blocks whose race is not decided", () => {
  const told = stalePercents(seconds([2, 1], [2, 1]), [{ at: 1_500 }]);
  assert.deepEqual(told, [50, 25]);
});
