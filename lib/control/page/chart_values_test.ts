import assert from "node:assert/strict";
import type { ViewSecond } from "../../page/network_view.ts";
import { intervals, mean, stalePercents } from "./chart_values.ts";

/** Seconds in which so many blocks came, and so many of them became stale. */
function seconds(...counts: readonly (readonly [blocks: number, stale: number])[]): ViewSecond[] {
  return counts.map(([blocks, stale], second) =>
    ({ second, blocks, stale }) as unknown as ViewSecond
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
  assert.deepEqual(stalePercents(seconds([1, 0], [1, 1], [2, 0])), [0, 50, 25]);
});
