/** Exercise 2: of two blocks at one height the lower hash wins, also while the node mines. */
import assert from "node:assert/strict";
import { createSmallLedger } from "../../lib/testing/small_ledger.ts";

Deno.test("the lower hash of a tie is the tip, whichever came first", () => {
  for (const lowerFirst of [true, false]) {
    const { ledger, valid } = createSmallLedger();
    const rivals = [0, 1_000].map((firstNonce) => ledger.mine([valid], { firstNonce }));
    rivals.sort((a, b) => a.hash < b.hash ? -1 : 1);
    const [lower] = rivals;
    for (const block of lowerFirst ? rivals : rivals.toReversed()) {
      assert(ledger.accept(block).result.ok);
    }
    assert.equal(ledger.chain.tip.hash, lower?.hash, `lower hash first: ${lowerFirst}`);
  }
});
