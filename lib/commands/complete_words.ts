/**
 * What could stand at the end of a half-typed command line.
 *
 * Walks the tree of commands as the typed words do and lists what fits the last, unfinished one. Pure: it
 * looks at words, never at files or at a shell; the words are never run, expanded or evaluated.
 *
 * @module
 */
import type { Argument, CommandUnknownOpts as Command, Option } from "@commander-js/extra-typings";

export interface Candidate {
  readonly text: string;
  readonly description: string;
}

/**
 * Lists candidates for the last of the words; none where the shell should offer files.
 *
 * @param words what stands after the program's name; the last one is unfinished and may be empty
 */
export function completeWords(root: Command, words: readonly string[]): Candidate[] {
  const last = words.at(-1) ?? "";
  let command = root;
  let argumentCount = 0;
  let valued: Option | undefined;
  for (const word of words.slice(0, -1)) {
    if (valued !== undefined) {
      valued = undefined;
    } else if (word.startsWith("-")) {
      const option = command.options.find(({ long, short }) => long === word || short === word);
      valued = option?.required === true || option?.optional === true ? option : undefined;
    } else {
      const child = childOf(command, word);
      if (child !== undefined) {
        command = child;
        argumentCount = 0;
      } else {
        argumentCount++;
      }
    }
  }
  return candidatesOf(command, { last, argumentCount, valued })
    .filter(({ text }) => text.startsWith(last));
}

function candidatesOf(
  command: Command,
  { last, argumentCount, valued }: {
    readonly last: string;
    readonly argumentCount: number;
    readonly valued: Option | undefined;
  },
): Candidate[] {
  if (valued !== undefined) return choices(valued);
  if (last.startsWith("-")) {
    const options = command.options.map(({ long, description }) => ({
      text: long,
      description,
    }));
    return [...options, { text: "--help", description: "display help for command" }]
      .filter((candidate): candidate is Candidate => candidate.text !== undefined);
  }

  const names = argumentCount > 0 ? [] : command.commands.map((child) => ({
    text: child.name(),
    description: child.description(),
  }));
  const argument = command.registeredArguments[argumentCount];
  return argument === undefined ? names : [...names, ...choices(argument)];
}

function childOf(command: Command, word: string): Command | undefined {
  return command.commands.find((child) => child.name() === word || child.aliases().includes(word));
}

function choices({ argChoices, description }: Option | Argument): Candidate[] {
  return (argChoices ?? []).map((text) => ({ text, description }));
}
