/**
 * `noobcash simulate network`: what a network of this shape does, with confidence intervals.
 *
 * @module
 */
import { Command, Option } from "@commander-js/extra-typings";
import { join } from "node:path";
import { type ChartRow, drawChart } from "../simulation/chart.ts";
import { formatDistribution } from "../random/distribution.ts";
import {
  experimentWithNetwork,
  FIGURE_NAMES,
  formatCsv,
  type NetworkOutcome,
} from "../simulation/network_experiment.ts";
import {
  DEFAULT_NETWORK_CHOICE,
  drawHashPowers,
  type NetworkChoice,
} from "../simulation/network_plan.ts";
import { failCommand } from "../terminal/fail_command.ts";
import { decimalNumber, listOf, wholeNumber } from "../terminal/option_values.ts";
import { share } from "../terminal/quantities.ts";
import { programVersion } from "../terminal/version.ts";
import { DEGREE_DEFAULT, distribution, readTopology, TOPOLOGY_SHAPES } from "./topology_options.ts";

const DEFAULTS = DEFAULT_NETWORK_CHOICE;

export function networkCommand() {
  return new Command("network")
    .description("measure forks, propagation, revenue and throughput of a simulated network")
    .option("-n, --nodes <count>", "how many nodes", wholeNumber(2, 100_000), DEFAULTS.nodes)
    .addOption(
      new Option("--topology <shape>", "who talks to whom")
        .choices(TOPOLOGY_SHAPES).default("regular" as const),
    )
    .option("--edges <file>", "who talks to whom: a file with two node numbers a line")
    .option(
      "--degree <count>",
      `neighbours of a node (${DEGREE_DEFAULT})`,
      wholeNumber(2, 1000),
    )
    .option("--rewired <share>", "edges of a small world that go far", share, 0.1)
    .option("--latency <ms>", "of each link, one way", distribution, DEFAULTS.latency)
    .option("--jitter <ms>", "added to each message", distribution, DEFAULTS.jitter)
    .option("--uplink <bytes/ms>", "what a node can send; no limit", distribution)
    .option("--hash-power <number>", "of a node against others'", distribution, DEFAULTS.hashPower)
    .option(
      "--interval <ms>",
      "mean time between blocks; several, with commas, for a sweep",
      listOf(decimalNumber(1, 1e9)),
      [DEFAULTS.intervalMs],
    )
    .option("--blocks <count>", "how high the chain grows", wholeNumber(10), DEFAULTS.blocks)
    .option("--load <tx/s>", "payments a second", decimalNumber(0, 1e6), 0)
    .option(
      "-c, --capacity <count>",
      "transactions a block",
      wholeNumber(1, 10_000),
      DEFAULTS.capacity,
    )
    .option("--seed <number>", "the first run's seed", wholeNumber(0), DEFAULTS.seed)
    .option("--repeat <count>", "runs, for 95 % confidence intervals", wholeNumber(1, 1000), 1)
    .option("--out <folder>", "write figures.json, figures.csv and plots there")
    .option("--json", "print one JSON object", false)
    .action(async (options) => {
      const topology = readTopology(options, options.nodes, `--nodes ${options.nodes}`);
      if (!topology.ok) return failCommand("usage", topology.error);
      const base: NetworkChoice = {
        ...DEFAULTS,
        seed: options.seed,
        nodes: options.nodes,
        topology: topology.value,
        latency: options.latency,
        jitter: options.jitter,
        uplink: options.uplink,
        hashPower: options.hashPower,
        blocks: options.blocks,
        transactionsPerSec: options.load,
        capacity: options.capacity,
      };
      for (let run = 0; run < options.repeat; run++) {
        const seed = options.seed + run;
        if (drawHashPowers({ ...base, seed }).some((power) => power > 0)) continue;
        return failCommand(
          "usage",
          `Cannot mine: got --hash-power ${formatDistribution(base.hashPower)}, which gives no ` +
            `node any${options.repeat > 1 ? ` with seed ${seed}` : ""}, wanted some`,
        );
      }
      const outcomes = options.interval.map((intervalMs) => {
        const outcome = experimentWithNetwork({ ...base, intervalMs }, options.repeat);
        if (!options.json) console.log(outcomeText(outcome));
        return outcome;
      });
      const { commit } = programVersion();
      const result = { commit, outcomes: outcomes.map(summaryOf) };
      if (options.json) console.log(JSON.stringify(result));
      if (options.out !== undefined) await writeResults(options.out, outcomes, result);
    });
}

/** The figures without the raw times. */
function summaryOf({ choice, runs, estimates, hashShares, expectedForkRate }: NetworkOutcome) {
  return {
    choice: {
      ...choice,
      topology: choice.topology.kind,
      latency: formatDistribution(choice.latency),
      jitter: formatDistribution(choice.jitter),
      uplink: choice.uplink && formatDistribution(choice.uplink),
      hashPower: formatDistribution(choice.hashPower),
    },
    estimates,
    expectedForkRate,
    reorgDepths: runs.map((run) => run.reorgDepths),
    miners: hashShares.map((hashShare, node) => ({
      node,
      hashShare,
      revenueShare: runs[0]?.revenueShares[node] ?? 0,
    })),
  };
}

function outcomeText({ choice, runs, estimates, expectedForkRate }: NetworkOutcome): string {
  const value = (name: typeof FIGURE_NAMES[number], digits: number) => {
    const { mean, halfWidth } = estimates[name];
    const spread = Number.isFinite(halfWidth) ? ` ± ${halfWidth.toFixed(digits)}` : "";
    return `${mean.toFixed(digits)}${spread}`;
  };
  const depths = new Map<string, number>();
  for (const run of runs) {
    for (const [depth, count] of Object.entries(run.reorgDepths)) {
      depths.set(depth, (depths.get(depth) ?? 0) + count);
    }
  }
  return [
    `${choice.nodes} nodes, ${choice.topology.kind}, blocks every ${choice.intervalMs} ms, ` +
    `${runs.length} ${runs.length === 1 ? "run" : "runs of other seeds, with 95 % intervals"}`,
    `  fork rate         ${value("forkRate", 5)} (${
      expectedForkRate.toFixed(5)
    } expected from propagation)`,
    `  stale rate        ${value("staleRate", 5)}`,
    `  block interval    ${value("meanIntervalMs", 1)} ms`,
    `  propagation       ${value("meanPropagationMs", 1)} ms mean, ` +
    `${value("propagation50Ms", 1)} ms 50 %, ${value("propagation90Ms", 1)} ms 90 %`,
    `  throughput        ${value("transactionsPerSec", 2)} tx/s`,
    `  reorganisations   ${
      [...depths].map(([depth, count]) => `${count} of depth ${depth}`).join(", ") || "none"
    }`,
    `  events            ${value("eventCount", 0)}`,
  ].join("\n");
}

async function writeResults(
  folder: string,
  outcomes: readonly NetworkOutcome[],
  result: object,
): Promise<void> {
  Deno.mkdirSync(folder, { recursive: true });
  const write = (name: string, text: string) => Deno.writeTextFileSync(join(folder, name), text);
  write("figures.json", JSON.stringify(result, null, 2) + "\n");
  write("figures.csv", formatCsv(outcomes));

  const forks = outcomes.flatMap(({ choice, estimates, expectedForkRate }): ChartRow[] => [
    {
      x: choice.intervalMs,
      y: estimates.forkRate.mean,
      halfWidth: estimates.forkRate.halfWidth,
      series: "simulated",
      kind: "simulated",
    },
    { x: choice.intervalMs, y: expectedForkRate, series: "from propagation", kind: "theory" },
  ]);
  write(
    "fork-rate.svg",
    await drawChart(forks, {
      title: "Fork rate by block interval",
      xTitle: "mean block interval, ms",
      yTitle: "heights with more than one block",
      isXLogarithmic: outcomes.length > 1,
    }),
  );
  const [first] = outcomes;
  if (first === undefined) return;
  const miners = first.hashShares.map((x, node): ChartRow => ({
    x,
    y: first.runs[0]?.revenueShares[node] ?? 0,
    series: "miner",
    kind: "simulated",
  }));
  const shareMax = Math.max(...first.hashShares);
  const fair = [0, shareMax].map((x): ChartRow => ({ x, y: x, series: "fair", kind: "theory" }));
  write(
    "revenue.svg",
    await drawChart([...miners, ...fair], {
      title: "Revenue by hash power",
      xTitle: "share of the hash power",
      yTitle: "share of the main chain",
    }),
  );
}
