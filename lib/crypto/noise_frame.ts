/**
 * Frames of any size as Noise messages, which have at most 65,535 bytes.
 *
 * A frame is cut into parts of 65,519 bytes, the last one shorter, each with its tag of 16 bytes behind it;
 * a frame of nothing has one part. After every 65,536 messages of a direction both ends take the next key.
 *
 * A frame that is cut short between two parts reads as its beginning; the next one can then not be read. So
 * nobody on the way can do more than end a stream earlier than its ends would.
 *
 * @module
 */
import { CIPHER_TAG_SIZE_BYTES, type NoiseCipher } from "./noise_cipher.ts";
import { NOISE_MESSAGE_SIZE_BYTES_MAX } from "./noise_handshake.ts";

/** Messages of one direction with one key. */
export const REKEY_MESSAGES = 65_536;

const PART_SIZE_BYTES_MAX = NOISE_MESSAGE_SIZE_BYTES_MAX - CIPHER_TAG_SIZE_BYTES;

/** The most bytes that a frame of so many has when it is sealed. */
export function sealedSizeBytes(sizeBytes: number): number {
  const parts = Math.max(1, Math.ceil(sizeBytes / PART_SIZE_BYTES_MAX));
  return sizeBytes + parts * CIPHER_TAG_SIZE_BYTES;
}

export function sealFrame(cipher: NoiseCipher, frame: Uint8Array): Uint8Array<ArrayBuffer> {
  const sealed = new Uint8Array(sealedSizeBytes(frame.length));
  let offset = 0;
  let start = 0;
  do {
    const part = cipher.encrypt(frame.subarray(start, start + PART_SIZE_BYTES_MAX));
    rekeyInTime(cipher);
    sealed.set(part, offset);
    offset += part.length;
    start += PART_SIZE_BYTES_MAX;
  } while (start < frame.length);
  return sealed;
}

/** Gives back a frame; `undefined` when it is not the next one that the other end has sealed. */
export function openFrame(
  cipher: NoiseCipher,
  sealed: Uint8Array,
): Uint8Array<ArrayBuffer> | undefined {
  const parts = Math.max(1, Math.ceil(sealed.length / NOISE_MESSAGE_SIZE_BYTES_MAX));
  const sizeBytes = sealed.length - parts * CIPHER_TAG_SIZE_BYTES;
  if (sizeBytes < 0) return undefined;
  const frame = new Uint8Array(sizeBytes);
  for (let part = 0; part < parts; part++) {
    const start = part * NOISE_MESSAGE_SIZE_BYTES_MAX;
    const opened = cipher.decrypt(sealed.subarray(start, start + NOISE_MESSAGE_SIZE_BYTES_MAX));
    if (opened === undefined) return undefined;
    rekeyInTime(cipher);
    frame.set(opened, part * PART_SIZE_BYTES_MAX);
  }
  return frame;
}

function rekeyInTime(cipher: NoiseCipher): void {
  if (cipher.nonce % REKEY_MESSAGES === 0) cipher.rekey();
}
