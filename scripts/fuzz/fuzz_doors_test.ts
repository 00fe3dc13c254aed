import assert from "node:assert/strict";
import { openDoors } from "./doors.ts";
import { fuzzDoors } from "./fuzz_run.ts";
import { mutate } from "./mutate.ts";
import { randomStream } from "../../lib/random/random_stream.ts";

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

Deno.test("N04 payouts of a founder's earlier life, brought by others, do not end it (seed 12, turn 45)", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const door = (await openDoors(folder)).find(({ name }) => name === "node");
    assert(door !== undefined);
    for (let turn = 0; turn <= 47; turn++) {
      const random = randomStream(12, `${door.name}/${turn}`);
      for (let index = 0; index < door.turn; index++) {
        await door.take(mutate(door.corpus, random), random);
      }
    }
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
