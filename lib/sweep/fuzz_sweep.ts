/**
 * Sweeps of the fuzzer: one part a seed.
 *
 * @module
 */
import { type FuzzPreset, planFuzz } from "../fuzz/fuzz_plan.ts";
import { runFuzz } from "../fuzz/fuzz_run.ts";

export interface FuzzChoice {
  readonly from: number;
  readonly seeds: number;
  /** Left out for the usual rules. */
  readonly preset?: FuzzPreset;
}

/** What is kept of a seed's run. */
export interface FuzzPart {
  readonly eventCount: number;
  readonly height: number;
  readonly traceHash: string;
  /** The rule that was broken, and how; null when all held. */
  readonly rule: string | null;
  readonly detail: string | null;
  readonly atMs: number;
}

export function fuzzKeys({ from, seeds }: FuzzChoice): string[] {
  return Array.from({ length: seeds }, (_, index) => String(from + index));
}

export function runFuzzPart({ preset }: FuzzChoice, key: string): FuzzPart {
  const { eventCount, height, traceHash, violation, atMs } = runFuzz(
    planFuzz(Number(key), preset === undefined ? {} : { preset }),
  );
  return {
    eventCount,
    height,
    traceHash,
    rule: violation?.rule ?? null,
    detail: violation?.detail ?? null,
    atMs,
  };
}
