/**
 * `noobcash simulate variants`: fork choices and difficulty adjustments side by side on the same networks.
 *
 * @module
 */
import { Command } from "@commander-js/extra-typings";
import { VARIANTS } from "../attack/variant_run.ts";
import { DEFAULT_NETWORK_CHOICE } from "../simulation/network_plan.ts";
import type { Estimate } from "../statistics/estimate.ts";
import { sweepFigures } from "../sweep/sweep_files.ts";
import { variantPoints, variantVerdict } from "../sweep/variant_results.ts";
import type { VariantChoice } from "../sweep/variant_sweep.ts";
import { failCommand } from "../terminal/fail_command.ts";
import { listOf, wholeNumber, wordOf } from "../terminal/option_values.ts";
import { share } from "../terminal/quantities.ts";
import { outOption, performSweep, SWEEP_OPTIONS } from "./sweep_options.ts";
import { NETWORK_OPTIONS, readTopology, runOptions } from "./topology_options.ts";

const DEFAULTS = DEFAULT_NETWORK_CHOICE;
const RUN_OPTIONS = runOptions({
  repeat: 5,
  blocks: 500,
  intervalMs: 1000,
  intervalMsMax: 3_600_000,
});
/** A hidden branch is shown in one message of headers. */
const HIDDEN_BLOCKS_MAX = 1500;

export function variantsCommand() {
  return new Command("variants")
    .description("compare fork choices and difficulty adjustments on the same networks")
    .option("--variant <names>", VARIANTS.join(", "), listOf(wordOf(VARIANTS)), [...VARIANTS])
    .option("-n, --nodes <count>", "how many honest nodes", wholeNumber(2, 10_000), 50)
    .addOption(NETWORK_OPTIONS.topology)
    .addOption(NETWORK_OPTIONS.edges)
    .addOption(NETWORK_OPTIONS.degree)
    .addOption(NETWORK_OPTIONS.rewired)
    .addOption(NETWORK_OPTIONS.latency)
    .addOption(RUN_OPTIONS.interval)
    .addOption(RUN_OPTIONS.blocks)
    .option(
      "--hidden <share>",
      `power of an attacker that shows nothing until the end; up to ${HIDDEN_BLOCKS_MAX} blocks`,
      share,
      0,
    )
    .addOption(NETWORK_OPTIONS.seed)
    .addOption(RUN_OPTIONS.repeat)
    .addOption(SWEEP_OPTIONS.jobs)
    .addOption(SWEEP_OPTIONS.shard)
    .addOption(outOption())
    .addOption(SWEEP_OPTIONS.resume)
    .addOption(SWEEP_OPTIONS.json)
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
