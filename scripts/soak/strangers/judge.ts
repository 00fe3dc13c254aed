/**
 * What members may feel of strangers, and how a result is told.
 *
 * @module
 */
import type { PhaseResult } from "./phase.ts";
import type { SiegeResult } from "./strangers_run.ts";

const MIB = 1024 * 1024;

/** What members may feel. */
export const BOUNDS = {
  linksLostMax: 0,
  backAfterMsMax: 3_000,
  acceptedShareMin: 0.9,
  p99RatioMax: 2,
  memoryGrowthBytesMax: 50 * MIB,
  outsideCallsMax: 0,
} as const;

export type Figure =
  | "linksLost"
  | "backAfterMs"
  | "acceptedShare"
  | "p99Ratio"
  | "memoryGrowthBytes"
  | "outsideCalls";

/** The figures that have a bound, in the order in which they are told. */
export type Figures = Readonly<Record<Figure, number>>;

/**
 * What a quiet network's p99 is: the median of all phases in which it was left in peace. Two of them differ by as
 * much as attacks make a difference, so one alone would judge by chance.
 */
export function quietP99MsOf(quiets: readonly PhaseResult[]): number {
  const sorted = quiets.map(({ load }) => load.p99Ms).sort((a, b) => a - b);
  const [low, high] = [sorted[(sorted.length - 1) >> 1], sorted[sorted.length >> 1]];
  return ((low ?? NaN) + (high ?? NaN)) / 2;
}

/** @param quietP99Ms what p99 is compared with */
export function figuresOf(
  { quiet, attacked, outsideCalls }: SiegeResult,
  quietP99Ms: number,
): Figures {
  return {
    linksLost: attacked.linksLost,
    backAfterMs: attacked.backAfterMs,
    acceptedShare: attacked.load.acceptedPerSecond / quiet.load.acceptedPerSecond,
    p99Ratio: attacked.load.p99Ms / quietP99Ms,
    memoryGrowthBytes: attacked.memoryBytesMax - quiet.memoryBytesMax,
    outsideCalls,
  };
}

/** Which figures are out of their bounds; what is no number is. */
export function missesOf(figures: Figures): Figure[] {
  const isHeld: Readonly<Record<Figure, boolean>> = {
    linksLost: figures.linksLost <= BOUNDS.linksLostMax,
    backAfterMs: figures.backAfterMs <= BOUNDS.backAfterMsMax,
    acceptedShare: figures.acceptedShare >= BOUNDS.acceptedShareMin,
    p99Ratio: figures.p99Ratio <= BOUNDS.p99RatioMax,
    memoryGrowthBytes: figures.memoryGrowthBytes <= BOUNDS.memoryGrowthBytesMax,
    outsideCalls: figures.outsideCalls <= BOUNDS.outsideCallsMax,
  };
  return (Object.keys(isHeld) as Figure[]).filter((figure) => !isHeld[figure]);
}

const MISS_TEXTS: Readonly<Record<Figure, string>> = {
  linksLost: "links",
  backAfterMs: "restart",
  acceptedShare: "accepted",
  p99Ratio: "p99",
  memoryGrowthBytes: "memory",
  outsideCalls: "calls outside",
};

export const TABLE_HEAD = [
  ...["attack", "from", "links lost", "restart s", "accepted", "p99 ms", "p99 ×", "MiB more"],
  ...["calls outside", "node's cpu %", "attackers' cpu %", "missed"],
];

/** One result as a line of the table. */
export function rowOf(result: SiegeResult, quietP99Ms: number): string[] {
  const { name, addresses, quiet, attacked, attackersCpuMsPerSecond } = result;
  const figures = figuresOf(result, quietP99Ms);
  const percent = (msPerSecond: number) => (msPerSecond / 10).toFixed(0);
  return [
    ...[name, String(addresses), String(figures.linksLost)],
    (figures.backAfterMs / 1000).toFixed(1),
    `${Math.round(100 * figures.acceptedShare)} %`,
    `${quietP99Ms.toFixed(1)} → ${attacked.load.p99Ms.toFixed(1)}`,
    figures.p99Ratio.toFixed(1),
    (figures.memoryGrowthBytes / MIB).toFixed(0),
    String(figures.outsideCalls),
    `${percent(quiet.cpuMsPerSecond)} → ${percent(attacked.cpuMsPerSecond)}`,
    percent(attackersCpuMsPerSecond),
    missesOf(figures).map((figure) => MISS_TEXTS[figure]).join(", ") || "nothing",
  ];
}

/** One result at length, beside the quiet phase before it. */
export function textOf(result: SiegeResult): string {
  const { name, addresses, quiet, attacked, outsideCalls, counts } = result;
  const figure = (of: (phase: typeof quiet) => string) => `${of(quiet)} → ${of(attacked)}`;
  return [
    `${name}, from ${addresses === 1 ? "one address" : `${addresses} addresses`}`,
    `  accepted tx/s   ${figure(({ load }) => load.acceptedPerSecond.toFixed(1))}`,
    `  p50 ms          ${figure(({ load }) => load.p50Ms.toFixed(1))}`,
    `  p99 ms          ${figure(({ load }) => load.p99Ms.toFixed(1))}`,
    `  attacked node   ${figure(({ load }) => load.p99MsOfFirst.toFixed(1))}`,
    `  other nodes     ${figure(({ load }) => load.p99MsOfOthers.toFixed(1))}`,
    `  cpu ms/s        ${figure(({ cpuMsPerSecond }) => cpuMsPerSecond.toFixed(0))}`,
    `  back after ms   ${figure(({ backAfterMs }) => backAfterMs.toFixed(0))}`,
    `  links lost      ${figure(({ linksLost }) => String(linksLost))}`,
    `  memory MiB      ${figure(({ memoryBytesMax }) => (memoryBytesMax / MIB).toFixed(0))}`,
    `  refused         ${figure(({ load }) => JSON.stringify(load.refused))}`,
    `  outside calls   ${outsideCalls}`,
    `  attackers' cpu  ${result.attackersCpuMsPerSecond.toFixed(0)} ms/s, idle class`,
    `  attack          ${JSON.stringify(counts)}`,
  ].join("\n");
}
