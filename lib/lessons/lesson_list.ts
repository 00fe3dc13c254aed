/**
 * All lessons by name, and their texts in every language.
 *
 * @module
 */
import type { Translations } from "../translation.ts";
import { DOUBLE_SPEND_LESSON } from "./double_spend_lesson.ts";
import { FORK_LESSON } from "./fork_lesson.ts";
import { LATE_JOINER_LESSON } from "./late_joiner_lesson.ts";
import type { Lesson, LessonName } from "./lesson.ts";
import { MAJORITY_LESSON } from "./majority_lesson.ts";
import { PARTITION_LESSON } from "./partition_lesson.ts";
import { SELFISH_LESSON } from "./selfish_lesson.ts";
import { TAMPER_LESSON } from "./tamper_lesson.ts";
import { ENGLISH, type LessonTextKey } from "./texts_english.ts";
import { GREEK } from "./texts_greek.ts";

export const LESSONS: { readonly [Name in LessonName]: Lesson } = {
  "fork": FORK_LESSON,
  "double-spend": DOUBLE_SPEND_LESSON,
  "majority": MAJORITY_LESSON,
  "selfish": SELFISH_LESSON,
  "partition": PARTITION_LESSON,
  "late-joiner": LATE_JOINER_LESSON,
  "tamper": TAMPER_LESSON,
};

export const LESSON_TEXTS: Translations<LessonTextKey> = { en: ENGLISH, el: GREEK };
