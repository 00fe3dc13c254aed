/** The bounds of what a node keeps for its cluster. */
import assert from "node:assert/strict";
import {
  LabTrace,
  LINE_INTERVAL_MS,
  TRACE_EVENTS_MAX,
  TRACE_MESSAGES_PER_SECOND_MAX,
  TRACE_TRANSACTIONS_PER_SECOND_MAX,
} from "./lab_trace.ts";

Deno.test("nothing is kept while nobody listens; the newest listener alone hears", async () => {
  const trace = new LabTrace(() => 0, () => [{ e: "refused", at: 0, code: "first", count: 1 }]);
  trace.add({ e: "refused", at: 0, code: "unheard", count: 1 });
  const old = trace.listen({ messages: true });
  const now = trace.listen({ messages: true });
  assert.equal(await old.next(), undefined);
  trace.add({ e: "refused", at: 1, code: "heard", count: 1 });
  assert.deepEqual(await now.next(), {
    events: [{ e: "refused", at: 0, code: "first", count: 1 }, {
      e: "messages",
      at: 0,
      areTold: true,
    }, { e: "refused", at: 1, code: "heard", count: 1 }],
    lost: 0,
  });
  now.close();
  assert.equal(await now.next(), undefined);
  assert.equal(trace.isHeard, false);
});

Deno.test("what is too much is lost from its beginning, and counted", async () => {
  const trace = new LabTrace(() => 0, () => []);
  const listener = trace.listen({ messages: true });
  for (let index = 0; index < TRACE_EVENTS_MAX + 1; index++) {
    trace.add({ e: "refused", at: index, code: "x", count: 1 });
  }
  const line = await listener.next();
  assert(line !== undefined);
  // One tells that messages are told from now on.
  assert.equal(line.events.length + line.lost, TRACE_EVENTS_MAX + 1 + 1);
  assert(line.lost > 0 && line.events.length <= TRACE_EVENTS_MAX);
  assert.equal(line.events[line.events.length - 1]?.at, TRACE_EVENTS_MAX);
  listener.close();
});

Deno.test("in a crowd, messages and transactions are sampled alike at all nodes", async () => {
  const told = async (kind: "messages" | "transactions") => {
    const trace = new LabTrace(() => 0, () => []);
    const listener = trace.listen({ messages: true });
    const limit = kind === "messages"
      ? TRACE_MESSAGES_PER_SECOND_MAX
      : TRACE_TRANSACTIONS_PER_SECOND_MAX;
    const names: string[] = [];
    for (let index = 0; index < limit + 1_600; index++) {
      const name = (index * 2_654_435_761 % 2 ** 32).toString(16).padStart(8, "0");
      const isTold = kind === "messages"
        ? trace.takesMessage("transactions", name)
        : trace.takesTransaction(name);
      if (isTold) names.push(name);
    }
    trace.add({ e: "messages", at: 0, areTold: true });
    const line = await listener.next();
    listener.close();
    const untold = line?.events.find((event) => event.e === "untold");
    assert(untold?.e === "untold");
    assert.equal(names.length + untold[kind], limit + 1_600);
    assert(names.length > limit && names.length < limit + 400);
    assert(names.slice(limit).every((name) => name.startsWith("0")));
    return names;
  };
  for (const kind of ["messages", "transactions"] as const) {
    assert.deepEqual(await told(kind), await told(kind));
  }
});

Deno.test("after a crowd the sample goes on for the next second, then all is told again", () => {
  let nowMs = 0;
  const trace = new LabTrace(() => nowMs, () => []);
  const listener = trace.listen({ messages: false });
  for (let index = 0; index <= TRACE_TRANSACTIONS_PER_SECOND_MAX; index++) {
    trace.takesTransaction("1");
  }
  nowMs = 1_500;
  assert.equal(trace.takesTransaction("1"), false);
  assert.equal(trace.takesTransaction("0"), true);
  nowMs = 2_500;
  assert.equal(trace.takesTransaction("1"), true);
  listener.close();
});

Deno.test("messages are told only while they are wanted", async () => {
  const trace = new LabTrace(() => 0, () => []);
  const listener = trace.listen({ messages: false });
  assert.equal(trace.takesMessage("status", ""), false);
  trace.setDetail({ messages: true });
  assert.equal(trace.takesMessage("status", ""), true);
  trace.setDetail({ messages: false });
  assert.equal(trace.takesMessage("status", ""), false);
  const line = await listener.next();
  assert.deepEqual(
    line?.events.map((event) => event.e === "messages" && event.areTold),
    [false, true, false],
  );
  listener.close();
});

Deno.test("refusals are counted by their codes, and a line tells each code once", async () => {
  const trace = new LabTrace(() => 7, () => []);
  trace.addRefusal("unheard");
  const listener = trace.listen({ messages: false });
  for (const code of ["a", "b", "a"]) trace.addRefusal(code);
  const line = await listener.next();
  assert.deepEqual(line?.events.slice(1), [
    { e: "refused", at: 7, code: "a", count: 2 },
    { e: "refused", at: 7, code: "b", count: 1 },
  ]);
  listener.close();
});

Deno.test("500 codes of refusals are counted apart between two lines", async () => {
  const trace = new LabTrace(() => 0, () => []);
  const listener = trace.listen({ messages: false });
  for (let index = 0; index < 501; index++) trace.addRefusal(`code-${index}`);
  trace.addRefusal("code-0");
  const line = await listener.next();
  const refused = line?.events.flatMap((event) => event.e === "refused" ? [event] : []) ?? [];
  assert.equal(refused.length, 500);
  assert.deepEqual([refused[0]?.count, refused.at(-1)?.code], [2, "code-499"]);
  listener.close();
});

Deno.test("4,000 announcements of blocks a second are told in a crowd", () => {
  const trace = new LabTrace(() => 0, () => []);
  const listener = trace.listen({ messages: true });
  let told = 0;
  for (let index = 0; index < 5_000; index++) if (trace.takesMessage("compact-block", "")) told++;
  assert.equal(told, 4_000);
  listener.close();
});

Deno.test("rare events are told at once, and frequent ones in few lines", async () => {
  const trace = new LabTrace(() => 0, () => []);
  const listener = trace.listen({ messages: false });
  await listener.next();
  const startedMs = performance.now();
  let isOver = false;
  let told = 0;
  let lines = 0;
  const reading = (async () => {
    while (!isOver) {
      told += (await listener.next())?.events.length ?? 0;
      lines++;
    }
  })();
  for (let count = 0; count < 60; count++) {
    trace.add({ e: "refused", at: count, code: "x", count: 1 });
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  isOver = true;
  await reading;
  listener.close();
  // However slow the machine is: no two lines within the time that one gathers.
  assert(lines <= 2 + (performance.now() - startedMs) / LINE_INTERVAL_MS, `${lines} lines`);
  assert(told > 0);
});
