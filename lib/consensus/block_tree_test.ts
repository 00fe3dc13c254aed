import assert from "node:assert/strict";
import { mineBlock } from "../simulation/mine_block.ts";
import { testParams } from "../testing/test_params.ts";
import { type BlockEntry, BlockTree } from "./block_tree.ts";
import { MOST_WORK } from "./fork_choice/most_work.ts";
import { forkChoiceOf } from "./fork_choice/tip_order.ts";

const params = testParams({ emptyBlocks: true });

/** A tree that takes blocks by the nonce their search begins with. */
function plant() {
  const tree = new BlockTree(params);
  const add = (parent: BlockEntry, firstNonce: number) =>
    tree.add(mineBlock(parent, { params, firstNonce }), parent);
  // genesis ─ a ─ b ─ c
  //            └─ d ─ e
  const a = add(tree.genesis, 1);
  const b = add(a, 1);
  const d = add(a, 1000);
  const e = add(d, 1);
  const c = add(b, 1);
  return { tree, add, a, b, c, d, e };
}

function statusesOf(tree: BlockTree): string[] {
  return [...tree.entries()].map(({ status, invalidCode }) => invalidCode ?? status);
}

Deno.test("BlockTree sums up work and counts arrivals", () => {
  const { tree, a, b, c, d, e } = plant();
  assert.equal(tree.size, 6);
  assert.deepEqual([...tree.entries()], [tree.genesis, a, b, d, e, c]);
  assert.deepEqual([...tree.entries()].map(({ sequence }) => sequence), [0, 1, 2, 3, 4, 5]);
  assert.equal(tree.get(c.hash), c);
  assert.equal(c.work, 3n * params.workPerBlock);
  assert.equal(e.work, c.work);
  assert.deepEqual(tree.leaves(), new Set([c, e]));
});

const { best, isTie } = forkChoiceOf(MOST_WORK);

Deno.test("the most work prefers the tip, then the first seen; rivalsOf() names the others", () => {
  const { tree, add, a, b, c, d, e } = plant();
  assert.equal(best(tree.entries(), c), c);
  assert.equal(best(tree.entries(), e), e);
  assert.equal(best(tree.entries(), a), e);
  assert.deepEqual(tree.rivalsOf(c, isTie), [e]);
  assert.deepEqual(tree.rivalsOf(b, isTie), [d]);
  const f = add(c, 1);
  assert.equal(best(tree.entries(), e), f);
  assert.deepEqual(tree.rivalsOf(f, isTie), []);
});

Deno.test("markInvalid() takes everything above with it and nothing else", () => {
  const { tree, a, d, e, c } = plant();
  for (const entry of [a, d]) tree.markValid(entry);
  assert.deepEqual(tree.markInvalid(d, "block-bad-transaction"), [d, e]);
  assert.deepEqual(statusesOf(tree), [
    "valid",
    "valid",
    "side",
    "block-bad-transaction",
    "block-parent-invalid",
    "side",
  ]);
  assert.equal(best(tree.entries(), a), c);
  assert.deepEqual(tree.rivalsOf(c, isTie), []);
});

Deno.test("lift() forgives a block, all below and all above it, and no other branch", () => {
  const { tree, a, b, c, d, e } = plant();
  tree.markInvalid(a, "invalidated-by-operator");
  assert.deepEqual(new Set(tree.lift(d)), new Set([a, d, e]));
  assert.deepEqual([b, c].map(({ status }) => status), ["invalid", "invalid"]);
  assert.deepEqual([a, d, e].map(({ status }) => status), ["side", "side", "side"]);
  assert.equal(d.invalidCode, undefined);
  assert.deepEqual(tree.lift(d), []);
});

Deno.test("restore() builds the same tree and counts on from it", () => {
  const { tree, a, d, e } = plant();
  tree.markInvalid(d, "block-bad-transaction");
  const again = new BlockTree(params);
  for (const entry of tree.entries()) again.restore(entry);
  assert.deepEqual([...again.entries()], [...tree.entries()]);
  const next = mineBlock(a, { params, firstNonce: 5000 });
  assert.equal(again.add(next, again.get(a.hash)!).sequence, 6);

  assert.throws(() => new BlockTree(params).restore(e), /has its parent before it/);
});
