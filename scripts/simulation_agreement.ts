/**
 * Compares the simulator with published results at length, and draws the plots of `docs/simulation.md`.
 *
 * Prints the tables as Markdown. The same seeds give the same plots.
 *
 * Run: `deno run -A scripts/simulation_agreement.ts`
 *
 * @module
 */
import { join } from "node:path";
import { type ChartOptions, type ChartRow, drawChart } from "../lib/simulation/chart.ts";
import { playDoubleSpends } from "../lib/attack/double_spend.ts";
import { experimentWithNetwork, measureNetwork } from "../lib/simulation/network_experiment.ts";
import { DEFAULT_NETWORK_CHOICE } from "../lib/simulation/network_plan.ts";
import { runSelfishMining } from "../lib/attack/selfish_experiment.ts";
import {
  type Estimate,
  estimate,
  estimateShare,
  kolmogorovSmirnov,
} from "../lib/statistics/estimate.ts";
import {
  continuousForkRate,
  deckerForkRate,
  nakamotoDoubleSpend,
  rosenfeldDoubleSpend,
  selfishRevenue,
} from "../lib/simulation/published_theory.ts";

const folder = join(import.meta.dirname as string, "..", "docs", "simulation");
Deno.mkdirSync(folder, { recursive: true });

await intervals();
await forkRates();
bitcoinIn2012();
await selfishMining();
await doubleSpends();

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

async function selfishMining(): Promise<void> {
  const rows: ChartRow[] = [];
  console.log("\n| α | γ | revenue | Eyal and Sirer |\n|---|---|---|---|");
  for (const gamma of [0, 0.5, 1]) {
    for (const alpha of [0.1, 0.2, 0.25, 0.3, 1 / 3, 0.35, 0.4, 0.45]) {
      const outcomes = [1, 2, 3, 4, 5, 6].map((seed) =>
        runSelfishMining({ seed, alpha, gamma, honestMiners: 10, blocks: 800 })
      );
      const revenue = estimate(outcomes.map((outcome) => outcome.revenue));
      const effective = outcomes[0]?.gamma ?? 0;
      const wanted = selfishRevenue(alpha, effective);
      const { mean, halfWidth } = revenue;
      const series = `γ = ${effective.toFixed(2)}`;
      rows.push({ x: alpha, y: mean, halfWidth, series, kind: "simulated" });
      console.log(
        `| ${alpha.toFixed(2)} | ${effective.toFixed(2)} | ${show(revenue, 4)} | ${
          wanted.toFixed(4)
        } |`,
      );
      for (let x = 0.05; x < 0.475; x += 0.025) {
        if (alpha === 0.1) {
          rows.push({ x, y: selfishRevenue(x, effective), series, kind: "theory" });
        }
      }
    }
  }
  for (const x of [0.05, 0.45]) rows.push({ x, y: x, series: "honest", kind: "theory" });
  await draw("selfish-mining", rows, {
    title: "Revenue of a selfish pool",
    xTitle: "share of the hash power α",
    yTitle: "share of the main chain",
  });
}

async function doubleSpends(): Promise<void> {
  const rows: ChartRow[] = [];
  const trials = 1500;
  console.log("\n| q | z | simulated | Rosenfeld | Nakamoto |\n|---|---|---|---|---|");
  for (const [q, depths] of [[0.1, [1, 2, 3]], [0.3, [1, 2, 3, 5, 8, 10]]] as const) {
    for (const z of depths) {
      const won = playDoubleSpends({ seed: 3, attackerShare: q, confirmations: z, trials });
      const share = estimateShare(won, trials);
      const { mean, halfWidth } = share;
      rows.push({ x: z, y: mean, halfWidth, series: `simulated, q = ${q}`, kind: "simulated" });
      const rosenfeld = rosenfeldDoubleSpend(q, z);
      const nakamoto = nakamotoDoubleSpend(q, z);
      rows.push({ x: z, y: rosenfeld, series: `Rosenfeld, q = ${q}`, kind: "theory" });
      rows.push({ x: z, y: nakamoto, series: `Nakamoto, q = ${q}`, kind: "theory" });
      console.log(
        `| ${q} | ${z} | ${show(share, 4)} | ${rosenfeld.toFixed(4)} | ${nakamoto.toFixed(7)} |`,
      );
    }
  }
  await draw("double-spend", rows, {
    title: "Double spends that succeed",
    xTitle: "confirmations z",
    yTitle: "share of the attempts",
    isYLogarithmic: true,
  });
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
