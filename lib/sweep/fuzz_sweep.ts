/**
 * Sweeps of the fuzzer: one part a seed.
 *
 * @module
 */
import { planFuzz } from "../fuzz/fuzz_plan.ts";
import { runFuzz } from "../fuzz/fuzz_run.ts";

export interface FuzzChoice {
  readonly from: number;
  readonly seeds: number;
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

export function runFuzzPart(_choice: FuzzChoice, key: string): FuzzPart {
  const { eventCount, height, traceHash, violation, atMs } = runFuzz(planFuzz(Number(key)));
  return {
    eventCount,
    height,
    traceHash,
    rule: violation?.rule ?? null,
    detail: violation?.detail ?? null,
    atMs,
  };
}
