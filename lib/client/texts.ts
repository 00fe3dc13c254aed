/**
 * The menu's texts in every language; subcommands, which scripts read, speak English.
 *
 * @module
 */
import { createTexts, type Texts, type Translations } from "../translation.ts";
import { type ClientTextKey, ENGLISH } from "./texts_english.ts";
import { GREEK } from "./texts_greek.ts";

export const CLIENT_TEXTS: Translations<ClientTextKey> = { en: ENGLISH, el: GREEK };

export type ClientTexts = Texts<ClientTextKey>;

export const ENGLISH_TEXTS: ClientTexts = createTexts(CLIENT_TEXTS, "en");
