/**
 * How often each rule, policy or state of the node has stopped something, by code.
 *
 * The program's own codes are the bound of the table.
 *
 * @module
 */

export class RefusalCounts {
  readonly #counts = new Map<string, number>();
  readonly #onRefused: (code: string) => void;

  /** @param onRefused told each time: the lab, where there is one */
  constructor(onRefused: (code: string) => void = () => {}) {
    this.#onRefused = onRefused;
  }

  get counts(): ReadonlyMap<string, number> {
    return this.#counts;
  }

  note(code: string): void {
    this.#counts.set(code, (this.#counts.get(code) ?? 0) + 1);
    this.#onRefused(code);
  }
}
