import assert from "node:assert/strict";
import fc from "fast-check";
import { advanceCursor, nonceShare } from "./nonce_cursor.ts";

Deno.test("nonceShare() cuts all nonces into disjoint shares without a gap", () => {
  fc.assert(fc.property(fc.integer({ min: 1, max: 300 }), (threads) => {
    let end = 0;
    for (let i = 0; i < threads; i++) {
      const share = nonceShare(i, threads, 2 ** 32);
      assert.equal(share.first, end);
      assert.ok(share.end > share.first);
      end = share.end;
    }
    assert.equal(end, 2 ** 32);
  }));
});

Deno.test("R07 advanceCursor() takes the later of the next millisecond and now", () => {
  const share = { first: 2 ** 31, end: 2 ** 32 };
  const cursor = { timestampMs: 1_000, nonce: 2 ** 32 - 10 };

  assert.deepEqual(advanceCursor(cursor, 9, { share, nowMs: 5_000 }), {
    timestampMs: 1_000,
    nonce: 2 ** 32 - 1,
  });
  assert.deepEqual(advanceCursor(cursor, 10, { share, nowMs: 5_000 }), {
    timestampMs: 5_000,
    nonce: 2 ** 31,
  });
  assert.deepEqual(advanceCursor(cursor, 10, { share, nowMs: 7 }), {
    timestampMs: 1_001,
    nonce: 2 ** 31,
  });
});

Deno.test("R07 a thread never tries a nonce of a timestamp twice", () => {
  const share = { first: 3, end: 20 };
  fc.assert(fc.property(
    fc.array(fc.record({ tried: fc.integer({ min: 1, max: 17 }), nowMs: fc.nat(50) })),
    (steps) => {
      const seen = new Set<string>();
      let cursor = { timestampMs: 10, nonce: share.first };
      for (const { tried, nowMs } of steps) {
        const count = Math.min(tried, share.end - cursor.nonce);
        for (let nonce = cursor.nonce; nonce < cursor.nonce + count; nonce++) {
          const key = `${cursor.timestampMs}/${nonce}`;
          assert.ok(!seen.has(key));
          seen.add(key);
        }
        cursor = advanceCursor(cursor, count, { share, nowMs });
      }
    },
  ));
});
