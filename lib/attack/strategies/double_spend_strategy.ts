/**
 * The double spend: mines beside the public chain until the payment has its confirmations and the own
 * branch is longer, then shows it. Gives up when it is too far behind to come back.
 *
 * @module
 */
import type { Strategy } from "../strategy.ts";

/**
 * @param confirmations how many the merchant waits for
 * @param behindMax where it gives up
 */
export function doubleSpendStrategy(confirmations: number, behindMax: number): Strategy {
  return {
    name: `double spend after ${confirmations}`,
    react({ own, honest }) {
      if (honest >= confirmations && own > honest) return "override";
      return honest - own >= behindMax ? "adopt" : "wait";
    },
  };
}
