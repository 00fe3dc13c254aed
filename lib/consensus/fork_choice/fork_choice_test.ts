/** What each fork choice chooses, on trees made by hand and at random. */
import assert from "node:assert/strict";
import * as fc from "fast-check";
import type { Params } from "../../params.ts";
import type { Block } from "../../primitives/block.ts";
import { addWork, NO_WORK, type Work } from "../../primitives/target.ts";
import { mineBlock } from "../../simulation/mine_block.ts";
import { arbitraryTreePlan, growBlockTree } from "../../testing/random_block_tree.ts";
import { TestLedger } from "../../testing/test_ledger.ts";
import { createSmallLedger } from "../../testing/small_ledger.ts";
import { testParams } from "../../testing/test_params.ts";
import { type BlockEntry, BlockTree } from "../block_tree.ts";
import type { Chain } from "../chain.ts";
import { createForkChoice } from "./create_fork_choice.ts";
import { LONGEST } from "./longest.ts";
import { MOST_WORK } from "./most_work.ts";

const paramsOf = (forkChoice: Params["forkChoice"]) =>
  testParams({ forkChoice, emptyBlocks: true });

/** A ledger that takes blocks by name: `b` on `a`, `c` on `b` …; genesis is `0`. */
function plant(params: Params, edges: readonly string[]) {
  const ledger = new TestLedger(params);
  const blocks = new Map<string, Block>([["0", params.genesis]]);
  for (const [index, edge] of edges.entries()) {
    const [parent = "", name = ""] = edge.split("-");
    const block = mineBlock(blocks.get(parent) as Block, { params, firstNonce: index });
    blocks.set(name, block);
    assert(ledger.accept(block).result.ok, edge);
  }
  const nameOf = (hash: string) => [...blocks].find(([, block]) => block.hash === hash)?.[0];
  return { ledger, tip: () => nameOf(ledger.chain.tip.hash), blocks };
}

/** One chain of four blocks against a bush of six, none of whose branches is longer than three. */
const BUSH = ["0-a", "a-b", "b-c", "c-d", "0-q", "q-r", "q-s", "q-t", "r-u", "s-v"];

Deno.test("most work and longest stay with the longer chain, GHOST goes to the heavier bush", () => {
  for (const rule of ["most-work", "longest", "lower-hash"] as const) {
    assert.equal(plant(paramsOf(rule), BUSH).tip(), "d", rule);
  }
  const { tip, ledger, blocks } = plant(paramsOf("ghost"), BUSH);
  const name = tip();
  assert(name === "u" || name === "v" || name === "t", name);
  assert.equal(ledger.chain.atHeight(1)?.hash, blocks.get("q")?.hash);
  // Two blocks on one child of q: it is heavier than its sisters.
  assert(
    name === "u" || name === "v",
    "of q's children those with a block of their own are heavier",
  );
});

Deno.test("GHOST: a hidden chain that is longer than every branch does not beat an honest bush", () => {
  // Figure 3 of Sompolinsky and Zohar: the attacker's six blocks in a row against honest blocks that
  // forked among themselves: the longest chain is the attacker's, the heaviest subtree is not.
  const honest = [
    "0-1b",
    "1b-2b",
    "1b-2c",
    "1b-2d",
    "2b-3c",
    "2c-3d",
    "2d-3f",
    "3c-4b",
    "3d-4c",
    "4b-5b",
  ];
  const attack = ["0-1a", "1a-2a", "2a-3a", "3a-4a", "4a-5a", "5a-6a"];
  assert.equal(plant(paramsOf("longest"), [...honest, ...attack]).tip(), "6a");
  const { ledger, blocks } = plant(paramsOf("ghost"), [...honest, ...attack]);
  assert.equal(ledger.chain.atHeight(1)?.hash, blocks.get("1b")?.hash);
  assert.equal(ledger.chain.tip.hash, blocks.get("5b")?.hash);
});

Deno.test("longest counts blocks, most work counts what they cost", () => {
  const entry = (height: number, work: number) =>
    ({ header: { height }, work: BigInt(work) }) as unknown as BlockEntry;
  const [manyEasy, fewHard] = [entry(5, 50), entry(3, 90)];
  assert(LONGEST.isBetter(manyEasy, fewHard) && !MOST_WORK.isBetter(manyEasy, fewHard));
  assert(MOST_WORK.isBetter(fewHard, manyEasy) && !LONGEST.isBetter(fewHard, manyEasy));
  assert(LONGEST.isTie(entry(3, 1), fewHard) && MOST_WORK.isTie(entry(1, 90), fewHard));
});

Deno.test("first seen wins a tie under most work and longest until a node is at rest", () => {
  for (const rule of ["most-work", "longest"] as const) {
    const { tip, ledger, blocks } = plant(paramsOf(rule), ["0-a", "0-b"]);
    assert.equal(tip(), "a");
    assert.deepEqual(ledger.chain.rivals.map(({ hash }) => hash), [blocks.get("b")?.hash]);
    ledger.apply((change) => ledger.chain.settleTie(change));
    const lowest = ["a", "b"].sort((x, y) => blocks.get(x)!.hash < blocks.get(y)!.hash ? -1 : 1)[0];
    assert.equal(tip(), lowest);
  }
});

Deno.test("F13 a side block that breaks a rule has no weight under GHOST, and its maker is told", () => {
  const { ledger, steps, valid } = createSmallLedger({ forkChoice: "ghost" });
  const fork = ledger.chain.tip;
  ledger.extend([valid]);
  const { tip } = ledger.chain;
  const claim = ledger.chain.claim.work;
  // The same coin twice, in a block beside the tip: what the tip's own rules would find.
  const first = ledger.mine([valid], { parent: fork, firstNonce: 500 });
  assert(ledger.accept(first).result.ok);
  const again = ledger.mine([valid], { parent: ledger.chain.entry(first.hash)!, firstNonce: 900 });
  steps.rejected("spends again", again, "block-bad-transaction");
  assert.equal(ledger.statusOf(again.hash), "invalid");
  assert.equal(ledger.chain.claim.work, addWork(claim, ledger.params.workPerBlock));
  assert(ledger.chain.tip === tip || ledger.chain.tip.hash === first.hash);
});

Deno.test("GHOST takes an invalidated branch out of the weights, and back in", () => {
  const { ledger, tip, blocks } = plant(paramsOf("ghost"), BUSH);
  const best = tip();
  const hash = blocks.get("q")!.hash;
  ledger.apply((change) => ledger.chain.invalidate(hash, change));
  assert.equal(tip(), "d");
  ledger.apply((change) => ledger.chain.reconsider(hash, change));
  assert.equal(tip(), best);
});

/** GHOST by brute force: every subtree is summed anew at every step. */
function ghostByHand(chain: Chain): BlockEntry {
  const entries = [...chain.entries()].filter((entry) => chain.statusOf(entry) !== "invalid");
  const weightOf = (root: BlockEntry): Work =>
    entries.reduce((sum, entry) => {
      let at: BlockEntry | undefined = entry;
      while (at !== undefined && at !== root) at = at.parent;
      return at === undefined ? sum : addWork(sum, ownWork(entry));
    }, NO_WORK);
  const ownWork = ({ work, parent }: BlockEntry) => (work - (parent?.work ?? 0n)) as Work;
  let at = entries[0] as BlockEntry;
  for (;;) {
    const children = entries.filter(({ parent }) => parent === at)
      .map((entry) => ({ entry, weight: weightOf(entry) }))
      .sort((a, b) =>
        a.weight > b.weight || a.weight === b.weight && a.entry.hash < b.entry.hash ? -1 : 1
      );
    const [best] = children;
    if (best === undefined) return at;
    at = best.entry;
  }
}

Deno.test("F12 GHOST follows the heaviest subtree after every block, as found by brute force", () => {
  fc.assert(fc.property(arbitraryTreePlan(24), (plan) => {
    const params = testParams({ nodes: 4, capacity: 3, forkChoice: "ghost", emptyBlocks: true });
    const ledger = new TestLedger(params);
    for (const { block } of growBlockTree(params, plan).slice(1)) {
      const { result } = ledger.accept(block);
      assert(result.ok || result.error.code === "block-already-known");
      const { chain } = ledger;
      assert.equal(chain.tip.hash, ghostByHand(chain).hash);
      assert(chain.block(chain.tip.hash) !== undefined, "only what is here is chosen");
    }
  }));
});

/** An order of a tree's blocks in which parents come first, drawn from numbers. */
function shuffled(blocks: readonly Block[], draws: readonly number[]): Block[] {
  const rest = [...blocks];
  const placed = new Set<string>([blocks[0]?.header.previousHash ?? ""]);
  const order: Block[] = [];
  for (let turn = 0; rest.length > 0; turn++) {
    const ready = rest.filter(({ header }) => placed.has(header.previousHash));
    const next = ready[(draws[turn % draws.length] as number) % ready.length] as Block;
    rest.splice(rest.indexOf(next), 1);
    placed.add(next.hash);
    order.push(next);
  }
  return order;
}

Deno.test("F12 the same blocks in any order give the same tip under lower hash and GHOST", () => {
  for (const rule of ["lower-hash", "ghost"] as const) {
    const params = testParams({ nodes: 4, capacity: 3, forkChoice: rule, emptyBlocks: true });
    const draws = fc.array(fc.nat(1000), { minLength: 30, maxLength: 30 });
    fc.assert(fc.property(arbitraryTreePlan(20), draws, (plan, numbers) => {
      const blocks = growBlockTree(params, plan).slice(1).map(({ block }) => block);
      const unique = [...new Map(blocks.map((block) => [block.hash, block])).values()];
      const [first, second] = [unique, shuffled(unique, numbers)].map((order) => {
        const ledger = new TestLedger(params);
        for (const block of order) assert(ledger.accept(block).result.ok);
        assert.deepEqual(ledger.chain.rivals, []);
        return ledger.chain.tip.hash;
      });
      assert.equal(first, second, rule);
    }));
  }
});

Deno.test("a fork choice built anew from its blocks chooses what it chose block by block", () => {
  for (const rule of ["most-work", "longest", "ghost", "lower-hash"] as const) {
    const params = paramsOf(rule);
    fc.assert(
      fc.property(arbitraryTreePlan(20), (plan) => {
        const tree = new BlockTree(params);
        const choice = createForkChoice(params, tree.genesis);
        let tip = tree.genesis;
        for (const { block } of growBlockTree(params, plan).slice(1)) {
          if (tree.get(block.hash) !== undefined) continue;
          tip = choice.add(tree.add(block, tree.get(block.header.previousHash)!), tip);
        }
        const claim = choice.claimOf(tip);
        assert.equal(choice.best(tree.entries(), tip), tip, rule);
        assert.deepEqual(choice.claimOf(tip), claim);
      }),
      { numRuns: 50 },
    );
  }
});

Deno.test("a block at the tip of a long chain costs GHOST no walk down to genesis", () => {
  const params = paramsOf("ghost");
  const tree = new BlockTree(params);
  const choice = createForkChoice(params, tree.genesis);
  let tip = tree.genesis;
  let reads = 0;
  const grow = (parent: BlockEntry, nonce: number) =>
    tree.add({
      hash: `${nonce}`.padStart(64, "0") as never,
      header: {
        ...params.genesis.header,
        previousHash: parent.hash,
        height: (parent.header.height + 1) as never,
      },
    }, parent);
  for (let nonce = 1; nonce <= 20_000; nonce++) tip = choice.add(grow(tip, nonce), tip);
  // A parent that is read counts: a walk down would read thousands of them.
  const side = grow(tip.parent!.parent!, 30_000);
  for (let at: BlockEntry | undefined = side.parent!.parent; at !== undefined; at = at.parent) {
    Object.defineProperty(at, "work", { get: () => (reads++, 0n) });
    if (at.header.height < 19_000) break;
  }
  assert.equal(choice.add(side, tip), tip);
  assert(reads <= 2, `${reads} blocks below the fork were read`);
});
