/**
 * One node as a child process: started, heard, stopped, and never left behind.
 *
 * The child gets a pipe as its stdin and ends when that closes (`--exit-with-parent`), so that it does
 * not survive its parent however that ends. Its stdout carries a JSON object a line (`--json`), its
 * stderr goes to a log file beside its data folder. Of `NOOBCASH_…` variables it gets only those that
 * do not speak of one node.
 *
 * @module
 */
import { ClusterError } from "./cluster_error.ts";
import { TRIM_VARIABLE } from "../runtime/collect_garbage.ts";
import { SELF_VARIABLE, selfCommand } from "../terminal/self_command.ts";
import { TextLineStream } from "./text_line_stream.ts";

/** What a child says on its stdout. */
export type NodeLine = Readonly<Record<string, unknown>>;

/** How a child ended. */
export interface NodeExit {
  readonly code: number;
  readonly signal: string | null;
  /** What ended it and what its log says last, in a few words. */
  readonly text: string;
}

/** A running child. */
export interface NodeProcess {
  readonly pid: number;
  readonly dataDir: string;
  readonly logPath: string;

  /** Resolves with the first line that is wanted, said or to come; rejects if the child ends. */
  waitFor(isWanted: (line: NodeLine) => boolean): Promise<NodeLine>;

  /** Writes a line to its stdin. */
  say(line: string): void;

  /** Resolves when the child is gone. */
  readonly exited: Promise<NodeExit>;

  /** Sends a signal, as another program could; nothing happens when it has ended. */
  signal(signal: Deno.Signal): void;

  /** Asks it to stop; kills it when it has not after a while. */
  stop(): Promise<void>;
}

/** A child that ended before it was expected to. */
class NodeProcessError extends ClusterError {
  override readonly name = "NodeProcessError";
}

const STOP_MS_MAX = 3_000;
/** A node says few lines: its address and its phases. */
const LINES_MAX = 1_000;
const LOG_TAIL_CHARACTERS = 600;

export const FLAGS_VARIABLE = "DENO_V8_FLAGS";
/**
 * What a node asks of the engine besides: 16 MiB for young objects instead of 67, which garbage would fill. It
 * pays as fast; a large simulation would take half as long again.
 */
export const NODE_FLAGS = "--max-semi-space-size=8";
/**
 * What a node's environment says to the runtime, and to the GNU C library: one heap for all threads. Of heaps by
 * thread, each keeps what lies free in it; a node that is attacked was some 20 MiB larger with them.
 */
export const NODE_ENVIRONMENT: Readonly<Record<string, string>> = {
  [TRIM_VARIABLE]: "1",
  MALLOC_ARENA_MAX: "1",
};

/** Starts `noobcash node` with these arguments. */
export function startNodeProcess(
  args: readonly string[],
  { dataDir, variables = {} }: {
    readonly dataDir: string;
    /** Further variables of its environment. */
    readonly variables?: Readonly<Record<string, string>>;
  },
): NodeProcess {
  Deno.mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  const logPath = `${dataDir}.log`;
  const self = selfCommand();
  const child = new Deno.Command(self.file, {
    args: [...self.args, "node", "--json", "--exit-with-parent", "--data-dir", dataDir, ...args],
    clearEnv: true,
    env: { ...childEnvironment(), ...variables },
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();

  const said: NodeLine[] = [];
  const waiting = new Set<{ isWanted(line: NodeLine): boolean } & PromiseWithResolvers<NodeLine>>();
  const stdin = child.stdin.getWriter();
  const log = Deno.openSync(logPath, { create: true, append: true, mode: 0o600 });
  const logged = child.stderr.pipeTo(log.writable).catch(() => {});
  let endError: NodeProcessError | undefined;
  const heard = hear();
  const exited = finish();
  return { pid: child.pid, dataDir, logPath, waitFor, say, exited, signal: signalChild, stop };

  async function hear(): Promise<void> {
    const lines = child.stdout.pipeThrough(new TextDecoderStream())
      .pipeThrough(new TextLineStream());
    for await (const text of lines) {
      const line = parseLine(text);
      if (line === undefined || said.length >= LINES_MAX) continue;
      said.push(line);
      for (const waiter of waiting) {
        if (waiter.isWanted(line)) waiter.resolve(line);
      }
    }
  }

  async function finish(): Promise<NodeExit> {
    const { code, signal } = await child.status;
    await Promise.all([logged, heard, stdin.close().catch(() => {})]);
    const ending = signal === null ? `exit code ${code}` : signal;
    const text = `${ending}; its log ends with ${tailOf(logPath)}`;
    const error = new NodeProcessError(
      `Cannot go on: got the end of node process ${child.pid} (${text}), wanted it to run`,
    );
    for (const { reject } of waiting) reject(error);
    endError = error;
    return { code, signal, text };
  }

  async function waitFor(isWanted: (line: NodeLine) => boolean): Promise<NodeLine> {
    const line = said.find(isWanted);
    if (line !== undefined) return line;
    if (endError !== undefined) throw endError;
    const waiter = { isWanted, ...Promise.withResolvers<NodeLine>() };
    waiting.add(waiter);
    return await waiter.promise.finally(() => waiting.delete(waiter));
  }

  function say(line: string): void {
    // A child that has ended is noticed by whoever waits for it.
    stdin.write(new TextEncoder().encode(`${line}\n`)).catch(() => {});
  }

  async function stop(): Promise<void> {
    signalChild("SIGTERM");
    // A frozen process does not react to the other signal.
    signalChild("SIGCONT");
    const timer = setTimeout(() => signalChild("SIGKILL"), STOP_MS_MAX);
    await exited;
    clearTimeout(timer);
  }

  function signalChild(signal: Deno.Signal): void {
    try {
      child.kill(signal);
    } catch (error) {
      // The child has ended by itself.
      if (!(error instanceof TypeError || error instanceof Deno.errors.NotFound)) throw error;
    }
  }
}

/** The environment of a node: without options meant for a single one, which this process may have been given. */
function childEnvironment(): Record<string, string> {
  const kept = new Set([SELF_VARIABLE, "NOOBCASH_JOIN_TOKEN"]);
  const own = Object.fromEntries(
    Object.entries(Deno.env.toObject())
      .filter(([name]) => !name.startsWith("NOOBCASH_") || kept.has(name)),
  );
  const flags = [own[FLAGS_VARIABLE], NODE_FLAGS].filter((each) => each !== undefined).join(",");
  return { ...NODE_ENVIRONMENT, ...own, [FLAGS_VARIABLE]: flags };
}

function parseLine(text: string): NodeLine | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? value as NodeLine : undefined;
  } catch {
    return undefined;
  }
}

function tailOf(path: string): string {
  const text = Deno.readTextFileSync(path).trim();
  return text === "" ? "nothing" : JSON.stringify(text.slice(-LOG_TAIL_CHARACTERS));
}
