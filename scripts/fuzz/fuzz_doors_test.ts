import assert from "node:assert/strict";
import { openDoors } from "./doors.ts";
import { fuzzDoors } from "./fuzz_run.ts";

Deno.test("every door takes spoilt inputs and keeps its promises", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const doors = await openDoors(folder);
    const report = await fuzzDoors(doors, { seed: 7, untilMs: performance.now() + 15_000 });
    assert.deepEqual(report.findings, []);
    for (const { name } of doors) assert((report.inputsByDoor[name] ?? 0) > 0, name);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("a door that breaks its promise is found, with the input", async () => {
  const door = {
    name: "broken",
    corpus: [new Uint8Array([1, 2, 3])],
    turn: 100,
    take(input: Uint8Array) {
      if (input.length > 3) throw new Error("too long");
    },
  };
  const { findings } = await fuzzDoors([door], { seed: 1, untilMs: performance.now() + 200 });
  assert(findings.length > 0);
  assert.match(findings[0]?.message ?? "", /too long/);
  assert((findings[0]?.inputHex.length ?? 0) > 6);
});
