/**
 * Faults that experiments put into links: frames that arrive later, frames that never arrive.
 *
 * The order is kept; what is lost is lost as a whole frame, as a broken connection would lose it.
 *
 * @module
 */

export interface LinkFaults {
  /** How much later each message leaves. */
  readonly latencyMs: number;
  /** Decides the next frame's fate. */
  takesFrame(): boolean;
}

export const NO_FAULTS: LinkFaults = { latencyMs: 0, takesFrame: () => false };

/**
 * Makes faults of a strength.
 *
 * @param random numbers from 0 to 1, as `Math.random` gives them
 */
export function createLinkFaults(
  { latencyMs, loss }: { readonly latencyMs: number; readonly loss: number },
  random: () => number,
): LinkFaults {
  return { latencyMs, takesFrame: () => loss > 0 && random() < loss };
}
