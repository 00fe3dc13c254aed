/**
 * Numbers as the engine likes them.
 *
 * The engine keeps an integer below 2^31 in the field itself, and any other number in an object of its own. What
 * comes out of an array of floats or of a multiplication counts as any other number, whatever its value, and one
 * such number in a field makes that field an object in all objects of the shape. Amounts and heights did so: of
 * 86 MB that a node kept under load, 126,000 objects were small numbers.
 *
 * @module
 */

/**
 * The same number; the engine's small integer where it is one.
 *
 * @example
 * ```ts
 * import { smallInteger } from "./small_integer.ts";
 * import assert from "node:assert/strict";
 *
 * const [amount] = new Float64Array([100]);
 * assert.equal(smallInteger(amount!), 100);
 * assert.equal(smallInteger(2 ** 40 + 0.5), 2 ** 40 + 0.5);
 * assert(Object.is(smallInteger(-0), -0));
 * ```
 */
export function smallInteger(value: number): number {
  const small = value | 0;
  return Object.is(small, value) ? small : value;
}
