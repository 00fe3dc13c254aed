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

/** The shares of its own limit from which the load generator may have shaped, and has shaped, the result (E03). */
const GENERATOR_SHARE_FLAGGED = 0.5;
const GENERATOR_SHARE_INVALID = 0.9;

/** The share of its hash rate limit that a network reaches unless the machine is too busy. */
const HASH_RATE_SHARE_FLAGGED = 0.9;
const HASH_RATE_SHARE_INVALID = 0.5;
/** In less, the starts of the miners weigh more than the machine: a low rate is told and spoils nothing. */
const HASH_RATE_SECONDS_MIN = 1;

export function judgeRun(
  metrics: Pick<
    RunMetrics,
    "hashRateSigmas" | "offeredPerSecond" | "confirmed" | "hashRateMeasured" | "seconds"
  >,
  { limitPerSecond, hashRateWanted }: {
    readonly limitPerSecond: number;

    /** The hash rate of all nodes together; `undefined` without a limit. */
    readonly hashRateWanted?: number | undefined;
  },
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
    (generatorShare > GENERATOR_SHARE_INVALID ? invalid : warnings).push({
      code: "generator-limited",
      text: `The load generator sent at ${Math.round(generatorShare * 100)} % of its own limit, ` +
        `${Math.round(limitPerSecond)} a second`,
    });
  }
  const { hashRateMeasured } = metrics;
  if (hashRateWanted !== undefined && hashRateMeasured !== null) {
    const share = hashRateMeasured / hashRateWanted;
    if (share < HASH_RATE_SHARE_FLAGGED) {
      const isLong = (metrics.seconds ?? Infinity) >= HASH_RATE_SECONDS_MIN;
      (isLong && share < HASH_RATE_SHARE_INVALID ? invalid : warnings).push({
        code: "hash-rate-missed",
        text: `The machine was too busy for the hash rate: ${
          Math.round(share * 100)
        } % was reached`,
      });
    }
  }
  if (metrics.confirmed === 0) {
    invalid.push({ code: "nothing-confirmed", text: "No transaction was confirmed" });
  }
  return { invalid, warnings };
}
