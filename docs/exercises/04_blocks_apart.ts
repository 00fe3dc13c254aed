/** Exercise 4: a rule: a block is at least `block distance` later than its parent. */
import assert from "node:assert/strict";
import { checkHeaderAgainstParent } from "../../lib/consensus/check_block.ts";
import { TemplateDraft } from "../../lib/mining/template.ts";
import { bob, createSmallLedger } from "../../lib/testing/small_ledger.ts";

/** A chain parameter that you add: 500 ms here, 0 by default. */
const CHOICE = { blockDistanceMs: 500 } as object;

Deno.test("a block that comes too soon after its parent is refused with a code of its own", () => {
  const { ledger, block } = createSmallLedger(CHOICE);
  const { tip } = ledger.chain;
  const timestampMs = tip.header.timestampMs + 100;
  const check = checkHeaderAgainstParent as (...args: unknown[]) => ReturnType<
    typeof checkHeaderAgainstParent
  >;
  const checked = check({ ...block.header, timestampMs }, tip, ledger.nowMs, ledger.params);
  assert(!checked.ok, "the block is refused");
  assert.equal(checked.error.code as string, "block-time-too-close");
});

Deno.test("a miner's own template keeps the distance", () => {
  const { ledger, params } = createSmallLedger(CHOICE);
  const { tip } = ledger.chain;
  const draft = new TemplateDraft(tip, params);
  const nowMs = tip.header.timestampMs + 100;
  const { header } = draft.template({ miner: bob.publicKey, nowMs });
  assert(header.timestampMs >= tip.header.timestampMs + 500, "the template is far enough away");
});
