/**
 * Options that say how a simulated network is shaped, as every command reads them.
 *
 * @module
 */
import { InvalidArgumentError, Option } from "@commander-js/extra-typings";
import { type Distribution, parseDistribution } from "../random/distribution.ts";
import { err, ok, type Result } from "../result.ts";
import { DEFAULT_NETWORK_CHOICE, type TopologyChoice } from "../simulation/network_plan.ts";
import { parseTopology } from "../simulation/topology.ts";
import { decimalNumber, listOf, wholeNumber } from "../terminal/option_values.ts";
import { share } from "../terminal/quantities.ts";

export const TOPOLOGY_SHAPES = ["full", "regular", "small-world"] as const;

/** Neighbours of a node when nobody says. */
const DEGREE_DEFAULT = 8;

/** The most parts of a graph, and of ranges of each, that are named. */
const PARTS_SHOWN = 6;
const RANGES_SHOWN = 4;

export interface TopologyOptions {
  readonly topology: typeof TOPOLOGY_SHAPES[number];
  /** A file of edges, in place of a shape. */
  readonly edges?: string | undefined;
  /** The usual one, or as many as there are others, when nobody says. */
  readonly degree?: number | undefined;
  readonly rewired: number;
}

/** Reads a distribution such as `lognormal:60,0.6`. */
export function distribution(text: string): Distribution {
  const parsed = parseDistribution(text);
  if (parsed.ok) return parsed.value;
  throw new InvalidArgumentError(
    `got "${text}", wanted constant:N, uniform:A-B, exponential:N, normal:N,S, lognormal:N,S or pareto:N,A`,
  );
}

const { latency: LATENCY_DEFAULT, seed: SEED_DEFAULT } = DEFAULT_NETWORK_CHOICE;

/** The options of whatever runs simulated networks that are the same for each. */
export const NETWORK_OPTIONS = {
  topology: new Option("--topology <shape>", "who talks to whom").choices(TOPOLOGY_SHAPES)
    .default("regular" as const),
  edges: new Option(
    "--edges <file>",
    "who talks to whom: a file with two node numbers a line",
  ),
  degree: new Option("--degree <count>", "neighbours of a node")
    .argParser(wholeNumber(2, 1000)).default(undefined, String(DEGREE_DEFAULT)),
  rewired: new Option("--rewired <share>", "edges of a small world that go far").argParser(share)
    .default(0.1),
  latency: new Option("--latency <ms>", "of each link, one way").argParser(distribution)
    .default(LATENCY_DEFAULT),
  seed: new Option("--seed <number>", "the first run's seed").argParser(wholeNumber(0))
    .default(SEED_DEFAULT as number),
};

/** Of those that differ by their default alone: how often, how high, how fast. */
export function runOptions(
  { repeat, blocks, intervalMs, intervalMsMax }: {
    readonly repeat: number;
    readonly blocks: number;
    readonly intervalMs: number;
    readonly intervalMsMax: number;
  },
) {
  return {
    interval: new Option(
      "--interval <ms>",
      "mean time between blocks; several, with commas, for a sweep",
    ).argParser(listOf(decimalNumber(1, intervalMsMax))).default([intervalMs]),
    blocks: new Option("--blocks <count>", "how high the chain grows").argParser(wholeNumber(10))
      .default(blocks),
    repeat: new Option("--repeat <count>", "runs, for 95 % confidence intervals")
      .argParser(wholeNumber(1, 1000)).default(repeat),
  };
}

/**
 * What the options say of so many nodes; the error is a sentence for the user.
 *
 * @param words how the user says how many there are, as in `--nodes 9`
 */
export function readTopology(
  { topology: kind, edges, degree: wanted, rewired }: TopologyOptions,
  nodes: number,
  words: string,
): Result<TopologyChoice, string> {
  if (edges !== undefined) return readEdges(edges, nodes, words);
  if (wanted !== undefined && wanted >= nodes && kind !== "full") {
    return err(
      `Cannot link the nodes: got --degree ${wanted} of ${words}, wanted fewer than there are nodes`,
    );
  }
  const degree = wanted ?? Math.min(DEGREE_DEFAULT, nodes - 1);
  if (kind === "regular" && degree < nodes - 1 && nodes * degree % 2 === 1) {
    return err(
      `Cannot pair links: got ${words} × --degree ${degree}, wanted an even product`,
    );
  }
  if (kind === "full") return ok({ kind });
  return ok(kind === "regular" ? { kind, degree } : { kind, degree, rewired });
}

function readEdges(path: string, nodes: number, words: string): Result<TopologyChoice, string> {
  let text: string;
  try {
    text = Deno.readTextFileSync(path);
  } catch (error) {
    const isAbsent = error instanceof Deno.errors.NotFound ||
      error instanceof Deno.errors.IsADirectory;
    if (!isAbsent) throw error;
    return err(`Cannot read "${path}": there is no such file`);
  }
  const topology = parseTopology(text, nodes);
  if (topology.ok) return ok({ kind: "given", topology: topology.value });
  const { error } = topology;
  return err(
    error.code === "topology-unreadable"
      ? `Cannot read "${path}": got "${error.text}", wanted two node numbers below ${words}`
      : `Cannot simulate "${path}": got a graph in ${error.parts.length} parts (${
        formatParts(error.parts)
      }), wanted a connected one`,
  );
}

/** Names the parts of a graph, as in `0-3, 7 | 4-6`. */
function formatParts(parts: readonly (readonly number[])[]): string {
  const shown = parts.slice(0, PARTS_SHOWN).map(formatRanges).join(" | ");
  return parts.length > PARTS_SHOWN ? `${shown} | ${parts.length - PARTS_SHOWN} more` : shown;
}

function formatRanges(numbers: readonly number[]): string {
  const ranges: [first: number, last: number][] = [];
  for (const number of numbers) {
    const range = ranges[ranges.length - 1];
    if (range !== undefined && number === range[1] + 1) range[1] = number;
    else ranges.push([number, number]);
  }
  const texts = ranges.slice(0, RANGES_SHOWN)
    .map(([first, last]) => first === last ? String(first) : `${first}-${last}`);
  return texts.join(", ") + (ranges.length > RANGES_SHOWN ? ", …" : "");
}
