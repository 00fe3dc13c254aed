/** A seed as a recording: the same run, its happenings and its violation at their moments. */
import assert from "node:assert/strict";
import { decodeRecording, encodeRecording } from "../control/recording.ts";
import { planFuzz } from "../fuzz/fuzz_plan.ts";
import { runFuzz } from "../fuzz/fuzz_run.ts";
import { Violation } from "../fuzz/violation.ts";
import { applyEvent } from "../page/apply_event.ts";
import { createView } from "../page/network_view.ts";
import { FeedRecorder, simulatedHead } from "../simulation/feed_recorder.ts";
import { withMarks } from "./simulate_replay.ts";

Deno.test("a fuzzed seed becomes a recording whose violation is marked at its moment", async () => {
  const plan = planFuzz(7);
  let recorder: FeedRecorder | undefined;
  const outcome = runFuzz(plan, { watch: (nowMs) => recorder = new FeedRecorder(nowMs) });
  assert.equal(outcome.traceHash, runFuzz(plan).traceHash);
  const violation = new Violation("a-rule", "made up for this test");
  const head = simulatedHead(plan.params, { title: "seed 7", nodes: plan.nodes.length });
  const events = withMarks(recorder?.events ?? [], plan, { ...outcome, violation });
  const decoded = await decodeRecording(await encodeRecording({ head, events }, "0"));
  assert(decoded.ok, decoded.ok ? "" : decoded.error.message);

  const view = createView(head);
  for (const event of decoded.value.events) applyEvent(view, event);
  assert.equal(view.blocks.get(view.best ?? "")?.height, outcome.height);
  assert.deepEqual(
    view.marks.filter(({ kind }) => kind === "violation").map(({ at, text }) => [at, text]),
    [[outcome.atMs, "a-rule: made up for this test"]],
  );
  assert(view.marks.some(({ kind }) => kind === "order"));
  assert(view.messageCount > 100);
});
