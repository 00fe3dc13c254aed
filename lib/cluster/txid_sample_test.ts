import assert from "node:assert/strict";
import { sha256Hex } from "../crypto/hash.ts";
import { utf8Bytes } from "../bytes.ts";
import { TxidSample } from "./txid_sample.ts";

Deno.test("TxidSample follows all, then fair halves of what it followed before", () => {
  const txids = Array.from({ length: 4_000 }, (_, index) => sha256Hex(utf8Bytes(String(index))));
  const sample = new TxidSample();
  assert(txids.every((txid) => sample.isKept(txid)));
  sample.halve();
  const half = txids.filter((txid) => sample.isKept(txid));
  assert(half.length > 1_800 && half.length < 2_200, `${half.length}`);
  sample.halve();
  assert.equal(sample.share, 0.25);
  const quarter = txids.filter((txid) => sample.isKept(txid));
  assert(quarter.every((txid) => half.includes(txid)));
});
