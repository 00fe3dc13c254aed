/**
 * Where the sweep's worker comes from: a string that `deno task build` makes, started from a `blob:` URL.
 * The only file that knows.
 *
 * @module
 */
import { SWEEP_WORKER_SOURCE } from "../../build/sweep_worker_source.ts";

/** Starts a worker, which waits for its first order. */
export function startSweepWorker(name: string): Worker {
  // One URL for the life of the process: the worker's thread reads it after this call returns.
  workerUrl ??= URL.createObjectURL(new Blob([SWEEP_WORKER_SOURCE], { type: "text/javascript" }));
  return new Worker(workerUrl, { type: "module", name });
}

let workerUrl: string | undefined;
