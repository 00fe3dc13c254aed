/**
 * What a lesson is: a statement of what to expect, steps on a network of real nodes, and checks that
 * compare what happened with it.
 *
 * A lesson knows neither terminals nor pages: it speaks through its stage. What did not agree is part of
 * the outcome, not an error.
 *
 * @module
 */
import type { ClusterNode } from "../cluster/start_cluster.ts";
import type { FoundingChoice } from "../runtime/node_options.ts";
import type { TextValues } from "../translation.ts";
import type { LessonTextKey } from "./texts_english.ts";

/** The lessons, in the order in which they are listed. */
export const LESSON_NAMES = [
  "fork",
  "double-spend",
  "majority",
  "selfish",
  "partition",
  "late-joiner",
  "tamper",
] as const;
export type LessonName = (typeof LESSON_NAMES)[number];

/** The network that a lesson is played on. */
export interface LessonNetwork extends FoundingChoice {
  readonly nodes: number;

  /** The most hashes a second of each node, by its index; no limit when left out. */
  readonly hashRateLimits?: readonly number[];
}

export interface Lesson {
  readonly name: LessonName;
  readonly network: LessonNetwork;
  play(stage: Stage): Promise<void>;
}

/** What was expected, beside what was seen. */
export interface Check {
  readonly key: LessonTextKey;
  readonly values: TextValues;
  readonly expected: string;
  readonly observed: string;
  readonly agreed: boolean;
}

/** What a lesson works with. */
export interface Stage {
  /** In the order of their start, the bootstrap node first; by id where no index matters. */
  readonly nodes: readonly ClusterNode[];
  readonly signal: AbortSignal;

  /** Announces what is done next; resolves when the reader goes on. */
  step(key: LessonTextKey, values?: TextValues): Promise<void>;

  /** Adds a remark. */
  note(key: LessonTextKey, values?: TextValues): void;

  /** Shows where every node stands. */
  showTips(): Promise<void>;

  /** Compares; `agreed` where equality of the two texts is not what is meant. */
  check(
    key: LessonTextKey,
    compared: {
      readonly expected: string | number;
      readonly observed: string | number;
      readonly agreed?: boolean;
      readonly values?: TextValues;
    },
  ): void;

  /** Waits until a condition holds; a lesson that waits too long has not agreed. */
  until(condition: () => Promise<boolean>, what: LessonTextKey): Promise<void>;
}

/** The outcome of a lesson. */
export interface LessonOutcome {
  readonly lesson: LessonName;
  readonly expectation: string;
  readonly steps: readonly string[];
  readonly checks: readonly (Omit<Check, "values"> & { readonly text: string })[];
  readonly agreed: boolean;
  readonly durationMs: number;
}
