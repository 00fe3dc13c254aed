/**
 * The long run of the crash cycles: `deno task soak` calls it behind ten thousand seeds of the fuzzer.
 *
 * Run: `deno run -A scripts/soak/run_soak.ts [--cycles 100] [--seed 1]`
 *
 * @module
 */
import { parseArgs } from "node:util";
import { withNodeProcesses } from "../../lib/testing/spawned_node.ts";
import { runCrashCycles } from "./crash_cycles.ts";

if (import.meta.main) {
  const { values } = parseArgs({
    options: {
      cycles: { type: "string", default: "100" },
      seed: { type: "string", default: String(Date.now() % 1_000_000) },
    },
  });
  const [cycles, seed] = [Number(values.cycles), Number(values.seed)];
  console.log(`${cycles} crash cycles, seed ${seed}`);

  await withNodeProcesses(async (processes) => {
    const options = { nodes: 5, cycles, seed, report: (line: string) => console.log(line) };
    console.log(await runCrashCycles(processes, options));
  });
}
