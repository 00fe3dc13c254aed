/**
 * What a stranger does to a node, as a part that others can be put beside: one file an attack, one line in
 * `attacks.ts`.
 *
 * @module
 */

/** Whom it is done to, and from where. */
export interface AttackTarget {
  readonly url: string;
  /** Source addresses of this machine. */
  readonly addresses: readonly string[];
  /** An address that only this attack tells anybody: calls to it are counted. */
  readonly sinkUrl: string;
  /** Fires when it is over. */
  readonly signal: AbortSignal;
}

/** What it did, by name. */
export type AttackCounts = Readonly<Record<string, number>>;

export interface Attack {
  /** For people: one sentence. */
  readonly what: string;
  /** Makes what takes long; the answer attacks until the signal fires. */
  readonly prepare: (target: AttackTarget) => () => Promise<AttackCounts>;
}

/** Resolves when the attack is over, or after a while. */
export function pause(signal: AbortSignal, ms: number): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  const { promise, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(end, ms);
  signal.addEventListener("abort", end, { once: true });
  return promise;

  function end(): void {
    clearTimeout(timer);
    signal.removeEventListener("abort", end);
    resolve();
  }
}
