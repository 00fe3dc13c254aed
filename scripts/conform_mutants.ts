/**
 * Holds the grader against implementations with one fault each: every fault has to be found by a test of
 * its level, and every test has to find a fault.
 *
 * Works in a copy of the sources; each fault is taken back before the next. Writes the table mutant × test
 * into docs/conform.md, between its marks, with `--write`.
 *
 * Run: `deno run -A scripts/conform_mutants.ts [--only=<parts of names>] [--wide] [--lanes=2] [--check] [--write] [--table]`
 * (`--wide`: against all tests of its level, not only those that are aimed at it; `--check`: only whether
 * every fault can be built in; `--table`: only the table, from the last results)
 *
 * @module
 */
import { cpSync } from "node:fs";
import { join } from "node:path";
import type { ConformMutation } from "./conform_mutation.ts";
import { CONFORM_MUTATIONS } from "./conform_mutations.ts";
import { mutationProblems } from "./conform_mutation_problems.ts";

const COPIED = [
  "lib",
  "build",
  "wasm",
  "scripts/testdata",
  "main.ts",
  "cli.ts",
  "deno.json",
  "deno.lock",
];
/** Time-outs grow with the load of the machine, six times at most. */
const RUN_MS_MAX = 1_800_000;
const RESULTS = "docs/conform-mutants.json";

interface Verdict {
  readonly name: string;
  readonly caughtBy: readonly string[];
  readonly seconds: number;
}

const root = join(import.meta.dirname as string, "..");
const only = argument("only");
const isWide = Deno.args.includes("--wide");
const chosen = CONFORM_MUTATIONS.filter(({ name }) =>
  only === undefined || only.split(",").some((part) => name.includes(part))
);
checkEdits();
if (Deno.args.includes("--table")) writeTable(readKnown());
else if (!Deno.args.includes("--check")) await main();

async function main(): Promise<void> {
  const known: Record<string, Verdict> = Object.fromEntries(
    readKnown().map((verdict) => [verdict.name, verdict]),
  );
  const waiting = [...chosen];
  const unjudged: string[] = [];
  await Promise.all(Array.from({ length: Number(argument("lanes") ?? "2") }, async () => {
    const folder = Deno.makeTempDirSync({ prefix: "noobcash-conform-mutant-" });
    try {
      for (const name of COPIED) cpSync(join(root, name), join(folder, name), { recursive: true });
      Deno.chmodSync(folder, 0o755);
      for (let mutation = waiting.shift(); mutation !== undefined; mutation = waiting.shift()) {
        const verdict = await judge(mutation, folder).catch((error) => {
          // The others can still be judged; what was known of this one stays.
          console.error(`${mutation.name}: ${error instanceof Error ? error.message : error}`);
          unjudged.push(mutation.name);
          return undefined;
        });
        if (verdict === undefined) continue;
        known[verdict.name] = verdict;
        if (Deno.args.includes("--write")) writeResults(known);
        const outcome = verdict.caughtBy.length === 0 ? "SURVIVES" : verdict.caughtBy.join(" ");
        console.log(`${mutation.name.padEnd(30)} ${outcome} (${verdict.seconds} s)`);
      }
    } finally {
      Deno.removeSync(folder, { recursive: true });
    }
  }));
  const verdicts = CONFORM_MUTATIONS.map(({ name }) => known[name]).filter((verdict) =>
    verdict !== undefined
  );
  const caught = verdicts.filter(({ caughtBy }) => caughtBy.length > 0);
  console.log(`${caught.length} of ${verdicts.length} caught`);
  if (Deno.args.includes("--write")) writeTable(verdicts);
  if (unjudged.length > 0) console.error(`Not judged: ${unjudged.join(", ")}`);
  if (caught.length < verdicts.length || unjudged.length > 0) Deno.exit(1);
}

/** After each of them, so that a run that is broken off is not lost. */
function writeResults(known: Readonly<Record<string, Verdict>>): void {
  const verdicts = CONFORM_MUTATIONS.map(({ name }) => known[name]).filter((one) =>
    one !== undefined
  );
  Deno.writeTextFileSync(join(root, RESULTS), `${JSON.stringify(verdicts, undefined, 2)}\n`);
}

async function judge(mutation: ConformMutation, folder: string): Promise<Verdict> {
  const startedAtMs = Date.now();
  const before = new Map<string, string>();
  for (const { file, find, replace } of mutation.edits) {
    const path = join(folder, file);
    const text = Deno.readTextFileSync(path);
    if (!before.has(path)) before.set(path, text);
    Deno.writeTextFileSync(path, text.split(find).join(replace));
  }
  try {
    const adapter = mutation.subject === "noobcash"
      ? "noobcash"
      : "scripts/testdata/assignment_node/adapter.yaml";
    const { stdout, stderr } = await new Deno.Command(Deno.execPath(), {
      args: [
        "run",
        "-A",
        "main.ts",
        "conform",
        "--adapter",
        adapter,
        "--json",
        "--runs",
        "1",
        ...isWide ? ["--level", levelOf(mutation)] : ["--only", mutation.tests.join(",")],
      ],
      cwd: folder,
      stdin: "null",
      stdout: "piped",
      stderr: "piped",
      signal: AbortSignal.timeout(RUN_MS_MAX),
    }).output();
    let results: { code: string; verdict: string }[];
    try {
      ({ results } = JSON.parse(new TextDecoder().decode(stdout)));
    } catch {
      throw new Error(
        `Cannot read the grader's answer for "${mutation.name}": ${
          new TextDecoder().decode(stderr).slice(-800)
        }`,
      );
    }
    return {
      name: mutation.name,
      caughtBy: results.filter(({ verdict }) => verdict === "failed").map(({ code }) => code),
      seconds: Math.round((Date.now() - startedAtMs) / 1000),
    };
  } finally {
    for (const [path, text] of before) Deno.writeTextFileSync(path, text);
  }
}

/** A fault that cannot be built in any more has to be renewed with the code. */
function checkEdits(): void {
  const problems = mutationProblems(
    CONFORM_MUTATIONS,
    (file) => Deno.readTextFileSync(join(root, file)),
  );
  if (problems.length === 0) return;
  console.error(problems.join("\n"));
  Deno.exit(1);
}

function readKnown(): readonly Verdict[] {
  try {
    return JSON.parse(Deno.readTextFileSync(join(root, RESULTS)));
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return [];
    throw error;
  }
}

function writeTable(verdicts: readonly Verdict[]): void {
  const path = join(root, "docs/conform.md");
  const rows = verdicts.map(({ name, caughtBy }) => {
    const mutation = CONFORM_MUTATIONS.find((one) => one.name === name) as ConformMutation;
    return `| ${name} | ${mutation.subject} | ${mutation.fault} | ${
      caughtBy.length === 0 ? "**survives**" : caughtBy.join(", ")
    } |`;
  });
  const table = ["| mutant | of | fault | found by |", "| --- | --- | --- | --- |", ...rows].join(
    "\n",
  );
  const text = Deno.readTextFileSync(path).replace(
    /(<!-- mutants -->\n)[\s\S]*?(\n<!-- \/mutants -->)/,
    (_, begin, end) => `${begin}\n${table}\n${end}`,
  );
  Deno.writeTextFileSync(path, text);
  new Deno.Command(Deno.execPath(), { args: ["fmt", "-q", path, join(root, RESULTS)] })
    .outputSync();
}

function levelOf({ tests }: ConformMutation): string {
  return tests[0]?.[1] ?? "";
}

function argument(name: string): string | undefined {
  const prefix = `--${name}=`;
  return Deno.args.find((text) => text.startsWith(prefix))?.slice(prefix.length);
}
