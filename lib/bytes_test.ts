import assert from "node:assert/strict";
import * as fc from "fast-check";
import {
  ByteReader,
  ByteWriter,
  compareText,
  concatBytes,
  equalBytes,
  formatHex,
  parseHex,
} from "./bytes.ts";

Deno.test("formatHex() and parseHex() are opposites", () => {
  fc.assert(fc.property(fc.uint8Array({ maxLength: 80 }), (bytes) => {
    assert.deepEqual(parseHex(formatHex(bytes), bytes.length), new Uint8Array(bytes));
  }));
});

Deno.test("parseHex() takes lowercase hex of the wanted size and nothing else", () => {
  for (const text of ["0", "0g", "AB", " 00", "00\n", "0x00", "0０"]) {
    assert.equal(parseHex(text), undefined, JSON.stringify(text));
  }
  assert.equal(parseHex("0011", 1), undefined);
  assert.equal(parseHex("", 1), undefined);
  assert.deepEqual(parseHex("", 0), new Uint8Array(0));
});

Deno.test("ByteWriter and ByteReader are opposites, big endian, whatever the first capacity", () => {
  fc.assert(fc.property(
    fc.nat(0xff),
    fc.nat(0xffff),
    fc.nat(0xffffffff),
    fc.maxSafeNat(),
    fc.uint8Array({ maxLength: 40 }),
    fc.string({ unit: "grapheme", maxLength: 20 }),
    fc.nat(64),
    (u8, u16, u32, u64, bytes, text, capacityBytes) => {
      const written = new ByteWriter(capacityBytes).u8(u8).u16(u16).u32(u32).u64(u64)
        .sized(bytes).text(text).finish();
      const reader = new ByteReader(written);
      assert.equal(reader.u8(), u8);
      assert.equal(reader.u16(), u16);
      assert.equal(reader.u32(), u32);
      assert.equal(reader.u64(), u64);
      assert.equal(formatHex(reader.sized(40)), formatHex(bytes));
      assert.equal(reader.text(400), text);
      assert.equal(reader.finish(), true);
    },
  ));
  assert.equal(
    formatHex(new ByteWriter().u8(1).u16(2).u32(3).u64(2 ** 53 - 1).finish()),
    "01" + "0002" + "00000003" + "001fffffffffffff",
  );
});

Deno.test("T07 ByteWriter refuses what is no integer of the field's size", () => {
  for (const value of [-1, 1.5, NaN, Infinity, 2 ** 53, 1e400]) {
    assert.throws(() => new ByteWriter().u64(value), { name: "InvariantError" }, `${value}`);
  }
  assert.throws(() => new ByteWriter().u8(256), { name: "InvariantError" });
  assert.throws(() => new ByteWriter().u16(65_536), { name: "InvariantError" });
  assert.throws(() => new ByteWriter().u32(2 ** 32), { name: "InvariantError" });
});

Deno.test("T07 ByteReader refuses 2^53 and above", () => {
  const last = new ByteReader(parseHex("001fffffffffffff") as Uint8Array);
  assert.equal(last.u64(), 9007199254740991);
  assert.equal(last.finish(), true);
  for (const hex of ["0020000000000000", "0020000000000001", "ffffffffffffffff"]) {
    const reader = new ByteReader(parseHex(hex) as Uint8Array);
    assert.equal(reader.u64(), 0, hex);
    assert.equal(reader.finish(), false, hex);
  }
});

Deno.test("ByteReader gives zeros once it ran out, and says so at the end", () => {
  const reader = new ByteReader(new Uint8Array([1, 2]));
  assert.equal(reader.u32(), 0);
  assert.equal(reader.u8(), 0);
  assert.equal(reader.bytes(1).length, 0);
  assert.equal(reader.u64(), 0);
  assert.equal(reader.remainingBytes, 0);
  assert.equal(reader.failed, true);
  assert.equal(reader.finish(), false);

  const unread = new ByteReader(new Uint8Array([1, 2]));
  unread.u8();
  assert.equal(unread.remainingBytes, 1);
  assert.equal(unread.finish(), false, "a byte too many is no message");
});

Deno.test("ByteReader bounds sized fields and wants well-formed UTF-8", () => {
  const long = new ByteReader(new ByteWriter().sized(new Uint8Array(5)).finish());
  assert.equal(long.sized(4).length, 0);
  assert.equal(long.finish(), false);

  const illFormed = new ByteReader(new ByteWriter().sized(new Uint8Array([0xc3, 0x28])).finish());
  assert.equal(illFormed.text(10), "");
  assert.equal(illFormed.finish(), false);

  const huge = new ByteReader(new Uint8Array([0xff, 0xff, 0xff, 0xff, 1]));
  assert.equal(huge.sized(0xffffffff).length, 0);
  assert.equal(huge.finish(), false);
});

Deno.test("ByteReader reads names, one over the other, and skips what nobody wants", () => {
  const [one, other] = [new Uint8Array(32).fill(1), new Uint8Array(32).fill(2)];
  const reader = new ByteReader(concatBytes([one, new Uint8Array(5), other, one.subarray(1)]));
  const name = reader.name();
  assert.deepEqual(name, one);
  reader.skip(5);
  assert.equal(reader.name(), name);
  assert.deepEqual(name, other);
  assert.equal(reader.name(), undefined);
  assert(!reader.finish());
  const short = new ByteReader(one);
  short.skip(33);
  assert(!short.finish());
});

Deno.test("ByteReader reads from the middle of a buffer", () => {
  const buffer = new Uint8Array([9, 9, 0, 0, 0, 7, 9]);
  const reader = new ByteReader(buffer.subarray(2, 6));
  assert.equal(reader.u32(), 7);
  assert.equal(reader.finish(), true);
});

Deno.test("concatBytes(), equalBytes() and compareText() do what they say", () => {
  assert.deepEqual(
    concatBytes([new Uint8Array([1]), new Uint8Array(0), new Uint8Array([2, 3])]),
    new Uint8Array([1, 2, 3]),
  );
  assert.equal(equalBytes(new Uint8Array([1, 2]), new Uint8Array([1, 2])), true);
  assert.equal(equalBytes(new Uint8Array([1, 2]), new Uint8Array([1, 3])), false);
  assert.equal(equalBytes(new Uint8Array([1]), new Uint8Array([1, 2])), false);
  assert.deepEqual(["ä", "b", "B", "a"].sort(compareText), ["B", "a", "b", "ä"]);
});
