/**
 * The waiting transactions in their order: by id, from the first, from any of them on.
 *
 * A doubly linked list with an index, so that adding at either end, taking out and going on behind a known
 * place cost O(1) however many wait. Knows nothing of coins; used by the pool alone.
 *
 * @module
 */
import { HexMap } from "../hex_map.ts";
import type { Txid } from "../primitives/outpoint.ts";
import { invariant } from "../result.ts";

/** Whatever is kept with a transaction. */
interface Named {
  readonly transaction: { readonly txid: Txid };
}

interface Link<Entry> {
  readonly entry: Entry;
  previous: Link<Entry> | undefined;
  next: Link<Entry> | undefined;
}

export class WaitingList<Entry extends Named> {
  readonly #links = new HexMap<Txid, Link<Entry>>();
  #first: Link<Entry> | undefined;
  #last: Link<Entry> | undefined;

  get size(): number {
    return this.#links.size;
  }

  get first(): Entry | undefined {
    return this.#first?.entry;
  }

  get last(): Entry | undefined {
    return this.#last?.entry;
  }

  has(txid: Txid): boolean {
    return this.#links.has(txid);
  }

  get(txid: Txid): Entry | undefined {
    return this.#links.get(txid)?.entry;
  }

  /** Adds an entry that is not there yet behind all others. */
  append(entry: Entry): void {
    this.#insert(entry, this.#last, undefined);
  }

  /** Adds an entry that is not there yet behind another one, or before all when none is named. */
  insertBehind(txid: Txid | undefined, entry: Entry): void {
    const previous = txid === undefined ? undefined : this.#links.get(txid);
    invariant(txid === undefined || previous !== undefined, "An entry goes behind one that waits");
    this.#insert(entry, previous, previous === undefined ? this.#first : previous.next);
  }

  remove(txid: Txid): Entry | undefined {
    const link = this.#links.get(txid);
    if (link === undefined) return undefined;
    this.#links.delete(txid);
    if (link.previous === undefined) this.#first = link.next;
    else link.previous.next = link.next;
    if (link.next === undefined) this.#last = link.previous;
    else link.next.previous = link.previous;
    return link.entry;
  }

  /** All entries in order, or those behind a known one. The list must not change meanwhile. */
  *entries(behind?: Txid): Generator<Entry, undefined> {
    const start = behind === undefined ? this.#first : this.#links.get(behind)?.next;
    for (let link = start; link !== undefined; link = link.next) yield link.entry;
  }

  #insert(entry: Entry, previous: Link<Entry> | undefined, next: Link<Entry> | undefined): void {
    const { txid } = entry.transaction;
    invariant(!this.#links.has(txid), `No transaction waits twice: ${txid}`);
    const link: Link<Entry> = { entry, previous, next };
    this.#links.set(txid, link);
    if (previous === undefined) this.#first = link;
    else previous.next = link;
    if (next === undefined) this.#last = link;
    else next.previous = link;
  }
}
