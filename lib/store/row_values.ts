/**
 * Reads values of a database's rows as the kind that their column has. A damaged file may hold another kind
 * all the same.
 *
 * @module
 */
import { StoreFailure } from "./store_failure.ts";

type Row = Readonly<Record<string, unknown>>;

export function blobOf(row: Row, column: string): Uint8Array {
  const value = row[column];
  if (value instanceof Uint8Array) return value;
  throw damaged(column, "bytes");
}

export function numberOf(row: Row, column: string): number {
  const value = row[column];
  if (typeof value === "number") return value;
  throw damaged(column, "a number");
}

export function textOf(row: Row, column: string): string {
  const value = row[column];
  if (typeof value === "string") return value;
  throw damaged(column, "a text");
}

function damaged(column: string, wanted: string): StoreFailure {
  return new StoreFailure(
    "store-damaged",
    `Cannot read the database: got another kind of "${column}", wanted ${wanted}`,
  );
}
