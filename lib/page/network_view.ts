/**
 * The picture of a network at one moment, made from the events of its feed one by one.
 *
 * Changes in place, because a browser follows thousands of events a second; each list has a bound. The
 * main chain is that of the tip that most nodes have, the highest among equals. Pure: no clock.
 *
 * @module
 */
import {
  type BlockEvent,
  type FeedEvent,
  type FeedHead,
  type LinkFault,
  type MarkKind,
  type MessageEvent,
  NO_NODE_FAULTS,
  type NodeFaults,
  type NodeGauge,
  type NodeRunState,
} from "./feed.ts";

/** The most blocks that are kept; the lowest go first. */
export const BLOCKS_KEPT_MAX = 200_000;
/** The most transactions, messages, marks and seconds that are kept; the oldest go first. */
export const TRANSACTIONS_KEPT_MAX = 20_000;
export const MESSAGES_KEPT_MAX = 6_000;
export const MARKS_KEPT_MAX = 500;
export const SECONDS_KEPT_MAX = 600;

export interface ViewBlock {
  readonly id: string;
  readonly parent: string;
  readonly height: number;
  readonly miner: number | null;
  readonly transactions: number;
  /** Told by its miner alone, perhaps later than the block. */
  txids: readonly string[] | undefined;
  readonly stamp: number;
  /** When the first node had it. */
  readonly at: number;
  /** When each node had it first; sparse. */
  readonly seen: (number | undefined)[];
  readonly children: string[];
  isMain: boolean;
  /** It was on the main chain once and is no more. */
  wasMain: boolean;
}

export interface ViewNode {
  run: NodeRunState;
  faults: NodeFaults;
  tip: string | undefined;
  tipAt: number;
  reorgs: number;
  gauge: NodeGauge | undefined;
  /** Offset and error in ms. */
  clock: readonly [offsetMs: number, errorMs: number] | undefined;
}

export interface ViewTransaction {
  readonly id: string;
  readonly at: number;
  readonly node: number;
  readonly from: number | null;
  readonly to: number | null;
  readonly amount: number;
  seenBy: number;
  /** The block of the main chain that it is in. */
  block: string | undefined;
  confirmedAt: number | undefined;
  /** How often it fell out of the main chain. */
  fellOut: number;
  refusedCode: string | undefined;
}

export interface ViewMark {
  readonly at: number;
  readonly kind: MarkKind;
  readonly text: string;
  readonly nodes: readonly number[];
  readonly block?: string;
  readonly count?: number;
}

/** What one second held. */
export interface ViewSecond {
  readonly second: number;
  confirmed: number;
  blocks: number;
  stale: number;
  /** Mean ms from the first node that had a block to the last. */
  spreadSum: number;
  spreadCount: number;
  pool: number;
  hashRates: (number | null)[];
}

export interface NetworkView {
  readonly head: FeedHead;
  nowMs: number;
  readonly nodes: ViewNode[];
  readonly blocks: Map<string, ViewBlock>;
  /** All blocks of a height; the index is the height. */
  readonly levels: (string[] | undefined)[];
  readonly main: (string | undefined)[];
  /** The tip of the main chain. */
  best: string | undefined;
  lowestHeight: number;
  highestHeight: number;
  readonly transactions: Map<string, ViewTransaction>;
  readonly messages: MessageEvent[];
  /** Grows with each message, also with those that are gone from the list. */
  messageCount: number;
  messagesUnseen: number;
  /** How often a node had a transaction that was not told one by one. */
  transactionsUnseen: number;
  links: readonly LinkFault[];
  readonly marks: ViewMark[];
  readonly seconds: ViewSecond[];
  readonly ruleCounts: Map<string, number>;
  blockCount: number;
  staleCount: number;
  confirmedCount: number;
  reorgCount: number;
  /** Grows with every event: what looks at the picture knows whether it is still the same. */
  version: number;
}

export function createView(head: FeedHead): NetworkView {
  return {
    head,
    nowMs: 0,
    nodes: Array.from({ length: head.nodes }, () => ({
      run: "up" as const,
      faults: NO_NODE_FAULTS,
      tip: undefined,
      tipAt: 0,
      reorgs: 0,
      gauge: undefined,
      clock: undefined,
    })),
    blocks: new Map(),
    levels: [],
    main: [],
    best: undefined,
    lowestHeight: 0,
    highestHeight: 0,
    transactions: new Map(),
    messages: [],
    messageCount: 0,
    messagesUnseen: 0,
    transactionsUnseen: 0,
    links: [],
    marks: [],
    seconds: [],
    ruleCounts: new Map(),
    blockCount: 0,
    staleCount: 0,
    confirmedCount: 0,
    reorgCount: 0,
    version: 0,
  };
}

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
      if (view.transactions.has(event.id)) return;
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

/** Blocks of a height, the one of the main chain first, then as they came. */
export function blocksAt(view: NetworkView, height: number): ViewBlock[] {
  const ids = view.levels[height] ?? [];
  const blocks = ids.map((id) => view.blocks.get(id)).filter((block) => block !== undefined);
  return blocks.sort((a, b) => Number(b.isMain) - Number(a.isMain) || a.at - b.at);
}

/**
 * The block that a block stands on, if it is here. One of another height is none, whatever it is called:
 * who walks down always arrives.
 */
export function parentOf(view: NetworkView, block: ViewBlock): ViewBlock | undefined {
  const parent = view.blocks.get(block.parent);
  return parent?.height === block.height - 1 ? parent : undefined;
}

/** The nodes whose main chain ends at each block. */
export function tipsOf(view: NetworkView): Map<string, number[]> {
  const tips = new Map<string, number[]>();
  view.nodes.forEach(({ tip, run }, index) => {
    if (tip === undefined || run === "down") return;
    const nodes = tips.get(tip);
    if (nodes === undefined) tips.set(tip, [index]);
    else nodes.push(index);
  });
  return tips;
}

/** Puts a block of before into the picture, without counting it. */
export function addOlderBlock(view: NetworkView, event: BlockEvent): void {
  if (!view.blocks.has(event.id)) placeBlock(view, event);
}

/** These blocks are on the main chain, below what the picture began with. */
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
    const isRival = (view.levels[height]?.length ?? 0) > 1;
    if (isRival) {
      view.staleCount++;
      secondAt(view, at).stale++;
    }
  }
  while (view.blocks.size > BLOCKS_KEPT_MAX) forgetLowest(view);
}

function placeBlock(view: NetworkView, event: BlockEvent): void {
  const { id, parent, height, miner, transactions, txids, stamp, at } = event;
  const block: ViewBlock = {
    id,
    parent,
    height,
    miner,
    transactions,
    txids,
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

/** The main chain: of the tip that most nodes have, the highest among equals, the first seen then. */
function choosePath(view: NetworkView, at: number): void {
  let best: ViewBlock | undefined;
  let bestCount = 0;
  for (const [id, nodes] of tipsOf(view)) {
    const block = view.blocks.get(id);
    if (block === undefined) continue;
    const isBetter = best === undefined || block.height > best.height ||
      (block.height === best.height &&
        (nodes.length > bestCount || (nodes.length === bestCount && block.at < best.at)));
    // A node that is one block ahead leads; one that is alone on a lower branch does not.
    if (isBetter) {
      best = block;
      bestCount = nodes.length;
    }
  }
  if (best === undefined || best.id === view.best) return;
  view.best = best.id;

  const added: ViewBlock[] = [];
  for (let block: ViewBlock | undefined = best; block !== undefined && !block.isMain;) {
    added.push(block);
    block = parentOf(view, block);
  }
  const lowest = added[added.length - 1] ?? best;
  const keepBelow = added.length === 0 ? best.height + 1 : lowest.height;
  for (let height = view.main.length - 1; height >= keepBelow; height--) {
    const block = view.blocks.get(view.main[height] ?? "");
    if (block === undefined) continue;
    block.isMain = false;
    block.wasMain = true;
    settle(view, block, { at, isOn: false });
  }
  view.main.length = Math.min(view.main.length, keepBelow);
  for (const block of added.reverse()) {
    block.isMain = true;
    view.main[block.height] = block.id;
    settle(view, block, { at, isOn: true });
  }
}

/** A block came onto the main chain or left it: so did its transactions, in the second of the block. */
function settle(
  view: NetworkView,
  block: ViewBlock,
  { at, isOn }: { readonly at: number; readonly isOn: boolean },
): void {
  if (block.height === 0) return;
  const second = secondAt(view, block.at);
  const sign = isOn ? 1 : -1;
  second.confirmed += sign * block.transactions;
  view.confirmedCount += sign * block.transactions;
  settleTransactions(view, block, { at, isOn });
}

function settleTransactions(
  view: NetworkView,
  block: ViewBlock,
  { at, isOn }: { readonly at: number; readonly isOn: boolean },
): void {
  for (const id of block.txids ?? []) {
    const transaction = view.transactions.get(id);
    if (transaction === undefined) continue;
    if (isOn) {
      transaction.block = block.id;
      transaction.confirmedAt = at;
      transaction.refusedCode = undefined;
    } else {
      transaction.fellOut++;
      transaction.block = undefined;
      transaction.confirmedAt = undefined;
    }
  }
}

function secondAt(view: NetworkView, at: number): ViewSecond {
  const number = Math.floor(at / 1000);
  const last = view.seconds[view.seconds.length - 1];
  if (last !== undefined && last.second >= number) return earlierSecond(view, number);
  const second: ViewSecond = {
    second: number,
    confirmed: 0,
    blocks: 0,
    stale: 0,
    spreadSum: 0,
    spreadCount: 0,
    pool: last?.pool ?? 0,
    hashRates: last?.hashRates ?? [],
  };
  view.seconds.push(second);
  if (view.seconds.length > SECONDS_KEPT_MAX) view.seconds.shift();
  return second;
}

/** The second with this number, or the nearest one after it. */
function earlierSecond(view: NetworkView, number: number): ViewSecond {
  let index = view.seconds.length - 1;
  while (index > 0 && (view.seconds[index - 1] as ViewSecond).second >= number) index--;
  return view.seconds[index] as ViewSecond;
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
