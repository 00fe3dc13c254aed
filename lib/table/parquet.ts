/**
 * Tables as Parquet: what pandas, R's arrow, DuckDB and Spark read.
 *
 * The library is loaded when the first table is written.
 *
 * @module
 */
import type { Table } from "./table.ts";

const TYPES = { number: "DOUBLE", text: "STRING", boolean: "BOOLEAN" } as const;

export async function parquetOfTable(table: Table): Promise<Uint8Array<ArrayBuffer>> {
  const { parquetWriteBuffer } = await import("hyparquet-writer");
  const buffer = parquetWriteBuffer({
    columnData: table.map(({ name, type, values }) => ({
      name,
      type: TYPES[type],
      data: [...values],
      nullable: true,
    })),
    createdBy: "noobcash",
  });
  return new Uint8Array(buffer);
}
