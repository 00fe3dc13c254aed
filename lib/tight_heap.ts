/**
 * Keeps garbage in proportion to what lives.
 *
 * The engine lets a heap grow to more than four times what lived after its last full collection, and takes advice
 * about that only when it starts: a network of 10,000 nodes took 0.7 GB, of which 0.15 GB were alive. Whoever has
 * such a heap calls {@link TightHeap.tidy} now and then. It asks for a buffer that nobody writes to, which takes
 * no memory of the machine's; but the engine counts it, and begins to collect beside the work, as it would later
 * by itself. A run gives the same, whenever that is.
 *
 * @module
 */
import { getHeapSpaceStatistics } from "node:v8";

/** Garbage that is not worth a collection, unless the caller says otherwise. */
const GARBAGE_BYTES_MIN = 80_000_000;
/** Nor is less than so much of what lives: a collection costs what lives, not what has died. */
const GARBAGE_SHARE_MIN = 0.75;
/** Looks after which a collection that freed little counts as over: nearly all was alive. */
const PRESSES_MAX = 4;
/** How much of the engine's limit is taken up, as a multiple of what is used: together more than the limit is. */
const PRESSURE = 3.5;

/** What is measured, and what makes an engine collect. */
export interface Engine {
  /**
   * What is used but by young objects: they come and go by several MB from one look to the next, and a collection
   * that was over was asked for again, three times.
   */
  usedBytes(): number;
  /** Takes up so many bytes of what the engine may use before it collects. */
  press(bytes: number): void;
  /** Whether it has collected since it was pressed. Where it cannot tell: no. */
  hasCollected(): boolean;
}

/** Objects that wait to show a collection. */
const HELD_COUNT = 16;

/**
 * Sees a full collection: an object that has outlived some collections of young objects goes with the next full
 * one, once nobody holds it. One that is still young would go sooner, and the collection count as over before it
 * began. So each waits in line until those before it were used.
 */
class CollectionSight {
  readonly #held = Array.from({ length: HELD_COUNT }, () => ({}));
  #isLookedFor = false;
  readonly #registry = new FinalizationRegistry<void>(() => void (this.#isLookedFor = false));

  get hasCome(): boolean {
    return !this.#isLookedFor;
  }

  look(): void {
    if (this.#isLookedFor) return;
    this.#isLookedFor = true;
    this.#registry.register(this.#held.shift() as object, undefined);
    this.#held.push({});
  }
}

const sight = new CollectionSight();

export const THIS_ENGINE: Engine = {
  usedBytes: () =>
    getHeapSpaceStatistics().reduce(
      (sum, { space_name, space_used_size }) =>
        space_name.startsWith("new_") ? sum : sum + space_used_size,
      0,
    ),
  hasCollected: () => sight.hasCome,
  press: (bytes) => {
    sight.look();
    try {
      new ArrayBuffer(bytes).slice(0, 0);
    } catch (error) {
      // Where a process may not even name so much memory, the engine collects when it wants to.
      if (!(error instanceof RangeError)) throw error;
    }
  },
};

export class TightHeap {
  readonly #engine: Engine;
  /** What lived when it was looked at last after a collection. */
  #liveBytes: number;
  /** The most that was used since a collection was asked for. */
  #pressedAtBytes: number | undefined;
  #presses = 0;

  constructor(engine: Engine = THIS_ENGINE) {
    this.#engine = engine;
    this.#liveBytes = engine.usedBytes();
  }

  /**
   * Sees to it that a collection begins where there is much to collect.
   *
   * @param garbageBytesMin how much is worth one at least
   * @param garbageShareMin and which part of what lives
   */
  tidy(garbageBytesMin = GARBAGE_BYTES_MIN, garbageShareMin = GARBAGE_SHARE_MIN): void {
    const usedBytes = this.#engine.usedBytes();
    // One that was given up may only have been late: on a busy machine it takes seconds.
    this.#liveBytes = Math.min(this.#liveBytes, usedBytes);
    const garbageBytes = Math.max(garbageBytesMin, garbageShareMin * this.#liveBytes);
    if (this.#pressedAtBytes === undefined) {
      if (usedBytes < this.#liveBytes + garbageBytes) return;
    } else if (
      this.#engine.hasCollected() || usedBytes < this.#pressedAtBytes - garbageBytes / 2 ||
      this.#presses >= PRESSES_MAX
    ) {
      this.#liveBytes = usedBytes;
      this.#pressedAtBytes = undefined;
      this.#presses = 0;
      return;
    }
    this.#presses++;
    this.#pressedAtBytes = Math.max(usedBytes, this.#pressedAtBytes ?? 0);
    this.#engine.press(Math.round(PRESSURE * usedBytes));
  }
}
