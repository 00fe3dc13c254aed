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

/** Why a cluster cannot go on that has lost a node. */
export async function lostText({ id, process }: {
  readonly id: number;
  readonly process: { readonly exited: Promise<{ readonly text: string }> };
}): Promise<string> {
  const { text } = await process.exited;
  return `Cannot go on: got the end of node ${id} (${text}), wanted it to run`;
}
