/**
 * Why a network of processes is not what it should be: our own children's end, or what they answer.
 *
 * @module
 */

/** A network that did not come up, or fell apart. */
export class ClusterError extends Error {
  override readonly name: string = "ClusterError";
  /** What it was, for whoever says it in another language. */
  readonly code: "not-ready" | "failed";

  constructor(message: string, code: ClusterError["code"] = "failed") {
    super(message);
    this.code = code;
  }
}
