/**
 * Ethernet frames on their way over a bad link: each arrives later, some never.
 *
 * What `netem delay … loss … limit …` does with them: order is kept, and what does not fit any more is
 * lost. Which frames are lost follows from the seed and the frame's number alone.
 *
 * @module
 */
import { utf8Bytes } from "../bytes.ts";
import { sha256 } from "../crypto/hash.ts";

/** How bad a link is. */
export interface LinkQuality {
  /** How much later a frame arrives. */
  readonly delayMs: number;
  /** The probability that it does not arrive at all: 0.05 for 5 %. */
  readonly lossRate: number;
}

/** The most frames on their way at a time, netem's own default. */
export const FRAMES_MAX = 1000;

export class FrameQueue {
  readonly #quality: LinkQuality;
  readonly #seed: string;
  readonly #frames: { readonly bytes: Uint8Array<ArrayBuffer>; readonly dueAtMs: number }[] = [];
  #frameCount = 0;

  constructor(quality: LinkQuality, seed: string) {
    this.#quality = quality;
    this.#seed = seed;
  }

  /** When the next frame arrives; `undefined` when none is on its way. */
  get dueAtMs(): number | undefined {
    return this.#frames[0]?.dueAtMs;
  }

  /** Sends a frame off; tells whether it will arrive. */
  push(bytes: Uint8Array<ArrayBuffer>, nowMs: number): boolean {
    if (this.#draw() < this.#quality.lossRate || this.#frames.length >= FRAMES_MAX) return false;
    this.#frames.push({ bytes, dueAtMs: nowMs + this.#quality.delayMs });
    return true;
  }

  /** Takes out the next frame that has arrived. */
  takeDue(nowMs: number): Uint8Array<ArrayBuffer> | undefined {
    const { dueAtMs } = this;
    return dueAtMs === undefined || dueAtMs > nowMs ? undefined : this.#frames.shift()?.bytes;
  }

  /** A number from 0 to 1 for the next frame. */
  #draw(): number {
    const digest = sha256(utf8Bytes(`${this.#seed}/${this.#frameCount++}`));
    return new DataView(digest.buffer, digest.byteOffset).getUint32(0) / 2 ** 32;
  }
}
