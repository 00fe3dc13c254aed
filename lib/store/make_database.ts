/**
 * Makes a node's database where there is none.
 *
 * @module
 */
import { DatabaseSync } from "node:sqlite";
import { migrate } from "./schema.ts";
import { StoreFailure } from "./store_failure.ts";

/**
 * Makes a new database beside its place and moves it there: a file of length zero is never one that was
 * being made, but one that was lost, and is refused.
 */
export function makeDatabase(path: string): void {
  const size = sizeOf(path);
  if (size === 0) {
    throw new StoreFailure(
      "store-damaged",
      `Cannot open the database "${path}": got an empty file, wanted a database; if nothing was ` +
        "ever kept in it, remove it",
    );
  }
  if (size !== undefined) return;
  const partPath = `${path}.part`;
  for (const suffix of ["", "-wal", "-shm", "-journal"]) {
    if (sizeOf(partPath + suffix) !== undefined) Deno.removeSync(partPath + suffix);
  }
  const part = new DatabaseSync(partPath);
  try {
    migrate(part);
  } finally {
    part.close();
  }
  Deno.renameSync(partPath, path);
}

function sizeOf(path: string): number | undefined {
  try {
    return Deno.statSync(path).size;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}
