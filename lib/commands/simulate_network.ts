/**
 * `noobcash simulate network`: what a network of this shape does, with confidence intervals.
 *
 * @module
 */
import { Command, InvalidArgumentError, Option } from "@commander-js/extra-typings";
import { formatDistribution } from "../random/distribution.ts";
import { err, ok, type Result } from "../result.ts";
import { FIGURE_NAMES, type NetworkOutcome } from "../simulation/network_experiment.ts";
import {
  DEFAULT_NETWORK_CHOICE,
  drawHashPowers,
  type NetworkChoice,
} from "../simulation/network_plan.ts";
import { MEASURED_COST, type ProcessingCost } from "../simulation/processing.ts";
import { networkOutcomes } from "../sweep/network_results.ts";
import type { NetworkSweepChoice } from "../sweep/network_sweep.ts";
import { PARAMETERS } from "../parameter_table.ts";
import { failCommand } from "../terminal/fail_command.ts";
import { decimalNumber, wholeNumber } from "../terminal/option_values.ts";
import { programVersion } from "../terminal/version.ts";
import { outOption, performSweep, SWEEP_OPTIONS } from "./sweep_options.ts";
import { distribution, NETWORK_OPTIONS, readTopology, runOptions } from "./topology_options.ts";

const DEFAULTS = DEFAULT_NETWORK_CHOICE;
const RUN_OPTIONS = runOptions({
  repeat: 1,
  blocks: DEFAULTS.blocks,
  intervalMs: DEFAULTS.intervalMs,
  intervalMsMax: 1e9,
});

export function networkCommand() {
  return networkOptions().action(async (options) => {
    const choice = choiceOf(options);
    if (!choice.ok) return failCommand("usage", choice.error);
    const outcome = await performSweep({ kind: "network", choice: choice.value }, options);
    if (outcome === undefined) return;
    const outcomes = networkOutcomes(choice.value, outcome.parts);
    if (options.json) {
      const { commit } = programVersion();
      console.log(JSON.stringify({ commit, outcomes: outcomes.map(summaryOf) }));
    } else if (outcome.shard.count === 1) {
      for (const each of outcomes) console.log(outcomeText(each));
    }
  });
}

function networkOptions() {
  return new Command("network")
    .description("measure forks, propagation, revenue and throughput of a simulated network")
    .option("-n, --nodes <count>", "how many nodes", wholeNumber(2, 100_000), DEFAULTS.nodes)
    .addOption(NETWORK_OPTIONS.topology)
    .addOption(NETWORK_OPTIONS.edges)
    .addOption(NETWORK_OPTIONS.degree)
    .addOption(NETWORK_OPTIONS.rewired)
    .addOption(NETWORK_OPTIONS.latency)
    .option("--jitter <ms>", "added to each message", distribution, DEFAULTS.jitter)
    .option("--uplink <bytes/ms>", "what a node can send; no limit", distribution)
    .option("--hash-power <number>", "of a node against others'", distribution, DEFAULTS.hashPower)
    .addOption(RUN_OPTIONS.interval)
    .addOption(RUN_OPTIONS.blocks)
    .option("--load <tx/s>", "payments a second", decimalNumber(0, 1e6), 0)
    .option(
      "-c, --capacity <count>",
      "transactions a block",
      wholeNumber(1, 10_000),
      DEFAULTS.capacity,
    )
    .addOption(
      new Option(
        "--validation <mode>",
        "abstract: blocks and transactions as sizes and ids, for 100,000 nodes; the same figures",
      ).choices(["full", "abstract"] as const).default(DEFAULTS.validation),
    )
    .option(
      "--cpu <us>",
      "a node's processor time: MESSAGE[,KILOBYTE[,TRANSACTION]], or measured for " +
        `${formatProcessing(MEASURED_COST)}; none: infinitely fast`,
      processing,
    )
    .option(
      "--block-bytes <count>",
      "what a block weighs on the wire beside what it carries; only with --uplink or --cpu",
      wholeNumber(0, 1_000_000_000),
      DEFAULTS.blockSizeBytes,
    )
    .addOption(
      new Option("--fork-choice <rule>", "which branch is the main chain")
        .choices(PARAMETERS.forkChoice.words).default(PARAMETERS.forkChoice.default),
    )
    .addOption(
      new Option("--difficulty-adjustment <rule>", "keeps the main chain at the interval")
        .choices(PARAMETERS.difficultyAdjustment.words)
        .default(PARAMETERS.difficultyAdjustment.default),
    )
    .addOption(
      new Option("--adjustment-window <blocks>", "how many blocks an adjustment looks back upon")
        .argParser(wholeNumber(PARAMETERS.adjustmentWindow.min, PARAMETERS.adjustmentWindow.max))
        .default(undefined, String(PARAMETERS.adjustmentWindow.default)),
    )
    .addOption(NETWORK_OPTIONS.seed)
    .addOption(RUN_OPTIONS.repeat)
    .addOption(SWEEP_OPTIONS.jobs)
    .addOption(SWEEP_OPTIONS.shard)
    .addOption(outOption())
    .addOption(SWEEP_OPTIONS.resume)
    .addOption(SWEEP_OPTIONS.json);
}

/** What is to be run, or why it cannot be. */
function choiceOf(
  options: ReturnType<ReturnType<typeof networkOptions>["opts"]>,
): Result<NetworkSweepChoice, string> {
  const topology = readTopology(options, options.nodes, `--nodes ${options.nodes}`);
  if (!topology.ok) return topology;
  const rules = rulesOf(options);
  if (!rules.ok) return rules;
  const network: NetworkChoice = {
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
    ...(Object.keys(rules.value).length > 0 && { rules: rules.value }),
    validation: options.validation,
    processing: options.cpu === "none" ? undefined : options.cpu,
    blockSizeBytes: options.blockBytes,
  };
  const { repeat, interval: intervalsMs } = options;
  const problem = problemOf(network, repeat);
  return problem === undefined ? ok({ network, intervalsMs, repeat }) : err(problem);
}

/** The rules of consensus that are not the usual ones. */
function rulesOf(
  { forkChoice, difficultyAdjustment, adjustmentWindow, interval }: ReturnType<
    ReturnType<typeof networkOptions>["opts"]
  >,
): Result<NonNullable<NetworkChoice["rules"]>, string> {
  const isAdjusted = difficultyAdjustment !== PARAMETERS.difficultyAdjustment.default;
  if (adjustmentWindow !== undefined && !isAdjusted) {
    return err(
      `Cannot adjust: got --adjustment-window ${adjustmentWindow}, wanted it with ` +
        "--difficulty-adjustment only",
    );
  }
  if (isAdjusted && interval.some((intervalMs) => intervalMs > 3_600_000)) {
    return err("Cannot adjust: got an --interval above an hour");
  }
  return ok({
    ...(forkChoice !== PARAMETERS.forkChoice.default && { forkChoice }),
    ...(isAdjusted && { difficultyAdjustment }),
    ...(adjustmentWindow !== undefined && { adjustmentWindow }),
  });
}

/** Why such a network would tell nothing. */
function problemOf(network: NetworkChoice, repeat: number): string | undefined {
  const { blockSizeBytes, uplink, hashPower } = network;
  if (blockSizeBytes > 0 && uplink === undefined && !weighs(network)) {
    return `Cannot weigh blocks: got --block-bytes ${blockSizeBytes} and nothing that ` +
      "bytes cost, wanted --uplink too, or --cpu with a time for a kilobyte";
  }
  for (let seed = network.seed; seed < network.seed + repeat; seed++) {
    if (drawHashPowers({ ...network, seed }).some((power) => power > 0)) continue;
    return `Cannot mine: got --hash-power ${formatDistribution(hashPower)}, which gives no node ` +
      `any${repeat > 1 ? ` with seed ${seed}` : ""}, wanted some`;
  }
  return undefined;
}

/** Whether bytes cost processor time. */
function weighs({ processing }: NetworkChoice): boolean {
  return (processing?.kilobyteUs ?? 0) > 0;
}

/** Reads `none`, `measured`, or what a message, 1,000 bytes and a transaction cost in us. */
function processing(text: string): ProcessingCost | "none" {
  // Not undefined: of that an option's parser makes an empty text.
  if (text === "none") return text;
  if (text === "measured") return MEASURED_COST;
  const match = /^([0-9.]+)(?:,([0-9.]+))?(?:,([0-9.]+))?$/.exec(text);
  const [messageUs, kilobyteUs, transactionUs] = [match?.[1], match?.[2] ?? 0, match?.[3] ?? 0].map(
    Number,
  ) as [number, number, number];
  const isFine = [messageUs, kilobyteUs, transactionUs].every((us) => us >= 0 && us <= 1e9);
  if (match !== null && isFine) return { messageUs, kilobyteUs, transactionUs };
  throw new InvalidArgumentError(
    `got "${text}", wanted none, measured, or up to three numbers of 0 to 1000000000, as in 40,1,80`,
  );
}

function formatProcessing({ messageUs, kilobyteUs, transactionUs }: ProcessingCost): string {
  return `${messageUs},${kilobyteUs},${transactionUs}`;
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
      processing: choice.processing && formatProcessing(choice.processing),
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
