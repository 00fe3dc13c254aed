// deno-lint-ignore-file
// @ts-nocheck AssemblyScript: `deno task build` compiles it, not Deno
/**
 * The scalar kernel: searches a range of nonces for a header hash at or below a target.
 *
 * It owns one fixed buffer and SHA-256 over it (FIPS 180-4), and knows nothing of blocks, jobs,
 * threads or time. It is written to be compared with the standard, line by line: the SIMD kernel
 * calls it for every candidate, the tests hold both against node:crypto, and it mines alone where
 * SIMD is missing.
 *
 * Memory, all words of the header big endian as they are hashed:
 *
 * | offset | size | what                                                         | written by   |
 * |-------:|-----:|--------------------------------------------------------------|--------------|
 * |      0 |  128 | header (116 bytes), then SHA-256 padding: the two blocks      | host, kernel |
 * |    128 |   32 | target, big endian: the highest passing hash                  | host         |
 * |    160 |   32 | midstate: the state after the first block                     | prepare      |
 * |    192 |   32 | state: hash of the nonce tried last, as native words          | hash         |
 * |    256 |  256 | message schedule                                              | compress     |
 * |   1024 | 3072 | the SIMD kernel's table of constants                          | SIMD prepare |
 * |   4096 |  256 | round constants                                               | the compiler |
 *
 * The host writes header and target, calls `prepare` once, then `search` for range after range.
 */
const SECOND_BLOCK: usize = 64;
const NONCE: usize = 112;
const PADDING: usize = 116;
const TARGET: usize = 128;
const MIDSTATE: usize = 160;
const STATE: usize = 192;
const SCHEDULE: usize = 256;

/** The header's length in bits, which SHA-256 puts at the end of the padding. */
const HEADER_SIZE_BITS: u32 = 928;

/** The first 32 bits of the fractional parts of the cube roots of the first 64 primes. */
// deno-fmt-ignore
const ROUND_CONSTANTS: usize = memory.data<u32>([
  0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
  0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
  0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
  0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
  0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
  0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
  0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
  0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
]);

/** What `search` answers when no nonce of the range passes. */
const NONE: f64 = -1;

/** Takes in the header and the target that the host wrote. */
export function prepare(): void {
  prepareBlocks();
}

/** Hashes the header's first block, which no nonce changes, and writes the padding. */
export function prepareBlocks(): void {
  store<u32>(PADDING, bswap<u32>(0x80000000));
  store<u32>(PADDING + 4, 0);
  store<u32>(PADDING + 8, bswap(HEADER_SIZE_BITS));

  resetState(MIDSTATE);
  compress(MIDSTATE, 0);
}

/**
 * Answers the first passing nonce of `first .. first + count - 1`, or -1 when there is none.
 * The range must end at 2^32 or below.
 */
export function search(first: u32, count: u32): f64 {
  for (let i: u32 = 0; i < count; i++) {
    if (passes(first + i)) return f64(first + i);
  }

  return NONE;
}

/** Whether the header's hash with this nonce is at or below the target. */
export function passes(nonce: u32): bool {
  hash(nonce);

  for (let offset: usize = 0; offset < 32; offset += 4) {
    const word = load<u32>(STATE + offset);
    const limit = bswap(load<u32>(TARGET + offset));
    if (word != limit) return word < limit;
  }

  return true;
}

/** Hashes the prepared header with this nonce into the state. */
export function hash(nonce: u32): void {
  store<u32>(NONCE, bswap(nonce));
  memory.copy(STATE, MIDSTATE, 32);
  compress(STATE, SECOND_BLOCK);
}

/** Writes SHA-256's initial state. */
export function resetState(state: usize): void {
  store<u32>(state, 0x6a09e667, 0);
  store<u32>(state, 0xbb67ae85, 4);
  store<u32>(state, 0x3c6ef372, 8);
  store<u32>(state, 0xa54ff53a, 12);
  store<u32>(state, 0x510e527f, 16);
  store<u32>(state, 0x9b05688c, 20);
  store<u32>(state, 0x1f83d9ab, 24);
  store<u32>(state, 0x5be0cd19, 28);
}

/** One SHA-256 compression (FIPS 180-4, 6.2.2): the 64 bytes at `block` into `state`. */
export function compress(state: usize, block: usize): void {
  for (let t: usize = 0; t < 16; t++) {
    store<u32>(SCHEDULE + (t << 2), bswap(load<u32>(block + (t << 2))));
  }
  for (let t: usize = 16; t < 64; t++) {
    const word = scheduled(t - 16) + smallSigma0(scheduled(t - 15)) + scheduled(t - 7) +
      smallSigma1(scheduled(t - 2));
    store<u32>(SCHEDULE + (t << 2), word);
  }

  let a = load<u32>(state, 0);
  let b = load<u32>(state, 4);
  let c = load<u32>(state, 8);
  let d = load<u32>(state, 12);
  let e = load<u32>(state, 16);
  let f = load<u32>(state, 20);
  let g = load<u32>(state, 24);
  let h = load<u32>(state, 28);

  for (let t: usize = 0; t < 64; t++) {
    const t1 = h + bigSigma1(e) + choose(e, f, g) + roundConstant(t) + scheduled(t);
    const t2 = bigSigma0(a) + majority(a, b, c);
    h = g;
    g = f;
    f = e;
    e = d + t1;
    d = c;
    c = b;
    b = a;
    a = t1 + t2;
  }

  store<u32>(state, load<u32>(state, 0) + a, 0);
  store<u32>(state, load<u32>(state, 4) + b, 4);
  store<u32>(state, load<u32>(state, 8) + c, 8);
  store<u32>(state, load<u32>(state, 12) + d, 12);
  store<u32>(state, load<u32>(state, 16) + e, 16);
  store<u32>(state, load<u32>(state, 20) + f, 20);
  store<u32>(state, load<u32>(state, 24) + g, 24);
  store<u32>(state, load<u32>(state, 28) + h, 28);
}

/** Word `i` of the second block, for the SIMD kernel's constants. */
export function messageWord(i: usize): u32 {
  return bswap(load<u32>(SECOND_BLOCK + (i << 2)));
}

/** Word `i` of the midstate. */
export function midstate(i: usize): u32 {
  return load<u32>(MIDSTATE + (i << 2));
}

/** The target's first word. */
export function targetWord(): u32 {
  return bswap(load<u32>(TARGET));
}

export function roundConstant(t: usize): u32 {
  return load<u32>(ROUND_CONSTANTS + (t << 2));
}

function scheduled(t: usize): u32 {
  return load<u32>(SCHEDULE + (t << 2));
}

export function choose(x: u32, y: u32, z: u32): u32 {
  return z ^ (x & (y ^ z));
}

export function majority(x: u32, y: u32, z: u32): u32 {
  return (x & y) ^ (z & (x ^ y));
}

export function bigSigma0(x: u32): u32 {
  return rotr(x, 2) ^ rotr(x, 13) ^ rotr(x, 22);
}

export function bigSigma1(x: u32): u32 {
  return rotr(x, 6) ^ rotr(x, 11) ^ rotr(x, 25);
}

export function smallSigma0(x: u32): u32 {
  return rotr(x, 7) ^ rotr(x, 18) ^ (x >>> 3);
}

export function smallSigma1(x: u32): u32 {
  return rotr(x, 17) ^ rotr(x, 19) ^ (x >>> 10);
}
