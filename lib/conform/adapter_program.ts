/**
 * An adapter's own program: one JSON object a line in, one a line out.
 *
 * ```
 * → {"id":7,"op":"pay","node":0,"to":1,"amount":5,"nodes":[{"index":0,"id":0,"url":"http://…",…}]}
 * ← {"id":7,"accepted":true,"value":…}        also {"id":7,"accepted":false,"text":"why"},
 *                                             {"id":7,"notApplicable":"why"}, {"id":7,"error":"what"}
 * ```
 *
 * It belongs to the adapter, which the grader trusts; it runs beside the grader, in the same network.
 * Questions are asked one after the other.
 *
 * @module
 */
import { afterAwake } from "./awake_time.ts";
import type { CallOutcome } from "./call.ts";
import { NotApplicable, Trouble } from "./trouble.ts";

const LINE_CHARACTERS_MAX = 16 * 1024 * 1024;
const ERROR_KEPT = 2_000;
/** Of what it said instead of an answer. */
const STRAY_KEPT = 200;
const CLOSE_MS = 1_000;

export class AdapterProgram {
  readonly #child: Deno.ChildProcess;
  readonly #writer: WritableStreamDefaultWriter<Uint8Array<ArrayBuffer>>;
  readonly #waiting = new Map<number, (answer: Answer) => void>();
  #lastId = 0;
  #stderr = "";
  #ended: string | undefined;
  /** The last line that was no answer. */
  #stray = "";

  constructor(
    command: readonly string[],
    { cwd, env }: { readonly cwd: string; readonly env: Record<string, string> },
  ) {
    const [file, ...args] = command;
    try {
      this.#child = new Deno.Command(file as string, {
        args,
        cwd,
        env,
        stdin: "piped",
        stdout: "piped",
        stderr: "piped",
      }).spawn();
    } catch (error) {
      throw new Trouble(
        "adapter-failed",
        `the adapter's program "${file}" does not start: ${(error as Error).message}`,
      );
    }
    RUNNING.add(this);
    this.#writer = this.#child.stdin.getWriter();
    void this.#hear();
    void this.#hearErrors();
  }

  /** Asks a question; throws what the program says went wrong. */
  async ask(question: Readonly<Record<string, unknown>>, timeoutMs: number): Promise<CallOutcome> {
    const id = ++this.#lastId;
    const { promise, resolve } = Promise.withResolvers<Answer>();
    this.#waiting.set(id, resolve);
    const callOff = afterAwake(
      timeoutMs,
      () => resolve({ error: `no answer within ${timeoutMs} ms${this.#strayWords()}` }),
    );
    try {
      if (this.#ended !== undefined) throw new Trouble("adapter-failed", this.#ended);
      // Not awaited: one that never reads would keep us beyond the time. One that has ended is heard of
      // by its output.
      this.#writer.write(new TextEncoder().encode(`${JSON.stringify({ id, ...question })}\n`))
        .catch(() => {});
      const answer = await promise;
      if (answer.notApplicable !== undefined) throw new NotApplicable(String(answer.notApplicable));
      if (answer.error !== undefined) throw new Trouble("adapter-failed", String(answer.error));
      return {
        accepted: answer.accepted === true,
        isCrash: answer.isCrash === true,
        value: answer.value,
        text: String(answer.text ?? JSON.stringify(answer.value) ?? "").slice(0, ERROR_KEPT),
      };
    } finally {
      callOff();
      this.#waiting.delete(id);
    }
  }

  async close(): Promise<void> {
    // The timer first: what was never read keeps its pipe open.
    const timer = setTimeout(() => this.kill(), CLOSE_MS);
    this.#writer.close().catch(() => {});
    await this.#child.status;
    clearTimeout(timer);
    RUNNING.delete(this);
  }

  /** Ends it without a word. */
  kill(): void {
    try {
      this.#child.kill("SIGKILL");
    } catch (error) {
      if (!(error instanceof TypeError || error instanceof Deno.errors.NotFound)) throw error;
    }
  }

  async #hear(): Promise<void> {
    let rest = "";
    for await (const piece of this.#child.stdout.pipeThrough(new TextDecoderStream())) {
      const lines = (rest + piece).split("\n");
      rest = lines.pop() ?? "";
      if (rest.length > LINE_CHARACTERS_MAX) {
        this.#stderr = `an answer had no end after ${LINE_CHARACTERS_MAX} characters`;
        rest = "";
        this.kill();
      }
      for (const line of lines) this.#take(line);
    }
    this.#ended = `the adapter's program has ended: ${
      this.#stderr.trim() || "it said nothing on stderr"
    }${this.#strayWords()}`;
    for (const resolve of this.#waiting.values()) resolve({ error: this.#ended });
  }

  async #hearErrors(): Promise<void> {
    for await (const piece of this.#child.stderr.pipeThrough(new TextDecoderStream())) {
      this.#stderr = (this.#stderr + piece).slice(-ERROR_KEPT);
    }
  }

  #take(line: string): void {
    let answer: Answer | undefined;
    try {
      answer = JSON.parse(line);
    } catch (error) {
      if (!(error instanceof SyntaxError)) throw error;
    }
    const answered = typeof answer === "object" && answer !== null
      ? this.#waiting.get(Number(answer.id))
      : undefined;
    if (answered === undefined) this.#stray = line.slice(0, STRAY_KEPT);
    else answered(answer as Answer);
  }

  #strayWords(): string {
    return this.#stray === "" ? "" : `; it has said, as no answer: ${this.#stray}`;
  }
}

const RUNNING = new Set<AdapterProgram>();

/** Ends every program that runs, for a grader that must stop at once. */
export function endAdapterPrograms(): void {
  for (const program of RUNNING) program.kill();
}

interface Answer {
  readonly id?: unknown;
  readonly accepted?: unknown;
  readonly isCrash?: unknown;
  readonly value?: unknown;
  readonly text?: unknown;
  readonly notApplicable?: unknown;
  readonly error?: unknown;
}
