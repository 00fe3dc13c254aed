/** Time-outs do not count what the machine slept. */
import assert from "node:assert/strict";
import { AwakeClock } from "./awake_time.ts";

/** Ticks every half second, from one moment to another. */
function ticked(clock: AwakeClock, fromMs: number, toMs: number): void {
  for (let nowMs = fromMs; nowMs <= toMs; nowMs += 500) clock.tick(nowMs);
}

Deno.test("AwakeClock leaves out what was slept, before the tick and after it", () => {
  const clock = new AwakeClock(0);
  ticked(clock, 500, 10_000);
  assert.equal(clock.at(10_200), 10_200);
  // A minute of sleep: whoever asks first, sees half a second of it.
  assert.equal(clock.at(70_000), 10_500);
  clock.tick(70_000);
  assert.equal(clock.at(70_000), 10_500);
  assert.equal(clock.at(70_300), 10_800);
});

Deno.test("AwakeClock counts the time of a machine that is only busy", () => {
  const clock = new AwakeClock(0);
  for (let nowMs = 0; nowMs <= 20_000; nowMs += 2_000) clock.tick(nowMs);
  assert.equal(clock.at(20_000), 20_000);
});

Deno.test("AwakeClock adds up several sleeps", () => {
  const clock = new AwakeClock(0);
  clock.tick(10_500);
  clock.tick(11_000);
  clock.tick(21_500);
  assert.equal(clock.at(21_500), 1_500);
});
