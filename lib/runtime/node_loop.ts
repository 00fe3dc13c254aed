/**
 * The one queue into the node: inputs in order, an own find before them, commits before words, several
 * steps in one disk transaction.
 *
 * ```
 * queue → [ step → mining, commit ]* → the disk has it → replies, messages, events, in order
 * ```
 *
 * A step that leaves work for another one ends its batch. That step is a batch of its own; before it, what
 * may come between does.
 *
 * Owns the order of things and nothing else: what an effect means is for whoever performs it. When the
 * store fails or an invariant breaks, nothing of the batch is said to the outside, everybody who waits
 * gets an answer, and the loop is over: the node's memory may be ahead of the disk, so a restart has to
 * read what is there. The queue is bounded: peers wait for room, requests are refused.
 *
 * @module
 */
import { setImmediate } from "node:timers";
import type { RuntimeError, RuntimeReply } from "../http/ports.ts";
import type { NodeEffect, Reply } from "../node/effect.ts";
import type { NodeInput, RequestId } from "../node/input.ts";
import { step } from "../node/node.ts";
import { comesFirst, mayInterrupt } from "../node/staged_block.ts";
import type { NodeState } from "../node/state.ts";
import type { NodeStore } from "../store/node_store.ts";
import { newWallOffsetMs, type NodeClock } from "./node_clock.ts";
import { joinTransactions } from "./join_transactions.ts";
import type { OutwardEffect } from "./outward_effect.ts";
import { StoreFailure } from "../store/store_failure.ts";

export interface NodeLoopOptions {
  readonly node: NodeState;
  readonly store: Pick<NodeStore, "begin" | "commit" | "end">;
  readonly clock: NodeClock;
  /** Does what the node wants done in the world. */
  readonly perform: (effect: OutwardEffect) => void;
  /** The loop is over and cannot go on. */
  readonly onFailed: (error: unknown) => void;
  /** How long the steps of one disk transaction may take together. */
  readonly batchMsMax?: number;
}

/** What the loop has done so far. */
export interface LoopStats {
  readonly queueLength: number;
  readonly steps: number;
  readonly batches: number;
  readonly stepMs: number;
  readonly commitMs: number;
  readonly performMs: number;
  readonly longestBatchMs: number;
}

/** Peers wait for room above this, requests are refused above twice as much. */
const QUEUE_LENGTH_HIGH = 4096;
/** How many inputs share a disk transaction, and how long they may take together if nobody says. */
export const BATCH_INPUTS_MAX = 256;
const BATCH_MS_MAX = 10;
/** What a node has put off gives way to payments for so long, and so often the event loop brings some. */
export const GIVE_WAY_MS_MAX = 20;
const GIVE_WAY_ROUNDS = 3;
/** Relayed transactions wait so long behind a batch for others; whatever else comes takes them along. */
const GATHER_MS = 4;
/**
 * A timer never sleeps longer than this: what a node has no plan for is due in infinity, which no timer
 * can hold. Waking early costs a tick, and shows whether the wall clock has moved.
 */
const SLEEP_MS_MAX = 60_000;

export class NodeLoop {
  readonly #options: NodeLoopOptions;
  readonly #replies = new Map<RequestId, (reply: RuntimeReply) => void>();
  #queue: NodeInput[] = [];
  #first = 0;
  /** So many at the beginning of the queue came first. */
  #firstCount = 0;
  #lastRequestId = 0;
  #isScheduled = false;
  #isTickDue = false;
  /** The node has put something off. */
  #hasMore = false;
  #putOffAtMs = -Infinity;
  /** So often the event loop comes round, with what is on its way to the queue, before the node goes on. */
  #roundsLeft = 0;
  #batchEndedAtMs = -Infinity;
  #gatherTimer: ReturnType<typeof setTimeout> | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #timerAtMs = Infinity;
  #waiters: (() => void)[] = [];
  #ended: RuntimeError | undefined;
  #stats = { steps: 0, batches: 0, stepMs: 0, commitMs: 0, performMs: 0, longestBatchMs: 0 };

  constructor(options: NodeLoopOptions) {
    this.#options = options;
  }

  get queueLength(): number {
    return this.#queue.length - this.#first;
  }

  /** Why the loop takes nothing more; `undefined` while it does. */
  get ended(): RuntimeError | undefined {
    return this.#ended;
  }

  stats(): LoopStats {
    return { queueLength: this.queueLength, ...this.#stats };
  }

  /**
   * Puts an input at the end of the queue, one that {@link comesFirst} at its beginning: until others hear of an
   * own find, they mine on the old tip, and so does this node until it has seen another's.
   */
  push(input: NodeInput): void {
    if (this.#ended !== undefined) return;
    if (comesFirst(this.#options.node, input)) {
      // An own find comes before others' blocks; of those the one that was seen first stays the first.
      const at = input.type === "mined" ? this.#first : this.#first + this.#firstCount;
      this.#queue.splice(at, 0, input);
      this.#firstCount++;
    } else this.#queue.push(input);
    if (isRelayed(input)) this.#scheduleLater();
    else this.#schedule();
  }

  /** Resolves when the queue has room, or will never have any again. */
  async room(): Promise<void> {
    while (this.#ended === undefined && this.queueLength >= QUEUE_LENGTH_HIGH) {
      const { promise, resolve } = Promise.withResolvers<void>();
      this.#waiters.push(resolve);
      await promise;
    }
  }

  /** Asks the node; resolves with its answer once that is durable, or with why it was not asked. */
  request(inputOf: (requestId: RequestId) => NodeInput): Promise<RuntimeReply> {
    if (this.#ended !== undefined) return Promise.resolve({ ok: false, error: this.#ended });
    if (this.queueLength >= 2 * QUEUE_LENGTH_HIGH) {
      return Promise.resolve({ ok: false, error: { code: "node-busy" } });
    }
    const requestId = ++this.#lastRequestId;
    const { promise, resolve } = Promise.withResolvers<RuntimeReply>();
    this.#replies.set(requestId, resolve);
    this.push(inputOf(requestId));
    return promise;
  }

  /** Ends the loop: what waits is answered with the reason, and nothing more is taken. */
  end(reason: RuntimeError): void {
    if (this.#ended !== undefined) return;
    this.#ended = reason;
    clearTimeout(this.#timer);
    clearTimeout(this.#gatherTimer);
    this.#queue = [];
    this.#first = 0;
    this.#firstCount = 0;
    for (const resolve of this.#replies.values()) resolve({ ok: false, error: reason });
    this.#replies.clear();
    this.#wakeWaiters();
  }

  #schedule(): void {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    clearTimeout(this.#gatherTimer);
    this.#gatherTimer = undefined;
    setImmediate(() => {
      this.#isScheduled = false;
      this.#run();
    });
  }

  /** Runs at once after a rest, else a little later, so that what comes meanwhile shares a batch. */
  #scheduleLater(): void {
    if (this.#isScheduled || this.#gatherTimer !== undefined) return;
    const waitMs = this.#batchEndedAtMs + GATHER_MS - performance.now();
    if (waitMs <= 0) return this.#schedule();
    this.#gatherTimer = setTimeout(() => this.#schedule(), waitMs);
  }

  #run(): void {
    if (this.#ended !== undefined) return;
    if (this.#hasMore && this.queueLength === 0 && this.#roundsLeft-- > 0) return this.#schedule();
    const startedAtMs = performance.now();
    let effects: OutwardEffect[];
    let replies: { readonly requestId: RequestId; readonly reply: Reply }[];
    try {
      ({ effects, replies } = this.#stepBatch(startedAtMs));
    } catch (error) {
      return this.#fail(error);
    }

    const committedAtMs = performance.now();
    for (const { requestId, reply } of replies) {
      this.#replies.get(requestId)?.(reply);
      this.#replies.delete(requestId);
    }
    for (const effect of joinTransactions(effects)) this.#options.perform(effect);
    const endedAtMs = performance.now();
    this.#batchEndedAtMs = endedAtMs;
    this.#stats.performMs += endedAtMs - committedAtMs;
    this.#stats.batches++;
    this.#stats.longestBatchMs = Math.max(this.#stats.longestBatchMs, endedAtMs - startedAtMs);

    if (this.#ended !== undefined) return;
    if (this.queueLength > 0 || this.#hasMore) this.#schedule();
    if (this.queueLength < QUEUE_LENGTH_HIGH / 2) this.#wakeWaiters();
    this.#setTimer();
  }

  /** Takes inputs until the batch is full or late; returns once the disk has what they changed. */
  #stepBatch(startedAtMs: number) {
    const { node, store, clock, perform, batchMsMax = BATCH_MS_MAX } = this.#options;
    const effects: OutwardEffect[] = [];
    const replies: { readonly requestId: RequestId; readonly reply: Reply }[] = [];
    let hasBegun = false;
    let isLast = false;
    let commitMs = 0;

    let news = this.#clockInput() ?? this.#nextPart();
    for (let count = 0; count < BATCH_INPUTS_MAX; count++) {
      if (count > 0 && performance.now() - startedAtMs > batchMsMax) break;
      if (this.#hasMore && news === undefined && !this.#isNextUnconcerned()) break;
      const input = news ?? this.#takeInput();
      news = undefined;
      if (input === undefined) break;
      this.#stats.steps++;
      const stepEffects = step(node, input, clock.steadyMs());
      for (const effect of stepEffects) if (isMining(effect)) perform(effect);
      for (const effect of stepEffects) {
        if (isMining(effect)) continue;
        if (effect.type === "commit") {
          const commitStartMs = performance.now();
          if (!hasBegun) store.begin();
          hasBegun = true;
          store.commit(effect.commit);
          commitMs += performance.now() - commitStartMs;
        } else if (effect.type === "reply") {
          replies.push(effect);
        } else if (effect.type === "continue") {
          isLast = true;
        } else {
          effects.push(effect);
        }
      }
      if (isLast || endsBatch(input)) break;
    }

    const endStartMs = performance.now();
    if (isLast) this.#putOff();
    if (hasBegun) store.end();
    const nowAtMs = performance.now();
    commitMs += nowAtMs - endStartMs;
    this.#stats.commitMs += commitMs;
    this.#stats.stepMs += nowAtMs - startedAtMs - commitMs;
    return { effects, replies };
  }

  /** Before anything else of a batch: whether the wall clock has moved. */
  #clockInput(): NodeInput | undefined {
    const { node, clock } = this.#options;
    if (!node.isStarted) return undefined;
    const wallOffsetMs = newWallOffsetMs(clock, node.wallOffsetMs);
    return wallOffsetMs === undefined ? undefined : { type: "clock", wallOffsetMs };
  }

  /** Lets the node go on with what it has put off, when it is its turn. */
  #nextPart(): NodeInput | undefined {
    if (!this.#hasMore) return undefined;
    const waitedMs = performance.now() - this.#putOffAtMs;
    if (waitedMs < GIVE_WAY_MS_MAX && this.#isNextUnconcerned()) return undefined;
    this.#hasMore = false;
    return { type: "continue" };
  }

  #putOff(): void {
    this.#hasMore = true;
    this.#putOffAtMs = performance.now();
    this.#roundsLeft = GIVE_WAY_ROUNDS;
  }

  #isNextUnconcerned(): boolean {
    const next = this.#queue[this.#first];
    return next !== undefined && mayInterrupt(next);
  }

  #takeInput(): NodeInput | undefined {
    if (this.#isTickDue) {
      this.#isTickDue = false;
      if (this.#options.node.isStarted) return { type: "tick" };
    }
    const input = this.#queue[this.#first];
    if (input === undefined) return undefined;
    this.#first++;
    if (this.#firstCount > 0) this.#firstCount--;
    if (this.#first === this.#queue.length) {
      this.#queue = [];
      this.#first = 0;
    } else if (this.#first >= QUEUE_LENGTH_HIGH) {
      this.#queue = this.#queue.slice(this.#first);
      this.#first = 0;
    }
    return input;
  }

  #setTimer(): void {
    const { node, clock } = this.#options;
    if (this.#timer !== undefined && this.#timerAtMs === node.wakeAtMs) return;
    clearTimeout(this.#timer);
    this.#timerAtMs = node.wakeAtMs;
    const delayMs = Math.max(0, Math.min(node.wakeAtMs - clock.steadyMs(), SLEEP_MS_MAX));
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      this.#isTickDue = true;
      this.#schedule();
    }, delayMs);
  }

  #fail(error: unknown): void {
    const reason = error instanceof Error ? error.message : String(error);
    this.end(
      error instanceof StoreFailure ? { code: "store-failed", reason } : { code: "node-stopping" },
    );
    this.#options.onFailed(error);
  }

  #wakeWaiters(): void {
    for (const resolve of this.#waiters.splice(0)) resolve();
  }
}

/** Effects that tell nobody anything: the miner leaves an old tip without waiting for the disk. */
function isMining(
  effect: NodeEffect,
): effect is Extract<NodeEffect, { readonly type: "mine" | "stop-mining" }> {
  return effect.type === "mine" || effect.type === "stop-mining";
}

/**
 * What waits for nothing more: an own block, since others mine on the old tip until they hear of it, and what a
 * node has put off, since that takes long by itself.
 */
function endsBatch({ type }: NodeInput): boolean {
  return type === "mined" || type === "continue";
}

/** Transactions that a peer has sent: many messages a second, and nothing waits for one of them. */
function isRelayed(input: NodeInput): boolean {
  return input.type === "message" && input.message.type === "transactions";
}
