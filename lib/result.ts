/**
 * The outcome of a rule: a value, or the reason why there is none.
 *
 * A stranger's mistake is an `Err` with a stable `code`; our own mistake is a throw from
 * {@link invariant}. This file knows nothing of any rule. Every room uses it.
 *
 * @module
 */

/** A success that carries its value. */
export interface Ok<T> {
  readonly ok: true;
  readonly value: T;
}

/** A refusal that carries its reason: an object with a stable `code` and the evidence. */
export interface Err<E> {
  readonly ok: false;
  readonly error: E;
}

export type Result<T, E> = Ok<T> | Err<E>;

/**
 * Wraps a value as a success.
 *
 * @example
 * ```ts
 * import { ok } from "./result.ts";
 * import assert from "node:assert/strict";
 *
 * assert.deepEqual(ok(5), { ok: true, value: 5 });
 * ```
 */
export function ok<T>(value: T): Ok<T> {
  return { ok: true, value };
}

/** Wraps a reason as a refusal. */
export function err<const E>(error: E): Err<E> {
  return { ok: false, error };
}

/** A broken invariant: our own mistake. The core never catches it; the node stops. */
export class InvariantError extends Error {
  override readonly name = "InvariantError";
}

/**
 * Holds what must be true; throws {@link InvariantError} where it is not.
 *
 * @example
 * ```ts
 * import { invariant } from "./result.ts";
 * import assert from "node:assert/strict";
 *
 * assert.throws(() => invariant(1 > 2, "One is more than two"), { name: "InvariantError" });
 * ```
 */
export function invariant(condition: unknown, message: string): asserts condition {
  if (!condition) throw new InvariantError(message);
}

/** Closes a `switch`: a case that was forgotten does not compile. */
export function unreachable(value: never): never {
  throw new InvariantError(`Cannot be here: got ${JSON.stringify(value)}, wanted no such value`);
}
