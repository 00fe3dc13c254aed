import assert from "node:assert/strict";
import { formatDuration, measureHashRate } from "./hashrate_command.ts";

Deno.test("measureHashRate() measures, and computes block times from it", async () => {
  // Mining threads step back behind everybody else: on a busy machine it takes longer to see their speed.
  let rate = await measureHashRate(0.2, { threads: 1 });
  for (let seconds = 1; !(rate.mhsTotal > 0.01) && seconds < 30; seconds *= 2) {
    rate = await measureHashRate(seconds, { threads: 1 });
  }

  assert.ok(rate.mhsTotal > 0.01, `${rate.mhsTotal}`);
  assert.equal(rate.mhsPerThread, rate.mhsTotal);
  assert.match(rate.kernel, /^(simd4|simd8|scalar)$/);
  assert.deepEqual(rate.expectedBlockTimes.map((row) => row.difficulty), [3, 4, 5, 6, 7, 8]);
  assert.equal(rate.expectedBlockTimes[1]!.hashes, 65_536);
  // The order of the divisions may differ by one unit in the last place.
  const { hashes, seconds } = rate.expectedBlockTimes[1]!;
  assert.ok(Math.abs(seconds * rate.mhsTotal * 1e6 / hashes - 1) < 1e-12, `${seconds} s`);
});

Deno.test("formatDuration() takes a unit that fits", () => {
  assert.deepEqual([0.0000021, 0.00368, 0.5, 12.34, 90, 7_200, 200_000].map(formatDuration), [
    "2.10 us",
    "3.68 ms",
    "500 ms",
    "12.3 s",
    "1.50 min",
    "2.00 h",
    "2.31 d",
  ]);
});
