import assert from "node:assert/strict";
import fc from "fast-check";
import { RateLimit } from "./rate_limit.ts";

/** Hashes as a thread would for so long; every batch takes what `speed` says. */
function run(
  limit: RateLimit,
  { fromMs, toMs, hashesPerMs, lateMs = () => 0 }: {
    readonly fromMs: number;
    readonly toMs: number;
    readonly hashesPerMs: number;
    readonly lateMs?: (nowMs: number) => number;
  },
): number {
  let hashes = 0;
  let nowMs = fromMs;
  limit.resume(nowMs);
  while (nowMs < toMs) {
    const allowance = limit.allowance(nowMs);
    if (allowance < 1) {
      // Whatever replaces the job wakes the thread.
      nowMs = Math.min(toMs, nowMs + limit.waitMs(nowMs) + lateMs(nowMs));
      continue;
    }
    const count = Math.min(allowance, 30_000);
    limit.spend(count);
    hashes += count;
    nowMs += count / hashesPerMs;
  }
  limit.pause(nowMs);
  return hashes;
}

Deno.test("RateLimit holds its rate within a slice", () => {
  for (const rate of [50, 999, 50_000, 100_000, 1_234_567, 10_000_000]) {
    const hashes = run(new RateLimit(rate), { fromMs: 0, toMs: 5_000, hashesPerMs: 20_000 });
    assert.ok(Math.abs(hashes - 5 * rate) <= Math.max(0.01 * rate, 2), `${rate}: ${hashes}`);
  }
});

Deno.test("RateLimit above the machine's speed does not slow it down", () => {
  const hashes = run(new RateLimit(1e9), { fromMs: 0, toMs: 1_000, hashesPerMs: 10_000 });
  assert.ok(hashes > 9_700_000, `${hashes}`);
});

Deno.test("RateLimit catches up what a busy machine held back, at twice the rate", () => {
  const limit = new RateLimit(100_000);

  // Every wait ends 5 ms late, and once half a second is lost.
  const lateMs = (nowMs: number) => nowMs > 1_000 && nowMs < 1_010 ? 500 : 5;
  const hashes = run(limit, { fromMs: 0, toMs: 5_000, hashesPerMs: 20_000, lateMs });

  assert.ok(hashes > 490_000 && hashes < 501_000, `${hashes}`);
});

Deno.test("RateLimit forgets more than a second of arrears", () => {
  const limit = new RateLimit(100_000);
  run(limit, { fromMs: 0, toMs: 100, hashesPerMs: 20_000 });
  limit.resume(100);

  const after = run(limit, { fromMs: 60_000, toMs: 65_000, hashesPerMs: 20_000 });

  assert.ok(after <= 605_000, `${after}`);
});

Deno.test("RateLimit gives nothing for idle time, and loses nothing between jobs", () => {
  const limit = new RateLimit(100_000);
  let hashes = 0;

  // Jobs of 3 ms, far shorter than a slice, with pauses between them.
  for (let i = 0; i < 1_000; i++) {
    hashes += run(limit, { fromMs: 100 * i, toMs: 100 * i + 3, hashesPerMs: 20_000 });
  }

  assert.ok(hashes >= 299_000 && hashes <= 301_000, `${hashes}`);
});

Deno.test("RateLimit never allows more than what accrued", () => {
  fc.assert(fc.property(
    fc.array(fc.double({ min: 0, max: 50, noNaN: true }), { minLength: 1, maxLength: 200 }),
    (steps) => {
      const limit = new RateLimit(10_000);
      let nowMs = 0;
      let hashes = 0;
      limit.resume(0);
      for (const step of steps) {
        nowMs += step;
        const allowance = limit.allowance(nowMs);
        limit.spend(allowance);
        hashes += allowance;
        assert.ok(hashes <= nowMs * 10 + 1e-6);
      }
    },
  ));
});
