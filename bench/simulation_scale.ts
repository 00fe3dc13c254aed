/**
 * Large simulated networks: events a second, seconds and bytes a node.
 *
 * Run: `deno run -A --v8-flags=--max-old-space-size=8000 bench/simulation_scale.ts [nodes blocks]`;
 * without numbers 1,000 nodes × 1,000 blocks and 10,000 nodes × 100 blocks.
 *
 * @module
 */
import { measureNetwork } from "../lib/simulation/network_experiment.ts";
import { DEFAULT_NETWORK_CHOICE } from "../lib/simulation/network_plan.ts";

const [nodes, blocks] = Deno.args.map(Number);
const sizes = nodes === undefined || blocks === undefined
  ? [[1_000, 1_000], [10_000, 100]] as const
  : [[nodes, blocks]] as const;

for (const [nodes, blocks] of sizes) {
  const beforeBytes = Deno.memoryUsage().rss;
  const startedAtMs = performance.now();
  const { figures } = measureNetwork({ ...DEFAULT_NETWORK_CHOICE, nodes, blocks });
  const seconds = (performance.now() - startedAtMs) / 1000;
  const bytes = Deno.memoryUsage().rss - beforeBytes;
  console.log(
    `${nodes} nodes × ${blocks} blocks: ${seconds.toFixed(1)} s, ` +
      `${Math.round(figures.eventCount / seconds)} events/s, ` +
      `${Math.round(bytes / nodes)} bytes a node, ${Math.round(bytes / 1e6)} MB, ` +
      `fork rate ${figures.forkRate.toFixed(4)}`,
  );
}
