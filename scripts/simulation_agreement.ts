/**
 * Compares honest simulated networks with published results at length, and draws the plots of
 * `docs/simulation.md`. Attackers have a command of their own, `noobcash simulate attack`.
 *
 * Prints the tables as Markdown. The same seeds give the same plots.
 *
 * Run: `deno run -A scripts/simulation_agreement.ts`
 *
 * @module
 */
import { join } from "node:path";
import { type ChartOptions, type ChartRow, drawChart } from "../lib/simulation/chart.ts";
import { experimentWithNetwork, measureNetwork } from "../lib/simulation/network_experiment.ts";
import { DEFAULT_NETWORK_CHOICE } from "../lib/simulation/network_plan.ts";
import {
  type Estimate,
  estimate,
  estimateShare,
  kolmogorovSmirnov,
} from "../lib/statistics/estimate.ts";
import { continuousForkRate, deckerForkRate } from "../lib/simulation/published_theory.ts";

const folder = join(import.meta.dirname as string, "..", "docs", "simulation");
Deno.mkdirSync(folder, { recursive: true });

await intervals();
await forkRates();
bitcoinIn2012();

async function intervals(): Promise<void> {
  const intervalMs = 2000;
  const { figures } = measureNetwork({
    ...DEFAULT_NETWORK_CHOICE,
    nodes: 20,
    topology: { kind: "regular", degree: 4 },
    difficulty: 1,
    intervalMs,
    blocks: 4000,
  });
  const sortedMs = figures.foundIntervalsMs.toSorted((a, b) => a - b);
  const rows: ChartRow[] = [];
  for (let sec = 0; sec <= 14; sec += 0.5) {
    const longer = sortedMs.filter((ms) => ms > 1000 * sec).length;
    const { mean, halfWidth } = estimateShare(longer, sortedMs.length);
    if (longer > 0) {
      rows.push({ x: sec, y: mean, halfWidth, series: "simulated", kind: "simulated" });
    }
    const y = Math.exp(-1000 * sec / intervalMs);
    rows.push({ x: sec, y, series: "exponential, 16^1 / 8 s", kind: "theory" });
  }
  const distance = kolmogorovSmirnov(sortedMs, (ms) => 1 - Math.exp(-ms / intervalMs));
  const { mean, halfWidth } = estimate(sortedMs);
  console.log(
    `\nIntervals: ${show({ mean, halfWidth, count: 0 }, 1)} ms of ${intervalMs} ms, ` +
      `Kolmogorov-Smirnov ${distance.toFixed(2)} (99 % stay below 1.63), ${sortedMs.length} blocks`,
  );
  await draw("intervals", rows, {
    title: "Block intervals at difficulty 1 and 8 hashes a second",
    xTitle: "seconds",
    yTitle: "share of intervals that are longer",
    isYLogarithmic: true,
  });
}

async function forkRates(): Promise<void> {
  const rows: ChartRow[] = [];
  console.log(
    "\n| interval | propagation, mean | fork rate | from propagation |\n|---|---|---|---|",
  );
  for (const intervalMs of [500, 1000, 2000, 5000, 10_000, 20_000]) {
    const choice = { ...DEFAULT_NETWORK_CHOICE, nodes: 100, intervalMs, blocks: 600 };
    const { estimates } = experimentWithNetwork(choice, 5);
    const propagationMs = estimates.meanPropagationMs.mean;
    const y = continuousForkRate(propagationMs, intervalMs);
    const { mean, halfWidth } = estimates.forkRate;
    const x = propagationMs / intervalMs;
    rows.push({ x, y: mean, halfWidth, series: "simulated", kind: "simulated" });
    rows.push({ x, y, series: "Decker and Wattenhofer", kind: "theory" });
    console.log(
      `| ${intervalMs / 1000} s | ${propagationMs.toFixed(0)} ms | ` +
        `${percent(estimates.forkRate)} | ${(100 * y).toFixed(2)} % |`,
    );
  }
  await draw("fork-rate", rows, {
    title: "Fork rate by propagation, 100 nodes of 8 neighbours",
    xTitle: "mean propagation / block interval",
    yTitle: "heights with more than one block",
    isXLogarithmic: true,
    isYLogarithmic: true,
  });
}

/** Ten-minute blocks and the propagation that Decker and Wattenhofer measured. */
function bitcoinIn2012(): void {
  console.log(
    "\n| propagation median, mean | interval | fork rate | their formula |\n|---|---|---|---|",
  );
  for (const [meanSec, intervalSec] of [[12.6, 600], [11.37, 633.68]] as const) {
    const median = 6500;
    const sigma = Math.sqrt(2 * Math.log(1000 * meanSec / median));
    const { estimates } = experimentWithNetwork({
      ...DEFAULT_NETWORK_CHOICE,
      seed: 100,
      nodes: 60,
      topology: { kind: "full" },
      latency: { kind: "lognormal", median, sigma },
      intervalMs: 1000 * intervalSec,
      blocks: 3000,
    }, 6);
    console.log(
      `| ${(estimates.propagation50Ms.mean / 1000).toFixed(1)} s, ` +
        `${(estimates.meanPropagationMs.mean / 1000).toFixed(1)} s | ${intervalSec} s | ` +
        `${percent(estimates.forkRate)} | ${
          (100 * deckerForkRate(meanSec, intervalSec)).toFixed(2)
        } % |`,
    );
  }
}

async function draw(name: string, rows: readonly ChartRow[], options: ChartOptions): Promise<void> {
  Deno.writeTextFileSync(join(folder, `${name}.svg`), await drawChart(rows, options) + "\n");
}

function show({ mean, halfWidth }: Estimate, digits: number): string {
  return `${mean.toFixed(digits)} ± ${halfWidth.toFixed(digits)}`;
}

function percent({ mean, halfWidth }: Estimate): string {
  return `${(100 * mean).toFixed(2)} ± ${(100 * halfWidth).toFixed(2)} %`;
}
