/**
 * Seeds bugs into the core, one at a time, and counts how many the fuzzer catches: a checker that catches
 * nothing is no checker.
 *
 * Works in a copy of the sources, so the checkout is never touched; each mutation is taken back before
 * the next. A mutation whose text is no longer there, or not once, fails the script: it has to be renewed
 * with the code.
 *
 * Run: `deno run -A scripts/mutation_score.ts [--seeds=200] [--only=<part of a name>]`
 *
 * @module
 */
import { cpSync } from "node:fs";
import { join } from "node:path";
import { type Mutation, MUTATIONS } from "./mutations.ts";

/** A mutated node that hangs is caught, too. */
const RUN_MS_MAX = 240_000;
const COPIED = ["lib", "build", "wasm", "scripts/fuzz_seeds.ts", "deno.json", "deno.lock"];

interface Verdict {
  readonly mutation: Mutation;
  readonly caughtBy: string | undefined;
  readonly seed: number | undefined;
  readonly seconds: number;
}

const OPTIONS = ["seeds", "only"];

const stray = Deno.args.find((text) => !OPTIONS.some((name) => text.startsWith(`--${name}=`)));
if (stray !== undefined) {
  console.error(`Cannot take "${stray}": wanted --seeds=<count> or --only=<part of a name>`);
  Deno.exit(2);
}
const root = join(import.meta.dirname as string, "..");
const seedCount = Number(argument("seeds") ?? "200");
const only = argument("only");
const folder = Deno.makeTempDirSync({ prefix: "noobcash-mutation-" });
const verdicts: Verdict[] = [];
try {
  for (const name of COPIED) cpSync(join(root, name), join(folder, name), { recursive: true });
  for (const mutation of MUTATIONS) {
    if (only !== undefined && !mutation.name.includes(only)) continue;
    const verdict = await judge(mutation);
    verdicts.push(verdict);
    const { caughtBy, seed, seconds } = verdict;
    const outcome = caughtBy === undefined ? "SURVIVES" : `seed ${seed}: ${caughtBy}`;
    console.log(`${mutation.name.padEnd(34)} ${outcome} (${seconds.toFixed(1)} s)`);
  }
} finally {
  Deno.removeSync(folder, { recursive: true });
}

const caught = verdicts.filter(({ caughtBy }) => caughtBy !== undefined);
console.log(`${caught.length} of ${verdicts.length} caught within ${seedCount} seeds`);
if (caught.length < verdicts.length) Deno.exit(1);

/** Applies a mutation, fuzzes, takes it back. */
async function judge(mutation: Mutation): Promise<Verdict> {
  const path = join(folder, mutation.file);
  const text = Deno.readTextFileSync(path);
  const parts = text.split(mutation.find);
  if (parts.length !== 2) {
    throw new Error(
      `Cannot mutate "${mutation.name}": got its text ${parts.length - 1} times, wanted it once`,
    );
  }
  Deno.writeTextFileSync(path, parts.join(mutation.replace));
  const startedAtMs = Date.now();
  try {
    const { caughtBy, seed } = await fuzz();
    return { mutation, caughtBy, seed, seconds: (Date.now() - startedAtMs) / 1000 };
  } finally {
    Deno.writeTextFileSync(path, text);
  }
}

async function fuzz(): Promise<Pick<Verdict, "caughtBy" | "seed">> {
  const command = new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--no-check", "scripts/fuzz_seeds.ts", "1", String(seedCount)],
    cwd: folder,
    stdout: "piped",
    stderr: "piped",
    signal: AbortSignal.timeout(RUN_MS_MAX),
  });
  const { stdout, stderr, signal } = await command.output();
  if (signal !== null) return { caughtBy: "hangs", seed: undefined };
  const output = new TextDecoder().decode(stdout);
  try {
    const [failure] = JSON.parse(output).failures;
    return failure === undefined
      ? { caughtBy: undefined, seed: undefined }
      : { caughtBy: failure.rule, seed: failure.seed };
  } catch {
    throw new Error(`Cannot read the fuzzer: got "${output}" ${new TextDecoder().decode(stderr)}`);
  }
}

function argument(name: string): string | undefined {
  const prefix = `--${name}=`;
  return Deno.args.find((text) => text.startsWith(prefix))?.slice(prefix.length);
}
