/**
 * The long tests: many cycles of `kill -9` on a real network, then many seeds of the simulator.
 *
 * Prints what it does and ends with exit code 1 at the first thing that is lost. The same in short runs
 * with every `deno task test`.
 *
 * Run: `deno task soak [--cycles 100] [--seeds 10000] [--from 1]`
 *
 * @module
 */
import { Command } from "@commander-js/extra-typings";
import { withNodeProcesses } from "../../lib/testing/node_process.ts";
import { runCrashCycles } from "./crash_cycles.ts";

const options = new Command("soak")
  .option("--cycles <count>", "cycles of kill -9 on five nodes", Number, 100)
  .option("--seeds <count>", "seeds of the simulator", Number, 10_000)
  .option("--from <seed>", "the first seed", Number, 1)
  .parse().opts();

await withNodeProcesses(async (processes) => {
  const report = await runCrashCycles(processes, {
    nodes: 5,
    cycles: options.cycles,
    seed: options.from,
    report: (text) => console.log(text),
  });
  console.log(`nothing lost: ${JSON.stringify(report)}`);
});

const main = new URL("../../main.ts", import.meta.url).pathname;
const { code } = await new Deno.Command(Deno.execPath(), {
  args: [
    ...["run", "-A", "--no-check", main, "simulate", "fuzz"],
    ...["--seeds", String(options.seeds), "--from", String(options.from)],
  ],
}).spawn().status;
Deno.exit(code);
