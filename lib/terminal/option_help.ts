/**
 * How an option or an argument describes itself in a command's help: defaults stand there as one would
 * type them (`1s`, `5%`, `lognormal:60,0.6`), and a switch that is off is not worth a word.
 *
 * @module
 */
import type { Argument, Option } from "@commander-js/extra-typings";
import { type Distribution, formatDistribution } from "../random/distribution.ts";
import { formatDuration, formatHashRate, formatShare } from "./quantities.ts";

/** The description of an option with its choices, default and variable. */
export function optionDescription(option: Option): string {
  const { description, argChoices, envVar } = option;
  const value = defaultText(option);
  const extras = [
    ...(argChoices === undefined ? [] : [`one of: ${argChoices.join(", ")}`]),
    ...(value === undefined ? [] : [`default: ${value}`]),
    ...(envVar === undefined ? [] : [`env: ${envVar}`]),
  ];
  return extras.length === 0 ? description : `${description} (${extras.join("; ")})`;
}

/** The description of an argument, likewise. */
export function argumentDescription(argument: Argument): string {
  const { description, argChoices, defaultValue, defaultValueDescription } = argument;
  const value = defaultValueDescription ??
    (defaultValue === undefined ? undefined : valueText(defaultValue, ""));
  const extras = [
    ...(argChoices === undefined ? [] : [`one of: ${argChoices.join(", ")}`]),
    ...(value === undefined ? [] : [`default: ${value}`]),
  ];
  return extras.length === 0 ? description : `${description} (${extras.join("; ")})`;
}

/** The default as one would type it; `undefined` where there is none to speak of. */
export function defaultText(
  { defaultValue, defaultValueDescription, flags }: Pick<
    Option,
    "defaultValue" | "defaultValueDescription" | "flags"
  >,
): string | undefined {
  if (defaultValueDescription !== undefined) return defaultValueDescription;
  if (defaultValue === undefined || typeof defaultValue === "boolean") return undefined;
  return valueText(defaultValue, flags);
}

function valueText(value: unknown, flags: string): string {
  if (Array.isArray(value)) return value.map((each) => valueText(each, flags)).join(",");
  if (typeof value === "number") {
    if (flags.includes("<duration>")) return formatDuration(value);
    if (flags.includes("<rate>")) return formatHashRate(value);
    if (flags.includes("<share>")) return formatShare(value);
  }
  if (typeof value === "object" && value !== null) return formatDistribution(value as Distribution);
  return String(value);
}
