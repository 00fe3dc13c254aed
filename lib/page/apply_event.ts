/**
 * Takes the events of a feed into the picture of its network, one by one, in the order of their times.
 *
 * Each list has a bound. Pure: no clock.
 *
 * @module
 */
import type { BlockEvent, FeedEvent } from "./feed.ts";
import { choosePath, settleTransactions } from "./main_path.ts";
import { type NetworkView, parentOf, type ViewBlock, type ViewMark } from "./network_view.ts";
import { secondAt } from "./view_seconds.ts";

/** The most blocks that are kept; the lowest go first. */
export const BLOCKS_KEPT_MAX = 200_000;
/** The most transactions, messages and marks that are kept; the oldest go first. */
export const TRANSACTIONS_KEPT_MAX = 20_000;
export const MESSAGES_KEPT_MAX = 6_000;
export const MARKS_KEPT_MAX = 500;

/** Takes one event into the picture. Events come in the order of their times. */
export function applyEvent(view: NetworkView, event: FeedEvent): void {
  view.version++;
  if (event.at > view.nowMs) view.nowMs = event.at;
  switch (event.kind) {
    case "block":
      return takeBlock(view, event);
    case "seen":
      return takeSeen(view, event.id, event.node, event.at);
    case "tip":
      return takeTip(view, event);
    case "tx": {
      const known = view.transactions.get(event.id);
      if (known !== undefined) {
        // The node that it was made at told it after others.
        known.node = event.node;
        return;
      }
      view.transactions.set(event.id, {
        id: event.id,
        at: event.at,
        node: event.node,
        from: event.from,
        to: event.to,
        amount: event.amount,
        seenBy: 1,
        block: undefined,
        confirmedAt: undefined,
        fellOut: 0,
        refusedCode: undefined,
      });
      return dropOldest(view.transactions, TRANSACTIONS_KEPT_MAX);
    }
    case "spread":
      for (const [id, nodes] of event.counts) {
        const transaction = view.transactions.get(id);
        if (transaction !== undefined) transaction.seenBy = Math.max(transaction.seenBy, nodes);
      }
      return;
    case "refused": {
      view.ruleCounts.set(event.code, (view.ruleCounts.get(event.code) ?? 0) + (event.count ?? 1));
      const transaction = event.id === null ? undefined : view.transactions.get(event.id);
      if (transaction !== undefined) transaction.refusedCode = event.code;
      return;
    }
    case "message":
      view.messages.push(event);
      view.messageCount++;
      if (view.messages.length > 2 * MESSAGES_KEPT_MAX) {
        view.messages.splice(0, view.messages.length - MESSAGES_KEPT_MAX);
      }
      return;
    case "unseen":
      view.messagesUnseen += event.messages;
      view.transactionsUnseen += event.transactions ?? 0;
      return;
    case "node": {
      const node = view.nodes[event.node];
      if (node === undefined) return;
      node.run = event.run;
      node.faults = event.faults;
      if (event.run === "down") node.gauge = undefined;
      return;
    }
    case "links":
      view.links = event.links;
      return;
    case "gauges": {
      const second = secondAt(view, event.at);
      let pool = 0;
      event.nodes.forEach((gauge, index) => {
        const node = view.nodes[index];
        if (node !== undefined) node.gauge = gauge ?? undefined;
        pool = Math.max(pool, gauge?.pool ?? 0);
      });
      second.pool = pool;
      second.hashRates = event.nodes.map((gauge) => gauge?.hashRate ?? null);
      return;
    }
    case "clocks":
      event.offsets.forEach((offset, index) => {
        const node = view.nodes[index];
        if (node !== undefined) node.clock = offset ?? undefined;
      });
      return;
    case "mark":
      if (event.mark === "reorg") {
        view.reorgCount++;
        for (const id of event.nodes) {
          const node = view.nodes[id];
          if (node !== undefined) node.reorgs++;
        }
      }
      return addMark(view, {
        at: event.at,
        kind: event.mark,
        text: event.text,
        nodes: event.nodes,
        ...(event.block !== undefined && { block: event.block }),
        ...(event.count !== undefined && { count: event.count }),
      });
  }
}

/** Puts an older block into the picture, without counting it. */
export function addOlderBlock(view: NetworkView, event: BlockEvent): void {
  if (!view.blocks.has(event.id)) placeBlock(view, event);
}

/** Marks blocks from before the picture began as part of the main chain. */
export function markOlderMain(view: NetworkView, ids: readonly string[]): void {
  for (const id of ids) {
    const block = view.blocks.get(id);
    if (block === undefined || view.main[block.height] !== undefined) continue;
    block.isMain = true;
    view.main[block.height] = id;
  }
}

function takeBlock(view: NetworkView, event: BlockEvent): void {
  const known = view.blocks.get(event.id);
  if (known !== undefined) {
    if (known.txids !== undefined || event.txids === undefined) return;
    known.txids = event.txids;
    if (known.isMain) settleTransactions(view, known, { at: event.at, isOn: true });
    return;
  }
  const { height, at } = event;
  placeBlock(view, event);
  if (height > 0) {
    view.blockCount++;
    secondAt(view, at).blocks++;
    const isBeside = (view.levels[height]?.length ?? 0) > 1;
    if (isBeside) {
      view.besideCount++;
      secondAt(view, at).beside++;
    }
  }
  while (view.blocks.size > BLOCKS_KEPT_MAX) forgetLowest(view);
}

function placeBlock(view: NetworkView, event: BlockEvent): void {
  const { id, parent, height, miner, transactions, txids, difficulty, stamp, at } = event;
  const block: ViewBlock = {
    id,
    parent,
    height,
    miner,
    transactions,
    txids,
    difficulty,
    stamp,
    at,
    seen: [],
    children: [],
    isMain: false,
    wasMain: false,
  };
  if (view.blocks.size === 0) view.lowestHeight = height;
  view.blocks.set(id, block);
  (view.levels[height] ??= []).push(id);
  view.lowestHeight = Math.min(view.lowestHeight, height);
  view.highestHeight = Math.max(view.highestHeight, height);
  parentOf(view, block)?.children.push(id);
  for (const child of view.levels[height + 1] ?? []) {
    if (view.blocks.get(child)?.parent === id) block.children.push(child);
  }
}

function takeSeen(view: NetworkView, id: string, node: number, at: number): void {
  const block = view.blocks.get(id);
  if (block === undefined || block.seen[node] !== undefined) return;
  block.seen[node] = at;
  const running = view.nodes.filter(({ run }) => run === "up").length;
  const had = block.seen.filter((time) => time !== undefined).length;
  if (had < running || running < 2 || block.height === 0) return;
  const second = secondAt(view, at);
  second.spreadSum += at - block.at;
  second.spreadCount++;
}

function takeTip(view: NetworkView, event: FeedEvent & { readonly kind: "tip" }): void {
  const node = view.nodes[event.node];
  if (node === undefined) return;
  node.tip = event.id;
  node.tipAt = event.at;
  takeSeen(view, event.id, event.node, event.at);
  if (event.dropped > 0) {
    node.reorgs++;
    view.reorgCount++;
    addMark(view, {
      at: event.at,
      kind: "reorg",
      text: "",
      nodes: [event.node],
      block: event.id,
      count: event.dropped,
    });
  }
  choosePath(view, event.at);
}

function addMark(view: NetworkView, mark: ViewMark): void {
  view.marks.push(mark);
  if (view.marks.length > MARKS_KEPT_MAX) view.marks.shift();
}

function dropOldest(map: Map<string, unknown>, max: number): void {
  for (const key of map.keys()) {
    if (map.size <= max) return;
    map.delete(key);
  }
}

function forgetLowest(view: NetworkView): void {
  const height = view.lowestHeight;
  for (const id of view.levels[height] ?? []) view.blocks.delete(id);
  view.levels[height] = undefined;
  view.main[height] = undefined;
  view.lowestHeight = height + 1;
}
