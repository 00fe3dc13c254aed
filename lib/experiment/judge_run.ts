/**
 * Judges a run by its figures: what makes it invalid, and what a reader has to know. Pure.
 *
 * @module
 */
import type { RunMetrics } from "../measure/run_metrics.ts";
import type { Finding } from "../measure/run_record.ts";

/** Of honest runs, 3 in 1,000 lie beyond the first, 6 in 10 million beyond the second (E04). */
const SIGMAS_FLAGGED = 3;
const SIGMAS_INVALID = 5;

/** The share of its own limit from which the load generator may have shaped the result (E03). */
const GENERATOR_SHARE_FLAGGED = 0.5;

export function judgeRun(
  metrics: Pick<RunMetrics, "hashRateSigmas" | "offeredPerSecond" | "confirmed">,
  { limitPerSecond }: { readonly limitPerSecond: number },
): { readonly invalid: readonly Finding[]; readonly warnings: readonly Finding[] } {
  const invalid: Finding[] = [];
  const warnings: Finding[] = [];

  const sigmas = Math.abs(metrics.hashRateSigmas ?? 0);
  if (sigmas > SIGMAS_FLAGGED) {
    (sigmas > SIGMAS_INVALID ? invalid : warnings).push({
      code: "hash-rate-off",
      text: `Blocks found lie ${sigmas.toFixed(1)} standard deviations from the hashes made`,
    });
  }
  const generatorShare = metrics.offeredPerSecond / limitPerSecond;
  if (generatorShare > GENERATOR_SHARE_FLAGGED) {
    warnings.push({
      code: "generator-limited",
      text: `The load generator sent at ${Math.round(generatorShare * 100)} % of its own limit, ` +
        `${Math.round(limitPerSecond)} a second`,
    });
  }
  if (metrics.confirmed === 0) {
    invalid.push({ code: "nothing-confirmed", text: "No transaction was confirmed" });
  }
  return { invalid, warnings };
}
