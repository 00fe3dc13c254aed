/** A map without a table does what a map does. */
import assert from "node:assert/strict";
import * as fc from "fast-check";
import { LazyMap } from "./lazy_map.ts";

const arbitrarySteps = fc.array(
  fc.oneof(
    fc.record({ kind: fc.constant("set" as const), key: fc.nat(5), value: fc.nat() }),
    fc.record({ kind: fc.constant("delete" as const), key: fc.nat(5) }),
    fc.record({ kind: fc.constant("insert" as const), key: fc.nat(5), value: fc.nat() }),
    fc.record({ kind: fc.constant("clear" as const) }),
  ),
);

Deno.test("a lazy map is what a map is after any steps, empty or not", () => {
  fc.assert(fc.property(arbitrarySteps, (steps) => {
    const lazy = new LazyMap<number, number>();
    const map = new Map<number, number>();
    const isSame = () => {
      assert.deepEqual([...lazy], [...map]);
      assert.deepEqual([...lazy.keys()], [...map.keys()]);
      assert.deepEqual([...lazy.values()], [...map.values()]);
      const visited: [number, number][] = [];
      lazy.forEach((value, key, whole) => {
        assert.equal(whole, lazy);
        visited.push([key, value]);
      });
      assert.deepEqual(visited, [...map.entries()]);
      assert.equal(lazy.size, map.size);
      for (let key = 0; key <= 5; key++) {
        assert.equal(lazy.get(key), map.get(key));
        assert.equal(lazy.has(key), map.has(key));
      }
    };
    isSame();
    for (const step of steps) {
      if (step.kind === "clear") {
        lazy.clear();
        map.clear();
      } else if (step.kind === "delete") {
        assert.equal(lazy.delete(step.key), map.delete(step.key));
      } else if (step.kind === "set") {
        assert.equal(lazy.set(step.key, step.value), lazy);
        map.set(step.key, step.value);
      } else {
        const had = map.get(step.key);
        assert.equal(lazy.getOrInsert(step.key, step.value), had ?? step.value);
        assert.equal(lazy.getOrInsertComputed(step.key, () => -1), had ?? step.value);
        if (had === undefined) map.set(step.key, step.value);
      }
      isSame();
    }
  }));
});

Deno.test("empty lazy maps share nothing that is written to", () => {
  const [one, other] = [new LazyMap<number, number>(), new LazyMap<number, number>()];
  one.set(1, 1);
  assert.equal(other.size, 0);
  assert.deepEqual([...other], []);
  assert.deepEqual([...new LazyMap()], []);
});
