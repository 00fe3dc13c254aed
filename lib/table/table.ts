/**
 * Tables of results as files that other tools open: CSV here, Parquet beside it.
 *
 * A table is its columns, each of one type; `null` stands for what is not known. The same table gives the
 * same bytes.
 *
 * @module
 */
import { invariant } from "../result.ts";

export type Column =
  & { readonly name: string }
  & (
    | { readonly type: "number"; readonly values: readonly (number | null)[] }
    | { readonly type: "text"; readonly values: readonly (string | null)[] }
    | { readonly type: "boolean"; readonly values: readonly (boolean | null)[] }
  );

export type Table = readonly Column[];

export type Cell = number | string | boolean | null;

/**
 * A table of rows that have the same fields; a field's first value that is known decides its type.
 *
 * @example
 * ```ts
 * import { csvOfTable, tableOfRows } from "./table.ts";
 * import assert from "node:assert/strict";
 *
 * const table = tableOfRows([{ share: 0.1, inside: true }, { share: 0.2, inside: null }]);
 * assert.equal(csvOfTable(table), "share,inside\n0.1,true\n0.2,\n");
 * ```
 */
export function tableOfRows(rows: readonly Readonly<Record<string, Cell>>[]): Table {
  const names = [...new Set(rows.flatMap((row) => Object.keys(row)))];
  return names.map((name) => {
    const values = rows.map((row) => {
      const value = row[name] ?? null;
      return typeof value === "number" && !Number.isFinite(value) ? null : value;
    });
    const known = typeof values.find((value) => value !== null);
    const type = known === "string" ? "text" : known === "boolean" ? "boolean" : "number";
    invariant(
      values.every((value) => value === null || typeof value === known),
      `A column has one type: ${name}`,
    );
    return { name, type, values } as Column;
  });
}

export function csvOfTable(table: Table): string {
  const count = table[0]?.values.length ?? 0;
  const lines = [table.map(({ name }) => quote(name)).join(",")];
  for (let row = 0; row < count; row++) {
    lines.push(table.map(({ values }) => quote(String(values[row] ?? ""))).join(","));
  }
  return lines.join("\n") + "\n";
}

function quote(text: string): string {
  return /[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
