/** Garbage is collected for growth, not for size: what is in use never makes it collect again and again. */
import assert from "node:assert/strict";
import { createMemoryLook, GROWTH_BYTES, GROWTH_BYTES_MAX, LOOKS_BETWEEN } from "./memory_watch.ts";

Deno.test("createMemoryLook() collects once for each growth, also where nothing can be freed", () => {
  let resident = 100e6;
  let collected = 0;
  let inUse = Infinity;
  const look = createMemoryLook({
    residentBytes: () => resident,
    collect: () => {
      collected++;
      resident = Math.min(resident, inUse);
    },
  });
  for (let step = 0; step < 1_000; step++) {
    resident += GROWTH_BYTES_MAX / 10;
    look();
  }
  // A hundred times the growth, all of it in use: about a hundred collections and not a thousand.
  assert(collected >= 90 && collected <= 101, `${collected}`);

  inUse = resident;
  for (let step = 0; step < 1_000; step++) {
    resident += GROWTH_BYTES_MAX / 10;
    look();
  }
  assert(resident <= inUse + 1.2 * GROWTH_BYTES_MAX, "Garbage stays within one growth");
});

Deno.test("createMemoryLook() counts growth from the least that there was", () => {
  let resident = 500e6;
  let collected = 0;
  const look = createMemoryLook({ residentBytes: () => resident, collect: () => void collected++ });
  resident = 100e6;
  look();
  resident = 100e6 + GROWTH_BYTES_MAX;
  assert.equal(look(), true);
  assert.equal(collected, 1);
});

Deno.test("createMemoryLook() collects a little growth under load once in a while", () => {
  let resident = 100e6;
  let collected = 0;
  const look = createMemoryLook({
    residentBytes: () => resident,
    collect: () => {
      collected++;
      resident = 100e6;
    },
  });
  let mostBytes = 0;
  for (let step = 0; step < 20 * LOOKS_BETWEEN; step++) {
    resident += GROWTH_BYTES / 8;
    mostBytes = Math.max(mostBytes, resident);
    look();
  }
  assert(collected >= 18 && collected <= 20, `${collected}`);
  assert(mostBytes < 100e6 + 1.5 * GROWTH_BYTES, "It does not grow on until it rests");
});

Deno.test("createMemoryLook() does not stop a node that grows, and collects what is left when it rests", () => {
  let resident = 100e6;
  let collected = 0;
  const look = createMemoryLook({ residentBytes: () => resident, collect: () => void collected++ });
  resident += GROWTH_BYTES;
  assert.equal(look(), false);
  assert.equal(look(), true);
  assert.equal(look(), false);
  resident += GROWTH_BYTES - 1;
  look();
  assert.equal(look(), false, "Less than that stays");
  assert.equal(collected, 1);
});
