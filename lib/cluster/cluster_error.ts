/**
 * Why a network of processes is not what it should be: our own children's end, or what they answer.
 *
 * @module
 */

/** A network that did not come up, or fell apart. */
export class ClusterError extends Error {
  override readonly name: string = "ClusterError";
}
