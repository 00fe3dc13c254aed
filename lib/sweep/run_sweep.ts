/**
 * Runs the parts of a sweep on worker threads.
 *
 * What comes out does not depend on their number: each part's result is a function of the plan and the
 * key. A stop ends the workers at once; parts that are done stay done, parts under way are lost.
 *
 * @module
 */
import { invariant } from "../result.ts";
import type { SweepAnswer, SweepOrder } from "./sweep_worker.ts";
import { startSweepWorker } from "./start_worker.ts";
import type { Json, SweepPlan } from "./sweep_plan.ts";

/** A part could not be run: the plan, or one's own strategy, asks for what cannot be done. */
export class SweepFailed extends Error {
  override readonly name = "SweepFailed";
}

export interface SweepRunOptions {
  /** How many workers; never more than there are parts. */
  readonly jobs: number;
  readonly strategyUrl: string | undefined;
  readonly signal: AbortSignal;
  readonly onDone: (key: string, result: Json) => void;
}

/** Runs the parts with these keys, in this order as far as workers are free. */
export async function runSweep(
  plan: SweepPlan,
  keys: readonly string[],
  { jobs, strategyUrl, signal, onDone }: SweepRunOptions,
): Promise<void> {
  const waiting = keys.values();
  const workers = Array.from(
    { length: Math.min(jobs, keys.length) },
    (_, index) => startSweepWorker(`sweep ${index}`),
  );
  const end = () => workers.forEach((worker) => worker.terminate());
  signal.addEventListener("abort", end, { once: true });
  try {
    await Promise.all(workers.map(work));
  } finally {
    signal.removeEventListener("abort", end);
    end();
  }
  signal.throwIfAborted();

  function work(worker: Worker): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    signal.addEventListener("abort", () => resolve(), { once: true });
    if (signal.aborted) resolve();
    worker.onerror = (event) => {
      event.preventDefault();
      reject(new SweepFailed(event.message));
    };
    worker.onmessage = ({ data }: MessageEvent<SweepAnswer>) => {
      if (signal.aborted) return;
      if (data.type === "failed") return reject(new SweepFailed(data.message));
      if (data.type === "done") onDone(data.key, data.result);
      const next = waiting.next();
      if (next.done === true) return resolve();
      order({ type: "run", key: next.value });
    };
    order({ type: "begin", plan, strategyUrl });
    return promise;

    function order(message: SweepOrder): void {
      worker.postMessage(message);
    }
  }
}

/** How long the rest takes, estimated from what is done so far. */
export class TimeLeft {
  readonly #total: number;
  readonly #startMs: number;
  #done = 0;

  constructor(total: number, nowMs: number) {
    invariant(total >= 0, "Nothing is left at the end");
    this.#total = total;
    this.#startMs = nowMs;
  }

  noteDone(): void {
    this.#done++;
  }

  get done(): number {
    return this.#done;
  }

  /** `undefined` before the first part is done. */
  leftMs(nowMs: number): number | undefined {
    if (this.#done === 0) return undefined;
    return (nowMs - this.#startMs) / this.#done * (this.#total - this.#done);
  }
}
