/**
 * Makes one feed of what many nodes tell: on one clock, in order, each thing once.
 *
 * ```
 * node i: blocks, tips, transactions, messages sent and got → aligned → matched → waits a little → feed
 * ```
 *
 * A message is told by both its ends; it is one arrow once both have been heard, and lost when its receiver
 * stays silent for too long. Everything that waits for its other half is bounded. Pure: time is an
 * argument.
 *
 * @module
 */
import {
  type BlockEvent,
  type FeedEvent,
  type FeedHead,
  messageClass,
  type NodeGauge,
  type TransactionEvent,
} from "../page/feed.ts";
import { BLOCK_ID_LENGTH, TRANSACTION_ID_LENGTH } from "../page/feed.ts";
import type { LabBlock, LabEvent } from "../wire/lab.ts";

/** How long an event waits for earlier ones of other nodes, which report in batches. */
export const ORDER_DELAY_MS = 350;
/** A message counts as lost when its other end says nothing for this long, beyond the link's latency. */
const LOST_AFTER_MS = 3_000;
/** The most messages that wait for their other half, and ids that are remembered. */
export const HALVES_MAX = 50_000;
export const IDS_REMEMBERED_MAX = 200_000;
const GAUGES_INTERVAL_MS = 1_000;
/** The two ends of a link begin to tell messages at slightly different times. */
const TELLING_SLACK_MS = 500;

type Mutable<Event> = { -readonly [Name in keyof Event]: Event[Name] };

interface Half {
  readonly at: number;
  readonly from: number;
  readonly to: number;
  readonly type: string;
  readonly detail: string;
}

/** Which nodes have a transaction, and whether the one that it was made at has told it. */
interface TransactionSpread {
  readonly nodes: Set<number>;
  isMakerKnown: boolean;
}

export interface MergeOptions {
  readonly head: FeedHead;
  /** By how much a link delays messages on purpose. */
  readonly latencyMs: (from: number, to: number) => number;
}

export class FeedMerger {
  readonly #options: MergeOptions;
  /** When each block was told first: nobody has it earlier, whatever a clock says. */
  readonly #blocks = new Map<string, number>();
  readonly #transactions = new Map<string, TransactionSpread>();
  readonly #spread = new Map<string, number>();
  readonly #sent = new Map<string, Half[]>();
  readonly #got = new Map<string, Half[]>();
  #halves = 0;
  readonly #gauges: (NodeGauge | null)[];
  #areGaugesNew = false;
  #gaugesAt = 0;
  readonly #untoldAt: number[];
  /** Since when each node tells its messages; Infinity while it does not. */
  readonly #tellsSince: number[];
  #untold = 0;
  #untoldTransactions = 0;
  #waiting: FeedEvent[] = [];
  /**
   * Of the events that wait: the first report of each block and transaction, by id. A later report may
   * correct it.
   */
  readonly #firsts = new Map<string, Mutable<BlockEvent> | Mutable<TransactionEvent>>();
  #lastAt = 0;
  /** Node clock minus feed clock. */
  readonly #offsets: number[];

  constructor(options: MergeOptions) {
    this.#options = options;
    const { nodes } = options.head;
    this.#gauges = new Array<NodeGauge | null>(nodes).fill(null);
    this.#untoldAt = new Array<number>(nodes).fill(-Infinity);
    this.#tellsSince = new Array<number>(nodes).fill(Infinity);
    this.#offsets = new Array<number>(nodes).fill(0);
  }

  /** Sets how far a node's clock is ahead. */
  align(node: number, offsetMs: number): void {
    this.#offsets[node] = offsetMs;
  }

  /** Adds an event that is on the feed's clock already. */
  add(event: FeedEvent): void {
    this.#waiting.push(event);
  }

  #addFirst(event: BlockEvent | TransactionEvent): void {
    const own = { ...event };
    this.#firsts.set(event.id, own);
    this.add(own);
  }

  forgetGauge(node: number): void {
    this.#gauges[node] = null;
    this.#areGaugesNew = true;
  }

  /** Takes what a node has told. */
  take(node: number, event: LabEvent): void {
    const at = this.#timeOf(node, event.at);
    switch (event.e) {
      case "blocks": {
        for (const block of event.blocks) this.#takeBlock(node, at, block);
        if (event.tip !== null) this.#addTip(node, at, event.tip, 0);
        return;
      }
      case "block":
        return this.#takeBlock(node, at, event.block);
      case "tip":
        return this.#addTip(node, at, event.hash, event.dropped);
      case "tx":
        return this.#takeTransaction(node, at, event);
      case "removed": {
        const id = transactionId(event.txid);
        return this.add({ kind: "refused", at, node, id, code: event.code });
      }
      case "refused": {
        const { code, count } = event;
        return this.add({ kind: "refused", at, node, id: null, code, count });
      }
      case "messages":
        this.#tellsSince[node] = event.areTold ? at + TELLING_SLACK_MS : Infinity;
        return;
      case "sent":
        return this.#match(this.#sent, this.#got, {
          at,
          from: node,
          to: event.peer,
          type: event.type,
          detail: event.detail,
        });
      case "got":
        return this.#match(this.#got, this.#sent, {
          at,
          from: event.peer,
          to: node,
          type: event.type,
          detail: event.detail,
        });
      case "untold":
        this.#untold += event.messages;
        this.#untoldTransactions += event.transactions;
        if (event.messages > 0) this.#untoldAt[node] = at;
        return;
      case "gauge": {
        const { height, pool, hashRate, peers } = event;
        this.#gauges[node] = { height, pool, hashRate, peers };
        this.#areGaugesNew = true;
        return;
      }
    }
  }

  /** Gives the events that are old enough to be put in order, by the feed's clock. */
  flush(nowMs: number): FeedEvent[] {
    this.#giveUpHalves(nowMs);
    if (this.#spread.size > 0) {
      // After the transactions that it counts, which wait as well.
      this.add({ kind: "spread", at: nowMs, counts: [...this.#spread] });
      this.#spread.clear();
    }
    if (this.#areGaugesNew && nowMs - this.#gaugesAt >= GAUGES_INTERVAL_MS) {
      this.#areGaugesNew = false;
      this.#gaugesAt = nowMs;
      this.add({ kind: "gauges", at: nowMs - ORDER_DELAY_MS, nodes: [...this.#gauges] });
    }
    if (this.#untold + this.#untoldTransactions > 0) {
      this.add({
        kind: "unseen",
        at: nowMs - ORDER_DELAY_MS,
        messages: this.#untold,
        ...(this.#untoldTransactions > 0 && { transactions: this.#untoldTransactions }),
      });
      this.#untold = this.#untoldTransactions = 0;
    }

    const limit = nowMs - ORDER_DELAY_MS;
    const due = this.#waiting.filter(({ at }) => at <= limit).sort((a, b) => a.at - b.at);
    this.#waiting = this.#waiting.filter(({ at }) => at > limit);
    for (const event of due) {
      if (event.kind === "block" || event.kind === "tx") this.#firsts.delete(event.id);
    }
    return due.map((event) => {
      // What comes too late is told when it comes.
      this.#lastAt = Math.max(this.#lastAt, event.at);
      return event.at === this.#lastAt ? event : { ...event, at: this.#lastAt };
    });
  }

  #timeOf(node: number, at: number): number {
    const time = at - (this.#offsets[node] ?? 0) - this.#options.head.originMs;
    return Math.max(0, Math.round(10 * time) / 10);
  }

  #takeBlock(node: number, at: number, block: LabBlock): void {
    const id = block.hash.slice(0, BLOCK_ID_LENGTH);
    const firstAt = this.#blocks.get(id);
    if (firstAt === undefined) {
      this.#blocks.set(id, at);
      trim(this.#blocks, IDS_REMEMBERED_MAX);
      this.#addFirst(blockEventOf(block, at, this.#options.head));
      this.add({ kind: "seen", at, id, node });
      return;
    }
    // Its miner, who tells its contents and had it first, may tell later than others.
    if (block.txids !== undefined) this.#complete(blockEventOf(block, at, this.#options.head));
    this.add({ kind: "seen", at: Math.max(at, this.#blocks.get(id) ?? at), id, node });
  }

  /** Puts a block's contents and its earlier time into the event that waits, or tells it once more. */
  #complete(told: BlockEvent): void {
    const waiting = this.#firsts.get(told.id);
    if (waiting?.kind !== "block") return this.add(told);
    waiting.at = Math.min(waiting.at, told.at);
    if (told.txids !== undefined) waiting.txids = told.txids;
    this.#blocks.set(told.id, waiting.at);
  }

  #addTip(node: number, at: number, hash: string, dropped: number): void {
    const id = hash.slice(0, BLOCK_ID_LENGTH);
    // A tip says that the node has the block: a third of the events of a busy network.
    const last = this.#waiting[this.#waiting.length - 1];
    if (last?.kind === "seen" && last.node === node && last.id === id) this.#waiting.pop();
    this.add({ kind: "tip", at: Math.max(at, this.#blocks.get(id) ?? at), node, id, dropped });
  }

  #takeTransaction(
    node: number,
    at: number,
    { txid, from, to, amount, isLocal = false }: LabEvent & { readonly e: "tx" },
  ): void {
    const id = transactionId(txid);
    const told: TransactionEvent = {
      kind: "tx",
      at,
      id,
      node,
      from: from < 0 ? null : from,
      to: to < 0 ? null : to,
      amount,
    };
    const spread = this.#transactions.get(id);
    if (spread === undefined) {
      this.#transactions.set(id, { nodes: new Set([node]), isMakerKnown: isLocal });
      trim(this.#transactions, IDS_REMEMBERED_MAX / 10);
      return this.#addFirst(told);
    }
    spread.nodes.add(node);
    this.#spread.set(id, spread.nodes.size);
    if (isLocal && !spread.isMakerKnown) {
      spread.isMakerKnown = true;
      return this.#correctMaker(told);
    }
    // Whoever had it first may tell later than others.
    const waiting = this.#firsts.get(id);
    if (waiting?.kind !== "tx" || at >= waiting.at) return;
    waiting.at = at;
    if (!spread.isMakerKnown) waiting.node = node;
  }

  /** Clocks are known to some ms only: where a transaction was made, its maker says. */
  #correctMaker(told: TransactionEvent): void {
    const waiting = this.#firsts.get(told.id);
    if (waiting?.kind !== "tx") return this.add(told);
    waiting.at = Math.min(waiting.at, told.at);
    waiting.node = told.node;
  }

  /** Puts two halves together, or lets one wait. */
  #match(own: Map<string, Half[]>, other: Map<string, Half[]>, half: Half): void {
    if (half.from < 0 || half.to < 0) return;
    const key = `${half.from} ${half.to} ${half.type} ${half.detail}`;
    const found = other.get(key)?.shift();
    if (found !== undefined) {
      this.#halves--;
      if (other.get(key)?.length === 0) other.delete(key);
      const [sent, got] = own === this.#got ? [found, half] : [half, found];
      return this.#addMessage(sent, got.at, false);
    }
    if (this.#halves >= HALVES_MAX) {
      this.#untold++;
      return;
    }
    this.#halves++;
    const waiting = own.get(key);
    if (waiting === undefined) own.set(key, [half]);
    else waiting.push(half);
  }

  #giveUpHalves(nowMs: number): void {
    for (const [key, halves] of this.#sent) {
      const [first] = halves;
      if (first === undefined) continue;
      const patienceMs = LOST_AFTER_MS + this.#options.latencyMs(first.from, first.to);
      while (halves[0] !== undefined && nowMs - halves[0].at > patienceMs) {
        const half = halves.shift() as Half;
        this.#halves--;
        if (this.#areBothTelling(half)) this.#addMessage(half, nowMs, true);
      }
      if (halves.length === 0) this.#sent.delete(key);
    }
    for (const [key, halves] of this.#got) {
      while (halves[0] !== undefined && nowMs - halves[0].at > LOST_AFTER_MS) {
        halves.shift();
        this.#halves--;
      }
      if (halves.length === 0) this.#got.delete(key);
    }
  }

  /** When there are many messages, or telling has just begun, the two ends may not tell the same ones. */
  #areBothTelling({ at, from, to }: Half): boolean {
    return [from, to].every((node) =>
      at > (this.#tellsSince[node] ?? Infinity) &&
      at - (this.#untoldAt[node] ?? -Infinity) > 2 * LOST_AFTER_MS
    );
  }

  #addMessage({ at: sentAt, from, to, type, detail }: Half, at: number, isLost: boolean): void {
    this.add({
      kind: "message",
      at,
      sentAt,
      isLost,
      from,
      to,
      type,
      class: messageClass(type),
      detail,
    });
  }
}

/** A block as the feed tells it. */
export function blockEventOf(block: LabBlock, at: number, head: FeedHead): BlockEvent {
  return {
    kind: "block",
    at,
    id: block.hash.slice(0, BLOCK_ID_LENGTH),
    parent: block.parent.slice(0, BLOCK_ID_LENGTH),
    height: block.height,
    miner: block.miner < 0 || block.height === 0 ? null : block.miner,
    transactions: block.transactions,
    ...(block.txids !== undefined && { txids: block.txids.map(transactionId) }),
    ...(block.difficulty !== undefined && { difficulty: block.difficulty }),
    stamp: Math.round(block.stampMs - head.originMs),
  };
}

function transactionId(txid: string): string {
  return txid.slice(0, TRANSACTION_ID_LENGTH);
}

function trim(ids: Set<string> | Map<string, unknown>, max: number): void {
  if (ids.size <= max) return;
  for (const id of ids.keys()) {
    ids.delete(id);
    if (ids.size <= max) return;
  }
}
