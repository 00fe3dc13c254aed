/**
 * Short runs of whole networks, again and again: how fast they are, and how far apart.
 *
 * - 14 runs of three nodes, capacity 10, difficulty 3, strict, 90 lines that can all be paid;
 * - ten runs of five nodes, capacity 10, difficulty 4, on a workload of 100 lines a node.
 *
 * Run: `deno run -A bench/short_runs.ts [folder of the second workload]`
 *
 * @module
 */
import { join } from "node:path";
import type { ClusterOutcome } from "../lib/cluster/replay_outcome.ts";
import { percentile } from "../lib/statistics/estimate.ts";
import {
  DEFAULT_WORKLOAD_CHOICE,
  generateWorkload,
  type WorkloadChoice,
} from "../lib/workload/generate_workload.ts";
import { formatWorkloadFile, type PaymentLine } from "../lib/workload/workload_file.ts";

const ROOT = join(import.meta.dirname as string, "..");

/** Runs `noobcash cluster` and reads the object that it prints. */
export async function runCluster<Outcome = ClusterOutcome>(
  args: readonly string[],
): Promise<Outcome & { readonly exitCode: number }> {
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--quiet", join(ROOT, "main.ts"), "cluster", ...args]
      .concat("--exit", "--json", "--no-ui"),
    stdin: "null",
  }).output();
  const text = new TextDecoder().decode(stdout);
  if (text === "") throw new Error(new TextDecoder().decode(stderr));
  return { ...JSON.parse(text), exitCode: code };
}

async function repeat(name: string, count: number, args: readonly string[]): Promise<void> {
  const runs = [];
  for (let run = 0; run < count; run++) runs.push(await runCluster(args));
  const seconds = runs.map((outcome) => outcome.seconds ?? NaN);
  const rates = runs.map((outcome) => outcome.txPerSecond ?? NaN);
  console.log(JSON.stringify({
    name,
    runs: count,
    problems: runs.filter(({ exitCode }) => exitCode !== 0).length,
    seconds: spread(seconds, 2),
    txPerSecond: spread(rates, 0),
    all: seconds.map((value) => Number(value.toFixed(2))),
  }));
}

function spread(values: readonly number[], digits: number) {
  const round = (value: number) => Number(value.toFixed(digits));
  return {
    min: round(Math.min(...values)),
    median: round(percentile(values, 50)),
    max: round(Math.max(...values)),
  };
}

function writeWorkload(folder: string, choice: Partial<WorkloadChoice>): string {
  Deno.mkdirSync(folder, { recursive: true });
  for (const file of generateWorkload({ ...DEFAULT_WORKLOAD_CHOICE, ...choice })) {
    const text = formatWorkloadFile(file.lines as PaymentLine[]);
    Deno.writeTextFileSync(join(folder, file.fileName), text);
  }
  return folder;
}

if (import.meta.main) {
  const folder = Deno.makeTempDirSync({ prefix: "noobcash-bench-" });
  try {
    const short = writeWorkload(folder, { nodes: 3, linesPerNode: 30, impossiblePerNode: 0 });
    await repeat("3 nodes, C10 D3, strict, 90 lines", 14, [
      ...["--nodes", "3", "--capacity", "10", "--difficulty", "3", "--strict"],
      ...["--replay", short],
    ]);
    const workload = Deno.args[0] ?? join(ROOT, "transactions", "5nodes");
    await repeat("5 nodes, C10 D4, 500 lines", 10, [
      ...["--nodes", "5", "--capacity", "10", "--difficulty", "4", "--replay", workload],
    ]);
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
}
