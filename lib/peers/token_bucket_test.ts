import assert from "node:assert/strict";
import { NamedBuckets, TokenBucket } from "./token_bucket.ts";

Deno.test("TokenBucket gives the burst at once and its rate after that", () => {
  const bucket = new TokenBucket({ perSecond: 10, burst: 3 }, 0);
  assert.deepEqual([1, 2, 3, 4].map(() => bucket.take(0)), [true, true, true, false]);
  assert.equal(bucket.take(99), false);
  assert.equal(bucket.take(100), true);
  assert.equal(bucket.take(100), false);
  assert.deepEqual([1, 2, 3, 4].map(() => bucket.take(60_000)), [true, true, true, false]);
  assert.equal(bucket.take(50_000), false, "A clock that goes back gives nothing");
});

Deno.test("TokenBucket charges what was spent, and gives nothing until it is back", () => {
  const bucket = new TokenBucket({ perSecond: 50, burst: 100 }, 0);
  bucket.charge(0, 150);
  assert.equal(bucket.hasAny(0), false);
  assert.equal(bucket.hasAny(1000), false);
  assert.equal(bucket.hasAny(1020), true);
});

Deno.test("TokenBucket says when the next is due", () => {
  const bucket = new TokenBucket({ perSecond: 10, burst: 1 }, 0);
  assert.equal(bucket.takeLater(0), 0);
  assert.equal(bucket.takeLater(0), 100);
  assert.equal(bucket.takeLater(0), 200);
});

Deno.test("NamedBuckets forgets the one that was not asked for the longest time", () => {
  const buckets = new NamedBuckets({ perSecond: 1, burst: 1 }, 2);
  assert(buckets.of("a", 0).take(0));
  assert(buckets.of("b", 0).take(0));
  assert.equal(buckets.of("a", 0).take(0), false);
  assert(buckets.of("c", 0).take(0));
  assert.equal(buckets.count, 2);
  assert.equal(buckets.of("a", 0).take(0), false);
  assert(buckets.of("b", 0).take(0));
});
