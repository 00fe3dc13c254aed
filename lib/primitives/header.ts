/**
 * Block headers: the 116 bytes that proof of work hashes.
 *
 * | offset | size | field |
 * |---|---|---|
 * | 0 | 32 | previous hash |
 * | 32 | 32 | Merkle root |
 * | 64 | 32 | miner's public key |
 * | 96 | 8 | timestamp, ms since 1970-01-01 UTC |
 * | 104 | 4 | height |
 * | 108 | 4 | compact target |
 * | 112 | 4 | nonce |
 *
 * Integers are big endian. The hash is one SHA-256. The nonce is the thirteenth word of the second
 * 64-byte SHA-256 block, so that a miner computes the first block and twelve rounds once a template.
 *
 * @module
 */
import { type ByteReader, ByteWriter } from "../bytes.ts";
import { sha256Hex } from "../crypto/hash.ts";
import type { PublicKey } from "../crypto/keys.ts";
import type { CompactTarget } from "./target.ts";

/** The size of an encoded header in bytes. */
export const HEADER_SIZE_BYTES = 116;

/** The hash of a header: 64 lowercase hex characters. */
export type BlockHash = string & { readonly __brand: "BlockHash" };
/** The number of blocks below. */
export type Height = number & { readonly __brand: "Height" };
/** Milliseconds since 1970-01-01 UTC. */
export type TimestampMs = number & { readonly __brand: "TimestampMs" };

export interface Header {
  readonly previousHash: BlockHash;
  /** 64 lowercase hex characters. */
  readonly merkleRoot: string;
  readonly miner: PublicKey;
  readonly timestampMs: TimestampMs;
  readonly height: Height;
  readonly compactTarget: CompactTarget;
  readonly nonce: number;
}

export function writeHeader(writer: ByteWriter, header: Header): void {
  writer.hex(header.previousHash).hex(header.merkleRoot).hex(header.miner)
    .u64(header.timestampMs).u32(header.height).u32(header.compactTarget).u32(header.nonce);
}

export function readHeader(reader: ByteReader): Header {
  return {
    previousHash: reader.hex(32) as BlockHash,
    merkleRoot: reader.hex(32),
    miner: reader.hex(32) as PublicKey,
    timestampMs: reader.u64() as TimestampMs,
    height: reader.u32() as Height,
    compactTarget: reader.u32() as CompactTarget,
    nonce: reader.u32(),
  };
}

export function encodeHeader(header: Header): Uint8Array<ArrayBuffer> {
  const writer = new ByteWriter(HEADER_SIZE_BYTES);
  writeHeader(writer, header);
  return writer.finish();
}

/**
 * The block's hash.
 *
 * @example
 * ```ts
 * import { testParams } from "../testing/test_params.ts";
 * import { hashHeader } from "./header.ts";
 * import assert from "node:assert/strict";
 *
 * const { header, hash } = testParams().genesis;
 * assert.equal(hashHeader(header), hash);
 * assert.notEqual(hashHeader({ ...header, nonce: 1 }), hash);
 * ```
 */
export function hashHeader(header: Header): BlockHash {
  return sha256Hex(encodeHeader(header)) as BlockHash;
}
