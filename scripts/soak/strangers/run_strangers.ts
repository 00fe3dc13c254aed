/**
 * Attacks of strangers on a network that pays: each alone, then all at once, from one address and from
 * eight. Ends by itself; exits 1 when members felt too much of it.
 *
 * Run: `deno run -A scripts/soak/strangers/run_strangers.ts [--seconds 60] [--attacks joins,openings]
 * [--addresses 1,8] [--coins 100000] [--json]`
 *
 * The attackers' processes have the lowest priority (nice 19), and their processor time is told, so that what
 * payments take is the nodes' doing and not the scheduler's. Runs with reads begin with a ledger of so many
 * coins. Wants two cores that do nothing else; about half an hour with all defaults.
 *
 * @module
 */
import { parseArgs } from "node:util";
import Table from "cli-table3";
import { ATTACKS } from "./attacks.ts";
import { runStrangers, type StrangersResult } from "./strangers_run.ts";

/** What members may feel. */
const BOUNDS = {
  acceptedShareMin: 0.9,
  p99RatioMax: 2,
  backAfterMsMax: 3_000,
  memoryGrowthBytesMax: 50 * 1024 * 1024,
};
const PER_SECOND = 100;
const HEAD = [
  ...["attack", "addresses", "accepted", "p99 ms", "×", "MiB more", "back after s", "links lost"],
  ...["calls outside", "node's cpu ms/s", "attackers'", "result"],
];

if (import.meta.main) {
  const { values } = parseArgs({
    options: {
      seconds: { type: "string", default: "60" },
      attacks: { type: "string", default: [...Object.keys(ATTACKS), "all"].join(",") },
      addresses: { type: "string", default: "1,8" },
      coins: { type: "string", default: "100000" },
      json: { type: "boolean", default: false },
    },
  });
  const rows: string[][] = [];
  for (const addresses of values.addresses.split(",").map(Number)) {
    for (const name of values.attacks.split(",")) {
      const attacks = name === "all" ? Object.keys(ATTACKS) : [name];
      const coins = attacks.includes("reads") ? Number(values.coins) : 0;
      const seconds = Number(values.seconds);
      const result = await runStrangers({
        attacks,
        addresses,
        seconds,
        perSecond: PER_SECOND,
        coins,
      });
      const problems = problemsOf(result);
      rows.push(rowOf(name, addresses, result, problems));
      if (values.json) console.log(JSON.stringify({ name, addresses, ...result, problems }));
      else console.log(textOf(name, addresses, result, problems));
    }
  }
  if (!values.json) {
    const table = new Table({ head: HEAD });
    table.push(...rows);
    console.log(table.toString());
  }
  Deno.exit(rows.every((row) => row.at(-1) === "held") ? 0 : 1);
}

/** One run as a line of the table. */
function rowOf(
  name: string,
  addresses: number,
  { quiet, attacked, outsideCalls, attackersCpuMsPerSecond }: StrangersResult,
  problems: readonly string[],
): string[] {
  const growth = (attacked.memoryBytesMax - quiet.memoryBytesMax) / 1024 / 1024;
  return [
    ...[name, String(addresses)],
    `${Math.round(100 * attacked.load.acceptedPerSecond / quiet.load.acceptedPerSecond)} %`,
    `${quiet.load.p99Ms.toFixed(0)} → ${attacked.load.p99Ms.toFixed(0)}`,
    (attacked.load.p99Ms / quiet.load.p99Ms).toFixed(1),
    growth.toFixed(0),
    (attacked.backAfterMs / 1000).toFixed(1),
    ...[String(attacked.linksLost), String(outsideCalls)],
    `${quiet.cpuMsPerSecond.toFixed(0)} → ${attacked.cpuMsPerSecond.toFixed(0)}`,
    attackersCpuMsPerSecond.toFixed(0),
    problems.length === 0 ? "held" : problems.join("; "),
  ];
}

function problemsOf({ quiet, attacked, outsideCalls }: StrangersResult): string[] {
  const accepted = attacked.load.acceptedPerSecond / quiet.load.acceptedPerSecond;
  const p99 = attacked.load.p99Ms / quiet.load.p99Ms;
  const growth = attacked.memoryBytesMax - quiet.memoryBytesMax;
  return [
    ...(attacked.linksLost > 0 ? [`members were lost at ${attacked.linksLost} looks`] : []),
    ...(attacked.backAfterMs > BOUNDS.backAfterMsMax ? ["a member was back too late"] : []),
    ...(accepted < BOUNDS.acceptedShareMin ? ["too few payments were accepted"] : []),
    ...(p99 > BOUNDS.p99RatioMax ? ["payments took too long"] : []),
    ...(growth > BOUNDS.memoryGrowthBytesMax ? ["the attacked node grew too much"] : []),
    ...(outsideCalls > 0 ? [`strangers' addresses were called ${outsideCalls} times`] : []),
  ];
}

function textOf(
  name: string,
  addresses: number,
  { quiet, attacked, outsideCalls, counts, attackersCpuMsPerSecond }: StrangersResult,
  problems: readonly string[],
): string {
  const figure = (of: (phase: typeof quiet) => string) => `${of(quiet)} → ${of(attacked)}`;
  const mib = (bytes: number) => `${Math.round(bytes / 1024 / 1024)}`;
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
    `  memory MiB      ${figure(({ memoryBytesMax }) => mib(memoryBytesMax))}`,
    `  refused         ${figure(({ load }) => JSON.stringify(load.refused))}`,
    `  outside calls   ${outsideCalls}`,
    `  attackers' cpu  ${attackersCpuMsPerSecond.toFixed(0)} ms/s, nice 19`,
    `  attack          ${JSON.stringify(counts)}`,
    `  ${problems.length === 0 ? "held" : `DID NOT HOLD: ${problems.join("; ")}`}`,
  ].join("\n");
}
