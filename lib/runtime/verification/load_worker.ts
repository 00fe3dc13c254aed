/**
 * Where the verification worker comes from: a string that `deno task build` makes, started from a `blob:`
 * URL. The only file that knows.
 *
 * @module
 */
import { VERIFICATION_WORKER_SOURCE } from "../../../build/verification_worker_source.ts";

/** Starts a verification worker, which waits for its first order. */
export function startVerificationWorker(name: string): Worker {
  // One URL for the life of the process: the worker's thread reads it after this call returns.
  workerUrl ??= URL.createObjectURL(
    new Blob([VERIFICATION_WORKER_SOURCE], { type: "text/javascript" }),
  );
  return new Worker(workerUrl, { type: "module", name });
}

let workerUrl: string | undefined;
