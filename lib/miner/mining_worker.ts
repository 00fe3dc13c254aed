/**
 * One mining thread: obeys the orders of its channel until it is told to close.
 *
 * ```text
 * order ─ idle ──→ sleep until the next order
 *       ├ mine ──→ batch, batch, batch … until solved, or the order is replaced
 *       └ close ─→ end
 * ```
 *
 * It never returns to the event loop in between: it sleeps on shared memory, and tells the miner what
 * it found by message. A batch takes about a millisecond, which bounds how long a replaced job is
 * still searched. Solutions are reported even when their order was replaced while the batch ran.
 *
 * The build bundles this file into a string (see `load_kernel.ts`), so it must not find anything by
 * its own address.
 *
 * @module
 */
import os from "node:os";
import { type Kernel, KERNEL_HEADER_SIZE_BYTES, openKernel, TARGET_SIZE_BYTES } from "./kernel.ts";
import { KernelRace } from "./kernel_race.ts";
import { MiningChannel, type Order } from "./mining_channel.ts";
import { advanceCursor, type NonceCursor, type NonceShare } from "./nonce_cursor.ts";
import { RateLimit } from "./rate_limit.ts";

/** What a thread is given at its start. */
export interface WorkerSetup {
  readonly modules: readonly WebAssembly.Module[];
  readonly buffer: SharedArrayBuffer;
  readonly thread: number;
  readonly share: NonceShare;
  readonly niceness: number;
  readonly hashesPerSecondMax?: number;
}

/** What a thread tells the miner. */
export type WorkerReport =
  | { readonly kind: "ready" }
  | {
    readonly kind: "solved";
    readonly generation: number;
    readonly jobId: number;
    readonly timestampMs: number;
    readonly nonce: number;
  }
  | { readonly kind: "note"; readonly text: string }
  | { readonly kind: "fault"; readonly text: string }
  | { readonly kind: "closed" };

/** Where the header keeps its timestamp (u64, big endian). */
const TIMESTAMP_OFFSET = 96;

const WARM_UP_HASHES = 4_096;
const BATCH_MS = 1;
const BATCH_HASHES_MIN = 256;
const BATCH_HASHES_MAX = 1 << 18;

interface WorkerScope {
  onmessage: ((event: MessageEvent<WorkerSetup>) => void) | null;
  postMessage(report: WorkerReport): void;
  close(): void;
}

const scope = self as unknown as WorkerScope;

scope.onmessage = (event) => {
  try {
    runThread(event.data);
    scope.postMessage({ kind: "closed" });
  } catch (error) {
    scope.postMessage({ kind: "fault", text: String(error) });
  }
  scope.close();
};

function runThread(setup: WorkerSetup): void {
  const channel = new MiningChannel(setup.buffer);
  const kernels = setup.modules.map(openKernel);
  const race = new KernelRace(kernels.length);
  const limit = setup.hashesPerSecondMax === undefined
    ? undefined
    : new RateLimit(setup.hashesPerSecondMax);

  yieldToNode(setup.niceness);
  kernels.forEach(warmUp);
  scope.postMessage({ kind: "ready" });

  for (;;) {
    const order = channel.read();

    if (order.command === "close") return;

    if (order.command === "mine" && channel.inForce(order.generation)) {
      mineOrder(order, { setup, channel, kernels, race, limit });
    }

    // Solved, or nothing to do. An order that was replaced is not slept on: sleep returns at once.
    if (channel.generation() === order.generation) limit?.pause(performance.now());
    channel.obey(setup.thread, order.generation);
    channel.sleep(order.generation);
  }
}

/** What a thread works with. */
interface Bench {
  readonly setup: WorkerSetup;
  readonly channel: MiningChannel;
  readonly kernels: readonly Kernel[];
  readonly race: KernelRace;
  readonly limit: RateLimit | undefined;
}

/** Searches until the order is solved or replaced. */
function mineOrder(order: Order, { setup, channel, kernels, race, limit }: Bench): void {
  const { thread, share } = setup;
  const header = new DataView(order.header.buffer);

  // A thread that takes over from a failed one goes on where that one stood.
  let cursor: NonceCursor = channel.obeyed(thread) === order.generation
    ? channel.savedCursor(thread)
    : { timestampMs: Number(header.getBigUint64(TIMESTAMP_OFFSET)), nonce: share.first };
  // The node's clock, as the order brought it, and what has passed since: one clock dates all blocks.
  const clockAheadMs = cursor.timestampMs - performance.now();
  let batchHashes = BATCH_HASHES_MIN;
  const loadedMs = new Array<number | undefined>(kernels.length);

  channel.saveCursor(thread, cursor);
  channel.obey(thread, order.generation);
  limit?.resume(performance.now());

  while (channel.inForce(order.generation)) {
    const startMs = performance.now();
    const allowance = limit?.allowance(startMs) ?? Infinity;
    if (limit !== undefined && allowance < 1) {
      channel.sleep(order.generation, limit.waitMs(startMs));
      continue;
    }

    const runner = race.runner;
    const kernel = kernels[runner]!;
    if (loadedMs[runner] !== cursor.timestampMs) {
      header.setBigUint64(TIMESTAMP_OFFSET, BigInt(cursor.timestampMs));
      kernel.load(order.header, order.target);
      loadedMs[runner] = cursor.timestampMs;
    }

    const count = Math.min(batchHashes, allowance, share.end - cursor.nonce);
    const nonce = kernel.search(cursor.nonce, count);
    const tried = nonce === undefined ? count : nonce - cursor.nonce + 1;
    const endMs = performance.now();

    race.record(tried, endMs - startMs);
    channel.setLeader(thread, race.leader);
    limit?.spend(tried);
    channel.count(thread, tried);
    if (nonce !== undefined && channel.claimSolved(order.generation)) {
      const { generation, jobId } = order;
      const { timestampMs } = cursor;
      scope.postMessage({ kind: "solved", generation, jobId, timestampMs, nonce });
    }

    cursor = advanceCursor(cursor, tried, { share, nowMs: Math.floor(clockAheadMs + endMs) });
    channel.saveCursor(thread, cursor);
    if (count === batchHashes) batchHashes = nextBatch(batchHashes, endMs - startMs);
  }
}

/** The size of the next batch, from how long the last one took: at most doubled or halved. */
function nextBatch(hashes: number, tookMs: number): number {
  const wanted = hashes * BATCH_MS / Math.max(tookMs, 0.001);
  const bounded = Math.min(Math.max(wanted, hashes / 2), hashes * 2);
  return Math.floor(Math.min(Math.max(bounded, BATCH_HASHES_MIN), BATCH_HASHES_MAX));
}

/** Runs a kernel once, so that the engine begins to optimize it before there is a job. */
function warmUp(kernel: Kernel): void {
  kernel.load(new Uint8Array(KERNEL_HEADER_SIZE_BYTES), new Uint8Array(TARGET_SIZE_BYTES));
  kernel.search(0, WARM_UP_HASHES);
}

/** Lowers the priority of this thread alone (Linux), so that consensus comes before mining. */
function yieldToNode(niceness: number): void {
  try {
    os.setPriority(0, niceness);
  } catch (error) {
    scope.postMessage({ kind: "note", text: `Cannot lower a mining thread's priority: ${error}` });
  }
}
