/**
 * Spoiling inputs: recorded bytes, changed a little or a lot, so that what comes out still looks like an
 * input and mostly is none.
 *
 * @module
 */
import type { RandomStream } from "../../lib/random/random_stream.ts";

const SIZE_MAX = 1 << 20;
const NUMBERS = [0, 1, 0x7f, 0x80, 0xff, 0xffff, 0x7fffffff, 0x80000000, 0xffffffff];
const WORDS = [
  "null",
  "-1",
  "1e400",
  "9007199254740993",
  "__proto__",
  '"',
  "\\u0000",
  "[[[[[[[[",
  "{}",
  "\r\n\r\n",
  "%00",
  "../",
  "NaN",
  "0x10",
];

/** One spoilt input made of some of the recorded ones; now and then one as it was. */
export function mutate(
  corpus: readonly Uint8Array[],
  random: RandomStream,
): Uint8Array<ArrayBuffer> {
  let bytes = new Uint8Array(random.pick(corpus));
  if (random.chance(0.02)) return bytes;
  for (let count = random.pick([1, 1, 1, 2, 3, 8]); count > 0; count--) {
    bytes = change(bytes, corpus, random);
  }
  return bytes.length > SIZE_MAX ? bytes.subarray(0, SIZE_MAX) : bytes;
}

function change(
  bytes: Uint8Array<ArrayBuffer>,
  corpus: readonly Uint8Array[],
  random: RandomStream,
): Uint8Array<ArrayBuffer> {
  const at = random.integer(0, Math.max(0, bytes.length - 1));
  const to = Math.min(bytes.length, at + random.pick([1, 2, 4, 8, 32, 200]));
  switch (random.integer(0, 8)) {
    case 0:
      if (bytes.length > 0) bytes[at]! ^= 1 << random.integer(0, 7);
      return bytes;
    case 1:
      if (bytes.length > 0) bytes[at] = random.integer(0, 255);
      return bytes;
    case 2: {
      const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
      if (at + 4 <= bytes.length) view.setUint32(at, random.pick(NUMBERS));
      return bytes;
    }
    case 3:
      return bytes.slice(0, at);
    case 4:
      return join(bytes.subarray(0, at), bytes.subarray(to));
    case 5:
      return join(bytes.subarray(0, to), bytes.subarray(at, to), bytes.subarray(to));
    case 6: {
      const other = random.pick(corpus);
      const from = random.integer(0, Math.max(0, other.length - 1));
      return join(bytes.subarray(0, at), other.subarray(from, from + 200), bytes.subarray(at));
    }
    case 7:
      return join(
        bytes.subarray(0, at),
        new TextEncoder().encode(random.pick(WORDS)),
        bytes.subarray(at),
      );
    default: {
      const noise = Uint8Array.from(
        { length: random.integer(0, 40) },
        () => random.integer(0, 255),
      );
      return join(bytes.subarray(0, at), noise, bytes.subarray(to));
    }
  }
}

function join(...parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    whole.set(part, offset);
    offset += part.length;
  }
  return whole;
}
