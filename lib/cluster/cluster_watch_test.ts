import assert from "node:assert/strict";
import { haveSettled } from "./cluster_watch.ts";

const chain = (transactionsWaiting: number, poolDigest = "aa", tipHash = "t") => ({
  tipHash,
  transactionsWaiting,
  poolDigest,
});

Deno.test("haveSettled() wants one tip, and no more waiting than may", () => {
  assert(haveSettled([chain(0), chain(0), chain(0)], 0));
  assert(haveSettled([chain(9), chain(9)], 9));
  assert(!haveSettled([chain(0), chain(0, "aa", "other")], 0));
  assert(!haveSettled([chain(1), chain(1)], 0));
  assert(!haveSettled([chain(10), chain(10)], 9));
});

Deno.test("haveSettled() knows that what waits at one node only is on its way to the others", () => {
  // Ten payments fill a block: each node has its own, and none has all.
  assert(!haveSettled([chain(4, "aa"), chain(3, "bb"), chain(3, "cc")], 9));
  assert(!haveSettled([chain(9, "aa"), chain(9, "bb")], 9));
});

Deno.test("haveSettled() takes the word of nodes that tell no digest", () => {
  const { poolDigest: _, ...older } = chain(0);
  assert(haveSettled([older, older], 0));
});
