import assert from "node:assert/strict";
import { applyEvent } from "./apply_event.ts";
import type { FeedEvent, FeedHead } from "./feed.ts";
import { createView, difficultyOf } from "./network_view.ts";
import { olderBlocksOf } from "./older_blocks.ts";
import { snapshotOf } from "./snapshot.ts";

const HEAD: FeedHead = {
  origin: "cluster",
  title: "a test",
  originMs: 0,
  capacity: 1,
  difficulty: 1,
  nodes: 1,
};

function block(height: number, more: { readonly difficulty?: number } = {}): FeedEvent {
  const [id, parent] = [`${height}a`, `${height - 1}a`];
  return { kind: "block", at: 0, id, parent, height, miner: 0, transactions: 1, stamp: 0, ...more };
}

Deno.test("difficultyOf() is the tip's where it is told, after a snapshot, too, and else the head's", () => {
  const view = createView(HEAD);
  assert.equal(difficultyOf(view), 1);
  for (const event of [block(0), block(1), block(2, { difficulty: 2.25 })]) applyEvent(view, event);
  applyEvent(view, { kind: "tip", at: 0, node: 0, id: "1a", dropped: 0 });
  assert.equal(difficultyOf(view), 1);
  applyEvent(view, { kind: "tip", at: 0, node: 0, id: "2a", dropped: 0 });
  assert.equal(difficultyOf(view), 2.25);

  const late = createView(HEAD);
  const limits = { heights: 10, transactions: 0, messages: 0 };
  for (const event of snapshotOf(view, limits)) applyEvent(late, event);
  assert.equal(difficultyOf(late), 2.25);
  const { blocks } = olderBlocksOf(view, 0, 2);
  assert.deepEqual(blocks.map(({ difficulty }) => difficulty), [undefined, undefined, 2.25]);
});
