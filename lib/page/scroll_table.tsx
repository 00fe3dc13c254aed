/**
 * Tables of pages: each column says its title and what stands in it, once.
 *
 * @module
 */

export interface Column<Row> {
  readonly title: string;
  /** Its values stand at the right. */
  readonly isNumber?: boolean;
  readonly cell: (row: Row) => unknown;
}

/** A table with a head, in a region that can be scrolled. */
export function ScrollTable<Row>({ label, rows, keyOf, columns }: {
  readonly label: string;
  readonly rows: readonly Row[];
  readonly keyOf: (row: Row) => string;
  readonly columns: readonly Column<Row>[];
}) {
  return (
    <Scroll label={label}>
      <table>
        <thead>
          <tr>
            {columns.map((column) => (
              <th key={column.title} scope="col" {...classOf(column)}>{column.title}</th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={keyOf(row)}>
              {columns.map((column) => (
                <td key={column.title} {...classOf(column)}>{column.cell(row) as never}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </Scroll>
  );
}

/** A region for what may be wider than a phone; it can be scrolled by keyboard, too. */
export function Scroll(
  { label, children }: {
    /** The id of its heading. */
    readonly label: string;
    readonly children?: unknown;
  },
) {
  return (
    <div class="scroll-x" tabindex={0} role="region" aria-labelledby={label}>
      {children as never}
    </div>
  );
}

function classOf<Row>({ isNumber }: Column<Row>): { readonly class?: string } {
  return isNumber === true ? { class: "number" } : {};
}
