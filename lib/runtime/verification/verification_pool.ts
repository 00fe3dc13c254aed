/**
 * Verifies signatures on all cores and hands every yes to the core's {@link TransactionVerifier}.
 *
 * ```
 * verify(transactions) ─→ queue ─→ chunks of up to 128 ─→ threads with room ─→ remember() each yes
 * ```
 *
 * Only a yes is handed in. A no, and whatever a thread could not answer, stays unknown: the core verifies
 * it again by the same rule and names the mistake. So nothing here can make a bad transaction pass or a
 * good one fail, and a pool without a working thread is slow, not wrong. Threads are started when there is
 * something to do and end after a while of silence, because each costs some 10 MB. Called by the runtime
 * before blocks enter its queue, and by whoever validates a whole chain.
 *
 * @module
 */
import { setImmediate } from "node:timers";
import type { TransactionVerifier } from "../../consensus/transaction_verifier.ts";
import type { Params } from "../../params.ts";
import type { Transaction } from "../../primitives/transaction.ts";
import { HASH_SIZE_BYTES } from "../../crypto/hash.ts";
import { invariant } from "../../result.ts";
import { startVerificationWorker } from "./load_worker.ts";
import { packSignatures, type VerificationOrder, type VerificationReport } from "./packing.ts";

export interface VerificationPoolOptions {
  /** One for each core when left out. */
  readonly threads?: number;
  /** How long a thread without work lives. */
  readonly idleMs?: number;
  /** Told when a thread failed; its part is left to the core. */
  readonly onFault?: (text: string) => void;
}

/** From how many unverified transactions on a block is worth the way to the threads. */
export const POOL_TRANSACTIONS_MIN = 16;

const IDLE_MS = 10_000;

/** Transactions in one order, some 3 ms of work. Asking a thread and hearing it costs as much as verifying two. */
const CHUNK_TRANSACTIONS_MAX = 128;

/**
 * Who brings fewer does not wait for the first thread to start: the core verifies them in less time. A start
 * takes as long as 500 signatures, and much longer where several processes start threads at once.
 */
const STARTING_TRANSACTIONS_MIN = 128;
/**
 * And no thread is started for fewer than that in a second: a start holds this thread up for 30 ms, on a busy machine
 * for more than 100, which is what had gathered them.
 */
const GATHERING_MS = 1_000;

/** Orders that wait at one thread: one under way, one to go on with. */
const ORDERS_PER_THREAD_MAX = 2;

interface Thread {
  readonly worker: Worker;
  readonly orders: Map<number, readonly Item[]>;
  /** It has answered. */
  isReady: boolean;
}

interface Item {
  readonly transaction: Transaction;
  readonly group: Group;
}

/** One call of {@link VerificationPool.verify}. */
interface Group {
  readonly verifier: TransactionVerifier;
  readonly params: Params;
  readonly done: PromiseWithResolvers<void>;
  remaining: number;
}

export class VerificationPool {
  readonly threadCount: number;
  readonly #idleMs: number;
  readonly #onFault: (text: string) => void;
  readonly #threads = new Set<Thread>();
  #queue: Item[] = [];
  #queueStart = 0;
  #nextOrderId = 1;
  #idleTimer: ReturnType<typeof setTimeout> | undefined;
  #answeredAtMs = 0;
  /** Those that came while there was no thread. */
  #few = { sinceMs: -Infinity, count: 0 };
  #isDispatching = false;
  #isClosed = false;

  constructor({ threads, idleMs = IDLE_MS, onFault }: VerificationPoolOptions = {}) {
    this.threadCount = threads ?? navigator.hardwareConcurrency;
    this.#idleMs = idleMs;
    this.#onFault = onFault ?? (() => {});
  }

  /**
   * Verifies what the verifier does not know yet. Resolves when every transaction was looked at, or at once
   * while no thread is ready and they are few; which of them hold, the verifier tells.
   */
  async verify(
    transactions: readonly Transaction[],
    { verifier, params }: { readonly verifier: TransactionVerifier; readonly params: Params },
  ): Promise<void> {
    const unknown = transactions.filter((transaction) => !verifier.isVerified(transaction));
    if (unknown.length === 0 || this.#isClosed) return;
    if (unknown.length < STARTING_TRANSACTIONS_MIN && !this.#hasReadyThread) {
      if (this.#threads.size === 0 && this.#doKeepComing(unknown.length)) {
        this.#order(this.#start(), []);
      }
      return;
    }

    const done = Promise.withResolvers<void>();
    const group: Group = { verifier, params, done, remaining: unknown.length };
    for (const transaction of unknown) this.#queue.push({ transaction, group });
    this.#dispatchSoon();
    await done.promise;
  }

  /** Threads that run or start. */
  get liveThreads(): number {
    return this.#threads.size;
  }

  /** Ends the threads. What was asked and not answered stays unknown. */
  close(): void {
    this.#isClosed = true;
    clearTimeout(this.#idleTimer);
    for (const thread of this.#threads) this.#drop(thread);
    this.#settle(this.#queue.slice(this.#queueStart));
    this.#queue = [];
    this.#queueStart = 0;
  }

  /** Tells whether so many have come lately, these included, that a thread is worth its start. */
  #doKeepComing(count: number): boolean {
    const nowMs = performance.now();
    if (nowMs - this.#few.sinceMs > GATHERING_MS) this.#few = { sinceMs: nowMs, count: 0 };
    this.#few.count += count;
    return this.#few.count >= STARTING_TRANSACTIONS_MIN;
  }

  get #waiting(): number {
    return this.#queue.length - this.#queueStart;
  }

  /** What several peers have sent in one moment shares orders: each costs this thread as much as two signatures. */
  #dispatchSoon(): void {
    if (this.#isDispatching) return;
    this.#isDispatching = true;
    setImmediate(() => {
      this.#isDispatching = false;
      if (!this.#isClosed) this.#dispatch();
    });
  }

  get #hasReadyThread(): boolean {
    return [...this.#threads].some(({ isReady }) => isReady);
  }

  #dispatch(): void {
    while (this.#waiting > 0) {
      const thread = this.#firstWithRoom();
      if (thread === undefined) return;
      this.#order(thread, this.#takeChunk());
    }
  }

  /**
   * The first thread that has room for an order. Another one has a part in it when those before it are full, and is
   * started then, one at a time: on a machine that many nodes share they are in each other's way, and two that are half
   * idle cost more than one at work.
   */
  #firstWithRoom(): Thread | undefined {
    const isAnyReady = this.#hasReadyThread;
    for (const thread of this.#threads) {
      if (isAnyReady && !thread.isReady) continue;
      if (thread.orders.size < ORDERS_PER_THREAD_MAX) return thread;
    }
    const mayStart = this.#threads.size < this.threadCount &&
      [...this.#threads].every(({ isReady }) => isReady);
    if (!mayStart) return undefined;
    const started = this.#start();
    if (!isAnyReady) return started;
    // What waits is worth more to a thread that can begin at once.
    this.#order(started, []);
    return undefined;
  }

  /** The next transactions of the queue, all of one network. */
  #takeChunk(): readonly Item[] {
    const first = this.#queue[this.#queueStart];
    invariant(first !== undefined, "Something waits");
    let end = this.#queueStart + 1;
    while (
      end < this.#queueStart + CHUNK_TRANSACTIONS_MAX &&
      this.#queue[end]?.group.params === first.group.params
    ) {
      end++;
    }
    const chunk = this.#queue.slice(this.#queueStart, end);
    this.#queueStart = end;
    if (this.#waiting === 0) {
      this.#queue = [];
      this.#queueStart = 0;
    }
    return chunk;
  }

  #order(thread: Thread, items: readonly Item[]): void {
    const order: VerificationOrder = {
      id: this.#nextOrderId++,
      genesisHash: items[0]?.group.params.genesisHashBytes ?? new Uint8Array(HASH_SIZE_BYTES),
      packed: packSignatures(items.map(({ transaction }) => transaction)),
    };
    thread.orders.set(order.id, items);
    thread.worker.postMessage(order, [order.packed.buffer]);
  }

  #start(): Thread {
    const worker = startVerificationWorker("verification");
    const thread: Thread = { worker, orders: new Map(), isReady: false };
    this.#threads.add(thread);

    worker.onmessage = ({ data }: MessageEvent<VerificationReport>) => {
      const items = thread.orders.get(data.id);
      invariant(items !== undefined, "A thread answers what it was asked");
      thread.orders.delete(data.id);
      thread.isReady = true;
      for (const [index, { transaction, group }] of items.entries()) {
        if (data.verdicts[index] === 1) group.verifier.remember(transaction);
      }
      this.#settle(items);
      this.#dispatch();
      this.#endWhenIdle();
    };
    worker.onerror = (event) => {
      event.preventDefault();
      this.#onFault(`A verification thread failed: ${event.message}`);
      this.#drop(thread);
      this.#dispatch();
    };
    return thread;
  }

  /** Ends a thread and gives its orders up. */
  #drop(thread: Thread): void {
    thread.worker.terminate();
    this.#threads.delete(thread);
    for (const items of thread.orders.values()) this.#settle(items);
  }

  #settle(items: readonly Item[]): void {
    for (const { group } of items) {
      group.remaining--;
      if (group.remaining === 0) group.done.resolve();
    }
  }

  /** One timer for all that happens meanwhile. */
  #endWhenIdle(): void {
    this.#answeredAtMs = performance.now();
    this.#idleTimer ??= this.#lookAfter(this.#idleMs);
  }

  #lookAfter(ms: number): ReturnType<typeof setTimeout> {
    const timer = setTimeout(() => {
      this.#idleTimer = undefined;
      if ([...this.#threads].some(({ orders }) => orders.size > 0)) return;
      const restMs = this.#answeredAtMs + this.#idleMs - performance.now();
      if (restMs > 1) this.#idleTimer = this.#lookAfter(restMs);
      else for (const thread of this.#threads) this.#drop(thread);
    }, ms);
    Deno.unrefTimer(timer);
    return timer;
  }
}
