/** A map of hex texts does what a map does. */
import assert from "node:assert/strict";
import * as fc from "fast-check";
import { HexMap } from "./hex_map.ts";

const KEYS = Array.from({ length: 12 }, (_, number) => `${"ab".repeat(number)}${number}`);

const arbitrarySteps = fc.array(
  fc.oneof(
    { weight: 6, arbitrary: fc.record({ kind: fc.constant("set" as const), key: fc.nat(11) }) },
    { weight: 4, arbitrary: fc.record({ kind: fc.constant("delete" as const), key: fc.nat(11) }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant("clear" as const) }) },
  ),
  { maxLength: 120 },
);

Deno.test("a hex map is what a map is after any steps, in the same order, for however many it was made", () => {
  fc.assert(fc.property(arbitrarySteps, fc.nat(20), (steps, count) => {
    const [hex, map] = [new HexMap<string, number>(count), new Map<string, number>()];
    for (const [time, step] of steps.entries()) {
      if (step.kind === "clear") {
        hex.clear();
        map.clear();
      } else if (step.kind === "delete") {
        const key = KEYS[step.key] as string;
        assert.equal(hex.delete(key), map.delete(key));
      } else {
        const key = KEYS[step.key] as string;
        assert.equal(hex.set(key, time), hex);
        map.set(key, time);
      }
      assert.equal(hex.size, map.size);
      assert.deepEqual([...hex], [...map]);
      assert.deepEqual([...hex.keys()], [...map.keys()]);
      assert.deepEqual([...hex.values()], [...map.values()]);
      for (const key of KEYS) {
        assert.equal(hex.has(key), map.has(key));
        assert.equal(hex.get(key), map.get(key));
      }
    }
  }));
});

Deno.test("a hex map of many that come and go keeps every entry, and takes them out while it is iterated", () => {
  const [hex, map] = [new HexMap<string, number>(), new Map<string, number>()];
  for (let number = 0; number < 20_000; number++) {
    const key = crypto.getRandomValues(new Uint8Array(32)).toHex() + ":" + number % 2;
    hex.set(key, number);
    map.set(key, number);
    if (map.size <= 3_000) continue;
    for (const oldest of hex.keys()) {
      if (hex.size <= 1_000) break;
      assert(hex.delete(oldest));
      assert(map.delete(oldest));
    }
  }
  assert.deepEqual([...hex], [...map]);
  for (const [key, number] of map) assert.equal(hex.get(key), number);
  for (const key of hex.keys()) assert(hex.delete(key));
  assert.deepEqual([...hex], []);
  assert.deepEqual([...hex.set("0a", 1).set("0b", 2)], [["0a", 1], ["0b", 2]]);
});

Deno.test("keys that differ only behind what the hash looks at are different keys", () => {
  const hex = new HexMap<string, number>();
  const key = (number: number) => `${"0".repeat(60)}${number.toString(16).padStart(4, "0")}:0`;
  for (let number = 0; number < 500; number++) hex.set(key(number), number);
  for (let number = 0; number < 500; number += 2) assert(hex.delete(key(number)));
  for (let number = 0; number < 500; number++) {
    assert.equal(hex.get(key(number)), number % 2 === 0 ? undefined : number);
  }
});
