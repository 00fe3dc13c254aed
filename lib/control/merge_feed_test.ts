/** One feed of many nodes: order, clocks, messages matched and lost, and the picture that comes of it. */
import assert from "node:assert/strict";
import type { FeedEvent, FeedHead } from "../page/feed.ts";
import { applyEvent, BLOCKS_KEPT_MAX } from "../page/apply_event.ts";
import { createView } from "../page/network_view.ts";
import { snapshotOf } from "../page/snapshot.ts";
import type { LabBlock } from "../wire/lab.ts";
import { ClockMeter } from "./clock_offset.ts";
import { FeedMerger, HALVES_MAX } from "./merge_feed.ts";
import { figuresOf } from "./page/figures.ts";
import { layoutTree, nextFork, rivalsOf, standingOf } from "./page/tree_layout.ts";

const HEAD: FeedHead = {
  origin: "cluster",
  title: "a test",
  originMs: 1_000_000,
  capacity: 5,
  difficulty: 4,
  nodes: 2,
};

function block(
  hash: string,
  parent: string,
  height: number,
  more: Partial<LabBlock> = {},
): LabBlock {
  return { hash, parent, height, miner: 0, transactions: 1, stampMs: 1_000_000, ...more };
}

const at = (ms: number) => HEAD.originMs + ms;

Deno.test("messages are matched whichever end tells first, on one clock", () => {
  const merger = new FeedMerger({ head: HEAD, latencyMs: () => 0 });
  merger.align(1, 50);
  const message = { type: "compact-block", detail: "7 abcd 1 tx" };
  merger.take(1, { e: "got", at: at(10 + 5 + 50), peer: 0, ...message });
  merger.take(0, { e: "sent", at: at(10), peer: 1, ...message });
  const events = merger.flush(1_000);
  assert.deepEqual(events, [{
    kind: "message",
    at: 15,
    sentAt: 10,
    isLost: false,
    from: 0,
    to: 1,
    type: "compact-block",
    class: "announce",
    detail: "7 abcd 1 tx",
  }]);
});

Deno.test("a message that nobody gets is lost, later on a slow link", () => {
  const merger = new FeedMerger({ head: HEAD, latencyMs: (from) => from === 0 ? 0 : 10_000 });
  for (const node of [0, 1]) merger.take(node, { e: "messages", at: at(0), areTold: true });
  // Nobody told the other ends of messages of the first moments.
  merger.take(0, { e: "sent", at: at(100), peer: 1, type: "status", detail: "early" });
  merger.take(0, { e: "sent", at: at(1_000), peer: 1, type: "status", detail: "" });
  merger.take(1, { e: "sent", at: at(1_000), peer: 0, type: "status", detail: "" });
  merger.flush(6_000);
  const lost = merger.flush(7_000).filter(({ kind }) => kind === "message") as { from: number }[];
  assert.deepEqual(lost.map(({ from }) => from), [0]);
});

Deno.test("a block's contents and its first moment are its miner's, whoever tells first", () => {
  const view = createView(HEAD);
  const merger = new FeedMerger({ head: HEAD, latencyMs: () => 0 });
  const take = (events: readonly FeedEvent[]) => events.forEach((event) => applyEvent(view, event));
  const txids = ["f".repeat(16)];
  merger.take(1, { e: "block", at: at(30), block: block("a1", "a0", 1) });
  merger.take(0, { e: "block", at: at(10), block: block("a1", "a0", 1, { txids }) });
  merger.take(1, { e: "block", at: at(900), block: block("a2", "a1", 2) });
  take(merger.flush(1_300));
  // The miner's line came too late: the block is told once more.
  merger.take(0, { e: "block", at: at(890), block: block("a2", "a1", 2, { txids }) });
  take(merger.flush(2_000));
  const [first, second] = ["a1", "a2"].map((id) => view.blocks.get(id));
  assert.deepEqual([first?.at, first?.seen[0], first?.seen[1]], [10, 10, 30]);
  assert.deepEqual([first?.txids, second?.txids], [txids, txids]);
});

Deno.test("a transaction was made where it was first, whoever tells first", () => {
  const merger = new FeedMerger({ head: HEAD, latencyMs: () => 0 });
  const tx = { txid: "e".repeat(64), from: 0, to: 1, amount: 3 };
  merger.take(1, { e: "tx", at: at(30), ...tx });
  merger.take(0, { e: "tx", at: at(10), ...tx });
  const [first, spread] = merger.flush(1_000);
  assert(first?.kind === "tx");
  assert.deepEqual([first.at, first.node], [10, 0]);
  // How many have it is told after it.
  assert.equal(spread, undefined);
  const [later] = merger.flush(1_400);
  assert.deepEqual(later?.kind === "spread" && later.counts, [["e".repeat(16), 2]]);
});

Deno.test("a transaction was made where it came in by the API, whatever a clock says", () => {
  const view = createView(HEAD);
  const merger = new FeedMerger({ head: HEAD, latencyMs: () => 0 });
  const take = (events: readonly FeedEvent[]) => events.forEach((event) => applyEvent(view, event));
  const tell = (node: number, ms: number, letter: string, isLocal?: true) => {
    const tx = { txid: letter.repeat(64), from: 0, to: 1, amount: 3 };
    merger.take(node, { e: "tx", at: at(ms), ...tx, ...(isLocal && { isLocal }) });
  };
  // Node 1's clock seems to be 20 ms early: it told both before they were made.
  tell(1, 10, "d");
  tell(0, 30, "d", true);
  tell(0, 30, "e", true);
  tell(1, 10, "e");
  // The maker's line came when the other's was told already.
  tell(1, 900, "f");
  take(merger.flush(1_300));
  tell(0, 890, "f", true);
  take(merger.flush(2_000));
  // Whoever hands it to a second node later did not make it there.
  tell(1, 1_900, "f", true);
  take(merger.flush(3_000));
  const made = ["d", "e", "f"].map((letter) => view.transactions.get(letter.repeat(16)));
  assert.deepEqual(made.map((each) => [each?.node, each?.at]), [[0, 10], [0, 10], [0, 900]]);
  assert.deepEqual(made.map((each) => each?.seenBy), [2, 2, 2]);
});

Deno.test("what waits for its other half is bounded, and counted beyond", () => {
  const merger = new FeedMerger({ head: HEAD, latencyMs: () => 0 });
  for (let index = 0; index < HALVES_MAX + 5; index++) {
    merger.take(0, { e: "sent", at: at(0), peer: 1, type: "status", detail: String(index) });
  }
  const unseen = merger.flush(200).find(({ kind }) => kind === "unseen");
  assert(unseen?.kind === "unseen");
  assert.equal(unseen.messages, 5);
});

Deno.test("events come in order, a block before whoever has it, whatever a clock says", () => {
  const merger = new FeedMerger({ head: HEAD, latencyMs: () => 0 });
  merger.take(0, { e: "block", at: at(100), block: block("aa", "00", 1) });
  merger.take(0, { e: "tip", at: at(100), hash: "aa", height: 1, dropped: 0 });
  merger.take(1, { e: "block", at: at(90), block: block("aa", "00", 1) });
  merger.take(1, { e: "tip", at: at(90), hash: "aa", height: 1, dropped: 0 });
  const events = merger.flush(1_000);
  assert.deepEqual(events.map(({ kind }) => kind), ["block", "tip", "tip"]);
  assert(events.every((event, index) => index === 0 || event.at >= (events[index - 1]?.at ?? 0)));
});

/** A fork at height 2, which node 1 leaves for the longer branch. */
function forked(): FeedEvent[] {
  const merger = new FeedMerger({ head: HEAD, latencyMs: () => 0 });
  const tell = (node: number, ms: number, each: LabBlock, dropped = 0) => {
    merger.take(node, { e: "block", at: at(ms), block: each });
    merger.take(node, { e: "tip", at: at(ms), hash: each.hash, height: each.height, dropped });
  };
  const root = block("a0", "00", 0);
  const one = block("a1", "a0", 1);
  const left = block("a2", "a1", 2, { txids: ["01", "02"] });
  const right = block("b2", "a1", 2, { miner: 1, txids: ["02", "03"] });
  const third = block("a3", "a2", 3);
  for (const node of [0, 1]) for (const each of [root, one]) tell(node, 10, each);
  merger.take(0, { e: "tx", at: at(15), txid: "03", from: 0, to: 1, amount: 5 });
  tell(0, 20, left);
  tell(1, 21, right);
  tell(0, 30, third);
  merger.take(1, { e: "block", at: at(31), block: left });
  tell(1, 32, third, 1);
  return merger.flush(1_000);
}

Deno.test("the picture: main chain, stale block, reorganisation, lanes", () => {
  const view = createView(HEAD);
  for (const event of forked()) applyEvent(view, event);
  assert.deepEqual(view.main, ["a0", "a1", "a2", "a3"]);
  assert.equal(figuresOf(view, 1_000).staleCount, 1);
  assert.equal(view.nodes[1]?.reorgs, 1);
  const stale = view.blocks.get("b2");
  assert(stale !== undefined);
  assert.equal(standingOf(view, stale), "stale");
  const { placed, laneCount } = layoutTree(view, 0, 3);
  assert.equal(laneCount, 2);
  assert.deepEqual(
    placed.map(({ block, lane }) => `${block.id} ${lane}`).sort(),
    ["a0 0", "a1 0", "a2 0", "a3 0", "b2 1"],
  );
  assert.equal(nextFork(view, 0, 1), 2);
  assert.equal(nextFork(view, 2, 1), undefined);
});

Deno.test("a block is stale when its race is decided, not before", () => {
  const view = createView(HEAD);
  const events = forked();
  const decisive = events.findIndex((event) => event.kind === "block" && event.id === "a3");
  for (const event of events.slice(0, decisive)) applyEvent(view, event);
  assert.deepEqual([...rivalsOf(view)].map(({ id }) => id), ["b2"]);
  assert.equal(figuresOf(view, 1_000).staleCount, 0);
  for (const event of events.slice(decisive)) applyEvent(view, event);
  assert.deepEqual([...rivalsOf(view)], []);
  assert.equal(figuresOf(view, 1_000).staleCount, 1);
});

Deno.test("blocks that name each other as parents lead nobody round in circles", () => {
  const view = createView(HEAD);
  for (const [id, parent, height] of [["aa", "aa", 0], ["bb", "cc", 1], ["cc", "bb", 1]] as const) {
    applyEvent(view, {
      kind: "block",
      at: 0,
      id,
      parent,
      height,
      miner: 0,
      transactions: 0,
      stamp: 0,
    });
    applyEvent(view, { kind: "tip", at: 0, node: 0, id, dropped: 0 });
  }
  assert.equal(view.best, "cc");
  assert.deepEqual(view.main, ["aa", "cc"]);
  assert.equal(layoutTree(view, 0, 1).placed.length, 3);
});

Deno.test("snapshotOf() makes the same picture", () => {
  const view = createView(HEAD);
  for (const event of forked()) applyEvent(view, event);
  const again = createView(HEAD);
  const limits = { heights: 100, transactions: 100, messages: 100 };
  for (const event of snapshotOf(view, limits)) applyEvent(again, event);
  assert.deepEqual(again.main, view.main);
  assert.deepEqual([...again.blocks.keys()].sort(), [...view.blocks.keys()].sort());
  assert.deepEqual(again.nodes.map(({ tip, reorgs }) => [tip, reorgs]), [["a3", 0], ["a3", 1]]);
  assert.equal(again.confirmedCount, view.confirmedCount);
  assert.deepEqual(again.blocks.get("a2")?.seen, view.blocks.get("a2")?.seen);
});

Deno.test("a picture of a long chain forgets its lowest blocks, not its highest", () => {
  const view = createView(HEAD);
  for (let height = 0; height < BLOCKS_KEPT_MAX + 10; height++) {
    applyEvent(view, {
      kind: "block",
      at: height,
      id: height.toString(16),
      parent: height === 0 ? "none" : (height - 1).toString(16),
      height,
      miner: 0,
      transactions: 0,
      stamp: 0,
    });
  }
  assert.equal(view.blocks.size, BLOCKS_KEPT_MAX);
  assert.equal(view.lowestHeight, 10);
  assert.equal(view.highestHeight, BLOCKS_KEPT_MAX + 9);
});

Deno.test("ClockMeter takes the quickest of the last answers", () => {
  const meter = new ClockMeter();
  assert.equal(meter.best(), undefined);
  meter.add({ askedMs: 0, answeredMs: 10, nodeMs: 105 });
  meter.add({ askedMs: 20, answeredMs: 22, nodeMs: 122 });
  assert.deepEqual(meter.best(), { offsetMs: 101, errorMs: 1 });
  for (let count = 0; count < 8; count++) meter.add({ askedMs: 0, answeredMs: 40, nodeMs: 20 });
  assert.deepEqual(meter.best(), { offsetMs: 0, errorMs: 20 });
});
