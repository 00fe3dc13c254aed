/**
 * Sweeps that compare variants of the consensus rules: each under the same seeds, at one or several block
 * intervals.
 *
 * @module
 */
import { runVariant, type Variant, type VariantRun } from "../attack/variant_run.ts";
import type { NetworkChoice } from "../simulation/network_plan.ts";

export interface VariantChoice {
  readonly network: NetworkChoice;
  readonly variants: readonly Variant[];
  readonly intervalsMs: readonly number[];
  /** The hidden attacker's share of all hash power; 0 for none. */
  readonly hiddenShare: number;
  readonly repeat: number;
}

/** One point: a variant at an interval. */
export interface VariantCell {
  readonly variant: Variant;
  readonly intervalMs: number;
}

export function variantCells({ variants, intervalsMs }: VariantChoice): readonly VariantCell[] {
  return intervalsMs.flatMap((intervalMs) => variants.map((variant) => ({ variant, intervalMs })));
}

export function keyOfVariant({ variant, intervalMs }: VariantCell, index: number): string {
  return `variant=${variant} interval=${intervalMs} #${index}`;
}

export function variantKeys(choice: VariantChoice): string[] {
  return variantCells(choice).flatMap((cell) =>
    Array.from({ length: choice.repeat }, (_, index) => keyOfVariant(cell, index))
  );
}

export function runVariantPart({ network, hiddenShare }: VariantChoice, key: string): VariantRun {
  const [, variant, interval, index] =
    /^variant=([a-z-]+) interval=([0-9.e+-]+) #([0-9]+)$/.exec(key) ?? [];
  return runVariant(
    { ...network, intervalMs: Number(interval), seed: network.seed + Number(index) },
    { variant: variant as Variant, hiddenShare },
  );
}
