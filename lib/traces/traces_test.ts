import assert from "node:assert/strict";
import { planFuzz } from "../fuzz/fuzz_plan.ts";
import { runFuzz } from "../fuzz/fuzz_run.ts";
import type { FeedEvent, FeedHead } from "../page/feed.ts";
import { FeedRecorder, simulatedHead } from "../simulation/feed_recorder.ts";
import { chromeEvents, formatPerfetto } from "./perfetto.ts";
import { propagationTrees } from "./propagation_tree.ts";
import { formatShiviz, localEvents, SHIVIZ_PATTERN, vectorClocks } from "./shiviz.ts";

function recorded(seed: number): { head: FeedHead; events: FeedEvent[] } {
  const plan = planFuzz(seed);
  let recorder: FeedRecorder | undefined;
  const { violation } = runFuzz(plan, { watch: (nowMs) => recorder = new FeedRecorder(nowMs) });
  assert.equal(violation, undefined);
  const head = simulatedHead(plan.params, { title: `seed ${seed}`, nodes: plan.nodes.length });
  return { head, events: recorder?.events ?? [] };
}

const { head, events } = recorded(9);

Deno.test("a trace for Perfetto names every node and draws every message that arrived", () => {
  const trace = JSON.parse(formatPerfetto(head, events));
  assert.equal(trace.traceEvents.length, chromeEvents(head, events).length);
  const names = trace.traceEvents.filter(({ name }: { name: string }) => name === "thread_name");
  assert.equal(names.length, head.nodes);
  const arrived = events.filter((event) => event.kind === "message" && !event.isLost).length;
  assert(arrived > 50, `${arrived} messages`);
  for (const ph of ["s", "f"]) {
    const arrows = trace.traceEvents.filter((event: { ph: string }) => event.ph === ph);
    assert.equal(arrows.length, arrived);
    assert.equal(new Set(arrows.map(({ id }: { id: number }) => id)).size, arrived);
  }
});

Deno.test("vector clocks say that a message is sent before it arrives, and count each node's events", () => {
  const clocked = vectorClocks(localEvents(events));
  const sent = new Map<number, ReadonlyMap<number, number>>();
  const counts = new Map<number, number>();
  for (const { node, clock, message, isArrival } of clocked) {
    counts.set(node, (counts.get(node) ?? 0) + 1);
    assert.equal(clock.get(node), counts.get(node));
    if (message === undefined) continue;
    if (!isArrival) {
      sent.set(message, clock);
      continue;
    }
    const before = sent.get(message);
    assert(before !== undefined, "it was sent before");
    for (const [other, count] of before) assert((clock.get(other) ?? 0) >= count);
  }
});

Deno.test("ShiViz's own pattern reads every event of its log", () => {
  const log = formatShiviz(head, events);
  const matches = [...log.matchAll(new RegExp(SHIVIZ_PATTERN, "g"))];
  assert.equal(matches.length, localEvents(events).length);
  for (const { groups } of matches.slice(0, 200)) {
    const clock = JSON.parse(groups?.clock ?? "");
    assert(clock[groups?.host ?? ""] > 0);
  }
});

Deno.test("a propagation tree has every node that has the block, each after the one it heard it from", () => {
  const block = events.find((event) => event.kind === "block" && event.height === 2);
  assert(block?.kind === "block");
  const [tree] = propagationTrees(events, block.id);
  assert(tree !== undefined && tree.what === "block");
  const seen = events.filter((event) => event.kind === "seen" && event.id === block.id);
  const nodes = new Set(seen.flatMap((event) => event.kind === "seen" ? [event.node] : []));
  assert.deepEqual(new Set(tree.hearings.map(({ node }) => node)), nodes);
  assert.equal(tree.hearings[0]?.from, undefined);
  const at = new Map(tree.hearings.map((hearing) => [hearing.node, hearing.at]));
  const linked = tree.hearings.filter(({ from }) => from !== undefined);
  assert(linked.length > 0);
  for (const hearing of linked) {
    assert((at.get(hearing.from as number) ?? Infinity) <= hearing.at);
  }
});

Deno.test("no slice of a trace begins in another one and ends after it", () => {
  const sends = (at: number, from: number) => ({ ...message(at, from), at: at + 5 });
  const close = [sends(1, 0), sends(1.007, 0), sends(1.007, 0), sends(1.5, 0)];
  for (const feed of [events, close]) {
    const ends = chromeEvents(head, feed).filter(({ ph }) => ph === "X") as unknown as {
      readonly tid: number;
      readonly ts: number;
      readonly dur: number;
    }[];
    assert(ends.length > 0);
    for (const [index, { tid, ts, dur }] of ends.entries()) {
      assert(dur > 0);
      const cuts = ends.find((other) => other.tid === tid && other.ts > ts && other.ts < ts + dur);
      assert.equal(cuts, undefined, `slice ${index}`);
    }
  }
});

Deno.test("a tree hangs whom only a message has told of something on who sent it", () => {
  // As a recording of a real network: the first node's transaction, and messages.
  const id = "0123456789abcdef";
  const feed: FeedEvent[] = [
    { kind: "tx", at: 10, id, node: 2, from: 2, to: 0, amount: 1 },
    { ...message(10, 2), at: 14, to: 0, type: "transactions", detail: "ffff0000,01234567" },
    { ...message(14, 0), at: 20, to: 1, type: "transactions", detail: "01234567" },
    { ...message(15, 2), at: 30, to: 1, type: "transactions", detail: "01234567" },
    { ...message(15, 2), at: 30, to: 3, type: "transactions", detail: "01234567", isLost: true },
  ];
  const [tree] = propagationTrees(feed, "0123");
  assert.deepEqual(tree?.hearings, [
    { node: 2, from: undefined, at: 10, delay: 0 },
    { node: 0, from: 2, at: 14, delay: 4 },
    { node: 1, from: 0, at: 20, delay: 10 },
  ]);
});

function message(sentAt: number, from: number): FeedEvent & { readonly kind: "message" } {
  return {
    kind: "message",
    at: sentAt,
    sentAt,
    isLost: false,
    from,
    to: 1,
    type: "status",
    class: "other",
    detail: "",
  };
}
