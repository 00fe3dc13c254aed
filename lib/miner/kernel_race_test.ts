import assert from "node:assert/strict";
import { KernelRace } from "./kernel_race.ts";

/** Runs so many batches at the given speeds (hashes per ms); answers how many each kernel ran. */
function runBatches(race: KernelRace, count: number, speeds: readonly number[]): number[] {
  const batches = speeds.map(() => 0);
  for (let i = 0; i < count; i++) {
    batches[race.runner]!++;
    race.record(speeds[race.runner]! * 2, 2);
  }
  return batches;
}

Deno.test("KernelRace lets the fastest kernel do nearly all of the work", () => {
  const race = new KernelRace(3);

  const batches = runBatches(race, 10_000, [5, 30, 10]);

  assert.equal(race.leader, 1);
  assert.ok(batches[1]! > 9_800, `${batches}`);
  assert.ok(batches[0]! > 10 && batches[2]! > 10, `${batches}`);
});

Deno.test("KernelRace notices a kernel that became fast later", () => {
  const race = new KernelRace(2);
  runBatches(race, 1_000, [4, 20]);
  assert.equal(race.leader, 1);

  runBatches(race, 1_000, [40, 20]);
  assert.equal(race.leader, 0);

  // And one that became slow.
  runBatches(race, 1_000, [10, 20]);
  assert.equal(race.leader, 1);
});

Deno.test("KernelRace keeps its leader over a few batches on a busy machine", () => {
  const race = new KernelRace(2);
  runBatches(race, 100, [30, 20]);

  runBatches(race, 3, [1, 20]);

  assert.equal(race.leader, 0);
});

Deno.test("KernelRace with one kernel has no choice", () => {
  const race = new KernelRace(1);
  assert.deepEqual(runBatches(race, 500, [1]), [500]);
});
