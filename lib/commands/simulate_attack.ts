/**
 * `noobcash simulate attack`: attackers against honest nodes, beside what theory says of them.
 *
 * @module
 */
import { Command, Option } from "@commander-js/extra-typings";
import type { Attack, AttackCell, AxisName } from "../attack/attack.ts";
import { ATTACKS } from "../attack/attack_table.ts";
import { type AttackSetting, followersFor } from "../attack/race_network.ts";
import { attackPoints, axesOf, verdictOf } from "../sweep/attack_results.ts";
import type { AttackChoice } from "../sweep/attack_sweep.ts";
import { findStrategy, loadStrategy } from "../sweep/load_strategy.ts";
import type { Parts } from "../sweep/sweep_folder.ts";
import { sweepFigures } from "../sweep/sweep_files.ts";
import { failCommand } from "../terminal/fail_command.ts";
import { numberList } from "../terminal/number_list.ts";
import { decimalNumber, listOf, wholeNumber } from "../terminal/option_values.ts";
import { share } from "../terminal/quantities.ts";
import { outOption, performSweep, SWEEP_OPTIONS } from "./sweep_options.ts";
import { distribution, readTopology, TOPOLOGY_SHAPES } from "./topology_options.ts";

/** The values of a parameter that nobody names. */
const AXIS_DEFAULTS: Readonly<Record<AxisName, readonly (number | string)[]>> = {
  variant: ["L", "F", "T1"],
  share: [0.1, 0.2, 0.3, 0.4],
  gamma: [0.5],
  confirmations: [1, 2, 3, 6],
  depth: [6],
  victim: [0.1],
};

/** Where an attack's shares make sense. */
const SHARE_DEFAULTS: Readonly<Record<string, readonly number[]>> = {
  "double-spend": [0.1, 0.2, 0.3],
  majority: [0.55, 0.6, 0.7, 0.8, 0.9],
  partition: [0.1, 0.2, 0.3, 0.4, 0.5],
};

export function attackCommand() {
  const command = new Command("attack").description(
    "let an attacker loose on honest nodes, and hold the result against theory",
  );
  for (const attack of ATTACKS) command.addCommand(commandOf(attack));
  return command;
}

/** Only what the attack reads is an option of its command: anything else is refused by name. */
function commandOf(attack: Attack): Command {
  const command = new Command(attack.name).description(attack.description);
  for (const option of [...axisOptions(attack), ...settingOptions(attack)]) {
    command.addOption(option);
  }
  command
    .option("--repeat <count>", "runs of each point, for intervals", wholeNumber(1, 100_000), 5)
    .option("--seed <number>", "what all chance follows from", wholeNumber(0), 1)
    .addOption(SWEEP_OPTIONS.jobs)
    .addOption(SWEEP_OPTIONS.shard)
    .addOption(outOption("raw data, tables and the plot"))
    .addOption(SWEEP_OPTIONS.resume)
    .addOption(SWEEP_OPTIONS.json)
    .action(async (options) => await run(attack, options as unknown as AttackOptions));
  return command;
}

function axisOptions(attack: Attack): Option[] {
  const axes: Readonly<Record<AxisName, readonly [flags: string, text: string, parse: Parse]>> = {
    variant: [
      "--variant <names>",
      "L, F, T1, … and what they make together",
      listOf((text) => text),
    ],
    share: [
      "--share <shares>",
      "attacker's power, as in 0.1,0.3 or 0.05:0.5:0.05",
      numberList(0, 1),
    ],
    gamma: ["--gamma <shares>", "honest power that follows in a race", numberList(0, 1)],
    confirmations: [
      "--confirmations <counts>",
      "blocks that the merchant waits for",
      numberList(1, 1000, "whole"),
    ],
    depth: ["--depth <blocks>", depthText(attack), numberList(1, 10_000, "whole")],
    victim: ["--victim <shares>", "hash power of the eclipsed victim", numberList(0, 1)],
  };
  return (["share", ...attack.axes] as const).map((axis) => {
    const [flags, text, parse] = axes[axis];
    return new Option(flags, text).argParser(parse)
      .default(undefined, defaultValues(attack, axis).join(","));
  });
}

function settingOptions(attack: Attack): Option[] {
  type Name = keyof AttackSetting | "strategy";
  const settings: readonly (readonly [uses: Name, option: Option])[] = [
    ["honest", numeric("--honest <count>", "honest nodes", wholeNumber(2, 10_000), "10")],
    [
      "topology",
      new Option("--topology <shape>", "who talks to whom").choices(TOPOLOGY_SHAPES)
        .default(undefined, "full"),
    ],
    ["topology", new Option("--edges <file>", "the same: two node numbers a line; 0 attacks")],
    ["topology", numeric("--degree <count>", "neighbours of a node", wholeNumber(2, 1000), "8")],
    ["topology", numeric("--rewired <share>", "edges of a small world that go far", share, "10%")],
    [
      "latency",
      numeric(
        "--latency <ms>",
        "of each link, in shapes but full",
        distribution,
        "lognormal:60,0.6",
      ),
    ],
    [
      "intervalMs",
      numeric("--interval <ms>", "mean time between blocks", decimalNumber(1, 1e9), "600000"),
    ],
    [
      "blocks",
      numeric("--blocks <count>", "how high the chain grows", wholeNumber(10, 1e7), "2000"),
    ],
    ["trials", numeric("--trials <count>", "tries of a run", wholeNumber(1, 1e7), "200")],
    ["strategy", new Option("--strategy <file>", "one's own strategy; its code runs in here")],
  ];
  return settings.flatMap(([name, option]) => attack.uses.has(name) ? [option] : []);
}

type Parse = (text: string) => unknown;

/** An option whose default only the help knows, so that one that is given can be told apart. */
function numeric(flags: string, text: string, parse: Parse, value: string): Option {
  return new Option(flags, text).argParser(parse).default(undefined, value);
}

function defaultValues({ name }: Attack, axis: AxisName): readonly (number | string)[] {
  return (axis === "share" ? SHARE_DEFAULTS[name] : undefined) ?? AXIS_DEFAULTS[axis];
}

interface AttackOptions extends Partial<Record<AxisName, readonly (number | string)[]>> {
  readonly honest?: number;
  readonly topology?: typeof TOPOLOGY_SHAPES[number];
  readonly edges?: string;
  readonly degree?: number;
  readonly rewired?: number;
  readonly latency?: AttackSetting["latency"];
  readonly interval?: number;
  readonly blocks?: number;
  readonly trials?: number;
  readonly strategy?: string;
  readonly repeat: number;
  readonly seed: number;
  readonly jobs: number;
  readonly shard?: { readonly index: number; readonly count: number };
  readonly out?: string;
  readonly resume: boolean;
  readonly json: boolean;
}

async function run(attack: Attack, options: AttackOptions): Promise<void> {
  const strategy = options.strategy === undefined ? undefined : findStrategy(options.strategy);
  if (strategy?.ok === false) return failCommand("usage", strategy.error.message);
  const choice = choiceOf(attack, options, strategy?.value.sha256 ?? null);
  if (typeof choice === "string") return failCommand("usage", choice);
  if (strategy?.ok === true) {
    console.error(
      `Warning: "${options.strategy}" runs as a part of this program and may do whatever it may: ` +
        "read and write files, use the network, start programs",
    );
    // Before anything is written; each worker loads it for itself.
    const loaded = await loadStrategy(strategy.value.url);
    if (!loaded.ok) return failCommand("usage", loaded.error.message);
  }
  warnOfGamma(choice);
  const outcome = await performSweep({ kind: "attack", choice }, options, {
    strategyUrl: strategy?.ok === true ? strategy.value.url : undefined,
    strategyPath: options.strategy,
  });
  if (outcome === undefined) return;
  if (options.json) {
    console.log(JSON.stringify(sweepFigures(outcome.record, outcome.parts)));
  } else if (outcome.shard.count === 1) {
    console.log(await attackText(choice, outcome.parts));
    if (options.out !== undefined) console.log(`Written to ${options.out}`);
  }
}

/** What is to be run, or why it cannot be. */
function choiceOf(
  attack: Attack,
  options: AttackOptions,
  strategySha256: string | null,
): AttackChoice | string {
  const honest = options.honest ?? 10;
  const isMesh = options.edges === undefined && (options.topology ?? "full") === "full";
  if (!isMesh && options.gamma !== undefined) {
    return "Cannot make γ: got --gamma and a shape that makes its own, wanted one of them";
  }
  const topology = readTopology(
    {
      topology: options.topology ?? "full",
      edges: options.edges,
      degree: options.degree ?? 8,
      rewired: options.rewired ?? 0.1,
    },
    honest + 1,
    `--honest ${honest} + 1`,
  );
  if (!topology.ok) return topology.error;
  const setting: AttackSetting = {
    honest,
    topology: topology.value,
    latency: options.latency ?? { kind: "lognormal", median: 60, sigma: 0.6 },
    intervalMs: options.interval ?? 600_000,
    blocks: options.blocks ?? 2000,
    trials: options.trials ?? 200,
  };
  const axes = attack.axes.filter((axis) => axis !== "gamma" || isMesh);
  const cells = cellsOf(attack, axes, options);
  for (const cell of cells) {
    const problem = attack.problemOf(cell, setting);
    if (problem !== undefined) return `Cannot simulate ${attack.name}: ${problem}`;
  }
  const { repeat, seed } = options;
  return { attack: attack.name, cells, setting, repeat, seed, strategySha256 };
}

/** Every combination, the attack's own axes outermost and the share innermost. */
function cellsOf(
  attack: Attack,
  axes: readonly AxisName[],
  options: AttackOptions,
): readonly AttackCell[] {
  let cells: Record<string, number | string>[] = [{}];
  for (const axis of [...axes, "share" as const]) {
    const values = options[axis] ?? defaultValues(attack, axis);
    cells = cells.flatMap((cell) => values.map((value) => ({ ...cell, [axis]: value })));
  }
  return cells as unknown as readonly AttackCell[];
}

/** With so few nodes the γ that was asked for may be out of reach. */
function warnOfGamma({ cells, setting: { honest } }: AttackChoice): void {
  const asked = new Set(cells.map(({ gamma }) => gamma).filter((gamma) => gamma !== undefined));
  for (const gamma of asked) {
    const had = followersFor(gamma, honest).gamma;
    if (had === gamma) continue;
    console.error(
      `Note: ${honest} honest nodes make γ = ${
        had.toFixed(4)
      } of ${gamma}, since a finder stays on ` +
        "its own block; theory is that of the γ that they make",
    );
  }
}

async function attackText(choice: AttackChoice, parts: Parts): Promise<string> {
  const { default: Table } = await import("cli-table3");
  const points = attackPoints(choice, parts);
  const [first] = points;
  if (first === undefined) return "Nothing is done yet";
  const axes = Object.keys(axesOf(first.cell));
  const names = first.theory.map(({ name }) => name);
  const figure = ATTACKS.find(({ name }) => name === choice.attack)?.figure.name ?? "";
  const table = new Table({
    head: [...axes, figure, "± 95 %", ...names, "errors off", "inside"],
    style: { head: [], border: [] },
    colAligns: new Array(axes.length + names.length + 4).fill("right"),
  });
  for (const { cell, estimate: { mean, halfWidth }, theory, distance } of points) {
    table.push([
      ...Object.values(axesOf(cell)).map(String),
      mean.toFixed(4),
      Number.isFinite(halfWidth) ? halfWidth.toFixed(4) : "–",
      ...theory.map(({ value }) => value.toFixed(4)),
      distance === undefined || Number.isNaN(distance.errors) ? "–" : distance.errors.toFixed(2),
      distance === undefined || Number.isNaN(distance.errors)
        ? "–"
        : distance.isInside
        ? "yes"
        : "no",
    ]);
  }
  const [{ runs }] = points as [typeof first];
  return `${table.toString()}\n${runs.length} runs a point, seed ${choice.seed}\n${
    verdictOf(points)
  }`;
}

function depthText({ name }: Attack): string {
  return name === "partition" ? "blocks that are found while it is cut" : "blocks to rewrite";
}
