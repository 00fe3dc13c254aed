/**
 * The one table of chain parameters: what a network's founder chooses, each with its bounds, its default,
 * its bytes, its command-line flag and one sentence.
 *
 * Everything else follows from it: the type of a choice and its encoding (`params.ts`), the flags and
 * variables of the environment (`terminal/parameter_options.ts`), the API's JSON (`wire/api_network.ts`),
 * what contradicts a network (`runtime/node_options.ts`), the flags of a cluster's nodes, and the tables
 * of `docs/protocol.md`. So a new parameter is one row here and the rule that reads it.
 *
 * Rows stand in the order of their bytes. Switches and words share one byte of flags, which stands where
 * the first of them stands; a row says which bits of it are its own. Rows with `with` stand at the end, and
 * have bytes only where the word that they belong to is not its default: such an encoding has another
 * version, and networks that do without them keep the bytes that they always had.
 *
 * Knows no rule and no network: numbers and names alone.
 *
 * @module
 */
import { BLOCK_TRANSACTIONS_MAX } from "./primitives/block.ts";
import { DIFFICULTY_MAX, DIFFICULTY_STEPS_PER_UNIT } from "./primitives/target.ts";

/** The most nodes that a ring may have. */
export const NODES_MAX = 10_000;

/** How a parameter is typed on the command line. */
interface Flag {
  /** As commander wants it: `-n, --nodes <count>`. */
  readonly flag?: string;
  /** What the flag's help says, and the table in the documents. */
  readonly help: string;
}

/** A whole number: `bits` of big-endian bytes. */
interface WholeNumber extends Flag {
  readonly kind: "count" | "coins" | "duration" | "time";
  readonly bits: 32 | 64;
  readonly min: number;
  readonly max: number;
  readonly default?: number;
  /** The word without which this number means nothing. */
  readonly with?: "difficultyAdjustment";
}

/** A number with three decimals, encoded in thousandths. */
interface Thousandths extends Flag {
  readonly kind: "thousandths";
  readonly bits: 32;
  readonly min: number;
  readonly max: number;
  readonly default: number;
}

/** On or off: one bit of the byte of flags. */
interface Switch extends Flag {
  readonly kind: "switch";
  readonly shift: number;
  readonly default: boolean;
}

/** One of a few words: `width` bits of the byte of flags, the word's place in the list as their number. */
interface Word extends Flag {
  readonly kind: "word";
  readonly shift: number;
  readonly width: number;
  readonly words: readonly string[];
  readonly default: string;
}

/** A public key: 32 bytes. */
interface Key extends Flag {
  readonly kind: "key";
}

export type Parameter = WholeNumber | Thousandths | Switch | Word | Key;

/** Every chain parameter, in the order of its bytes. */
export const PARAMETERS = {
  nodes: {
    kind: "count",
    bits: 32,
    min: 1,
    max: NODES_MAX,
    default: 5,
    flag: "-n, --nodes <count>",
    help: "how many nodes the network has",
  },
  capacity: {
    kind: "count",
    bits: 32,
    min: 1,
    max: BLOCK_TRANSACTIONS_MAX,
    default: 10,
    flag: "-c, --capacity <count>",
    help: "how many transactions a block holds",
  },
  difficulty: {
    kind: "thousandths",
    bits: 32,
    min: 0,
    max: DIFFICULTY_MAX,
    default: 4,
    flag: "--difficulty <zeros>",
    help: "hex zeros that a block's hash begins with, as in 4.5",
  },
  coinsPerNode: {
    kind: "coins",
    bits: 64,
    min: 1,
    max: 1_000_000_000,
    default: 100,
    flag: "--coins <count>",
    help: "coins of each node at the start",
  },
  reward: {
    kind: "coins",
    bits: 64,
    min: 0,
    max: 1_000_000,
    default: 0,
    flag: "--reward <coins>",
    help: "what a block's miner gets",
  },
  fee: {
    kind: "coins",
    bits: 64,
    min: 0,
    max: 1_000_000,
    default: 0,
    flag: "--fee <coins>",
    help: "what a transaction pays to the miner",
  },
  blockWaitMs: {
    kind: "duration",
    bits: 32,
    min: 0,
    max: 3_600_000,
    default: 1000,
    flag: "--block-wait <duration>",
    help: "how long a block waits to fill, as in 500ms",
  },
  strict: {
    kind: "switch",
    shift: 0,
    default: false,
    flag: "--strict",
    help: "mine full blocks only, as the assignment has it",
  },
  emptyBlocks: {
    kind: "switch",
    shift: 1,
    default: false,
    flag: "--empty-blocks",
    help: "mine without transactions, too, as Bitcoin does",
  },
  forkChoice: {
    kind: "word",
    shift: 2,
    width: 3,
    words: ["most-work", "longest", "ghost", "lower-hash"],
    default: "most-work",
    flag: "--fork-choice <rule>",
    help: "which branch is the main chain",
  },
  difficultyAdjustment: {
    kind: "word",
    shift: 5,
    width: 2,
    words: ["none", "window", "lwma"],
    default: "none",
    flag: "--difficulty-adjustment <rule>",
    help: "how the difficulty follows the hash rate",
  },
  genesisTimeMs: {
    kind: "time",
    bits: 64,
    min: 0,
    max: 4_102_444_800_000,
    help: "when the network was founded, ms since 1970-01-01 UTC",
  },
  bootstrapKey: {
    kind: "key",
    help: "the bootstrap node's public key",
  },
  blockIntervalMs: {
    kind: "duration",
    bits: 32,
    min: 1,
    max: 3_600_000,
    default: 10_000,
    with: "difficultyAdjustment",
    flag: "--block-interval <duration>",
    help: "the time between blocks that the difficulty is adjusted to",
  },
  adjustmentWindow: {
    kind: "count",
    bits: 32,
    min: 2,
    max: 2016,
    default: 60,
    with: "difficultyAdjustment",
    flag: "--adjustment-window <blocks>",
    help: "how many blocks an adjustment looks back upon",
  },
} as const satisfies Readonly<Record<string, Parameter>>;

export type ParameterName = keyof typeof PARAMETERS;

/** The parameters that have a flag: what a founder chooses by hand. */
export type FlagName = {
  [Name in ParameterName]: (typeof PARAMETERS)[Name] extends { flag: string } ? Name : never;
}[ParameterName];

/** The table's rows, in order. */
export const PARAMETER_ROWS = Object.entries(PARAMETERS) as readonly (readonly [
  ParameterName,
  Parameter,
])[];

/** The rows with a flag, in order. */
export const FLAG_ROWS = PARAMETER_ROWS.filter(([, { flag }]) => flag !== undefined) as readonly (
  readonly [FlagName, Parameter & { readonly flag: string }]
)[];

/** The flag itself, as in `--nodes`. */
export function longFlagOf(name: FlagName): string {
  const [long = ""] = /--[a-z-]+/.exec(PARAMETERS[name].flag) ?? [];
  return long;
}

/** What a parameter's value is worth on the command line, as one would type it. */
export function typedValueOf(name: FlagName, value: number | boolean | string): string {
  return PARAMETERS[name].kind === "duration" ? `${value}ms` : String(value);
}

/** The flags that give a network these parameters; what is left out stays at its default. */
export function parameterArgs(
  choice: { readonly [Name in FlagName]?: number | boolean | string | undefined },
): string[] {
  return FLAG_ROWS.flatMap(([name, { kind }]) => {
    const value = choice[name];
    if (value === undefined || value === false) return [];
    return kind === "switch" ? [longFlagOf(name)] : [longFlagOf(name), typedValueOf(name, value)];
  });
}

/** The size of one parameter's own bytes; 0 for those within the byte of flags. */
export function sizeOf(parameter: Parameter): number {
  switch (parameter.kind) {
    case "switch":
    case "word":
      return 0;
    case "key":
      return 32;
    default:
      return parameter.bits / 8;
  }
}

/** The versions of the encoding, its first byte: 1 without the rows that need a word, 2 with them. */
export const PARAMS_ENCODING_VERSION = 1;
export const EXTENDED_ENCODING_VERSION = 2;

/** One field of the encoding: a parameter of its own, or all that share the byte of flags. */
export interface EncodedField {
  readonly offset: number;
  readonly sizeBytes: number;
  readonly names: readonly ParameterName[];
  /** Only encodings of {@link EXTENDED_ENCODING_VERSION} have it. */
  readonly isExtension: boolean;
}

/** The encoding after its first byte: which bytes are whose. */
export const ENCODED_FIELDS: readonly EncodedField[] = layOut();

/** The size of parameters in bytes, encoded without the rows that need a word. */
export const PARAMS_SIZE_BYTES = ENCODED_FIELDS.filter(({ isExtension }) => !isExtension)
  .reduce((sum, field) => sum + field.sizeBytes, 1);

/** The size of parameters in bytes, encoded with all rows. */
export const EXTENDED_PARAMS_SIZE_BYTES = ENCODED_FIELDS.reduce(
  (sum, field) => sum + field.sizeBytes,
  1,
);

/** The bits of the flags byte that have a meaning. */
export const FLAGS_MASK = PARAMETER_ROWS.reduce((mask, [, row]) => mask | bitsOf(row), 0);

/** The bits of the flags byte that are a parameter's own. */
export function bitsOf(parameter: Parameter): number {
  if (parameter.kind === "switch") return 1 << parameter.shift;
  return parameter.kind === "word" ? (1 << parameter.width) - 1 << parameter.shift : 0;
}

/** Tells whether a choice has a use for a row: those with `with` wait for a word. */
export function isUsed(
  parameter: Parameter,
  choice: { readonly difficultyAdjustment: string },
): boolean {
  return !("with" in parameter) || parameter.with === undefined ||
    choice[parameter.with] !== PARAMETERS[parameter.with].default;
}

function layOut(): EncodedField[] {
  const fields: EncodedField[] = [];
  const flags = PARAMETER_ROWS.filter(([, row]) => bitsOf(row) !== 0).map(([name]) => name);
  let offset = 1;
  for (const [name, parameter] of PARAMETER_ROWS) {
    const isFlag = bitsOf(parameter) !== 0;
    if (isFlag && name !== flags[0]) continue;
    const sizeBytes = isFlag ? 1 : sizeOf(parameter);
    const isExtension = "with" in parameter && parameter.with !== undefined;
    fields.push({ offset, sizeBytes, names: isFlag ? flags : [name], isExtension });
    offset += sizeBytes;
  }
  return fields;
}

/** How many steps one unit of a parameter has in its encoding. */
export function stepsOf(parameter: Parameter): number {
  return parameter.kind === "thousandths" ? DIFFICULTY_STEPS_PER_UNIT : 1;
}
