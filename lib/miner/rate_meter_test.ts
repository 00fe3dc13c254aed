import assert from "node:assert/strict";
import { RateMeter } from "./rate_meter.ts";

Deno.test("RateMeter leaves idle time out", () => {
  const meter = new RateMeter();
  meter.resume(1_000, 0);
  meter.pause(2_000, 5_000);
  meter.resume(50_000, 5_000);
  const reading = meter.read(51_000, 10_000);

  assert.deepEqual(reading, { hashes: 10_000, hashesPerSecond: 5_000, activeMs: 2_000 });
});

Deno.test("RateMeter follows the rate of the last seconds", () => {
  const meter = new RateMeter();
  meter.resume(0, 0);
  let hashes = 0;
  for (let nowMs = 0; nowMs <= 30_000; nowMs += 10) {
    hashes += nowMs < 20_000 ? 10 : 100;
    meter.read(nowMs, hashes);
  }

  const { hashesPerSecond } = meter.read(30_000, hashes);

  assert.ok(Math.abs(hashesPerSecond - 10_000) < 100, `${hashesPerSecond}`);
});

Deno.test("RateMeter reads zero before there was any mining", () => {
  assert.equal(new RateMeter().read(5_000, 0).hashesPerSecond, 0);
});
