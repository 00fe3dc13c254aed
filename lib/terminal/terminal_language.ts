/**
 * The language of a terminal: what `--lang` says, else what the environment says.
 *
 * @module
 */
import { Option } from "@commander-js/extra-typings";
import { type Language, languageOf, LANGUAGES } from "../translation.ts";

/** The option by which a command is told its language. */
export function languageOption(description = "language of the texts") {
  return new Option("--lang <language>", description)
    .choices(LANGUAGES).default(undefined, "as LANG says");
}

/** As POSIX orders the variables: the first that is set counts, whatever it says. */
export function terminalLanguage(chosen: Language | undefined): Language {
  if (chosen !== undefined) return chosen;
  const names = ["LC_ALL", "LC_MESSAGES", "LANG"];
  const value = names.map((name) => Deno.env.get(name)).find((text) => text !== undefined && text);
  return languageOf([value]);
}
