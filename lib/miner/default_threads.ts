/**
 * How many threads mine when nobody says so.
 *
 * @module
 */

/** All cores but one, which is the node's; at least one. */
export function defaultThreads(): number {
  return Math.max(1, navigator.hardwareConcurrency - 1);
}
