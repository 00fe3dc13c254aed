/**
 * One thread of the miner: started, heard, ended, and replaced when it fails.
 *
 * The replacement goes on where the failed one stood, with the scalar kernel: if the fault was the SIMD
 * kernel's, it will not come back, and a slow thread is better than none.
 *
 * @module
 */
import { type LoadedKernel, startWorker } from "./load_kernel.ts";
import type { WorkerReport, WorkerSetup } from "./mining_worker.ts";

/** A thread that fails again and again is replaced ever more slowly. */
const RESTART_DELAY_MS = 50;
const RESTART_DELAY_MS_MAX = 5_000;

/** A thread has found a nonce. */
export type SolvedReport = WorkerReport & { readonly kind: "solved" };

/** What a thread needs of its miner. */
export interface MiningThreadHooks {
  /** What a thread that has failed goes on with. */
  readonly scalarKernel: LoadedKernel;
  setupOf(modules: WorkerSetup["modules"]): WorkerSetup;
  onSolved(report: SolvedReport): void;
  /** Told what is worth a word and the same in every thread. */
  onNote(text: string): void;
  onFault(text: string): void;
}

export class MiningThread {
  readonly #index: number;
  readonly #hooks: MiningThreadHooks;
  readonly #closed = Promise.withResolvers<void>();
  #kernels: readonly LoadedKernel[];
  #worker: Worker | undefined;
  #isClosing = false;
  #restarts = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(index: number, kernels: readonly LoadedKernel[], hooks: MiningThreadHooks) {
    this.#index = index;
    this.#kernels = kernels;
    this.#hooks = hooks;
  }

  /** The kernels that this thread chooses from. */
  get kernels(): readonly LoadedKernel[] {
    return this.#kernels;
  }

  /** Resolves when the thread has ended. */
  get closed(): Promise<void> {
    return this.#closed.promise;
  }

  /** Resolves when the thread is ready, or has failed and its replacement is under way. */
  start(): Promise<void> {
    const ready = Promise.withResolvers<void>();
    const worker = startWorker(`miner-${this.#index}`);
    this.#worker = worker;
    const replace = (text: string) => {
      if (this.#worker !== worker) return;
      worker.terminate();
      this.#worker = undefined;
      ready.resolve();
      this.#replace(text);
    };

    worker.onmessage = ({ data }: MessageEvent<WorkerReport>) => {
      switch (data.kind) {
        case "ready":
          return ready.resolve();
        case "solved":
          return this.#hooks.onSolved(data);
        case "note":
          return this.#hooks.onNote(data.text);
        case "fault":
          return replace(data.text);
        case "closed":
          worker.terminate();
          this.#worker = undefined;
          return this.#closed.resolve();
      }
    };
    worker.onerror = (event) => {
      event.preventDefault();
      replace(event.message);
    };

    worker.postMessage(this.#hooks.setupOf(this.#kernels.map(({ module }) => module)));
    return ready.promise;
  }

  /** Called when the thread was told to end; a replacement that was planned is not made. */
  close(): void {
    this.#isClosing = true;
    clearTimeout(this.#timer);
    if (this.#worker === undefined) this.#closed.resolve();
  }

  #replace(text: string): void {
    this.#hooks.onFault(`Cannot go on mining in thread ${this.#index}: got "${text}"`);
    if (this.#isClosing) return this.#closed.resolve();

    this.#kernels = [this.#hooks.scalarKernel];
    const delayMs = Math.min(RESTART_DELAY_MS * 2 ** this.#restarts, RESTART_DELAY_MS_MAX);
    this.#restarts++;
    this.#timer = setTimeout(() => void this.start(), delayMs);
  }
}
