/**
 * The picture of a network at one moment: what it holds, and what can be asked of it.
 *
 * It changes in place, because a browser follows thousands of events a second. `apply_event.ts` changes it.
 * Pure: no clock.
 *
 * @module
 */
import {
  type FeedHead,
  type LinkFault,
  type MarkKind,
  type MessageEvent,
  NO_NODE_FAULTS,
  type NodeFaults,
  type NodeGauge,
  type NodeRunState,
} from "./feed.ts";

export interface ViewBlock {
  readonly id: string;
  readonly parent: string;
  readonly height: number;
  readonly miner: number | null;
  readonly transactions: number;
  /** Told by its miner alone, perhaps later than the block. */
  txids: readonly string[] | undefined;
  /** In hex zeros, where it is not the one of the head. */
  readonly difficulty: number | undefined;
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
  node: number;
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
  /** Blocks that came to a height that had one. */
  beside: number;
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
  /** Blocks that came to a height that had one: stale, but for those whose race goes on. */
  besideCount: number;
  confirmedCount: number;
  reorgCount: number;
  /** Grows with every event: whoever draws the picture sees whether it is still the same. */
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
    besideCount: 0,
    confirmedCount: 0,
    reorgCount: 0,
    version: 0,
  };
}

/** Blocks of a height, the one of the main chain first, then as they came. */
export function blocksAt(view: NetworkView, height: number): ViewBlock[] {
  const ids = view.levels[height] ?? [];
  const blocks = ids.map((id) => view.blocks.get(id)).filter((block) => block !== undefined);
  return blocks.sort((a, b) => Number(b.isMain) - Number(a.isMain) || a.at - b.at);
}

/**
 * A block's parent, if it is here. A block of any other height is not its parent, whatever it is called:
 * a walk downwards always ends.
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

/** The difficulty of the main chain's newest block. */
export function difficultyOf(view: NetworkView): number {
  return view.blocks.get(view.best ?? "")?.difficulty ?? view.head.difficulty;
}
