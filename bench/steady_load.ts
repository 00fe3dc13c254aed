/**
 * Networks under a load that goes on: what is confirmed in the steady state, how much of what the
 * machine's cores can verify that is, and how fast a payment reaches all nodes.
 *
 * Run: `deno run -A bench/steady_load.ts [seconds]`
 *
 * @module
 */
import type { LoadOutcome } from "../lib/cluster/replay_outcome.ts";
import { runCluster } from "./short_runs.ts";

const seconds = Number(Deno.args[0] ?? 20);
const NETWORK = ["--nodes", "5", "--hash-rate-limit", "50kH/s", "--coins", "1000000"];

for (
  const [name, args] of [
    ["capacity 2,000, closed loop", ["--capacity", "2000"]],
    ["capacity 20,000 (the most), closed loop", ["--capacity", "20000"]],
    ["capacity 2,000, 1,000 tx/s, open loop", ["--capacity", "2000", "--rate", "1000"]],
  ] as const
) {
  const outcome = await runCluster<LoadOutcome>([...NETWORK, ...args, "--load", `${seconds}s`]);
  const { txPerSecond, signatureBound, shareOfBound, latencyMs, accepted, confirmed } = outcome;
  console.log(JSON.stringify({
    name,
    txPerSecond: Math.round(txPerSecond ?? NaN),
    signatureBound: Math.round(signatureBound),
    shareOfBound: Number(shareOfBound?.toFixed(3)),
    accepted,
    confirmed,
    relayedMs: latencyMs.relayed,
    confirmedMs: latencyMs.confirmed,
    problems: outcome.problems.map(({ code }) => code),
    warnings: outcome.warnings.map(({ code }) => code),
  }));
}
