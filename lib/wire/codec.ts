/**
 * Messages between nodes as bytes: one canonical encoding, one door in each direction.
 *
 * {@link decodeMessage} takes nothing but what {@link encodeMessage} would have written, so each message
 * has exactly one encoding. The bytes of each stand in `message_table.ts`.
 *
 * Called by the transport; the simulator sends messages through it, too, when asked to.
 *
 * @module
 */
import { ByteReader, ByteWriter } from "../bytes.ts";
import { invariant } from "../result.ts";
import { type Message, MESSAGE_SIZE_BYTES_MAX, type MessageType } from "./message.ts";
import { type MessageEntry, MESSAGES } from "./message_table.ts";

const TYPES_BY_TAG = new Map(
  Object.entries(MESSAGES).map(([type, { tag }]) => [tag, type as MessageType]),
);

/**
 * Encodes a message of our own; throws where it breaks a bound, which is our mistake.
 *
 * @example
 * ```ts
 * import { decodeMessage, encodeMessage } from "./codec.ts";
 * import assert from "node:assert/strict";
 *
 * const bytes = encodeMessage({ type: "get-pool" });
 * assert.deepEqual(bytes, new Uint8Array([16]));
 * assert.deepEqual(decodeMessage(bytes), { type: "get-pool" });
 * ```
 */
export function encodeMessage(message: Message): Uint8Array<ArrayBuffer> {
  // The entry is the message's own, which the compiler cannot see.
  const entry = MESSAGES[message.type] as MessageEntry<MessageType>;
  const writer = new ByteWriter(1024).u8(entry.tag);
  entry.write(writer, message as never);
  const bytes = writer.finish();
  invariant(bytes.length <= MESSAGE_SIZE_BYTES_MAX, `Oversized message "${message.type}"`);
  return bytes;
}

/** What an encoded message says that it is, by its first byte. */
export function typeOfMessage(bytes: Uint8Array): MessageType | undefined {
  return TYPES_BY_TAG.get(bytes[0] ?? -1);
}

/** Reads one message that fills the bytes; `undefined` when they are anything else. */
export function decodeMessage(bytes: Uint8Array): Message | undefined {
  if (bytes.length > MESSAGE_SIZE_BYTES_MAX) return undefined;
  const reader = new ByteReader(bytes);
  const type = TYPES_BY_TAG.get(reader.u8());
  if (type === undefined) return undefined;
  const fields = MESSAGES[type].read(reader);
  return fields !== undefined && reader.finish() ? { type, ...fields } as Message : undefined;
}
