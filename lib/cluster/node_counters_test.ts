import assert from "node:assert/strict";
import { sumOfMetric } from "./node_counters.ts";
import { TextLineStream } from "./text_line_stream.ts";

Deno.test("sumOfMetric() sums a metric over its labels and takes no other for it", () => {
  const text = [
    "# HELP noobcash_bytes_sent_total Bytes",
    'noobcash_bytes_sent_total{type="status"} 100',
    'noobcash_bytes_sent_total{type="compact-block"} 2.5e3',
    "noobcash_bytes_sent_total_more 7",
    "noobcash_hashes_total 42",
  ].join("\n");
  assert.equal(sumOfMetric(text, "noobcash_bytes_sent_total"), 2600);
  assert.equal(sumOfMetric(text, "noobcash_hashes_total"), 42);
  assert.equal(sumOfMetric(text, "noobcash_absent_total"), 0);
});

Deno.test("TextLineStream cuts lines wherever the pieces end, and bounds what has no end", async () => {
  const lines = async (pieces: readonly string[]) =>
    await Array.fromAsync(ReadableStream.from(pieces).pipeThrough(new TextLineStream()));
  assert.deepEqual(await lines(["a\nb", "c\n", "", "d"]), ["a", "bc", "d"]);
  const [first, ...more] = await lines(Array(70).fill("x".repeat(1000)));
  assert(first !== undefined && first.length > 65_536 && first.length < 67_000);
  assert.equal(more.length, 1);
});
