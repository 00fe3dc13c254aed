import assert from "node:assert/strict";
import { mineBlock } from "../simulation/mine_block.ts";
import { testParams } from "../testing/test_params.ts";
import { type BlockEntry, BlockForest, BlockTree } from "./block_tree.ts";
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
  return [...tree.entries()].map((entry) => tree.invalidCodeOf(entry) ?? tree.statusOf(entry));
}

Deno.test("BlockTree sums up work and counts arrivals", () => {
  const { tree, a, b, c, d, e } = plant();
  assert.equal(tree.size, 6);
  assert.deepEqual([...tree.entries()], [tree.genesis, a, b, d, e, c]);
  assert.deepEqual([...tree.entries()].map((entry) => tree.sequenceOf(entry)), [0, 1, 2, 3, 4, 5]);
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
  assert.equal(best(tree.usable(), a), c);
  assert.deepEqual(tree.rivalsOf(c, isTie), []);
});

Deno.test("lift() forgives a block, all below and all above it, and no other branch", () => {
  const { tree, a, b, c, d, e } = plant();
  tree.markInvalid(a, "invalidated-by-operator");
  assert.deepEqual(new Set(tree.lift(d)), new Set([a, d, e]));
  assert.deepEqual([b, c].map((entry) => tree.statusOf(entry)), ["invalid", "invalid"]);
  assert.deepEqual([a, d, e].map((entry) => tree.statusOf(entry)), ["side", "side", "side"]);
  assert.equal(tree.invalidCodeOf(d), undefined);
  assert.deepEqual(tree.lift(d), []);
});

Deno.test("restore() builds the same tree and counts on from it", () => {
  const { tree, a, d, e } = plant();
  tree.markInvalid(d, "block-bad-transaction");
  const again = new BlockTree(params);
  for (const entry of tree.entries()) again.restore(tree.recordOf(entry));
  assert.deepEqual([...again.entries()], [...tree.entries()]);
  assert.deepEqual(statusesOf(again), statusesOf(tree));
  const next = mineBlock(a, { params, firstNonce: 5000 });
  assert.equal(again.sequenceOf(again.add(next, again.get(a.hash)!)), 6);

  assert.throws(() => new BlockTree(params).restore(tree.recordOf(e)), /has its parent before it/);
});

Deno.test("trees of one forest share entries, and each keeps its own order, statuses and blocks", () => {
  const forest = new BlockForest(params);
  const [one, other] = [new BlockTree(params, forest), new BlockTree(params, forest)];
  const a = mineBlock(params.genesis, { params });
  const b = mineBlock(params.genesis, { params, firstNonce: 1000 });
  const c = mineBlock(b, { params });
  const first = [a, b, c].map((block) => one.add(block, one.get(block.header.previousHash)!));
  assert.equal(other.get(a.hash), undefined, "what another tree has is not here");
  const second = [b, a].map((block) => other.add(block, other.genesis));
  assert.deepEqual(second, [first[1], first[0]]);
  assert(second[0] === first[1] && second[1] === first[0]);

  assert.deepEqual([...one.entries()], [one.genesis, ...first]);
  assert.deepEqual([...other.entries()], [other.genesis, ...second]);
  assert.deepEqual(second.map((entry) => other.sequenceOf(entry)), [1, 2]);
  assert.equal(other.size, 3);
  assert.equal(other.get(c.hash), undefined);

  one.markValid(first[0]!);
  other.markInvalid(second[0]!, "block-bad-transaction");
  assert.deepEqual(statusesOf(one), ["valid", "valid", "side", "side"]);
  assert.deepEqual(statusesOf(other), ["valid", "block-bad-transaction", "side"]);
  assert.throws(() => other.markValid(first[2]!), /Only a block of the tree is judged/);
});
