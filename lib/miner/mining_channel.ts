/**
 * The shared memory through which a miner commands its threads.
 *
 * One writer of orders (the miner), many readers (the threads). An order is published under a
 * generation counter that is odd while the order is being written, so a reader never acts on half an
 * order; threads look at the counter between batches and sleep on it when idle. Nothing here needs a
 * message or a reply. Knows nothing of kernels or workers.
 *
 * | offset | size | field                                                             | written by |
 * |-------:|-----:|-------------------------------------------------------------------|------------|
 * |      0 |    4 | generation: odd while an order is written                         | miner      |
 * |      4 |    4 | command: 0 idle, 1 mine, 2 close                                  | miner      |
 * |      8 |    4 | the last generation whose job was solved                          | threads    |
 * |     16 |    8 | job id, f64                                                       | miner      |
 * |     24 |  116 | header                                                            | miner      |
 * |    144 |   32 | target                                                            | miner      |
 * |  192 + |   64 | one slot per thread:                                              |            |
 * |      0 |    4 | the generation that the thread obeys                              | its thread |
 * |      4 |    4 | which of its kernels is the fastest so far                        | its thread |
 * |      8 |    8 | hashes done since the start, i64                                  | its thread |
 * |     16 |    8 | cursor: timestamp in ms, f64                                      | its thread |
 * |     24 |    8 | cursor: next nonce, f64                                           | its thread |
 *
 * @module
 */
import { KERNEL_HEADER_SIZE_BYTES, TARGET_SIZE_BYTES } from "./kernel.ts";
import type { NonceCursor } from "./nonce_cursor.ts";

const GENERATION = 0;
const COMMAND = 1;
const SOLVED = 2;
const JOB_ID_OFFSET = 16;
const HEADER_OFFSET = 24;
const TARGET_OFFSET = 144;
const SLOTS_OFFSET = 192;
const SLOT_SIZE_BYTES = 64;

const COMMANDS = ["idle", "mine", "close"] as const;

/** What the threads are to do. */
export type Command = typeof COMMANDS[number];

/** One order, as a thread reads it. */
export interface Order {
  readonly generation: number;
  readonly command: Command;
  readonly jobId: number;
  readonly header: Uint8Array<ArrayBuffer>;
  readonly target: Uint8Array<ArrayBuffer>;
}

/** What there is to mine. */
export interface JobBytes {
  readonly jobId: number;
  readonly header: Uint8Array;
  readonly target: Uint8Array;
}

/** Both ends of the channel, over the same memory. */
export class MiningChannel {
  readonly buffer: SharedArrayBuffer;
  readonly #words: Int32Array<SharedArrayBuffer>;
  readonly #bytes: Uint8Array<SharedArrayBuffer>;
  readonly #view: DataView<SharedArrayBuffer>;

  constructor(buffer: SharedArrayBuffer) {
    this.buffer = buffer;
    this.#words = new Int32Array(buffer);
    this.#bytes = new Uint8Array(buffer);
    this.#view = new DataView(buffer);
  }

  /** A channel for so many threads. */
  static create(threads: number): MiningChannel {
    return new MiningChannel(new SharedArrayBuffer(SLOTS_OFFSET + threads * SLOT_SIZE_BYTES));
  }

  /** Miner: publishes an order and wakes the threads; gives the order's generation. */
  publish(command: Command, job?: JobBytes): number {
    Atomics.add(this.#words, GENERATION, 1);

    Atomics.store(this.#words, COMMAND, COMMANDS.indexOf(command));
    if (job !== undefined) {
      this.#view.setFloat64(JOB_ID_OFFSET, job.jobId);
      this.#bytes.set(job.header, HEADER_OFFSET);
      this.#bytes.set(job.target, TARGET_OFFSET);
    }

    const generation = Atomics.add(this.#words, GENERATION, 1) + 1 | 0;
    Atomics.notify(this.#words, GENERATION);
    return generation;
  }

  /** Miner: hashes done by all threads since the start. */
  hashes(): number {
    let sum = 0n;
    for (let offset = SLOTS_OFFSET; offset < this.buffer.byteLength; offset += SLOT_SIZE_BYTES) {
      sum += Atomics.load(new BigInt64Array(this.buffer, offset + 8, 1), 0);
    }

    return Number(sum);
  }

  /**
   * Miner: resolves when every thread obeys the last order. The wait alone does not keep the process
   * alive; the threads do.
   */
  async settled(): Promise<void> {
    const generation = this.generation();
    for (let offset = SLOTS_OFFSET; offset < this.buffer.byteLength; offset += SLOT_SIZE_BYTES) {
      for (;;) {
        const seen = Atomics.load(this.#words, offset / 4);
        if ((seen - generation | 0) >= 0) break;
        await Atomics.waitAsync(this.#words, offset / 4, seen).value;
      }
    }
  }

  /** The generation of the last order. */
  generation(): number {
    return Atomics.load(this.#words, GENERATION);
  }

  /** Thread: the order in force. */
  read(): Order {
    for (;;) {
      const generation = this.generation();
      const order = {
        generation,
        command: COMMANDS[Atomics.load(this.#words, COMMAND)] ?? "idle",
        jobId: this.#view.getFloat64(JOB_ID_OFFSET),
        header: this.#copy(HEADER_OFFSET, KERNEL_HEADER_SIZE_BYTES),
        target: this.#copy(TARGET_OFFSET, TARGET_SIZE_BYTES),
      };

      if (generation % 2 === 0 && this.generation() === generation) return order;
    }
  }

  /** Thread: whether the order is still in force and its job unsolved. */
  inForce(generation: number): boolean {
    return this.generation() === generation && Atomics.load(this.#words, SOLVED) !== generation;
  }

  /** Thread: sleeps until the order is replaced, or for so long. */
  sleep(generation: number, forMs: number = Infinity): void {
    Atomics.wait(this.#words, GENERATION, generation, forMs);
  }

  /**
   * Thread: claims the solution of an order; false when another thread was first.
   *
   * A solution of an order that was replaced meanwhile is granted: whether it is still of use is for
   * the node to say.
   */
  claimSolved(generation: number): boolean {
    for (;;) {
      const solved = Atomics.load(this.#words, SOLVED);
      if (solved === generation) return false;
      if ((solved - generation | 0) > 0) return true;
      if (Atomics.compareExchange(this.#words, SOLVED, solved, generation) === solved) return true;
    }
  }

  /** Thread: says that it obeys an order. */
  obey(thread: number, generation: number): void {
    const index = slotOffset(thread) / 4;
    Atomics.store(this.#words, index, generation);
    Atomics.notify(this.#words, index);
  }

  /** The order that a thread obeyed last. */
  obeyed(thread: number): number {
    return Atomics.load(this.#words, slotOffset(thread) / 4);
  }

  /** Thread: counts hashes. */
  count(thread: number, hashes: number): void {
    Atomics.add(
      new BigInt64Array(this.buffer, slotOffset(thread) + 8, 1),
      0,
      BigInt(hashes),
    );
  }

  /** Thread: says which of its kernels is the fastest. */
  setLeader(thread: number, kernelIndex: number): void {
    Atomics.store(this.#words, slotOffset(thread) / 4 + 1, kernelIndex);
  }

  /** Miner: which of a thread's kernels is the fastest. */
  leader(thread: number): number {
    return Atomics.load(this.#words, slotOffset(thread) / 4 + 1);
  }

  /** Thread: notes its cursor, for the thread that takes over should this one fail. */
  saveCursor(thread: number, cursor: NonceCursor): void {
    this.#view.setFloat64(slotOffset(thread) + 16, cursor.timestampMs);
    this.#view.setFloat64(slotOffset(thread) + 24, cursor.nonce);
  }

  /** Thread: the cursor that was noted last. */
  savedCursor(thread: number): NonceCursor {
    return {
      timestampMs: this.#view.getFloat64(slotOffset(thread) + 16),
      nonce: this.#view.getFloat64(slotOffset(thread) + 24),
    };
  }

  #copy(offset: number, sizeBytes: number): Uint8Array<ArrayBuffer> {
    return new Uint8Array(this.#bytes.subarray(offset, offset + sizeBytes));
  }
}

function slotOffset(thread: number): number {
  return SLOTS_OFFSET + thread * SLOT_SIZE_BYTES;
}
