/**
 * `noobcash simulate variants`: fork choices and difficulty adjustments side by side on the same networks.
 *
 * @module
 */
import { Command, Option } from "@commander-js/extra-typings";
import { VARIANTS } from "../attack/variant_run.ts";
import { DEFAULT_NETWORK_CHOICE } from "../simulation/network_plan.ts";
import type { Estimate } from "../statistics/estimate.ts";
import { sweepFigures } from "../sweep/sweep_files.ts";
import { variantPoints, variantVerdict } from "../sweep/variant_results.ts";
import type { VariantChoice } from "../sweep/variant_sweep.ts";
import { failCommand } from "../terminal/fail_command.ts";
import { decimalNumber, listOf, wholeNumber, wordOf } from "../terminal/option_values.ts";
import { share } from "../terminal/quantities.ts";
import { JOBS_DEFAULT, performSweep, shardOption } from "./sweep_options.ts";
import { DEGREE_DEFAULT, distribution, readTopology, TOPOLOGY_SHAPES } from "./topology_options.ts";

const DEFAULTS = DEFAULT_NETWORK_CHOICE;
/** A hidden branch is shown in one message of headers. */
const HIDDEN_BLOCKS_MAX = 1500;

export function variantsCommand() {
  return new Command("variants")
    .description("compare fork choices and difficulty adjustments on the same networks")
    .option("--variant <names>", VARIANTS.join(", "), listOf(wordOf(VARIANTS)), [...VARIANTS])
    .option("-n, --nodes <count>", "how many honest nodes", wholeNumber(2, 10_000), 50)
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
    .option(
      "--interval <ms>",
      "mean time between blocks; several, with commas, for a sweep",
      listOf(decimalNumber(1, 3_600_000)),
      [1000],
    )
    .option("--blocks <count>", "how high the chain grows", wholeNumber(10), 500)
    .option(
      "--hidden <share>",
      `power of an attacker that shows nothing until the end; up to ${HIDDEN_BLOCKS_MAX} blocks`,
      share,
      0,
    )
    .option("--seed <number>", "the first run's seed", wholeNumber(0), DEFAULTS.seed as number)
    .option("--repeat <count>", "runs, for 95 % confidence intervals", wholeNumber(1, 1000), 5)
    .option("--jobs <count>", "worker threads", wholeNumber(1, 1024), JOBS_DEFAULT)
    .option("--shard <i/n>", "only the i-th of n parts, for several machines", shardOption)
    .option("--out <folder>", "write raw data, tables and plots there")
    .option("--resume", "go on with what is in the folder", false)
    .option("--json", "print one JSON object", false)
    .action(async (options) => {
      const hiddenShare = options.hidden;
      const nodeCount = options.nodes + (hiddenShare > 0 ? 1 : 0);
      if (hiddenShare >= 1) {
        return failCommand("usage", "Cannot compare: got --hidden 1, wanted less than all power");
      }
      if (hiddenShare > 0 && options.blocks > HIDDEN_BLOCKS_MAX) {
        return failCommand(
          "usage",
          `Cannot compare: got --hidden and --blocks ${options.blocks}, wanted ` +
            `${HIDDEN_BLOCKS_MAX} at most: a hidden branch is shown in one message of headers`,
        );
      }
      const topology = readTopology(options, nodeCount, `${nodeCount} nodes`);
      if (!topology.ok) return failCommand("usage", topology.error);
      const choice: VariantChoice = {
        network: {
          ...DEFAULTS,
          seed: options.seed,
          nodes: options.nodes,
          topology: topology.value,
          latency: options.latency,
          blocks: options.blocks,
        },
        variants: [...new Set(options.variant)],
        intervalsMs: [...new Set(options.interval)],
        hiddenShare,
        repeat: options.repeat,
      };
      const outcome = await performSweep({ kind: "variants", choice }, options);
      if (outcome === undefined) return;
      if (options.json) {
        console.log(JSON.stringify(sweepFigures(outcome.record, outcome.parts)));
      } else if (outcome.shard.count === 1) {
        console.log(await variantText(choice, outcome.parts));
        if (options.out !== undefined) console.log(`Written to ${options.out}`);
      }
    });
}

async function variantText(
  choice: VariantChoice,
  parts: Parameters<typeof variantPoints>[1],
): Promise<string> {
  const { default: Table } = await import("cli-table3");
  const points = variantPoints(choice, parts);
  if (points.length === 0) return "Nothing is done yet";
  const hasHidden = choice.hiddenShare > 0;
  const head = [
    "variant",
    "interval, ms",
    "main chain, ms",
    "stale rate",
    "fork rate",
    "deepest",
    "final at 1e-3, s",
    "hidden keeps up at",
    ...(hasHidden ? [`hidden ${choice.hiddenShare} won`] : []),
  ];
  const table = new Table({
    head,
    style: { head: [], border: [] },
    colAligns: ["left", ...new Array(head.length - 1).fill("right")],
  });
  for (const { cell, estimates, hiddenWon } of points) {
    table.push([
      cell.variant,
      String(cell.intervalMs),
      text(estimates.meanIntervalMs, 0),
      text(estimates.staleRate, 4),
      text(estimates.forkRate, 4),
      text(estimates.reorgDepthMax, 1),
      text(estimates.finalityMs, 2, 1000),
      text(estimates.hiddenShareToKeepUp, 3),
      ...(hasHidden ? [text(hiddenWon, 2)] : []),
    ]);
  }
  return `${table.toString()}\n${choice.repeat} runs a variant, seed ${choice.network.seed}, with ` +
    `95 % intervals\n${variantVerdict(points)}`;
}

function text(found: Estimate | undefined, digits: number, unit = 1): string {
  if (found === undefined) return "–";
  const { mean, halfWidth } = found;
  const spread = Number.isFinite(halfWidth) ? ` ± ${(halfWidth / unit).toFixed(digits)}` : "";
  return `${(mean / unit).toFixed(digits)}${spread}`;
}
