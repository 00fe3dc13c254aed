/**
 * Options of the commands above a command: which of them it takes, too, and which mean nothing to it.
 *
 * The parser hands an option to the highest command that knows it, wherever it stands in the line. A
 * command takes one from above where it has the same option itself, hidden or not; anything else would be
 * swallowed without a word.
 *
 * @module
 */
import type { CommandUnknownOpts as Command, Option } from "@commander-js/extra-typings";

/** Options that a command's help shows as those of the commands above: it has them itself, hidden. */
export function inheritedOptions(command: Command): Option[] {
  const hidden = new Set(command.options.filter((each) => each.hidden).map(({ long }) => long));
  const found = new Map<string | undefined, Option>();
  for (const option of ancestorsOf(command).flatMap(({ options }) => [...options])) {
    if (option.hidden || !hidden.has(option.long) || found.has(option.long)) continue;
    found.set(option.long, option);
  }
  return [...found.values()];
}

/**
 * An option that was given to a command above and that this one does not have, the first of them; with the
 * names of both, as one types them.
 */
export function foreignOption(
  command: Command,
): { readonly flag: string; readonly owner: string; readonly called: string } | undefined {
  const own = new Set(command.options.map(({ long }) => long));
  for (const ancestor of ancestorsOf(command)) {
    const foreign = ancestor.options.find((option) =>
      ancestor.getOptionValueSource(option.attributeName()) === "cli" && !own.has(option.long)
    );
    if (foreign === undefined) continue;
    return {
      flag: foreign.long ?? foreign.flags,
      owner: pathOf(ancestor),
      called: pathOf(command),
    };
  }
  return undefined;
}

/** From the nearest on. */
function ancestorsOf(command: Command): Command[] {
  const ancestors: Command[] = [];
  for (let next = command.parent; next !== null; next = next.parent) ancestors.push(next);
  return ancestors;
}

/** A command's name behind those of the commands above it, but for the program's. */
function pathOf(command: Command): string {
  return [...ancestorsOf(command).slice(0, -1).reverse(), command].map((each) => each.name())
    .join(" ");
}
