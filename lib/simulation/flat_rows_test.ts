import assert from "node:assert/strict";
import fc from "fast-check";
import { FlatRows, NO_PLACE } from "./flat_rows.ts";

Deno.test("FlatRows keeps what maps of maps would, whatever the order of use", () => {
  const uses = fc.array(fc.tuple(fc.nat(80), fc.nat(60), fc.nat(1000)), { maxLength: 400 });
  fc.assert(fc.property(uses, (steps) => {
    const rows = new FlatRows(1);
    const expected = new Map<number, Map<number, number>>();
    for (const [sender, receiver, figure] of steps) {
      const row = expected.get(sender) ?? new Map<number, number>();
      expected.set(sender, row);
      let place = rows.placeOf(sender, receiver);
      assert.equal(place === NO_PLACE, !row.has(receiver));
      if (place === NO_PLACE) {
        place = rows.add(sender, receiver);
        assert.equal(rows.figures[place + 1], 0);
      } else assert.equal(rows.figures[place + 1], row.get(receiver));
      rows.figures[place + 1] = figure;
      row.set(receiver, figure);
    }
    for (const [sender, row] of expected) {
      assert.equal(rows.countOf(sender), row.size);
      for (const [receiver, figure] of row) {
        assert.equal(rows.figures[rows.placeOf(sender, receiver) + 1], figure);
      }
    }
  }));
});

function expectedOf(rows: FlatRows, sender: number): number | undefined {
  const place = rows.expectedPlaceOf(sender);
  return place === NO_PLACE ? undefined : rows.figures[place];
}

Deno.test("FlatRows expects a sender's receivers in their order, round and round", () => {
  const rows = new FlatRows(0);
  assert.equal(expectedOf(rows, 7), undefined);
  assert.equal(rows.countOf(100_000), 0);
  for (let receiver = 0; receiver < 50; receiver++) rows.add(7, 2 * receiver);
  const met = Array.from({ length: 100 }, () => {
    const receiver = expectedOf(rows, 7);
    rows.advance(7);
    return receiver;
  });
  assert.deepEqual(met, [...met.slice(0, 50), ...met.slice(0, 50)]);
  assert.deepEqual(met.slice(0, 3), [0, 2, 4]);
  rows.placeOf(7, 40);
  assert.equal(expectedOf(rows, 7), 42);
});

Deno.test("FlatRows visits every record once", () => {
  const rows = new FlatRows(1);
  for (let sender = 0; sender < 200; sender++) {
    for (let receiver = 0; receiver <= sender % 20; receiver++) rows.add(sender, receiver);
  }
  const places = new Set<number>();
  rows.forEach((place) => places.add(place));
  assert.equal(places.size, 200 * 21 / 2);
});
