/**
 * Rows of small records in one flat array, a row for each sender: what is read for a message lies together.
 *
 * A record is a receiver and a fixed number of figures behind it. Records stand in the order in which they were
 * added, and a sender goes through its receivers in the same order each time, so the record that is looked for
 * is mostly the one behind the last. A row that is full moves to a place twice as large; ten thousand rows of
 * eight links are a megabyte or two, where lists of their own took several times as much and lay apart.
 *
 * @module
 */

/** No record. */
export const NO_PLACE = -1;

/** What is known of a row: where it begins, its records, the room for more, and which is expected next. */
const ROW_FIELDS = 4;
const COUNT = 1;
const ROOM = 2;
const EXPECTED = 3;
const ROWS_MIN = 64;
const ROOM_MIN = 8;
const FIGURES_MIN = 1024;
/** From so many records on, one is looked up and not searched for. */
const SEARCHED_RECORDS_MAX = 32;

export class FlatRows {
  readonly #size: number;
  #rows = new Int32Array(ROW_FIELDS * ROWS_MIN);
  #figures = new Float64Array(0);
  #used = 0;
  /** By sender, of long rows: which record each receiver is. */
  readonly #records = new Map<number, Map<number, number>>();

  /** @param figureCount how many figures stand behind each receiver */
  constructor(figureCount: number) {
    this.#size = 1 + figureCount;
  }

  /** All records: at its {@link placeOf | place} a record's receiver, then its figures. Moves as records are added. */
  get figures(): Float64Array {
    return this.#figures;
  }

  /** How many records a sender has. */
  countOf(sender: number): number {
    return ROW_FIELDS * sender < this.#rows.length
      ? this.#rows[ROW_FIELDS * sender + COUNT] ?? 0
      : 0;
  }

  /** Where the record stands that is expected next of a sender; {@link NO_PLACE} without any. */
  expectedPlaceOf(sender: number): number {
    if (this.countOf(sender) === 0) return NO_PLACE;
    const row = ROW_FIELDS * sender;
    return (this.#rows[row] as number) + this.#size * (this.#rows[row + EXPECTED] as number);
  }

  /** Where a sender's first record stands; the others stand behind it. */
  startOf(sender: number): number {
    return this.#rows[ROW_FIELDS * sender] ?? 0;
  }

  /** The expected one was met: the one behind it is expected. */
  advance(sender: number): void {
    const row = ROW_FIELDS * sender;
    const next = (this.#rows[row + EXPECTED] as number) + 1;
    this.#rows[row + EXPECTED] = next < (this.#rows[row + COUNT] as number) ? next : 0;
  }

  /** Where a sender's record of a receiver stands; {@link NO_PLACE} for nowhere. */
  placeOf(sender: number, receiver: number): number {
    const expected = this.expectedPlaceOf(sender);
    if (expected === NO_PLACE) return NO_PLACE;
    if (this.#figures[expected] === receiver) {
      this.advance(sender);
      return expected;
    }
    const record = this.#find(sender, receiver);
    if (record === NO_PLACE) return NO_PLACE;
    this.#rows[ROW_FIELDS * sender + EXPECTED] = record;
    this.advance(sender);
    return this.startOf(sender) + this.#size * record;
  }

  /** Adds a receiver that the sender has no record of; gives its place, whose figures are 0. */
  add(sender: number, receiver: number): number {
    const row = ROW_FIELDS * sender;
    while (row >= this.#rows.length) {
      const rows = new Int32Array(2 * this.#rows.length);
      rows.set(this.#rows);
      this.#rows = rows;
    }
    const count = this.#rows[row + COUNT] as number;
    if (count === this.#rows[row + ROOM]) this.#move(row);
    this.#rows[row + COUNT] = count + 1;
    const place = (this.#rows[row] as number) + this.#size * count;
    this.#figures.fill(0, place, place + this.#size);
    this.#figures[place] = receiver;
    this.#records.get(sender)?.set(receiver, count);
    return place;
  }

  /** Visits the places of all records. */
  forEach(visit: (place: number) => void): void {
    for (let row = 0; row < this.#rows.length; row += ROW_FIELDS) {
      const start = this.#rows[row] as number;
      const count = this.#rows[row + COUNT] as number;
      for (let record = 0; record < count; record++) visit(start + this.#size * record);
    }
  }

  /** Which of a sender's records is that of a receiver. */
  #find(sender: number, receiver: number): number {
    const count = this.countOf(sender);
    if (count >= SEARCHED_RECORDS_MAX) {
      return this.#recordsOf(sender).get(receiver) ?? NO_PLACE;
    }
    const start = this.startOf(sender);
    for (let record = 0; record < count; record++) {
      if (this.#figures[start + this.#size * record] === receiver) return record;
    }
    return NO_PLACE;
  }

  #recordsOf(sender: number): ReadonlyMap<number, number> {
    const known = this.#records.get(sender);
    if (known !== undefined) return known;
    const start = this.startOf(sender);
    const records = new Map<number, number>();
    for (let record = 0; record < this.countOf(sender); record++) {
      records.set(this.#figures[start + this.#size * record] as number, record);
    }
    this.#records.set(sender, records);
    return records;
  }

  /** Gives a full row twice the room. */
  #move(row: number): void {
    const [start, room] = [this.#rows[row] as number, this.#rows[row + ROOM] as number];
    const moved = this.#used;
    const wider = Math.max(ROOM_MIN, 2 * room);
    this.#used += this.#size * wider;
    if (this.#used > this.#figures.length) {
      const figures = new Float64Array(Math.max(FIGURES_MIN, 2 * this.#used));
      figures.set(this.#figures);
      this.#figures = figures;
    }
    this.#figures.copyWithin(moved, start, start + this.#size * room);
    this.#rows[row] = moved;
    this.#rows[row + ROOM] = wider;
  }
}
