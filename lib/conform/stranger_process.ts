/**
 * One process of strangers, with all that it starts: its output is read within bounds, and it is watched,
 * frozen and ended.
 *
 * The process stands in a process namespace of its own (or, unsafe, in a session of its own), so that all
 * its children are found and go with it. The beginning and the end of the output are kept, and it is
 * counted; a process that floods is ended.
 *
 * @module
 */
import { confine, type Confinement, type SandboxLimits } from "./sandbox.ts";

/** Why a process was ended by us, or ended by itself. */
export type EndReason =
  | "stopped"
  | "ended-by-itself"
  | "flooded-output"
  | "memory-limit"
  | "process-limit"
  | "disk-limit";

export interface ProcessEnd {
  readonly reason: EndReason;
  readonly code: number;
  readonly signal: string | null;
}

/** How many characters of an output are kept at its beginning and at its end. */
const KEPT_CHARACTERS = 48_000;
const WATCH_MS = 250;
/** The folder's size costs a walk through it, so not every look measures it. */
const DISK_EVERY = 8;

/** Output with a beginning, an end, and a count. */
class BoundedOutput {
  #head = "";
  #tail = "";
  #count = 0;
  readonly #listeners = new Set<() => void>();

  add(text: string): void {
    this.#count += text.length;
    const room = KEPT_CHARACTERS - this.#head.length;
    if (room > 0) this.#head += text.slice(0, room);
    const rest = text.slice(Math.max(0, room));
    if (rest !== "") this.#tail = (this.#tail + rest).slice(-KEPT_CHARACTERS);
    for (const listener of this.#listeners) listener();
  }

  get count(): number {
    return this.#count;
  }

  get text(): string {
    const lost = this.#count - this.#head.length - this.#tail.length;
    return this.#head + (lost > 0 ? `\n… ${lost} characters …\n` : "") + this.#tail;
  }

  /** The last characters. */
  tail(characters: number): string {
    return (this.#head + this.#tail).slice(-characters);
  }

  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
}

export class StrangerProcess {
  readonly pid: number;
  readonly output = new BoundedOutput();
  readonly exited: Promise<ProcessEnd>;
  readonly #child: Deno.ChildProcess;
  readonly #limits: SandboxLimits;
  readonly #folder: string | undefined;
  readonly #isNamespaced: boolean;
  #reason: EndReason = "ended-by-itself";
  #end: ProcessEnd | undefined;
  #looks = 0;
  #members: readonly Member[] = [];

  private constructor(
    child: Deno.ChildProcess,
    confinement: Confinement,
    folder: string | undefined,
  ) {
    this.#child = child;
    this.pid = child.pid;
    this.#limits = confinement.limits;
    this.#folder = folder;
    this.#isNamespaced = confinement.mode !== "none";
    const heard = Promise.all([this.#hear(child.stdout), this.#hear(child.stderr)]);
    this.exited = child.status.then(async ({ code, signal }) => {
      WATCHED.delete(this);
      // Whoever still holds the pipe goes with the namespace; without one, nobody is waited for.
      await Promise.race([heard, delay(300)]);
      this.#end = { reason: this.#reason, code, signal };
      return this.#end;
    });
    WATCHED.add(this);
    watch();
  }

  /** @param env replaces the environment but for PATH */
  static start(
    command: readonly string[],
    confinement: Confinement,
    env: Readonly<Record<string, string>>,
    folder?: string,
  ): StrangerProcess {
    const [file, ...args] = confine(confinement, command);
    const child = new Deno.Command(file as string, {
      args,
      clearEnv: true,
      env: { PATH: Deno.env.get("PATH") ?? "/usr/bin:/bin", LANG: "C.UTF-8", ...env },
      stdin: "null",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    return new StrangerProcess(child, confinement, folder);
  }

  get end(): ProcessEnd | undefined {
    return this.#end;
  }

  /** The processes of its namespace, as last seen. */
  get memberPids(): readonly number[] {
    return this.#members.map(({ pid }) => pid);
  }

  /** Freezes or thaws every process. */
  async setFrozen(isFrozen: boolean): Promise<void> {
    this.#members = membersOf(await listProcesses(), this.pid, this.#isNamespaced);
    for (const { pid } of this.#members) signal(pid, isFrozen ? "SIGSTOP" : "SIGCONT");
  }

  /** Asks it to end, waits, and ends it. */
  async stop(kind: Deno.Signal, graceMs: number): Promise<ProcessEnd> {
    if (this.#end !== undefined) return this.#end;
    this.#reason = "stopped";
    if (kind !== "SIGKILL") {
      this.#members = membersOf(await listProcesses(), this.pid, this.#isNamespaced);
      for (const { pid } of this.#members) {
        signal(pid, "SIGCONT");
        signal(pid, kind);
      }
      if (await Promise.race([this.exited, delay(graceMs)]) !== undefined) return await this.exited;
    }
    await this.kill();
    return await this.exited;
  }

  /** Ends all its processes at once. */
  async kill(reason: EndReason = "stopped"): Promise<void> {
    if (this.#end !== undefined) return;
    this.#reason = reason;
    const members = membersOf(await listProcesses(), this.pid, this.#isNamespaced);
    // When the first process of a namespace ends, the others end too.
    for (const { pid } of members) signal(pid, "SIGKILL");
    signal(this.pid, "SIGKILL");
  }

  /** Called by the watchdog. */
  look(processes: readonly Member[]): void {
    if (this.#end !== undefined) return;
    this.#members = membersOf(processes, this.pid, this.#isNamespaced);
    const rssBytes = this.#members.reduce((sum, member) => sum + member.rssBytes, 0);
    if (rssBytes > this.#limits.memoryBytes) void this.kill("memory-limit");
    else if (this.#members.length >= this.#limits.processes - 2) void this.kill("process-limit");
    else if (this.#folder !== undefined && ++this.#looks % DISK_EVERY === 0) {
      void sizeOf(this.#folder).then((bytes) => {
        if (bytes > this.#limits.filesBytes) void this.kill("disk-limit");
      });
    }
  }

  async #hear(stream: ReadableStream<Uint8Array<ArrayBuffer>>): Promise<void> {
    try {
      for await (const text of stream.pipeThrough(new TextDecoderStream())) {
        this.output.add(text);
        if (this.output.count > this.#limits.outputBytes) {
          return void await this.kill("flooded-output");
        }
      }
    } catch (error) {
      if (!(error instanceof TypeError || error instanceof Deno.errors.BadResource)) throw error;
    }
  }
}

/** Ends all that run, for a grader that has to go at once. */
export async function endStrangers(): Promise<void> {
  await Promise.all([...WATCHED].map((process) => process.kill()));
}

interface Member {
  readonly pid: number;
  readonly parent: number;
  readonly namespace: string;
  readonly session: number;
  readonly rssBytes: number;
}

const WATCHED = new Set<StrangerProcess>();
let isWatching = false;

/** Looks after all of them with one listing, as long as there is one. */
async function watch(): Promise<void> {
  if (isWatching) return;
  isWatching = true;
  try {
    while (WATCHED.size > 0) {
      await delay(WATCH_MS);
      if (WATCHED.size === 0) break;
      const processes = await listProcesses();
      for (const one of WATCHED) one.look(processes);
    }
  } finally {
    isWatching = false;
  }
}

async function listProcesses(): Promise<readonly Member[]> {
  const { stdout } = await new Deno.Command("ps", {
    args: ["-eo", "pid=,ppid=,pidns=,sid=,rss="],
    stdin: "null",
    stdout: "piped",
    stderr: "null",
  }).output();
  return new TextDecoder().decode(stdout).split("\n").map((line) => line.trim().split(/\s+/))
    .filter((words) => words.length === 5)
    .map(([pid, parent, namespace, session, rss]) => ({
      pid: Number(pid),
      parent: Number(parent),
      namespace: namespace as string,
      session: Number(session),
      rssBytes: Number(rss) * 1024,
    }));
}

/** All of the namespace that the launcher's child opened; unsafe, all of its session and below it. */
function membersOf(
  processes: readonly Member[],
  launcher: number,
  isNamespaced: boolean,
): readonly Member[] {
  const own = processes.find(({ pid }) => pid === launcher);
  const first = processes.find(({ parent }) => parent === launcher);
  if (isNamespaced) {
    if (own === undefined || first === undefined || first.namespace === own.namespace) return [];
    return processes.filter(({ namespace }) => namespace === first.namespace);
  }
  const found = new Set([launcher]);
  for (let size = 0; size !== found.size;) {
    size = found.size;
    for (const { pid, parent, session } of processes) {
      if (found.has(parent) || (first !== undefined && session === first.session)) found.add(pid);
    }
  }
  return processes.filter(({ pid }) => found.has(pid));
}

function signal(pid: number, name: Deno.Signal): void {
  try {
    Deno.kill(pid, name);
  } catch (error) {
    // It has ended meanwhile.
    if (!(error instanceof Deno.errors.NotFound || error instanceof TypeError)) throw error;
  }
}

async function sizeOf(folder: string): Promise<number> {
  const { stdout } = await new Deno.Command("du", {
    args: ["-s", "--block-size=1", folder],
    stdin: "null",
    stdout: "piped",
    stderr: "null",
  }).output();
  return Number.parseInt(new TextDecoder().decode(stdout)) || 0;
}

function delay(ms: number): Promise<undefined> {
  return new Promise((resolve) => setTimeout(() => resolve(undefined), ms));
}
