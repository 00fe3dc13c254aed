/**
 * Large simulated networks: seconds on the clock and of the processor, events a second, memory.
 *
 * Run: `deno run -A --v8-flags=--max-old-space-size=8000 bench/simulation_scale.ts [nodes blocks [abstract]]`;
 * without words 1,000 nodes × 1,000 blocks and 10,000 nodes × 100 blocks. Memory is what the process has
 * at the end, so one size a process is the fairer measure.
 *
 * @module
 */
import process from "node:process";
import { measureNetwork } from "../lib/simulation/network_experiment.ts";
import { DEFAULT_NETWORK_CHOICE } from "../lib/simulation/network_plan.ts";

const [nodes, blocks] = Deno.args.slice(0, 2).map(Number);
const validation = Deno.args[2] === "abstract" ? "abstract" : "full";
const sizes = nodes === undefined || blocks === undefined
  ? [[1_000, 1_000], [10_000, 100]] as const
  : [[nodes, blocks]] as const;

for (const [nodes, blocks] of sizes) {
  const startedAtMs = performance.now();
  const before = process.cpuUsage();
  const { figures } = measureNetwork({ ...DEFAULT_NETWORK_CHOICE, nodes, blocks, validation });
  const seconds = (performance.now() - startedAtMs) / 1000;
  const { user, system } = process.cpuUsage(before);
  const bytes = Deno.memoryUsage().rss;
  console.log(
    `${nodes} nodes × ${blocks} blocks, ${validation}: ${seconds.toFixed(1)} s, ` +
      `${((user + system) / 1e6).toFixed(1)} s of processors, ` +
      `${Math.round(figures.eventCount / seconds)} events/s, ${Math.round(bytes / 1e6)} MB, ` +
      `fork rate ${figures.forkRate.toFixed(4)}`,
  );
}
