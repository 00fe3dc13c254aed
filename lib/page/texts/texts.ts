/**
 * The texts that pages share and those of the control room, in every language that there is.
 *
 * @module
 */
import {
  createTexts,
  type Language,
  languageOf,
  type Texts as TextsOf,
  type Translations,
} from "../../translation.ts";
import { ENGLISH, type TextKey } from "./english.ts";
import { GREEK } from "./greek.ts";

/** The whole table, by language. */
export const ROOM_TEXTS: Translations<TextKey> = { en: ENGLISH, el: GREEK };

export type Texts = TextsOf<TextKey>;

/** The texts of the first of these languages that there is, English otherwise. */
export function roomTexts(wanted: readonly (string | undefined)[]): {
  readonly language: Language;
  readonly text: Texts;
} {
  const language = languageOf(wanted);
  return { language, text: createTexts(ROOM_TEXTS, language) };
}
