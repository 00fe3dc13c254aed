/**
 * Real node processes for end-to-end tests: started through `main.ts`, watched through their JSON lines,
 * asked through their API, and gone when the test ends, however it ends.
 *
 * @module
 */
import { createInterface } from "node:readline";
import { Readable } from "node:stream";
import { invariant } from "../result.ts";
import { testEnvironment } from "./test_environment.ts";

/** A line that `noobcash node --json` prints. */
export interface NodeLine {
  readonly event: string;
  readonly phase?: string;
  readonly id?: number | null;
  readonly url?: string;
  readonly port?: number;
  readonly publicKey?: string;
  readonly code?: string;
  readonly text?: string;
}

export interface ExitStatus {
  readonly code: number;
  readonly stderr: string;
}

const MAIN = new URL("../../main.ts", import.meta.url).href;
/** What takes a second alone may take a minute on a machine that does ten other things. */
const WAIT_MS_MAX = 180_000;
const ANSWER_MS_MAX = 30_000;
const POLL_MS = 20;

/** One process. */
export class NodeProcess {
  readonly lines: NodeLine[] = [];
  readonly args: readonly string[];
  readonly exited: Promise<ExitStatus>;
  readonly #child: Deno.ChildProcess;
  #stderr = "";
  #isRunning = true;
  #waiters: (() => void)[] = [];

  constructor(
    args: readonly string[],
    env: Readonly<Record<string, string>> = {},
    main = MAIN,
    prefix: readonly string[] = [],
  ) {
    this.args = args;
    const [program = "", ...rest] = [...prefix, Deno.execPath()];
    const command = new Deno.Command(program, {
      args: [...rest, "run", "-A", "--quiet", "--no-check", main, "node", "--json", ...args],
      env: testEnvironment(env),
      clearEnv: true,
      stdin: "piped",
      stdout: "piped",
      stderr: "piped",
    });
    this.#child = command.spawn();
    const reading = Promise.all([this.#readLines(), this.#readErrors()]);
    this.exited = this.#untilExit(reading);
  }

  get pid(): number {
    return this.#child.pid;
  }

  get stderr(): string {
    return this.#stderr;
  }

  get url(): string {
    const { url } = this.lines[0] ?? {};
    invariant(url !== undefined, "A node that listens has a URL");
    return url;
  }

  get id(): number | null | undefined {
    return this.lines.findLast((line) => line.event === "phase")?.id;
  }

  get phase(): string | undefined {
    return this.lines.findLast((line) => line.event === "phase")?.phase;
  }

  async listening(): Promise<this> {
    return await this.until((node) => node.lines.length > 0, "listens");
  }

  async ready(): Promise<this> {
    return await this.until((node) => node.phase === "ready", "is ready");
  }

  /** Resolves as soon as a line or a log entry makes the condition true; throws when it cannot any more. */
  async until(condition: (node: this) => boolean, what: string): Promise<this> {
    const deadlineMs = performance.now() + WAIT_MS_MAX;
    while (!condition(this)) {
      const leftMs = deadlineMs - performance.now();
      invariant(this.#isRunning, `The node ended before it ${what}: ${this.#stderr}`);
      invariant(leftMs > 0, `The node took too long until it ${what}: ${this.#stderr}`);
      const { promise, resolve } = Promise.withResolvers<void>();
      const timer = setTimeout(resolve, leftMs);
      this.#waiters.push(resolve);
      await promise;
      clearTimeout(timer);
    }
    return this;
  }

  signal(signal: Deno.Signal): void {
    this.#child.kill(signal);
  }

  /** Writes a line to the node's stdin. */
  async say(line: string): Promise<void> {
    const writer = this.#child.stdin.getWriter();
    await writer.write(new TextEncoder().encode(`${line}\n`));
    writer.releaseLock();
  }

  /** Closes the node's stdin, as the end of its parent would. */
  async closeStdin(): Promise<void> {
    await this.#child.stdin.close();
  }

  /** Ends the node; gives its exit code. */
  async stop(signal: Deno.Signal = "SIGTERM"): Promise<ExitStatus> {
    if (this.#isRunning) {
      try {
        this.#child.kill(signal);
      } catch {
        // It has just ended by itself.
      }
    }
    return await this.exited;
  }

  async #untilExit(reading: Promise<unknown>): Promise<ExitStatus> {
    const { code } = await this.#child.status;
    await reading;
    await this.#child.stdin.close().catch(() => {});
    this.#isRunning = false;
    this.#wake();
    return { code, stderr: this.#stderr };
  }

  async #readLines(): Promise<void> {
    for await (const line of createInterface({ input: Readable.fromWeb(this.#child.stdout) })) {
      this.lines.push(JSON.parse(line));
      this.#wake();
    }
  }

  async #readErrors(): Promise<void> {
    for await (const text of this.#child.stderr.pipeThrough(new TextDecoderStream())) {
      this.#stderr += text;
      this.#wake();
    }
  }

  #wake(): void {
    for (const resolve of this.#waiters.splice(0)) resolve();
  }
}

/** Starts processes for one test, in one temporary folder; ends and removes all of it. */
export class NodeProcesses {
  readonly folder: string;
  readonly #processes: NodeProcess[] = [];
  readonly #prefixOf: (name: string) => readonly string[];

  /** @param prefixOf what stands in front of the command of the node with that name */
  constructor(prefixOf: (name: string) => readonly string[] = () => []) {
    this.#prefixOf = prefixOf;
    this.folder = Deno.makeTempDirSync({ prefix: "noobcash-test-" });
  }

  /**
   * Starts a node on a free port with a data folder of that name.
   *
   * @param main another program than `main.ts` that takes the same arguments
   */
  start(
    name: string,
    args: readonly string[],
    env?: Readonly<Record<string, string>>,
    main?: string,
  ): NodeProcess {
    const port = args.includes("--port") || env?.["NOOBCASH_PORT"] !== undefined
      ? []
      : ["--port", "0"];
    const dataDir = `${this.folder}/${name}`;
    const prefix = this.#prefixOf(name);
    const allArgs = [...port, "--data-dir", dataDir, ...args];
    const started = new NodeProcess(allArgs, env, main, prefix);
    this.#processes.push(started);
    return started;
  }

  /** Starts a whole network and waits until every node is ready. */
  async network(nodes: number, args: readonly string[] = []): Promise<NodeProcess[]> {
    const founding = ["-b", "-n", String(nodes), "--difficulty", "2", ...args];
    const first = await this.start("node-0", founding).listening();
    const others = Array.from(
      { length: nodes - 1 },
      (_, index) => this.start(`node-${index + 1}`, ["--bootstrap-url", first.url]),
    );
    return await Promise.all([first, ...others].map((node) => node.ready()));
  }

  /** Ends all of them; their folders stay. */
  async stopAll(): Promise<void> {
    await Promise.all(this.#processes.map((node) => node.stop("SIGKILL")));
  }

  async close(): Promise<void> {
    await this.stopAll();
    await Deno.remove(this.folder, { recursive: true });
  }
}

/** Runs a test with processes that are gone afterwards. */
export async function withNodeProcesses(
  body: (processes: NodeProcesses) => Promise<void>,
  prefixOf?: (name: string) => readonly string[],
): Promise<void> {
  const processes = new NodeProcesses(prefixOf);
  try {
    await body(processes);
  } finally {
    await processes.close();
  }
}

/** Asks a node's API; gives status and JSON. */
export async function askNode(
  node: { readonly url: string },
  path: string,
  order?: { readonly body: unknown; readonly token: string },
  // deno-lint-ignore no-explicit-any -- a test looks at what it expects
): Promise<{ readonly status: number; readonly json: any }> {
  const response = await fetch(`${node.url}/api/v1${path}`, {
    signal: AbortSignal.timeout(ANSWER_MS_MAX),
    ...(order !== undefined && {
      method: "POST",
      body: JSON.stringify(order.body),
      headers: {
        "content-type": "application/json",
        authorization: `Bearer ${order.token}`,
      },
    }),
  });
  return { status: response.status, json: await response.json() };
}

/** Asks again and again until the answer is as wanted; throws when that takes too long. */
export async function untilAnswer<T>(
  ask: () => Promise<T>,
  isWanted: (answer: T) => boolean,
): Promise<T> {
  const deadlineMs = performance.now() + WAIT_MS_MAX;
  for (;;) {
    const answer = await ask().catch(() => undefined);
    if (answer !== undefined && isWanted(answer)) return answer;
    invariant(performance.now() < deadlineMs, `Took too long: got ${JSON.stringify(answer)}`);
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}
