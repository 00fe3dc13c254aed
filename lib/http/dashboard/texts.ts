/**
 * The page's texts in the reader's language: what was chosen on the page, else what the browser prefers.
 *
 * @module
 */
import { createTexts, type Language, languageOf, type Translations } from "../../translation.ts";
import { chosenLanguage, document } from "./browser.ts";
import { ENGLISH, type TextKey } from "./texts_english.ts";
import { GREEK } from "./texts_greek.ts";

export const DASHBOARD_TEXTS: Translations<TextKey> = { en: ENGLISH, el: GREEK };

/** Chosen once, when the page begins. */
export const language: Language = languageOf([chosenLanguage(), ...navigator.languages]);

export const text = createTexts(DASHBOARD_TEXTS, language);

/** Says to the browser, and so to whoever reads the page aloud, which language it is in. */
export function nameLanguage(): void {
  document.documentElement.lang = language;
}
