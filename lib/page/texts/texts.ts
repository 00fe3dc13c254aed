/**
 * Texts in the reader's language, with values put in.
 *
 * The language is chosen once, when a page begins: by what the server says (`--lang`), else by the
 * browser. Values are plain text: what comes out is never markup.
 *
 * @module
 */
import { ENGLISH, type TextKey, type TextTable } from "./english.ts";

/** The languages that there are, by their codes. */
export const LANGUAGES: Readonly<Record<string, TextTable>> = { en: ENGLISH };

export type TextValues = Readonly<Record<string, string | number>>;

/** Gives a text in one language. */
export type Texts = (key: TextKey, values?: TextValues) => string;

/**
 * Makes the texts of the first of these languages that there is; English otherwise.
 *
 * @example
 * ```ts
 * import { createTexts } from "./texts.ts";
 * import assert from "node:assert/strict";
 *
 * const text = createTexts(["xx", "en-GB"]);
 * assert.equal(text("block.title", { height: 7 }), "Block 7");
 * assert.equal(text("block.bytes", { n: 1 }), "1 byte");
 * assert.equal(text("block.bytes", { n: 2 }), "2 bytes");
 * ```
 */
export function createTexts(wanted: readonly string[]): Texts {
  const language = languageOf(wanted);
  const table = LANGUAGES[language] ?? ENGLISH;
  const plural = new Intl.PluralRules(language);
  return (key, values = {}) => {
    const [one = "", many] = table[key].split("|");
    const isOne = many === undefined || plural.select(Number(values["n"] ?? 0)) === "one";
    return (isOne ? one : many).replace(
      /\{([a-zA-Z]+)\}/g,
      (whole, name: string) => String(values[name] ?? whole),
    );
  };
}

/** The first of these languages (`el-GR`, `en`) that there is. */
export function languageOf(wanted: readonly string[]): string {
  for (const each of wanted) {
    const code = each.toLowerCase().split(/[-_.]/)[0] ?? "";
    if (Object.hasOwn(LANGUAGES, code)) return code;
  }
  return "en";
}
