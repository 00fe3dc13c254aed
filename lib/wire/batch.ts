/**
 * Batches: several encoded messages in one frame of a stream, each with its length (4 bytes, big endian)
 * in front.
 *
 * The receiver answers every frame with an acknowledgement: how many frames of this stream it has taken
 * so far (4 bytes). A sender keeps few frames unacknowledged, so a slow receiver slows it down.
 *
 * @module
 */
import { ByteReader, ByteWriter } from "../bytes.ts";
import { MESSAGE_SIZE_BYTES_MAX } from "./message.ts";

/** A sender closes a batch at this size; one larger message travels alone. */
export const BATCH_FILL_BYTES = 256 * 1024;
/** The most bytes that a frame may have. */
export const BATCH_SIZE_BYTES_MAX = MESSAGE_SIZE_BYTES_MAX + 4;
/** The most messages in one batch. */
export const BATCH_MESSAGES_MAX = 1024;

/** Puts encoded messages into one frame. */
export function encodeBatch(messages: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  let sizeBytes = 0;
  for (const message of messages) sizeBytes += 4 + message.length;
  const writer = new ByteWriter(sizeBytes);
  for (const message of messages) writer.sized(message);
  return writer.finish();
}

/** Takes a frame apart; `undefined` when it is empty, truncated or holds too many messages. */
export function decodeBatch(frame: Uint8Array): Uint8Array[] | undefined {
  if (frame.length > BATCH_SIZE_BYTES_MAX) return undefined;
  const reader = new ByteReader(frame);
  const messages: Uint8Array[] = [];
  while (reader.remainingBytes > 0) {
    messages.push(reader.sized(MESSAGE_SIZE_BYTES_MAX));
    if (messages.length > BATCH_MESSAGES_MAX) return undefined;
  }
  return reader.finish() && messages.length > 0 ? messages : undefined;
}

export function encodeAck(frameCount: number): Uint8Array<ArrayBuffer> {
  return new ByteWriter(4).u32(frameCount % 0x1_0000_0000).finish();
}

/** Reads an acknowledgement; `undefined` when it is anything else. */
export function decodeAck(bytes: Uint8Array): number | undefined {
  const reader = new ByteReader(bytes);
  const frameCount = reader.u32();
  return reader.finish() ? frameCount : undefined;
}
