/**
 * Texts in the reader's language, with values put in: one table a surface, in every language that there
 * is.
 *
 * `{name}` in a text is replaced by a value. A text that counts has two forms, `one|many`, chosen by
 * `{n}`. A table that lacks a text does not compile; {@link translationProblems} finds what a compiler
 * cannot see. Pure: who asks says which languages are wanted. Values are plain text, never markup.
 *
 * @module
 */

/** The languages that there are, by their codes. */
export const LANGUAGES = ["en", "el"] as const;
export type Language = (typeof LANGUAGES)[number];

/** A surface's texts in every language. */
export type Translations<Key extends string> = {
  readonly [Each in Language]: { readonly [Name in Key]: string };
};

export type TextValues = Readonly<Record<string, string | number>>;

/** Gives a text of one surface in one language. */
export type Texts<Key extends string> = (key: Key, values?: TextValues) => string;

/**
 * Makes the texts of a surface in one language.
 *
 * @example
 * ```ts
 * import { createTexts } from "./translation.ts";
 * import assert from "node:assert/strict";
 *
 * const tables = {
 *   en: { blocks: "{n} block|{n} blocks" },
 *   el: { blocks: "{n} μπλοκ|{n} μπλοκ" },
 * };
 * assert.equal(createTexts(tables, "en")("blocks", { n: 1 }), "1 block");
 * assert.equal(createTexts(tables, "el")("blocks", { n: 2 }), "2 μπλοκ");
 * ```
 */
export function createTexts<Key extends string>(
  tables: Translations<Key>,
  language: Language,
): Texts<Key> {
  const table = tables[language];
  return (key, values = {}) => {
    const [one = "", many] = table[key].split("|");
    const form = many === undefined || Number(values["n"]) === 1 ? one : many;
    return form.replace(
      PLACE_PATTERN,
      (whole, name: string) => String(values[name] ?? whole),
    );
  };
}

/**
 * The first of these languages that there is, English otherwise. Takes codes of browsers (`el-GR`) and
 * of the environment (`el_GR.UTF-8`).
 *
 * @example
 * ```ts
 * import { languageOf } from "./translation.ts";
 * import assert from "node:assert/strict";
 *
 * assert.equal(languageOf(["fr-FR", "el_GR.UTF-8", "en"]), "el");
 * assert.equal(languageOf([undefined, "C"]), "en");
 * ```
 */
export function languageOf(wanted: readonly (string | undefined)[]): Language {
  for (const each of wanted) {
    const code = each?.toLowerCase().split(/[-_.@]/)[0];
    const language = LANGUAGES.find((known) => known === code);
    if (language !== undefined) return language;
  }
  return "en";
}

const PLACE_PATTERN = /\{([a-zA-Z]+)\}/g;

/**
 * What is wrong with a surface's translations: a text that is missing or empty, one that puts in other
 * values than the English one, one that lacks a form, or one that was left in English.
 *
 * @param same texts that are rightly the same in every language
 */
export function translationProblems<Key extends string>(
  tables: Translations<Key>,
  same: readonly NoInfer<Key>[] = [],
): readonly string[] {
  const problems: string[] = [];
  const english = tables.en as Readonly<Record<string, string>>;
  for (const language of LANGUAGES) {
    const table = tables[language] as Readonly<Record<string, string>>;
    for (const key of Object.keys(table)) {
      if (english[key] === undefined) problems.push(`${language} ${key}: not in English`);
    }
    for (const [key, original] of Object.entries(english)) {
      const text = table[key];
      const say = (problem: string) => problems.push(`${language} ${key}: ${problem}`);
      if (text === undefined || text.trim() === "") {
        say("missing");
        continue;
      }
      if (placesOf(text) !== placesOf(original)) say(`values ${placesOf(text)}`);
      if (text.split("|").length !== original.split("|").length) say("another number of forms");
      const isCopy = language !== "en" && text === original &&
        /[a-z]{2}/i.test(withoutPlaces(text));
      if (isCopy && !(same as readonly string[]).includes(key)) say("left in English");
    }
  }
  return problems;
}

/** The values that a text puts in, all forms together, by name. */
function placesOf(text: string): string {
  return [...new Set([...text.matchAll(PLACE_PATTERN)].map(([place]) => place))].sort().join(" ");
}

function withoutPlaces(text: string): string {
  return text.replace(PLACE_PATTERN, "");
}
