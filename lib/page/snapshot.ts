/**
 * Turns a picture back into events, which make the same picture again.
 *
 * For a browser that opens in the middle of a run, and for a recording that begins there. Old blocks and
 * transactions are left out beyond a bound.
 *
 * @module
 */
import type { FeedEvent } from "./feed.ts";
import type { NetworkView } from "./network_view.ts";
import { blockEventOf } from "./older_blocks.ts";

export interface SnapshotLimits {
  readonly heights: number;
  readonly transactions: number;
  readonly messages: number;
}

/** The events, in an order in which they can be taken in. Their times are the original ones. */
export function snapshotOf(view: NetworkView, limits: SnapshotLimits): FeedEvent[] {
  const events: FeedEvent[] = [];
  const from = Math.max(view.lowestHeight, view.highestHeight - limits.heights);
  const blocks = [];
  for (let height = from; height <= view.highestHeight; height++) {
    for (const id of view.levels[height] ?? []) {
      const block = view.blocks.get(id);
      if (block !== undefined) blocks.push(block);
    }
  }
  blocks.sort((a, b) => a.at - b.at || a.height - b.height);

  const told = new Set(blocks.map(({ id }) => id));

  const transactions = [...view.transactions.values()].slice(-limits.transactions);
  for (const { at, id, node, from, to, amount } of transactions) {
    events.push({ kind: "tx", at, id, node, from, to, amount });
  }
  for (const block of blocks) {
    const { id } = block;
    events.push(blockEventOf(block));
    block.seen.forEach((seenAt, node) => {
      if (seenAt !== undefined) events.push({ kind: "seen", at: seenAt, id, node });
    });
  }
  view.nodes.forEach(({ run, faults }, node) => {
    events.push({ kind: "node", at: view.nowMs, node, run, faults });
  });
  view.nodes.forEach(({ tip, tipAt }, node) => {
    if (tip !== undefined && told.has(tip)) {
      events.push({ kind: "tip", at: tipAt, node, id: tip, dropped: 0 });
    }
  });
  events.push({
    kind: "spread",
    at: view.nowMs,
    counts: transactions.map(({ id, seenBy }) => [id, seenBy] as const),
  });
  events.push({ kind: "links", at: view.nowMs, links: view.links });
  events.push({
    kind: "clocks",
    at: view.nowMs,
    offsets: view.nodes.map(({ clock }) => clock ?? null),
  });
  for (const mark of view.marks) {
    const { kind, at, text, nodes } = mark;
    events.push({
      kind: "mark",
      at,
      mark: kind,
      text,
      nodes,
      ...(mark.block !== undefined && { block: mark.block }),
      ...(mark.count !== undefined && { count: mark.count }),
    });
  }
  events.push(...view.messages.slice(view.messages.length - limits.messages));
  return events;
}
