/**
 * The grader's inner half: runs tests inside the sandbox and tells what happens, a JSON line each.
 *
 * Gets its job as one JSON line on stdin and ends when that closes, so that it never outlives the outer
 * half; in the sandbox, the kernel then ends everything that it started.
 *
 * @module
 */
import { ALL_TESTS } from "./all_tests.ts";
import { endAdapterPrograms } from "./adapter_program.ts";
import { watchForJumps } from "./awake_time.ts";
import { runCheck } from "./check_adapter.ts";
import { runSuite } from "./run_suite.ts";
import { endStrangers } from "./stranger_process.ts";
import type { WorkerEvent, WorkerJob } from "./worker_event.ts";
import { Trouble } from "./trouble.ts";
import { limitsOf, type Workplace } from "./workplace.ts";

/** Does the job that stdin names. */
export async function runWorker(): Promise<void> {
  watchForJumps();
  const controller = new AbortController();
  const reader = Deno.stdin.readable.pipeThrough(new TextDecoderStream()).getReader();
  let text = "";
  while (!text.includes("\n")) {
    const { value, done } = await reader.read();
    if (done) return;
    text += value;
  }
  void (async () => {
    while (!(await reader.read()).done);
    controller.abort();
    // The outer half has gone. In a sandbox the kernel ends all the rest; without one this has to.
    endAdapterPrograms();
    await endStrangers();
    Deno.exit(1);
  })();

  const job = JSON.parse(text) as WorkerJob;
  const workplace: Workplace = { ...job, limits: limitsOf(job.adapter) };
  try {
    if (job.kind === "check") await runCheck(workplace, job.seed, say);
    else {
      await runSuite(workplace, ALL_TESTS.filter(({ code }) => job.codes.includes(code)), {
        seed: job.seed,
        runs: job.runs,
        signal: controller.signal,
        onStart: ({ code }, run) => say({ event: "test", code, run }),
        onResult: (result) => say({ event: "result", result }),
      });
    }
  } catch (error) {
    if (!(error instanceof Trouble)) {
      console.error(error instanceof Error ? error.stack : error);
      Deno.exit(4);
    }
    say({ event: "trouble", code: error.code, message: error.message });
  }
  say({ event: "done" });
  Deno.exit(0);
}

function say(event: WorkerEvent): void {
  const bytes = new TextEncoder().encode(`${JSON.stringify(event)}\n`);
  for (let written = 0; written < bytes.length;) {
    written += Deno.stdout.writeSync(bytes.subarray(written));
  }
}
