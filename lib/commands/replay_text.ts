/**
 * A replay's outcome as people read it. Pure.
 *
 * @module
 */
import type {
  ClusterOutcome,
  LoadOutcome,
  OutcomeQuantiles,
  ReplayOutcome,
} from "../cluster/replay_outcome.ts";

export function formatReplay(outcome: ReplayOutcome): string {
  return formatRows([...replayRows(outcome), ...findingRows(outcome)]);
}

function findingRows({ problems, warnings }: ReplayOutcome): (readonly [string, string])[] {
  return [
    ...problems.map(({ text }) => ["problem", text] as const),
    ...warnings.map(({ text }) => ["warning", text] as const),
  ];
}

export function formatClusterLoad(outcome: LoadOutcome): string {
  const { latencyMs, signatureBound, shareOfBound, loadSeconds, warmUpSeconds } = outcome;
  const rate = outcome.txPerSecond === null
    ? "unknown: fewer than two blocks in the steady state"
    : `${outcome.txPerSecond.toFixed(1)} tx/s in the steady state, ` +
      `${warmUpSeconds} to ${loadSeconds} s`;
  const bound = shareOfBound === null ? "" : `${(100 * shareOfBound).toFixed(1)} % of `;
  return formatRows([
    ...clusterRows(outcome).map(([name, text]): [string, string] =>
      name === "throughput"
        ? [name, rate]
        : name === "offered"
        ? [name, `${outcome.offered} payments`]
        : [name, text]
    ),
    ["bound", `${bound}${Math.round(signatureBound)} tx/s that this machine's cores can verify`],
    ["latency", `accepted ${quantilesText(latencyMs.accepted)}`],
    ["", `from there to all nodes ${quantilesText(latencyMs.relayed)}`],
    ["", `confirmed ${quantilesText(latencyMs.confirmed)}`],
    ...(outcome.heldBack > 0
      ? [["held back", `${outcome.heldBack} times a wallet waited for coins`] as [string, string]]
      : []),
  ]);
}

function quantilesText(quantiles: OutcomeQuantiles | null): string {
  if (quantiles === null) return "unknown";
  const { p50, p90, p99, p999 } = quantiles;
  return `after ${p50.toFixed(0)} ms (50 %), ${p90.toFixed(0)} (90 %), ${p99.toFixed(0)} (99 %), ` +
    `${p999.toFixed(0)} (99.9 %)`;
}

export function formatClusterReplay(outcome: ClusterOutcome): string {
  return formatRows(clusterRows(outcome));
}

function clusterRows(outcome: ClusterOutcome): (readonly [string, string])[] {
  const { hashRateImplied, tips, supply, balances } = outcome;
  const sameSupply = new Set(supply).size === 1 ? `${supply[0]} NBC at every node` : `${supply}`;
  return [
    ...replayRows(outcome),
    [
      "hash rate",
      hashRateImplied === null ? "unknown" : `${formatRate(hashRateImplied)} implied by the blocks`,
    ],
    ["tips", new Set(tips).size === 1 ? `one: ${tips[0]?.slice(0, 16)}…` : `${new Set(tips).size}`],
    ["supply", sameSupply],
    ["balances", balances.join(", ")],
    ["converged", outcome.converged ? "yes" : "no"],
    ...findingRows(outcome),
  ];
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
