/** What an experiment writes first has to be what the report reads last. */
import assert from "node:assert/strict";
import type { ExperimentRecord } from "../measure/experiment_record.ts";
import { cellSchema, experimentRecordSchema } from "../measure/record_schemas.ts";
import { parseRecord } from "../parse_record.ts";
import { planOfPreset, PRESETS } from "./presets.ts";
import { readEnvironment } from "./environment.ts";

for (const preset of PRESETS) {
  Deno.test(`the record of preset ${preset} is read as it was written`, () => {
    const record: ExperimentRecord = {
      version: 1,
      preset,
      command: `noobcash experiment --preset ${preset}`,
      startedAtMs: 0,
      plan: planOfPreset(preset),
      environment: readEnvironment("noobcash test"),
    };
    const text = JSON.stringify(record);
    assert.deepEqual(parseRecord(text, experimentRecordSchema), {
      ok: true,
      value: JSON.parse(text),
    });
  });
}

Deno.test("a cell's difficulty has three decimals, as on the command line", () => {
  for (let thousandths = 0; thousandths <= 64_000; thousandths++) {
    const cell = { nodes: 2, capacity: 10, difficulty: thousandths / 1000 };
    assert(cellSchema.safeParse(cell).success, `${cell.difficulty}`);
  }
  for (const difficulty of [3.0005, -1, 64.001, NaN]) {
    assert(!cellSchema.safeParse({ nodes: 2, capacity: 10, difficulty }).success, `${difficulty}`);
  }
});
