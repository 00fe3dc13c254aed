/**
 * What happened in a run, line by line, and one hash over all of it: same seed, same hash (S01).
 *
 * @module
 */
import { utf8Bytes } from "../bytes.ts";
import { sha256Hex } from "../crypto/hash.ts";

/** Lines are hashed in chunks of about this many characters. */
const CHUNK_SIZE = 65_536;

export class Trace {
  readonly #write: ((line: string) => void) | undefined;
  #digest = "";
  #waiting: string[] = [];
  #waitingSize = 0;
  #lineCount = 0;

  /** @param write gets each line, for who wants to read them */
  constructor(write?: (line: string) => void) {
    this.#write = write;
  }

  get lineCount(): number {
    return this.#lineCount;
  }

  add(line: string): void {
    this.#lineCount++;
    this.#write?.(line);
    this.#waiting.push(line);
    this.#waitingSize += line.length + 1;
    if (this.#waitingSize >= CHUNK_SIZE) this.#fold();
  }

  /** The hash over all lines so far. */
  get hash(): string {
    this.#fold();
    return this.#digest;
  }

  #fold(): void {
    if (this.#waiting.length === 0 && this.#digest !== "") return;
    this.#digest = sha256Hex(utf8Bytes(`${this.#digest}\n${this.#waiting.join("\n")}`));
    this.#waiting = [];
    this.#waitingSize = 0;
  }
}
