/**
 * The grader's outer half: prepares a workplace, starts workers in the sandbox, gathers what they tell.
 *
 * ```
 * adapter → workplace (copy, build) → workers in namespaces → results, in the tests' order
 * ```
 *
 * @module
 */
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isProcessAlive } from "../terminal/process_alive.ts";
import { selfCommand } from "../terminal/self_command.ts";
import type { Adapter } from "./adapter_schema.ts";
import type { ConformTest } from "./conform_test.ts";
import type { TestResult } from "./result.ts";
import { inGroups, resultWithout, TEST_MS_MAX } from "./run_suite.ts";
import { enterArguments, type SandboxMode } from "./sandbox.ts";
import { Trouble } from "./trouble.ts";
import type { WorkerEvent, WorkerJob } from "./worker_event.ts";
import { limitsOf, prepareProject, type Workplace } from "./workplace.ts";

export interface GradeOptions {
  readonly adapter: Adapter;
  /** The folder of the adapter file. */
  readonly home: string;
  readonly mode: SandboxMode;
  readonly tests: readonly ConformTest[];
  readonly seed: number;
  readonly jobs: number;
  /** How often a failed test is run in all. */
  readonly runs: number;
  readonly signal: AbortSignal;
  onEvent(event: WorkerEvent): void;
}

/** Runs tests and gives the results in the tests' order. */
export async function grade(options: GradeOptions): Promise<readonly TestResult[]> {
  const results = new Map<string, TestResult>();
  const listen = (event: WorkerEvent) => {
    if (event.event === "result") results.set(event.result.code, event.result);
    options.onEvent(event);
  };
  await withWorkplace(options, async (workplace, unbuilt) => {
    if (unbuilt !== undefined) {
      for (const test of options.tests) {
        listen({ event: "result", result: resultWithout(test, workplace.adapter, unbuilt) });
      }
      return;
    }
    const shares = shareOut(options.tests, options.jobs);
    await Promise.all(
      shares.map((tests, job) =>
        runJob({ ...options, workplace }, {
          kind: "suite",
          codes: tests.map(({ code }) => code),
          job,
        }, listen)
      ),
    );
  });
  return options.tests.map(({ code }) => results.get(code)).filter((result) =>
    result !== undefined
  );
}

/** Tries each operation once. */
export async function checkAdapter(options: Omit<GradeOptions, "tests" | "jobs">): Promise<void> {
  await withWorkplace(options, async (workplace, unbuilt) => {
    if (unbuilt !== undefined) throw unbuilt;
    await runJob({ ...options, workplace }, { kind: "check", codes: [], job: 0 }, options.onEvent);
  });
}

type Context = Pick<GradeOptions, "adapter" | "home" | "mode" | "seed" | "runs" | "signal">;

async function withWorkplace(
  options: Context,
  work: (workplace: Workplace, unbuilt: Trouble | undefined) => Promise<unknown>,
): Promise<void> {
  const { adapter, home, mode } = options;
  await removeLeftovers();
  const root = await Deno.makeTempDir({ prefix: `${FOLDER_PREFIX}${Deno.pid}-` });
  try {
    Deno.chmodSync(root, 0o755);
    const workplace: Workplace = { adapter, home, root, mode, limits: limitsOf(adapter), job: 0 };
    await work(workplace, await prepareProject(workplace));
  } finally {
    await removeFolder(root);
  }
}

/** The start of a network, in tests of the usual length. */
const NETWORK_COST = 3;

/** The name tells whose it is. */
const FOLDER_PREFIX = "noobcash-conform-";

/** Folders of graders that were ended by force: they could not remove them. */
async function removeLeftovers(): Promise<void> {
  for await (const { name, isDirectory } of Deno.readDir(tmpdir())) {
    const owner = new RegExp(`^${FOLDER_PREFIX}([0-9]+)-`).exec(name)?.[1];
    if (!isDirectory || owner === undefined || isProcessAlive(Number(owner))) continue;
    // Another user's stays.
    await Deno.remove(join(tmpdir(), name), { recursive: true }).catch(() => {});
  }
}

/** A worker may still be letting go of its files. */
async function removeFolder(root: string): Promise<void> {
  for (let tries = 0;; tries++) {
    try {
      return await Deno.remove(root, { recursive: true });
    } catch (error) {
      if (tries >= 20) throw error;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
}

async function runJob(
  { workplace, mode, seed, runs, signal }: Context & { readonly workplace: Workplace },
  { kind, codes, job }: Pick<WorkerJob, "kind" | "codes" | "job">,
  onEvent: (event: WorkerEvent) => void,
): Promise<void> {
  if (kind === "suite" && codes.length === 0) return;
  const self = selfCommand(["--allow-run"]);
  const [file, ...args] = enterArguments(mode, [self.file, ...self.args, "conform", "worker"]);
  const child = new Deno.Command(file as string, {
    args,
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const stopped = () => kill(child);
  signal.addEventListener("abort", stopped, { once: true });
  let stderr = "";
  const heardErrors = (async () => {
    for await (const text of child.stderr.pipeThrough(new TextDecoderStream())) {
      stderr = (stderr + text).slice(-4_000);
    }
  })();
  const writer = child.stdin.getWriter();
  const wanted: WorkerJob = {
    kind,
    codes,
    job,
    seed,
    runs,
    mode,
    adapter: workplace.adapter,
    home: workplace.home,
    root: workplace.root,
  };
  let trouble: Trouble | undefined;
  let isDone = false;
  try {
    await writer.write(new TextEncoder().encode(`${JSON.stringify(wanted)}\n`));
    let rest = "";
    for await (const piece of child.stdout.pipeThrough(new TextDecoderStream())) {
      const lines = (rest + piece).split("\n");
      rest = lines.pop() ?? "";
      for (const line of lines) {
        const event = JSON.parse(line) as WorkerEvent;
        if (event.event === "trouble") {
          trouble = new Trouble(event.code as Trouble["code"], event.message);
        } else if (event.event === "done") isDone = true;
        else onEvent(event);
      }
    }
  } finally {
    signal.removeEventListener("abort", stopped);
    await writer.close().catch(() => {});
    await child.status;
    await heardErrors;
  }
  signal.throwIfAborted();
  if (trouble !== undefined) throw trouble;
  if (!isDone) throw new Error(`The grader's worker has ended: ${stderr.trim()}`);
}

function kill(child: Deno.ChildProcess): void {
  try {
    child.kill("SIGKILL");
  } catch (error) {
    if (!(error instanceof TypeError || error instanceof Deno.errors.NotFound)) throw error;
  }
}

/** Groups of tests that share a network stay together; the longest share is given out first. */
function shareOut(
  tests: readonly ConformTest[],
  jobs: number,
): readonly (readonly ConformTest[])[] {
  const groups = new Map<string, ConformTest[]>();
  for (const test of inGroups(tests)) {
    // A test that spoils its network needs nobody's.
    const key = test.spoils === true ? test.code : JSON.stringify(test.network);
    groups.set(key, [...groups.get(key) ?? [], test]);
  }
  const shares: ConformTest[][] = Array.from({ length: Math.max(1, jobs) }, () => []);
  const weights = shares.map(() => 0);
  for (const group of [...groups.values()].toSorted((a, b) => costOf(b) - costOf(a))) {
    const lightest = weights.indexOf(Math.min(...weights));
    shares[lightest]?.push(...group);
    weights[lightest] = (weights[lightest] ?? 0) + costOf(group);
  }
  return shares.filter((share) => share.length > 0);
}

/** A network takes as long as some tests; a test that may take longer mostly does. */
function costOf(group: readonly ConformTest[]): number {
  return group.reduce(
    (sum, { timeoutMs = TEST_MS_MAX }) => sum + timeoutMs / TEST_MS_MAX,
    NETWORK_COST,
  );
}
