/**
 * A replay's outcome as people read it. Pure.
 *
 * @module
 */
import type { ClusterOutcome, ReplayOutcome } from "../cluster/replay_outcome.ts";

export function formatReplay(outcome: ReplayOutcome): string {
  return formatRows(replayRows(outcome));
}

export function formatClusterReplay(outcome: ClusterOutcome): string {
  const { hashRateImplied, tips, supply, balances } = outcome;
  const sameSupply = new Set(supply).size === 1 ? `${supply[0]} NBC at every node` : `${supply}`;
  return formatRows([
    ...replayRows(outcome),
    [
      "hash rate",
      hashRateImplied === null ? "unknown" : `${formatRate(hashRateImplied)} implied by the blocks`,
    ],
    ["tips", new Set(tips).size === 1 ? `one: ${tips[0]?.slice(0, 16)}…` : `${new Set(tips).size}`],
    ["supply", sameSupply],
    ["balances", balances.join(", ")],
    ["converged", outcome.converged ? "yes" : "no"],
    ...outcome.problems.map(({ text }): [string, string] => ["problem", text]),
    ...outcome.warnings.map(({ text }): [string, string] => ["warning", text]),
  ]);
}

function replayRows(outcome: ReplayOutcome): (readonly [string, string])[] {
  const { offered, accepted, confirmed, rejected, blockTimeMsMean } = outcome;
  const reasons = Object.entries(rejected).map(([code, count]) => `${count} ${code}`);
  return [
    ["offered", `${offered} lines`],
    ["accepted", String(accepted)],
    ["confirmed", String(confirmed)],
    ["rejected", reasons.length === 0 ? "0" : `${offered - accepted}: ${reasons.join(", ")}`],
    ["throughput", rateText(outcome)],
    [
      "blocks",
      `${outcome.blocks}, ` +
      (blockTimeMsMean === null ? "" : `one every ${(blockTimeMsMean / 1000).toFixed(3)} s, `) +
      `${outcome.reorgs} ${outcome.reorgs === 1 ? "reorganisation" : "reorganisations"}`,
    ],
  ];
}

function rateText({ txPerSecond, seconds }: ReplayOutcome): string {
  return txPerSecond === null || seconds === null
    ? "unknown: nobody noted when the last block was confirmed"
    : `${txPerSecond.toFixed(2)} tx/s in ${seconds.toFixed(2)} s`;
}

function formatRows(rows: readonly (readonly [string, string])[]): string {
  return rows.map(([name, text]) => `${name.padEnd(11)} ${text}`).join("\n");
}

function formatRate(hashesPerSecond: number): string {
  return hashesPerSecond >= 1e6
    ? `${(hashesPerSecond / 1e6).toFixed(2)} MH/s`
    : `${(hashesPerSecond / 1e3).toFixed(1)} kH/s`;
}
