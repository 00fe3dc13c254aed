/**
 * What goes wrong between a store and its machine: a disk that is full, a folder that belongs to
 * somebody else, a file that is damaged.
 *
 * Thrown, not returned: no rule was broken and no stranger is to blame, the shell has to stop and say
 * why. The code is stable; the text says what was got and what was wanted.
 *
 * @module
 */

export type StoreFailureCode =
  /** No room for what is to be written. */
  | "store-disk-full"
  /** Another program holds the database. */
  | "store-locked"
  /** The folder or the file may not be written. */
  | "store-read-only"
  /** The machine failed to read or write. */
  | "store-io"
  /** Something that no node made. */
  | "store-foreign"
  /** Made by a newer release. */
  | "store-schema-newer"
  /** What is there does not belong together, or cannot be read. */
  | "store-damaged"
  /** The key is sealed, and nobody said under what. */
  | "passphrase-missing"
  | "passphrase-wrong"
  /** A key where none should be. */
  | "data-folder-not-empty"
  /** Another process works in the folder. */
  | "data-folder-in-use"
  /** A folder with files in it that no node made. */
  | "data-folder-foreign"
  /** A file that the folder must have is missing or is garbled. */
  | "data-folder-damaged";

export class StoreFailure extends Error {
  override readonly name = "StoreFailure";
  readonly code: StoreFailureCode;

  constructor(code: StoreFailureCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/** SQLite's primary result codes: https://www.sqlite.org/rescode.html */
const CODE_BY_RESULT: ReadonlyMap<number, StoreFailureCode> = new Map([
  [3, "store-read-only"],
  [5, "store-locked"],
  [6, "store-locked"],
  [8, "store-read-only"],
  [10, "store-io"],
  [11, "store-damaged"],
  [13, "store-disk-full"],
  [14, "store-io"],
  [26, "store-foreign"],
]);

/** Texts of the same results, where the database gives no number. */
const CODE_BY_TEXT: readonly (readonly [RegExp, StoreFailureCode])[] = [
  [/database or disk is full/, "store-disk-full"],
  [/database (table )?is locked/, "store-locked"],
  [/readonly database/, "store-read-only"],
  [/file is not a database/, "store-foreign"],
  [/malformed/, "store-damaged"],
];

/**
 * Puts a failure of the database or the file system into our words. Our own mistakes go through as they
 * are.
 *
 * @param action what could not be done, as in "Cannot <action>"
 */
export function storeFailureOf(error: unknown, action: string): unknown {
  if (error instanceof StoreFailure || !(error instanceof Error)) return error;
  const code = sqliteCodeOf(error) ?? fileCodeOf(error);
  if (code === undefined) return error;
  return new StoreFailure(code, `Cannot ${action}: got "${error.message}", wanted a working disk`, {
    cause: error,
  });
}

function sqliteCodeOf(error: Error): StoreFailureCode | undefined {
  const { code, errcode } = error as { code?: unknown; errcode?: unknown };
  if (code !== "ERR_SQLITE_ERROR") return undefined;
  const known = typeof errcode === "number" ? CODE_BY_RESULT.get(errcode & 0xff) : undefined;
  return known ?? CODE_BY_TEXT.find(([text]) => text.test(error.message))?.[1] ?? "store-io";
}

function fileCodeOf(error: Error): StoreFailureCode | undefined {
  const { code } = error as { code?: unknown };
  if (code === "ENOSPC" || code === "EDQUOT") return "store-disk-full";
  if (code === "EROFS" || code === "EACCES" || code === "EPERM") return "store-read-only";
  if (error instanceof Deno.errors.PermissionDenied) return "store-read-only";
  if (error instanceof Deno.errors.NotCapable) return undefined;
  return typeof code === "string" && /^E[A-Z]+$/.test(code) ? "store-io" : undefined;
}
