import assert from "node:assert/strict";
import { handMadeRun } from "./hand_made_run.ts";
import {
  blockRecordSchema,
  resultsSchema,
  runRecordSchema,
  transactionRecordSchema,
} from "./record_schemas.ts";
import { parseRecord } from "../parse_record.ts";
import { summarizeRun, summarizeRuns } from "./summary.ts";

Deno.test("records come back as they were written, with what a newer release added", () => {
  const { run, transactions, blocks } = handMadeRun();
  const newer = { ...run, later: { any: [1] } };
  assert.deepEqual(parseRecord(JSON.stringify(newer), runRecordSchema), { ok: true, value: newer });
  for (const record of transactions) {
    assert.deepEqual(parseRecord(JSON.stringify(record), transactionRecordSchema), {
      ok: true,
      value: record,
    });
  }
  for (const record of blocks) {
    assert.deepEqual(parseRecord(JSON.stringify(record), blockRecordSchema), {
      ok: true,
      value: record,
    });
  }
  const results = summarizeRuns([summarizeRun(handMadeRun())]);
  const written = JSON.parse(JSON.stringify(results));
  const read = parseRecord(JSON.stringify(results), resultsSchema);
  assert.deepEqual(read, { ok: true, value: written });
});

Deno.test("what is wrong with a record is told with its place", () => {
  const { run } = handMadeRun();
  const said = (text: string) => {
    const parsed = parseRecord(text, runRecordSchema);
    assert(!parsed.ok);
    return parsed.error;
  };
  assert.equal(said('{"version":1'), "a text that is not JSON");
  assert.match(said("null"), /^the whole: /);
  assert.match(
    said(JSON.stringify({ ...run, cell: { ...run.cell, nodes: "two" } })),
    /^"cell.nodes": /,
  );
  assert.match(said(JSON.stringify({ ...run, nodes: [{ id: -1 }] })), /^"nodes.0.id": /);
  assert.match(said(JSON.stringify({ ...run, version: 2 })), /^"version": /);
  assert.equal(said("[".repeat(5_000) + "]".repeat(5_000)), "more than 32 levels");
});
