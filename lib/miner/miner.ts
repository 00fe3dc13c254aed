/**
 * The miner: keeps a number of threads searching for the nonce of one job at a time.
 *
 * Owns the threads, from {@link startMiner} to `close()`; they are not rebuilt between jobs. Gives
 * orders through shared memory (`mining_channel.ts`) and hears of solutions by message. Decides
 * nothing about blocks: a solution of a job that was replaced meanwhile is reported like any other,
 * with its job id, and after a solution the miner is silent until the next job.
 *
 * Called by the runtime, and by `noobcash hashrate`.
 *
 * @module
 */
import { invariant } from "../result.ts";
import { KERNEL_HEADER_SIZE_BYTES, NONCE_COUNT, targetBytes } from "./kernel.ts";
import { type LoadedKernel, loadKernel, loadKernels } from "./load_kernel.ts";
import { MiningChannel } from "./mining_channel.ts";
import { MiningThread, type SolvedReport } from "./mining_thread.ts";
import type { WorkerSetup } from "./mining_worker.ts";
import { nonceShare } from "./nonce_cursor.ts";
import { RateMeter } from "./rate_meter.ts";

/** What there is to mine. */
export interface MiningJob {
  /** Comes back with the solution. */
  readonly id: number;

  /** 116 bytes; the nonce is ignored, the timestamp is where the search begins. */
  readonly header: Uint8Array;

  /** The highest passing hash. */
  readonly target: bigint;
}

/** A header that passes: the job's, with this timestamp and nonce. */
export interface Solution {
  readonly jobId: number;
  readonly timestampMs: number;
  readonly nonce: number;
}

/** How to mine. */
export interface MinerOptions {
  readonly threads: number;

  /** Hashes per second of all threads together; as fast as they can when left out. */
  readonly hashRateLimit?: number;

  /** Called once per solved job. */
  readonly onSolved: (solution: Solution) => void;

  /** Told when a thread failed and was replaced, or could not lower its priority. */
  readonly onFault?: (text: string) => void;

  /**
   * How far threads step back behind the node (Unix niceness). When left out 19, and 0 under a hash rate
   * limit: who takes no more than the limit need not step back, and is to reach it on a busy machine, too.
   */
  readonly niceness?: number;

  /** The kernels to choose from; those of this engine when left out. */
  readonly kernels?: readonly LoadedKernel[];

  /** How many nonces one timestamp has: 2^32, unless a test needs it to end sooner. */
  readonly nonceCount?: number;
}

/** What the miner has done so far. */
export interface MinerStats {
  readonly hashes: number;

  /** Over the last seconds of mining. */
  readonly hashesPerSecond: number;

  /** The fastest kernel so far. */
  readonly kernel: string;
  readonly threads: number;

  /** How long it mined, silence left out. */
  readonly activeMs: number;
}

/** A running miner. */
export interface Miner {
  /** Replaces the current job. */
  mine(job: MiningJob): void;

  /** Ends the current job: silence until the next. */
  stop(): void;

  stats(): MinerStats;

  /** Resolves when every thread obeys the last order: mines that job, or is silent. */
  settled(): Promise<void>;

  /** Ends the threads. */
  close(): Promise<void>;
}

const NICENESS_UNLIMITED = 19;
const NICENESS_LIMITED = 0;

/** Jobs that are remembered as solved: a second thread's find comes a few jobs late at most. */
const SOLVED_JOBS_MAX = 64;

/** Starts the threads, silent; resolves when all of them are ready. */
export async function startMiner(options: MinerOptions): Promise<Miner> {
  const { threads: threadCount } = options;
  invariant(Number.isSafeInteger(threadCount) && threadCount > 0, "A miner needs a thread");
  invariant((options.hashRateLimit ?? 1) > 0, "A hash rate limit must be above zero");

  const kernels = options.kernels ?? await loadKernels();
  const scalarKernel = await loadKernel("scalar");
  const channel = MiningChannel.create(threadCount);
  const meter = new RateMeter();
  const solved = new SolvedJobs();
  let closing = false;
  let jobGeneration: number | undefined;

  const threads = Array.from(
    { length: threadCount },
    (_, index) =>
      new MiningThread(index, kernels, {
        scalarKernel,
        setupOf: (modules) => setupOf(index, modules),
        onSolved: takeSolution,
        onNote: (text) => index === 0 && options.onFault?.(text),
        onFault: (text) => options.onFault?.(text),
      }),
  );

  await Promise.all(threads.map((thread) => thread.start()));
  return { mine, stop, stats, settled: () => channel.settled(), close };

  function mine(job: MiningJob): void {
    invariant(!closing, "A closed miner cannot mine");
    invariant(
      job.header.length === KERNEL_HEADER_SIZE_BYTES,
      "A job's header must have 116 bytes",
    );

    jobGeneration = channel.publish("mine", {
      jobId: job.id,
      header: job.header,
      target: targetBytes(job.target),
    });
    meter.resume(performance.now(), channel.hashes());
  }

  function stop(): void {
    if (closing) return;
    channel.publish("idle");
    pause();
  }

  function pause(): void {
    jobGeneration = undefined;
    meter.pause(performance.now(), channel.hashes());
  }

  function takeSolution({ generation, jobId, timestampMs, nonce }: SolvedReport): void {
    if (generation === jobGeneration) pause();
    if (solved.isFirst(jobId)) options.onSolved({ jobId, timestampMs, nonce });
  }

  function stats(): MinerStats {
    return {
      ...meter.read(performance.now(), channel.hashes()),
      kernel: threads[0]!.kernels[channel.leader(0)]?.name ?? "none",
      threads: threadCount,
    };
  }

  async function close(): Promise<void> {
    if (!closing) {
      closing = true;
      channel.publish("close");
      pause();
      for (const thread of threads) thread.close();
    }
    await Promise.all(threads.map((thread) => thread.closed));
  }

  function setupOf(thread: number, modules: WorkerSetup["modules"]): WorkerSetup {
    return {
      modules,
      buffer: channel.buffer,
      thread,
      share: nonceShare(thread, threadCount, options.nonceCount ?? NONCE_COUNT),
      niceness: options.niceness ??
        (options.hashRateLimit === undefined ? NICENESS_UNLIMITED : NICENESS_LIMITED),
      ...(options.hashRateLimit === undefined
        ? {}
        : { hashesPerSecondMax: options.hashRateLimit / threadCount }),
    };
  }
}

/** Which jobs are solved: two threads may solve one, the second when the next job is under way. */
class SolvedJobs {
  readonly #ids = new Set<number>();

  isFirst(jobId: number): boolean {
    if (this.#ids.has(jobId)) return false;
    this.#ids.add(jobId);
    for (const oldest of this.#ids) {
      if (this.#ids.size <= SOLVED_JOBS_MAX) break;
      this.#ids.delete(oldest);
    }
    return true;
  }
}
