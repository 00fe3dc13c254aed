/** When a heap is pressed to collect, on an engine made by hand. */
import assert from "node:assert/strict";
import process from "node:process";
import { setImmediate } from "node:timers/promises";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { THIS_ENGINE, TightHeap } from "./tight_heap.ts";

const MB = 1_000_000;

Deno.test("TightHeap presses once there is much garbage, and until there was a collection", () => {
  let used = 50 * MB;
  const pressed: number[] = [];
  const heap = new TightHeap({
    usedBytes: () => used,
    press: (bytes) => pressed.push(bytes),
    hasCollected: () => false,
  });
  const look = (bytes: number) => {
    used = bytes;
    heap.tidy();
    return pressed.length;
  };
  assert.equal(look(120 * MB), 0, "70 MB of garbage are left alone");
  assert.equal(look(131 * MB), 1);
  assert.equal(pressed[0], 458.5 * MB, "with what is used, more than four times what lives");
  assert.equal(look(140 * MB), 2, "the engine has only begun");
  assert.equal(look(125 * MB), 3, "young objects died, nothing else");
  assert.equal(look(90 * MB), 3, "it has collected");
  assert.equal(look(165 * MB), 3);
  assert.equal(look(171 * MB), 4);
  assert.equal(pressed[3], 598.5 * MB);
});

Deno.test("TightHeap leaves a heap alone that lives, and presses a large one for much garbage only", () => {
  let used = 50 * MB;
  let presses = 0;
  const heap = new TightHeap({
    usedBytes: () => used,
    press: () => void presses++,
    hasCollected: () => false,
  });
  used = 1_000 * MB;
  for (let look = 0; look < 1_000; look++) heap.tidy();
  assert.equal(presses, 4, "nothing dies: it gives up");

  used = 1_749 * MB;
  heap.tidy();
  assert.equal(presses, 4);
  used = 1_750 * MB;
  heap.tidy();
  assert.equal(presses, 5, "three quarters of what lives");
});

Deno.test("TightHeap believes a collection that comes after it has given up", () => {
  let used = 50 * MB;
  let presses = 0;
  const press = () => void presses++;
  const heap = new TightHeap({ usedBytes: () => used, press, hasCollected: () => false });
  used = 200 * MB;
  for (let look = 0; look < 10; look++) heap.tidy();
  assert.equal(presses, 4);
  used = 60 * MB;
  heap.tidy();
  used = 139 * MB;
  heap.tidy();
  assert.equal(presses, 4);
  used = 141 * MB;
  heap.tidy();
  assert.equal(presses, 5, "60 MB live, not 200");
});

Deno.test("TightHeap presses no more once the engine has collected, however much has come meanwhile", () => {
  let used = 50 * MB;
  let presses = 0;
  let hasCollected = true;
  const press = () => {
    presses++;
    hasCollected = false;
  };
  const heap = new TightHeap({ usedBytes: () => used, press, hasCollected: () => hasCollected });
  used = 131 * MB;
  heap.tidy();
  heap.tidy();
  assert.equal(presses, 2);

  hasCollected = true;
  used = 170 * MB;
  heap.tidy();
  assert.equal(presses, 2, "all 170 MB live");
  used = 297 * MB;
  heap.tidy();
  assert.equal(presses, 2);
  used = 298 * MB;
  heap.tidy();
  assert.equal(presses, 3, "three quarters of what lives");
});

Deno.test("this engine tells when it has collected", async () => {
  THIS_ENGINE.press(0);
  assert(!THIS_ENGINE.hasCollected());
  setFlagsFromString("--expose-gc");
  const collect: () => void = runInNewContext("gc");
  setFlagsFromString("--no-expose-gc");
  // The engine tells in a turn of its own.
  for (let turns = 0; turns < 1_000 && !THIS_ENGINE.hasCollected(); turns++) {
    collect();
    await setImmediate();
  }
  assert(THIS_ENGINE.hasCollected());
});

Deno.test("this engine's use is what lives longer than young objects do", () => {
  const kept: number[][] = [];
  const before = THIS_ENGINE.usedBytes();
  for (let count = 0; count < 100_000; count++) kept.push(Array.from({ length: 50 }, () => count));
  // Most have outlived several collections of young objects.
  const after = THIS_ENGINE.usedBytes();
  assert(after - before > 10 * MB);
  assert(after < process.memoryUsage().heapUsed);
  assert.equal(kept.length, 100_000);
});
