/**
 * The options that choose a network's parameters, made from the one table of them.
 *
 * Called by every command that founds a network.
 *
 * @module
 */
import { Option } from "@commander-js/extra-typings";
import { FLAG_ROWS, type FlagName, type Parameter, PARAMETERS } from "../parameter_table.ts";
import type { FoundingChoice } from "../runtime/node_options.ts";
import { decimalNumber, wholeNumber } from "./option_values.ts";
import { durationMs, formatDuration } from "./quantities.ts";

/**
 * One option a parameter, without a default: what nobody names is not contradicted.
 *
 * @param most what a command allows at most, where that is less than the network
 */
export function parameterOptions(
  most: { readonly [Name in FlagName]?: number } = {},
): readonly Option[] {
  return FLAG_ROWS.map(([name, row]) => {
    const option = new Option(row.flag, row.help).default(undefined, defaultOf(row));
    if (row.kind === "word") return option.choices([...row.words]) as unknown as Option;
    const parse = parserOf(row, most[name]);
    return (parse === undefined ? option : option.argParser(parse)) as unknown as Option;
  });
}

/** Picks the parameters out of a command's options. */
export function foundingChoiceOf(options: object): FoundingChoice {
  const values = options as Readonly<Record<string, unknown>>;
  return Object.fromEntries(
    FLAG_ROWS.map(([name]) => [name, values[attributeOf(name)]] as const)
      .filter(([, value]) => value !== undefined),
  );
}

/** The name under which commander hands over a parameter's value: `--block-wait` is `blockWait`. */
function attributeOf(name: FlagName): string {
  return new Option(PARAMETERS[name].flag).attributeName();
}

/** What the network has when nobody says, as one would type it. */
function defaultOf(row: Parameter): string | undefined {
  if (!("default" in row) || row.default === undefined || row.kind === "switch") return undefined;
  return row.kind === "duration" ? formatDuration(row.default) : String(row.default);
}

function parserOf(row: Parameter, most?: number): ((text: string) => number) | undefined {
  switch (row.kind) {
    case "thousandths":
      return decimalNumber(row.min, row.max);
    case "duration":
      return durationMs;
    case "count":
    case "coins":
      return wholeNumber(row.min, most ?? row.max);
    default:
      return undefined;
  }
}
