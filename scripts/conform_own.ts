/**
 * Grades our own program again and again: how many points each run gave, which tests did not
 * pass, and which take longest.
 *
 * Run: `deno run -A scripts/conform_own.ts [--runs=20] [--log=FILE] [--only=CODES] [--level=LEVELS] [--jobs=N]`
 * (`--log`: a line for each run is added there). Exit code 1 when any test of any run did not pass.
 *
 * @module
 */
import { join } from "node:path";
import { mean } from "../lib/statistics/estimate.ts";

interface Graded {
  readonly results: readonly {
    code: string;
    verdict: string;
    reason: string | null;
    durationMs: number;
  }[];
  readonly score: { readonly earned: number; readonly possible: number };
  readonly durationMs: number;
}

const SLOWEST_SHOWN = 25;
const root = join(import.meta.dirname as string, "..");
const runs = Number(argument("runs") ?? "20");
const scores = new Map<string, number>();
const troubles = new Map<string, number>();
const times = new Map<string, number[]>();
for (let run = 1; run <= runs; run++) {
  const [load = 0] = Deno.loadavg();
  const { results, score, durationMs } = await grade();
  const bad = results.filter(({ verdict }) => verdict !== "passed");
  const points = `${score.earned}/${score.possible}`;
  scores.set(points, (scores.get(points) ?? 0) + 1);
  for (const { code, durationMs } of results) {
    times.set(code, [...times.get(code) ?? [], durationMs]);
  }
  for (const { code } of bad) troubles.set(code, (troubles.get(code) ?? 0) + 1);
  const said = bad.map(({ code, verdict, reason }) =>
    `${code} ${verdict} (${reason?.split("\n")[0]?.slice(0, 160)})`
  );
  const line = [
    new Date().toISOString().slice(0, 16),
    await commit(),
    `${points} points`,
    `${Math.round(durationMs / 1000)} s`,
    `load ${load.toFixed(1)}`,
    said.length === 0 ? "all passed" : said.join("; "),
  ].join("  ");
  console.log(`${run}/${runs}  ${line}`);
  const log = argument("log");
  if (log !== undefined) Deno.writeTextFileSync(log, `${line}\n`, { append: true });
}
console.log(
  `points: ${[...scores].map(([points, count]) => `${count} times ${points}`).join(", ")}`,
);
const listed = [...troubles].toSorted((a, b) => b[1] - a[1]);
console.log(
  `not passed: ${listed.map(([code, count]) => `${code} ${count} times`).join(", ") || "none"}`,
);
const slowest = [...times].map(([code, list]) => ({ code, ms: mean(list) }))
  .toSorted((a, b) => b.ms - a.ms).slice(0, SLOWEST_SHOWN);
console.log(
  `longest: ${slowest.map(({ code, ms }) => `${code} ${(ms / 1000).toFixed(1)} s`).join(", ")}`,
);
if (listed.length > 0) Deno.exit(1);

async function grade(): Promise<Graded> {
  const chosen = ["only", "level", "jobs"].flatMap((name) => {
    const value = argument(name);
    return value === undefined ? [] : [`--${name}`, value];
  });
  const { stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "main.ts", "conform", "--adapter", "noobcash", "--json", ...chosen],
    cwd: root,
    stdin: "null",
  }).output();
  try {
    return JSON.parse(new TextDecoder().decode(stdout));
  } catch {
    throw new Error(
      `Cannot read the grader's answer: ${new TextDecoder().decode(stderr).slice(-800)}`,
    );
  }
}

async function commit(): Promise<string> {
  const { stdout } = await new Deno.Command("git", {
    args: ["describe", "--always", "--dirty", "--abbrev=7"],
    cwd: root,
  }).output();
  return new TextDecoder().decode(stdout).trim();
}

function argument(name: string): string | undefined {
  const prefix = `--${name}=`;
  return Deno.args.find((text) => text.startsWith(prefix))?.slice(prefix.length);
}
