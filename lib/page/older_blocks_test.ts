/** Scrolling back: a picture that began late gets what was before, and counts none of it. */
import assert from "node:assert/strict";
import type { FeedEvent, FeedHead } from "./feed.ts";
import { applyEvent } from "./apply_event.ts";
import { createView } from "./network_view.ts";
import { hasHeights, OLDER_HEIGHTS_MAX, olderBlocksOf, takeOlderBlocks } from "./older_blocks.ts";
import { snapshotOf } from "./snapshot.ts";

const HEAD: FeedHead = {
  origin: "cluster",
  title: "a test",
  originMs: 0,
  capacity: 1,
  difficulty: 1,
  nodes: 1,
};
const TOP = 1_234;

function longView() {
  const view = createView(HEAD);
  const tell = (event: FeedEvent) => applyEvent(view, event);
  for (let height = 0; height <= TOP; height++) {
    for (const branch of height % 100 === 50 ? ["b", "a"] : ["a"]) {
      tell({
        kind: "block",
        at: height,
        id: `${height.toString(16)}${branch}`,
        parent: `${(height - 1).toString(16)}a`,
        height,
        miner: height === 0 ? null : 0,
        transactions: 1,
        stamp: height,
      });
    }
  }
  tell({ kind: "tip", at: TOP, node: 0, id: `${TOP.toString(16)}a`, dropped: 0 });
  return view;
}

Deno.test("a page that opened late scrolls to genesis, stretch by stretch", () => {
  const room = longView();
  const page = createView(HEAD);
  for (const event of snapshotOf(room, { heights: 200, transactions: 0, messages: 0 })) {
    applyEvent(page, event);
  }
  assert.equal(page.lowestHeight, TOP - 200);
  const { blockCount, besideCount, confirmedCount } = page;

  for (const from of [0, 500, 1_000]) {
    assert.equal(hasHeights(page, from, from + OLDER_HEIGHTS_MAX - 1), false);
    takeOlderBlocks(page, olderBlocksOf(room, from, from + OLDER_HEIGHTS_MAX - 1));
    assert.equal(hasHeights(page, from, from + OLDER_HEIGHTS_MAX - 1), true);
  }
  assert.deepEqual(page.main, room.main);
  assert.equal(page.blocks.size, room.blocks.size);
  assert.equal(page.lowestHeight, 0);
  assert.equal(page.best, room.best);
  assert.deepEqual([page.blockCount, page.besideCount, page.confirmedCount], [
    blockCount,
    besideCount,
    confirmedCount,
  ]);
  assert.equal(page.blocks.get("32b")?.isMain, false);
  assert.deepEqual(page.blocks.get("1a")?.children, ["2a"]);
});
