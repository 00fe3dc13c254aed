/**
 * A process of its own for each attack: strangers have machines of their own, on this one they come last. The lowest
 * priority alone does not do that: once it runs, such a process keeps a core for some milliseconds, and a node that
 * wakes up waits for it. One of the idle class is left at once.
 *
 * @module
 */
import { createInterface } from "node:readline";
import { Readable } from "node:stream";
import { invariant } from "../../../lib/result.ts";
import { readProcessUsage } from "../../process_usage.ts";
import type { AttackCounts } from "./attack.ts";

export interface AttackerProcess {
  readonly name: string;
  /** Processor time so far. */
  cpuMs(): number;
  /** Ends the attack; gives what it did. */
  end(): Promise<AttackCounts>;
  /** Ends the process, whatever it does. */
  kill(): Promise<void>;
}

/** Resolves when the attack has begun. */
export async function startAttacker(
  { name, url, addresses, sinkUrl }: {
    readonly name: string;
    readonly url: string;
    readonly addresses: number;
    readonly sinkUrl: string;
  },
): Promise<AttackerProcess> {
  const script = new URL("./attacker.ts", import.meta.url).pathname;
  const run = [Deno.execPath(), "run", "-A", "--quiet", "--no-check", script];
  const [program, ...lowest] = Deno.build.os === "linux"
    ? ["chrt", "--idle", "0", "nice", "-n", "19"]
    : ["nice", "-n", "19"];
  const child = new Deno.Command(program as string, {
    args: [...lowest, ...run, name, url, `${addresses}`, sinkUrl],
    stdin: "piped",
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  let isRunning = true;
  const ended = child.status.then(() => isRunning = false);
  const lines = createInterface({ input: Readable.fromWeb(child.stdout) })[Symbol.asyncIterator]();
  const ready = await lines.next();
  invariant(ready.value === "ready", `The attacker begins: ${name}`);
  return {
    name,
    cpuMs: () => readProcessUsage(child.pid).cpuMs ?? NaN,
    async end() {
      await child.stdin.close();
      const { value } = await lines.next();
      await ended;
      invariant(value !== undefined, `The attacker tells what it did: ${name}`);
      return JSON.parse(value);
    },
    async kill() {
      if (isRunning) child.kill("SIGKILL");
      await ended;
      await child.stdin.close().catch(() => {});
    },
  };
}
