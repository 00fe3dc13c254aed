/** Exercise 2: of two blocks at one height the one that is dated earlier wins, also while the node mines. */
import assert from "node:assert/strict";
import { PARAMETERS } from "../../lib/parameter_table.ts";
import { createSmallLedger } from "../../lib/testing/small_ledger.ts";

/** A word that you add to the parameter; the lower hash decides between blocks of one date. */
const CHOICE = { forkChoice: "earlier" } as object;

Deno.test("the earlier block of a tie is the tip, whichever came first", () => {
  const words: readonly string[] = PARAMETERS.forkChoice.words;
  assert(words.includes("earlier"), "the network can choose the rule");
  for (const earlierFirst of [true, false]) {
    const { ledger, valid } = createSmallLedger(CHOICE);
    const { timestampMs } = ledger.chain.tip.header;
    const blocks = [500, 900].map((afterMs) =>
      ledger.mine([valid], { timestampMs: timestampMs + afterMs })
    );
    const [earlier] = blocks;
    for (const block of earlierFirst ? blocks : blocks.toReversed()) {
      assert(ledger.accept(block).result.ok);
    }
    assert.equal(ledger.chain.tip.hash, earlier?.hash, `earlier block first: ${earlierFirst}`);
  }
});

Deno.test("the lower hash decides between blocks of one date, whichever came first", () => {
  const words: readonly string[] = PARAMETERS.forkChoice.words;
  assert(words.includes("earlier"), "the network can choose the rule");
  for (const lowerFirst of [true, false]) {
    const { ledger, valid } = createSmallLedger(CHOICE);
    const rivals = [0, 1_000].map((firstNonce) => ledger.mine([valid], { firstNonce }));
    rivals.sort((a, b) => a.hash < b.hash ? -1 : 1);
    const [lower] = rivals;
    for (const block of lowerFirst ? rivals : rivals.toReversed()) {
      assert(ledger.accept(block).result.ok);
    }
    assert.equal(ledger.chain.tip.hash, lower?.hash, `lower hash first: ${lowerFirst}`);
  }
});
