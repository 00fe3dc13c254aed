// deno-lint-ignore-file
// @ts-nocheck AssemblyScript: `deno task build` compiles it, not Deno
/**
 * The hash kernel: SHA-256 (FIPS 180-4) of one short message.
 *
 * It owns one fixed buffer and takes the compression from the scalar kernel. Knows nothing of what the
 * message means; `lib/crypto/hash.ts` is its only caller.
 *
 * | offset | size | what                                      | written by |
 * |-------:|-----:|-------------------------------------------|------------|
 * |    192 |   32 | digest                                    | hash       |
 * |    256 |  256 | message schedule                          | compress   |
 * |   1024 |  512 | message (503 bytes at most), then padding | host, hash |
 * |   4096 |  256 | round constants                           | compiler   |
 *
 * The host writes the message, calls `hash` with its size and reads the digest.
 */
import { compress, resetState } from "./scalar_kernel.ts";

const DIGEST: usize = 192;
const MESSAGE: usize = 1024;
const BLOCK_SIZE_BYTES: usize = 64;

/** A one bit behind the message, and the message's length in bits, take nine bytes at least. */
const PADDING_SIZE_BYTES_MIN: usize = 9;

/** Hashes the first `sizeBytes` bytes of the message buffer. */
export function hash(sizeBytes: usize): void {
  const blocks = (sizeBytes + PADDING_SIZE_BYTES_MIN + BLOCK_SIZE_BYTES - 1) / BLOCK_SIZE_BYTES;
  const end = MESSAGE + blocks * BLOCK_SIZE_BYTES;
  memory.fill(MESSAGE + sizeBytes, 0, end - MESSAGE - sizeBytes);
  store<u8>(MESSAGE + sizeBytes, 0x80);
  store<u32>(end - 4, bswap<u32>(u32(sizeBytes) << 3));

  resetState(DIGEST);
  for (let block = MESSAGE; block < end; block += BLOCK_SIZE_BYTES) compress(DIGEST, block);
  for (let offset: usize = 0; offset < 32; offset += 4) {
    store<u32>(DIGEST + offset, bswap(load<u32>(DIGEST + offset)));
  }
}
