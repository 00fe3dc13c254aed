/**
 * Where the time of a large simulated network goes: the engine's sampling profiler, every 0.5 ms.
 *
 * Run: `deno run -A bench/simulation_profile.ts [nodes blocks]`; 1,000 nodes × 200 blocks without numbers.
 *
 * @module
 */
import { Session } from "node:inspector/promises";
import { measureNetwork } from "../lib/simulation/network_experiment.ts";
import { DEFAULT_NETWORK_CHOICE } from "../lib/simulation/network_plan.ts";

const ROWS_MAX = 30;

const [nodes = 1_000, blocks = 200] = Deno.args.map(Number);
const session = new Session();
session.connect();
await session.post("Profiler.enable");
await session.post("Profiler.setSamplingInterval", { interval: 500 });
await session.post("Profiler.start");
measureNetwork({ ...DEFAULT_NETWORK_CHOICE, nodes, blocks });
const { profile } = await session.post("Profiler.stop");

const frames = new Map(profile.nodes.map(({ id, callFrame }) => [id, callFrame]));
const spentUs = new Map<string, number>();
let totalUs = 0;
for (const [index, id] of (profile.samples ?? []).entries()) {
  const frame = frames.get(id);
  const file = frame?.url.split("/").slice(-2).join("/") ?? "";
  const name = `${frame?.functionName ?? ""} ${file}`;
  const us = profile.timeDeltas?.[index] ?? 0;
  spentUs.set(name, (spentUs.get(name) ?? 0) + us);
  totalUs += us;
}
const rows = [...spentUs].sort(([, a], [, b]) => b - a).slice(0, ROWS_MAX);
for (const [name, us] of rows) {
  console.log(`${(100 * us / totalUs).toFixed(1).padStart(5)} % ${name}`);
}
console.log(`${(totalUs / 1e6).toFixed(1)} s in all`);
