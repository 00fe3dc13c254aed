/**
 * Properties of the block tree over random trees of valid and spoiled blocks, against the second
 * bookkeeping of `lib/testing/random_block_tree.ts`.
 *
 * @module
 */
import assert from "node:assert/strict";
import * as fc from "fast-check";
import { equalBytes } from "../bytes.ts";
import { type Params, supplyAt } from "../params.ts";
import type { Amount } from "../primitives/amount.ts";
import { type Block, decodeBlock, encodeBlock } from "../primitives/block.ts";
import type { BlockHash } from "../primitives/header.ts";
import {
  arbitraryTreePlan,
  type BlockPlan,
  growBlockTree,
  listCoins,
  type TreeBlock,
} from "../testing/random_block_tree.ts";
import { mineBlock, remineBlock } from "../simulation/mine_block.ts";
import { resignTransaction } from "../simulation/sign_transaction.ts";
import { numberedKeyPair } from "../crypto/numbered_key_pair.ts";
import { TestLedger } from "../testing/test_ledger.ts";
import { testParams } from "../testing/test_params.ts";
import { createSmallLedger } from "../testing/small_ledger.ts";
import { addChange, noChange } from "./chain_change.ts";
import { createTransactionVerifier } from "./transaction_verifier.ts";
import { commitDelta, commitmentOf } from "./utxo_commitment.ts";
import { UtxoSet } from "./utxo_set.ts";

/** A network without and one with reward and fees: coins are conserved in both. */
const NETWORKS = [
  testParams({ nodes: 4, capacity: 3, emptyBlocks: true }),
  testParams({ nodes: 4, capacity: 3, emptyBlocks: true, reward: 5, fee: 1 }),
].map((params) => ({ params, verifier: createTransactionVerifier(params) }));
const arbitraryNetwork = fc.constantFrom(...NETWORKS);
const RUNS = { numRuns: 60 };

function createLedger({ params, verifier }: (typeof NETWORKS)[number]): TestLedger {
  return new TestLedger(params, verifier);
}

/**
 * Gives blocks in an order of arrival; whoever comes before its parent waits for it. Gives back how many
 * wait for ever: none unless a parent was refused.
 */
function deliver(ledger: TestLedger, blocks: readonly Block[]): number {
  const orphans = new Map<BlockHash, Block[]>();
  for (const block of blocks) {
    const waiting = [block];
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      const { result } = ledger.accept(next);
      if (!result.ok && result.error.code === "block-parent-unknown") {
        const siblings = orphans.get(result.error.parent) ?? [];
        orphans.set(result.error.parent, [...siblings, next]);
        continue;
      }
      waiting.push(...orphans.get(next.hash) ?? []);
      orphans.delete(next.hash);
    }
  }
  return orphans.size;
}

/** Ends that share the greatest height. */
function leadersOf(tree: readonly TreeBlock[]): TreeBlock[] {
  const height = Math.max(...tree.map(({ block }) => block.header.height));
  return tree.filter(({ block }) => block.header.height === height);
}

function checkLedger(ledger: TestLedger, expected: TreeBlock, params: Params): void {
  assert.equal(ledger.chain.tip.hash, expected.block.hash);
  assert.deepEqual(listCoins(ledger.chain.utxos.entries()), listCoins(expected.coins));
  assert.equal(ledger.chain.utxos.supply, supplyAt(params, ledger.chain.height));
}

const arbitraryShuffledTree = arbitraryTreePlan(14).chain((plan) =>
  fc.record({
    plan: fc.constant(plan),
    order: fc.array(fc.nat(1000), { minLength: plan.length, maxLength: plan.length }),
  })
);

function shuffled(tree: readonly TreeBlock[], order: readonly number[]): Block[] {
  return tree.slice(1).map(({ block }, index) => ({ block, key: order[index] ?? 0 }))
    .sort((a, b) => a.key - b.key).map(({ block }) => block);
}

Deno.test("F01 F08 any order of arrival ends at the same work, and at the same tip if one leads", () => {
  fc.assert(
    fc.property(arbitraryNetwork, arbitraryShuffledTree, (network, { plan, order }) => {
      const tree = growBlockTree(network.params, plan);
      const leaders = leadersOf(tree);
      const ledger = createLedger(network);
      assert.equal(deliver(ledger, shuffled(tree, order)), 0);

      const tip = leaders.find(({ block }) => block.hash === ledger.chain.tip.hash);
      assert(tip !== undefined);
      checkLedger(ledger, tip, network.params);
      assert.equal(ledger.chain.rivals.length, leaders.length - 1);

      // A tie that stands is settled to one tip, whatever came first.
      ledger.apply((change) => ledger.chain.settleTie(change));
      const lowest = leaders.toSorted((a, b) => a.block.hash < b.block.hash ? -1 : 1)[0]!;
      checkLedger(ledger, lowest, network.params);
    }),
    RUNS,
  );
});

Deno.test("U05 coins are conserved at every block, and commitments follow", () => {
  fc.assert(
    fc.property(arbitraryNetwork, arbitraryTreePlan(14), (network, plan) => {
      const ledger = createLedger(network);
      let commitment = commitmentOf(ledger.chain.utxos.entries());
      for (const { block } of growBlockTree(network.params, plan).slice(1)) {
        const { change } = ledger.accept(block);
        for (const { delta: { spent, created } } of change.disconnected) {
          commitment = commitDelta(commitment, { spent: created, created: spent });
        }
        for (const { delta } of change.connected) commitment = commitDelta(commitment, delta);
        const { utxos, height } = ledger.chain;
        assert.equal(utxos.supply, supplyAt(network.params, height));
        assert.equal(commitment, commitmentOf(utxos.entries()));
      }
    }),
    RUNS,
  );
});

Deno.test("addChange() sums up changes to one path from the first tip to the last", () => {
  const cuts = fc.array(fc.nat(1000), { maxLength: 4 });
  fc.assert(
    fc.property(arbitraryNetwork, arbitraryTreePlan(14), cuts, (network, plan, cuts) => {
      const ledger = createLedger(network);
      let sum = noChange();
      let from = ledger.chain.tip;
      let coins = new Map(ledger.chain.utxos.entries());
      for (const [index, { block }] of growBlockTree(network.params, plan).slice(1).entries()) {
        addChange(sum, ledger.accept(block).change);

        let end = from;
        for (const { entry } of sum.disconnected) {
          assert.equal(entry, end);
          end = entry.parent as typeof end;
        }
        for (const { entry } of sum.connected) {
          assert.equal(entry.parent, end);
          end = entry;
        }
        assert.equal(end, ledger.chain.tip);
        const replayed = new UtxoSet();
        for (const [outpoint, utxo] of coins) replayed.add(outpoint, utxo);
        for (const { delta } of sum.disconnected) replayed.revert(delta);
        for (const { delta } of sum.connected) replayed.apply(delta);
        assert.deepEqual(
          listCoins(replayed.entries()),
          listCoins(ledger.chain.utxos.entries()),
        );
        if (!cuts.includes(index)) continue;
        sum = noChange();
        from = ledger.chain.tip;
        coins = new Map(ledger.chain.utxos.entries());
      }
    }),
    RUNS,
  );
});

Deno.test("F02 connecting and then disconnecting everything restores the coins exactly", () => {
  fc.assert(
    fc.property(arbitraryNetwork, arbitraryTreePlan(12), (network, plan) => {
      const tree = growBlockTree(network.params, plan);
      const ledger = createLedger(network);
      deliver(ledger, tree.slice(1).map(({ block }) => block));
      const byHash = new Map(tree.map((entry) => [entry.block.hash, entry]));
      const tip = byHash.get(ledger.chain.tip.hash) as TreeBlock;

      for (const { block, parent } of tree.slice(1)) {
        if (parent !== tree[0]) continue;
        ledger.apply((change) => ledger.chain.invalidate(block.hash, change));
        checkLedger(ledger, byHash.get(ledger.chain.tip.hash) as TreeBlock, network.params);
      }
      checkLedger(ledger, tree[0] as TreeBlock, network.params);
      ledger.apply((change) => ledger.chain.reconsider(tip.block.hash, change));
      checkLedger(ledger, tip, network.params);
    }),
    RUNS,
  );
});

Deno.test("invalidate() and reconsider() in any order leave the heaviest valid branch", () => {
  const act = fc.record({ lift: fc.boolean(), block: fc.nat(1000) });
  const acts = fc.array(act, { maxLength: 8 });
  fc.assert(
    fc.property(arbitraryNetwork, arbitraryTreePlan(12), acts, (network, plan, acts) => {
      const tree = growBlockTree(network.params, plan);
      const ledger = createLedger(network);
      const { chain } = ledger;
      deliver(ledger, tree.slice(1).map(({ block }) => block));
      for (const { lift, block } of acts) {
        const { hash } = tree[block % tree.length]!.block;
        ledger.apply((change) =>
          lift ? chain.reconsider(hash, change) : chain.invalidate(hash, change)
        );
        const expected = tree.find((entry) => entry.block.hash === chain.tip.hash);
        checkLedger(ledger, expected as TreeBlock, network.params);

        for (const entry of chain.entries()) {
          if (chain.statusOf(entry) === "invalid") continue;
          const { parent } = entry;
          const isBelowValid = parent === undefined || chain.statusOf(parent) !== "invalid";
          assert(isBelowValid, "a block above an invalid one is invalid");
          assert(entry.work <= chain.tip.work, "no valid branch is heavier than the tip");
        }
        const rivals = [...chain.entries()].filter((entry) =>
          entry !== chain.tip && chain.statusOf(entry) !== "invalid" &&
          entry.work === chain.tip.work
        );
        assert.deepEqual(chain.rivals.map((r) => r.hash), rivals.map((r) => r.hash));
      }
    }),
    RUNS,
  );
});

Deno.test("F05 spoiled blocks anywhere in a tree never win, and never leave a trace", () => {
  const spoils = fc.array(fc.nat(1000), { minLength: 1, maxLength: 3 });
  fc.assert(
    fc.property(arbitraryNetwork, arbitraryTreePlan(12), spoils, (network, plan, spoils) => {
      const { params } = network;
      const tree = growBlockTree(params, plan);
      const ledger = createLedger(network);
      const blocks = tree.slice(1).map(({ block }) => block);
      // Beside a block of the tree one that mints, and three good ones on top of it.
      for (const spoil of spoils) {
        const victim = tree[1 + spoil % (tree.length - 1)]!;
        const original = victim.block.transactions[0];
        if (original === undefined) continue;
        const sender = [0, 1, 2, 3].map(numberedKeyPair).find((key) =>
          key.publicKey === original.sender
        )!;
        const outputs = [{
          ...original.outputs[0]!,
          amount: (original.outputs[0]!.amount + 1) as Amount,
        }, ...original.outputs.slice(1)];
        const minting = resignTransaction(original, { outputs }, { keyPair: sender, params });
        let bad = remineBlock(victim.block, { transactions: [minting] });
        for (let count = 0; count < 4; count++) {
          blocks.push(bad);
          bad = mineBlock(bad, { params, firstNonce: spoil });
        }
      }
      deliver(ledger, blocks.toSorted((a, b) => a.header.height - b.header.height));
      const tip = leadersOf(tree).find(({ block }) => block.hash === ledger.chain.tip.hash);
      assert(tip !== undefined, "a leader of the valid tree is the tip");
      checkLedger(ledger, tip, params);
    }),
    RUNS,
  );
});

Deno.test("B03 flipping any single bit of a block's bytes changes its hash or gets it refused", () => {
  const { ledger, block, steps } = createSmallLedger({ difficulty: 3 });
  const bytes = encodeBlock(block);
  for (let bit = 0; bit < 8 * bytes.length; bit++) {
    const flipped = bytes.slice();
    flipped[bit >> 3] = (flipped[bit >> 3] as number) ^ (1 << (bit & 7));
    assert(!equalBytes(flipped, bytes));
    const decoded = decodeBlock(flipped);
    if (decoded === undefined) continue;
    if (bit < 8 * 116) assert.notEqual(decoded.hash, block.hash, `bit ${bit}`);
    const { result } = ledger.accept(decoded);
    assert(!result.ok, `bit ${bit} was accepted`);
  }
  steps.accepted("unspoiled", block);
});

Deno.test("a plan of one branch is replayed to the same coins by every network", () => {
  const straight = arbitraryTreePlan(8).map((plan): BlockPlan[] =>
    plan.map((block) => ({ ...block, parent: 0 }))
  );
  fc.assert(
    fc.property(arbitraryNetwork, straight, (network, plan) => {
      const tree = growBlockTree(network.params, plan);
      const ledger = createLedger(network);
      for (const entry of tree.slice(1)) {
        assert(ledger.accept(entry.block).result.ok);
        checkLedger(ledger, entry, network.params);
      }
    }),
    RUNS,
  );
});
