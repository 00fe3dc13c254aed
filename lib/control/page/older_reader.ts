/**
 * Reads older blocks from the room as somebody scrolls to them, a range of heights at a time.
 *
 * @module
 */
import type { NetworkView } from "../../page/network_view.ts";
import { hasHeights, OLDER_HEIGHTS_MAX, type OlderBlocks } from "../../page/older_blocks.ts";
import { read } from "./room_client.ts";

/** What was asked in vain is asked again after this. */
const RETRY_MS = 3_000;

export class OlderReader {
  readonly #onBlocks: (blocks: OlderBlocks) => void;
  /** Ranges that were asked for, of the present picture. */
  readonly #asked = new Set<number>();
  #view: NetworkView | undefined;

  constructor(onBlocks: (blocks: OlderBlocks) => void) {
    this.#onBlocks = onBlocks;
  }

  /** These heights are looked at: what the picture lacks of them is read. */
  readonly want = (view: NetworkView, from: number, to: number): void => {
    if (view !== this.#view) {
      this.#view = view;
      this.#asked.clear();
    }
    const first = Math.floor(Math.max(0, from) / OLDER_HEIGHTS_MAX);
    const last = Math.floor(Math.max(0, to) / OLDER_HEIGHTS_MAX);
    for (let stretch = first; stretch <= last; stretch++) void this.#read(view, stretch);
  };

  async #read(view: NetworkView, stretch: number): Promise<void> {
    const from = stretch * OLDER_HEIGHTS_MAX;
    const to = from + OLDER_HEIGHTS_MAX - 1;
    if (this.#asked.has(stretch) || hasHeights(view, from, to)) return;
    this.#asked.add(stretch);
    const answer = await read<OlderBlocks>(`/room/blocks?from=${from}&to=${to}`);
    if (answer.ok) return this.#onBlocks(answer.value);
    setTimeout(() => this.#asked.delete(stretch), RETRY_MS);
  }
}
