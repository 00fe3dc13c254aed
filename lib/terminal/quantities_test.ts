import assert from "node:assert/strict";
import { durationMs, hashRate, share } from "./quantities.ts";

Deno.test("durationMs() reads units and refuses everything else", () => {
  assert.equal(durationMs("500ms"), 500);
  assert.equal(durationMs("1s"), 1000);
  assert.equal(durationMs("1.5min"), 90_000);
  assert.equal(durationMs("250"), 250);
  for (const text of ["", "soon", "-1s", "1h", "1 s s", "1e3"]) {
    assert.throws(() => durationMs(text), { message: /wanted a duration/ });
  }
});

Deno.test("hashRate() reads units and refuses everything else", () => {
  assert.equal(hashRate("100kH/s"), 100_000);
  assert.equal(hashRate("2.5MH/s"), 2_500_000);
  assert.equal(hashRate("1GH/s"), 1_000_000_000);
  assert.equal(hashRate("50000"), 50_000);
  for (const text of ["", "0", "fast", "-1kH/s", "1KH/s", "Infinity"]) {
    assert.throws(() => hashRate(text), { message: /wanted a hash rate/ });
  }
});

Deno.test("share() reads percent and fractions and refuses everything else", () => {
  assert.equal(share("5%"), 0.05);
  assert.equal(share("0.25"), 0.25);
  assert.equal(share("0"), 0);
  for (const text of ["", "101%", "1.1", "-5%", "half"]) {
    assert.throws(() => share(text), { message: /wanted a share/ });
  }
});
