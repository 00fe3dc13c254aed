/** Garbage is collected for growth, not for size: what is in use never makes it collect again and again. */
import assert from "node:assert/strict";
import { createMemoryLook, GROWTH_BYTES } from "./memory_watch.ts";

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
    resident += GROWTH_BYTES / 10;
    look();
  }
  // A hundred times the growth, all of it in use: about a hundred collections and not a thousand.
  assert(collected >= 95 && collected <= 101, `${collected}`);

  inUse = resident;
  for (let step = 0; step < 1_000; step++) {
    resident += GROWTH_BYTES / 10;
    look();
  }
  assert(resident <= inUse + 1.2 * GROWTH_BYTES, "Garbage stays within one growth");
});

Deno.test("createMemoryLook() counts growth from the least that there was", () => {
  let resident = 500e6;
  let collected = 0;
  const look = createMemoryLook({ residentBytes: () => resident, collect: () => void collected++ });
  resident = 100e6;
  look();
  resident = 100e6 + GROWTH_BYTES;
  assert.equal(look(), true);
  assert.equal(collected, 1);
});
