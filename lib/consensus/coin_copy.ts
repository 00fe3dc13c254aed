/**
 * The coins of a table as they stood, to walk through while it changes, and the memory that such copies take
 * turns in.
 *
 * Of 100,000 coins a copy is 6 MB. An audit makes one and gives it back when it is done; the C library does not
 * give that much back to the machine once it has seen it go, and what is allocated meanwhile lies on top of it:
 * strangers who asked for audits took 40 MB. So a table keeps the memory for its next copy until the node rests.
 *
 * @module
 */
import type { PublicKey } from "../crypto/keys.ts";
import { invariant } from "../result.ts";
import { type CoinArrays, NONE, OWNER_WORD, packSlot, SLOT_WORDS } from "./coin_slot.ts";
import { PACKED_UTXO_SIZE_BYTES } from "./packed_utxos.ts";

/** Some coins of a table. */
export interface CoinPage {
  /** As `packed_utxos.ts` has them. */
  readonly packed: Uint8Array<ArrayBuffer>;
  /** The number of each one's owner. */
  readonly owners: Int32Array;
}

/** What is copied. */
export interface CopiedCoins extends CoinArrays {
  /** Slots that were ever used. */
  readonly usedSlots: number;
  /** By number. */
  readonly owners: readonly ({ readonly owner: PublicKey } | undefined)[];
}

/** Room is made for so many slots at a time, so that some coins more need no new one. */
const ROOM_SLOTS = 8_192;

const NOTHING: CopiedCoins = {
  words: new Int32Array(0),
  amounts: new Float64Array(0),
  usedSlots: 0,
  owners: [],
};

export class CoinCopy {
  #coins: CopiedCoins;
  readonly #giveBack: () => void;

  constructor(coins: CopiedCoins, giveBack: () => void) {
    this.#coins = coins;
    this.#giveBack = giveBack;
  }

  /** All coins, so many on a page, which is valid until the next one is taken. Leaves no garbage. */
  *pages(coinsMax: number): Generator<CoinPage> {
    const packed = new Uint8Array(PACKED_UTXO_SIZE_BYTES * coinsMax);
    const owners = new Int32Array(coinsMax);
    let count = 0;
    for (let slot = 0; slot < this.#coins.usedSlots; slot++) {
      const number = this.#coins.words[SLOT_WORDS * slot + OWNER_WORD] as number;
      if (number === NONE) continue;
      const owner = this.ownerOf(number);
      invariant(owner !== undefined, "A coin has an owner");
      owners[count] = number;
      const offset = PACKED_UTXO_SIZE_BYTES * count;
      packSlot(this.#coins, { slot, owner }, { page: packed, offset });
      if (++count < coinsMax) continue;
      yield { packed, owners };
      count = 0;
    }
    if (count === 0) return;
    yield {
      packed: packed.subarray(0, PACKED_UTXO_SIZE_BYTES * count),
      owners: owners.subarray(0, count),
    };
  }

  /** The owner of that number, as pages know it. */
  ownerOf(number: number): PublicKey | undefined {
    return this.#coins.owners[number]?.owner;
  }

  /** Owners' numbers are below this. */
  get ownerNumbers(): number {
    return this.#coins.owners.length;
  }

  /** Gives the memory back; nothing is in the copy any more. */
  release(): void {
    if (this.#coins === NOTHING) return;
    this.#coins = NOTHING;
    this.#giveBack();
  }
}

/** The memory of one table's copies. */
export class CopyRoom {
  #spare: CoinArrays | undefined;

  copyOf({ words, amounts, usedSlots, owners }: CopiedCoins): CoinCopy {
    // Not as large as the table, which doubles when it grows.
    const slots = ROOM_SLOTS * Math.ceil(usedSlots / ROOM_SLOTS);
    const room = this.#take(slots) ?? {
      words: new Int32Array(SLOT_WORDS * slots),
      amounts: new Float64Array(slots),
    };
    room.words.set(words.subarray(0, SLOT_WORDS * usedSlots));
    room.amounts.set(amounts.subarray(0, usedSlots));
    return new CoinCopy({ ...room, usedSlots, owners: owners.slice() }, () => this.#keep(room));
  }

  /** Lets go of what no copy is in. */
  clear(): void {
    if (this.#spare !== undefined) letGo(this.#spare);
    this.#spare = undefined;
  }

  #take(slots: number): CoinArrays | undefined {
    if (this.#spare?.amounts.length !== slots) this.clear();
    const spare = this.#spare;
    this.#spare = undefined;
    return spare;
  }

  /** For the next copy. Copies at one time are more than one needs. */
  #keep(room: CoinArrays): void {
    if (this.#spare === undefined) this.#spare = room;
    else letGo(room);
  }
}

/** Gives memory back at once: the engine would do so when it collects next. */
function letGo({ words, amounts }: CoinArrays): void {
  words.buffer.transfer(0);
  amounts.buffer.transfer(0);
}
