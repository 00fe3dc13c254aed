/**
 * What a checker throws: something happened that must never happen.
 *
 * @module
 */

export class Violation extends Error {
  override readonly name = "Violation";

  /**
   * @param rule a stable name, so that a shrunk run is known to fail for the same reason
   * @param detail what was found and what should have been, for people
   */
  constructor(readonly rule: string, readonly detail: string) {
    super(`${rule}: ${detail}`);
  }
}

/** Throws unless the condition holds. The detail is made only when it is needed. */
export function demand(condition: boolean, rule: string, detail: () => string): asserts condition {
  if (!condition) throw new Violation(rule, detail());
}
