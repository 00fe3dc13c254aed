/**
 * What every store must give back of a chain, whatever its shape and its rules.
 *
 * @module
 */
import assert from "node:assert/strict";
import * as fc from "fast-check";
import type { Chain } from "../consensus/chain.ts";
import { noChange } from "../consensus/chain_change.ts";
import { PARAMETERS } from "../parameter_table.ts";
import type { Block } from "../primitives/block.ts";
import { invariant } from "../result.ts";
import { type StoreUnderTest, TestDisk } from "./test_disk.ts";
import { testParams } from "./test_params.ts";

export function testTrees(underTest: StoreUnderTest): void {
  testAnyTree(underTest);
  testAnyRules(underTest);
}

function testAnyTree(underTest: StoreUnderTest): void {
  const { name } = underTest;
  Deno.test(`${name} gives the chain back after any tree of blocks`, () => {
    const arbitraryParents = fc.array(fc.nat(), { minLength: 1, maxLength: 14 });
    fc.assert(
      fc.property(arbitraryParents, fc.nat(), (parents, restartAt) => {
        const disk = new TestDisk(underTest, testParams({ emptyBlocks: true }));
        try {
          disk.found();
          const blocks: Block[] = [disk.ledger.params.genesis];
          for (const [index, parent] of parents.entries()) {
            const block = disk.ledger.mine([], {
              parent: blocks[parent % blocks.length] as Block,
              firstNonce: index * 1000,
            });
            blocks.push(block);
            disk.accept(block);
            if (index === restartAt % parents.length) disk.restart();
          }
          disk.restart();
          disk.demandSame();
        } finally {
          underTest.destroy(disk.store);
        }
      }),
      { numRuns: 25 },
    );
  });
}

function testAnyRules(underTest: StoreUnderTest): void {
  const { name } = underTest;
  const arbitraryRules = fc.record({
    forkChoice: fc.constantFrom(...PARAMETERS.forkChoice.words),
    difficultyAdjustment: fc.constantFrom(...PARAMETERS.difficultyAdjustment.words),
  });

  Deno.test(`${name} gives a chain of any rules back, which goes on as if it had never stopped`, () => {
    const arbitraryParents = fc.array(fc.nat(), { minLength: 4, maxLength: 14 });
    fc.assert(
      fc.property(arbitraryRules, arbitraryParents, fc.nat(), (rules, parents, restartAt) => {
        const isAdjusted = rules.difficultyAdjustment !== "none";
        const window = isAdjusted ? { adjustmentWindow: 2, blockIntervalMs: 1500 } : {};
        const params = testParams({ emptyBlocks: true, ...rules, ...window });
        const disk = new TestDisk(underTest, params);
        try {
          disk.found();
          const { chain } = disk.ledger;
          const hashes = [params.genesis.hash];
          let restored: Chain | undefined;
          for (const [index, parent] of parents.entries()) {
            // Mostly upon the newest blocks, so that branches get long.
            const below = chain.entry(
              hashes[hashes.length - 1 - parent % Math.min(hashes.length, 3)]!,
            );
            invariant(below !== undefined, "A block that was accepted is in the tree");
            const block = disk.ledger.mine([], {
              parent: below,
              timestampMs: below.header.timestampMs + 1000 + index,
            });
            hashes.push(block.hash);
            // The restored chain goes first: the store forgets the undo data of blocks that fall out.
            if (restored !== undefined) {
              assert(restored.accept(block, disk.ledger.nowMs, noChange()).ok);
            }
            disk.accept(block);
            if (restored !== undefined) assert.equal(restored.tip.hash, chain.tip.hash);
            if (index !== restartAt % parents.length) continue;
            disk.restart();
            disk.demandSame();
            restored = disk.restore();
            assert.equal(restored.tip.hash, chain.tip.hash);
          }
        } finally {
          underTest.destroy(disk.store);
        }
      }),
      { numRuns: 25 },
    );
  });
}
