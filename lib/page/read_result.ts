/**
 * What comes of reading a node for a page.
 *
 * @module
 */

/** The result of a read. */
export type ReadResult<T> =
  | { readonly ok: true; readonly value: T }
  | ReadRefusal;

export interface ReadRefusal {
  readonly ok: false;
  readonly code: string;
  readonly message: string;
}

/** Reads a path of a node's API. */
export type Read = <T>(path: string) => Promise<ReadResult<T>>;

/** Whether a refusal says that there is nothing of that name, and not that nobody could look. */
export function isMissing({ code }: ReadRefusal): boolean {
  return /not-found|unknown|malformed|ambiguous/.test(code);
}
