/** The bounds of what a node keeps for its cluster. */
import assert from "node:assert/strict";
import { LabTrace, TRACE_EVENTS_MAX, TRACE_MESSAGES_PER_SECOND_MAX } from "./lab_trace.ts";

Deno.test("nothing is kept while nobody listens; the newest listener alone hears", async () => {
  const trace = new LabTrace(() => 0, () => [{ e: "refused", at: 0, code: "first" }]);
  trace.add({ e: "refused", at: 0, code: "unheard" });
  const old = trace.listen();
  const now = trace.listen();
  assert.equal(await old.next(), undefined);
  trace.add({ e: "refused", at: 1, code: "heard" });
  assert.deepEqual(await now.next(), {
    events: [{ e: "refused", at: 0, code: "first" }, { e: "refused", at: 1, code: "heard" }],
    lost: 0,
  });
  now.close();
  assert.equal(await now.next(), undefined);
  assert.equal(trace.isHeard, false);
});

Deno.test("what is too much is lost from its beginning, and counted", async () => {
  const trace = new LabTrace(() => 0, () => []);
  const listener = trace.listen();
  for (let index = 0; index < TRACE_EVENTS_MAX + 1; index++) {
    trace.add({ e: "refused", at: index, code: "x" });
  }
  const line = await listener.next();
  assert(line !== undefined);
  assert.equal(line.events.length + line.lost, TRACE_EVENTS_MAX + 1);
  assert(line.lost > 0 && line.events.length <= TRACE_EVENTS_MAX);
  assert.equal(line.events[line.events.length - 1]?.at, TRACE_EVENTS_MAX);
  listener.close();
});

Deno.test("in a crowded second transactions are sampled alike at both ends", async () => {
  const told = async (e: "sent" | "got") => {
    const trace = new LabTrace(() => 0, () => []);
    const listener = trace.listen();
    const count = TRACE_MESSAGES_PER_SECOND_MAX + 1_600;
    for (let index = 0; index < count; index++) {
      const detail = (index * 2_654_435_761 % 2 ** 32).toString(16).padStart(8, "0");
      trace.addMessage({ e, at: 0, peer: 1, type: "transactions", detail });
    }
    const line = await listener.next();
    listener.close();
    assert(line !== undefined);
    const untold = line.events.find((event) => event.e === "untold");
    assert(untold?.e === "untold");
    const messages = line.events.filter((event) => event.e === e);
    assert.equal(messages.length + untold.messages, count);
    assert(messages.length < TRACE_MESSAGES_PER_SECOND_MAX + 400);
    return messages.map((event) => "detail" in event ? event.detail : "");
  };
  assert.deepEqual(await told("sent"), await told("got"));
});
