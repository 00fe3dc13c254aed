/**
 * What a test of the grader is.
 *
 * @module
 */
import type { Adapter, Operation } from "./adapter_schema.ts";
import type { NetworkWish } from "./network_wish.ts";
import type { TestSession } from "./test_session.ts";

export type Level = 1 | 2 | 3 | 4 | 5 | 6;

export const LEVEL_NAMES: Readonly<Record<Level, string>> = {
  1: "it lives",
  2: "ledger",
  3: "mining and consensus",
  4: "forgeries",
  5: "faults",
  6: "load",
};

export interface ConformTest {
  /** As in `L203`: the level, and a number within it that stays. */
  readonly code: string;
  readonly level: Level;
  readonly points: number;
  /** What is required, in one sentence. */
  readonly title: string;
  /** Why: the assignment's own words, or what goes wrong without it. */
  readonly why: string;
  /** Whether the assignment says so, or a lecturer may want it. */
  readonly basis: "assignment" | "beyond the assignment";
  /** Without these operations of the adapter there is nothing to judge. */
  readonly needs: readonly Operation[];
  readonly network: NetworkWish;
  /** The network is not fit for another test afterwards. */
  readonly spoils?: boolean;
  /** Why it cannot be held against an implementation, where that is so. */
  readonly notFor?: (adapter: Adapter) => string | undefined;
  /** The longest that it may take; two minutes when not given. */
  readonly timeoutMs?: number;
  readonly run: (session: TestSession) => Promise<void>;
}
