import assert from "node:assert/strict";
import { outpointOf } from "../primitives/outpoint.ts";
import type { Amount } from "../primitives/amount.ts";
import type { Block } from "../primitives/block.ts";
import type { BlockHash } from "../primitives/header.ts";
import { supplyAt } from "../params.ts";
import { genesisOf, growBlock, listCoins, type TreeBlock } from "../testing/random_block_tree.ts";
import { LedgerSteps } from "../testing/ledger_steps.ts";
import { medianTimePast } from "./check_block.ts";
import { mineBlock, type Parent, remineBlock, tamperHeader } from "../simulation/mine_block.ts";
import { payment, resignTransaction } from "../simulation/sign_transaction.ts";
import { BlockArchive, TestLedger } from "../testing/test_ledger.ts";
import { testParams } from "../testing/test_params.ts";
import { alice, bob, carol } from "../testing/small_ledger.ts";
import { Chain } from "./chain.ts";
import { isNoChange, noChange } from "./chain_change.ts";
import { locatorOf } from "./locator.ts";
import { packUtxos } from "./packed_utxos.ts";

const params = testParams({ nodes: 3, emptyBlocks: true });

/** A branch of blocks without transactions; branches with different nonces differ. */
function branch(parent: Parent, length: number, firstNonce: number): Block[] {
  const blocks: Block[] = [];
  for (let tip = parent; blocks.length < length;) {
    const block = mineBlock(tip, { params, firstNonce });
    blocks.push(block);
    tip = block;
  }
  return blocks;
}

/** A branch of blocks that each move coins. */
function payingBranch(parent: TreeBlock, length: number, nonce: number): TreeBlock[] {
  const blocks: TreeBlock[] = [];
  for (let tip = parent; blocks.length < length;) {
    const number = nonce + 7 * blocks.length;
    const payments = [{ from: number, to: number + 1, amount: number + 3 }];
    tip = growBlock(params, tip, { payments, nonce: number });
    blocks.push(tip);
  }
  return blocks;
}

Deno.test("Chain starts at genesis with all the coins", () => {
  const { chain } = new TestLedger(params);
  assert.equal(chain.tip.hash, params.genesis.hash);
  assert.equal(chain.height, 0);
  assert.equal(chain.utxos.supply, 300);
  assert.equal(chain.block(params.genesis.hash), params.genesis);
});

Deno.test("F01 the first of two blocks at one height stays, the next block decides", () => {
  const steps = new LedgerSteps(new TestLedger(params));
  const [first] = branch(params.genesis, 1, 1);
  const second = branch(params.genesis, 2, 1000);
  steps.accepted("first seen", first!);
  steps.side("as heavy, seen later", second[0]!);
  assert.deepEqual(steps.ledger.chain.rivals.map((rival) => rival.hash), [second[0]!.hash]);
  assert.equal(steps.ledger.statusOf(first!.hash), "valid");
  assert.equal(steps.ledger.statusOf(second[0]!.hash), "side");
  const { result, change } = steps.accepted("one more on the other", second[1]!);
  assert.equal(steps.ledger.statusOf(second[0]!.hash), "valid");
  assert(result.ok);
  assert.equal(result.value.outcome, "reorganised");
  assert.deepEqual(change.disconnected.map(({ block }) => block.hash), [first!.hash]);
  assert.deepEqual(
    change.connected.map(({ block }) => block.hash),
    second.map(({ hash }) => hash),
  );
  assert.deepEqual(steps.ledger.chain.rivals, []);
});

Deno.test("B08 a block that comes twice or comes back is no change", () => {
  const ledger = new TestLedger(params);
  const steps = new LedgerSteps(ledger);
  const [main] = branch(params.genesis, 1, 1);
  const [side] = branch(params.genesis, 1, 1000);
  steps.accepted("first time", main!);
  steps.side("a rival", side!);
  for (const block of [main!, side!, params.genesis]) {
    const change = noChange();
    const result = ledger.chain.accept(block, ledger.nowMs, change);
    assert(!result.ok);
    assert.equal(result.error.code, "block-already-known");
    assert(isNoChange(change));
  }
  assert.equal(ledger.chain.size, 3);
});

for (const depth of [1, 2, 5, 50]) {
  Deno.test(`F02 a reorganisation of depth ${depth} equals a fresh replay of the winner`, () => {
    const ledger = new TestLedger(params);
    const steps = new LedgerSteps(ledger);
    const common = payingBranch(genesisOf(params), 3, 1);
    const losing = payingBranch(common.at(-1)!, depth, 100);
    const winning = payingBranch(common.at(-1)!, depth + 1, 200);
    for (const { block } of [...common, ...losing]) steps.accepted("the first chain", block);
    for (const { block } of winning.slice(0, -1)) steps.side("the other branch", block);
    const { change } = steps.accepted("the heavier branch", winning.at(-1)!.block);
    assert.equal(change.disconnected.length, depth);
    assert.equal(change.connected.length, depth + 1);

    const fresh = new TestLedger(params);
    for (const { block } of [...common, ...winning]) assert(fresh.accept(block).result.ok);
    assert.equal(ledger.chain.tip.hash, fresh.chain.tip.hash);
    assert.deepEqual(
      listCoins(ledger.chain.utxos.entries()),
      listCoins(fresh.chain.utxos.entries()),
    );
    assert.deepEqual(listCoins(ledger.chain.utxos.entries()), listCoins(winning.at(-1)!.coins));
    assert.deepEqual(ledger.mainBlocks(), fresh.mainBlocks());
    for (const owner of [alice, bob, carol]) {
      assert.equal(ledger.confirmedOf(owner.publicKey), fresh.confirmedOf(owner.publicKey));
    }

    // Everything that only the loser confirmed waits again, or says why not.
    const inWinner = new Set(winning.flatMap(({ block }) => block.transactions.map((t) => t.txid)));
    for (const { block: { transactions } } of losing) {
      for (const { txid } of transactions) {
        assert(inWinner.has(txid) || ledger.mempool.has(txid) || wasRemoved(txid), txid);
      }
    }
    function wasRemoved(txid: string): boolean {
      return ledger.removed.some((entry) => entry.transaction.txid === txid);
    }
  });
}

Deno.test("F04 of two payments with one coin on two branches exactly one stays", () => {
  const ledger = new TestLedger(params);
  const steps = new LedgerSteps(ledger);
  const toBob = ledger.pay(alice, bob.publicKey, 300);
  const toCarol = ledger.pay(alice, carol.publicKey, 300);
  const first = ledger.mine([toBob]);
  const second = ledger.mine([toCarol]);
  steps.accepted("branch 1", first);
  const spentOn = ledger.pay(bob, carol.publicKey, 300);
  steps.waits("a descendant of the payment on branch 1", spentOn);
  steps.side("branch 2", second);
  const { pool } = steps.accepted("branch 2 wins", ledger.mine([], { parent: second }));

  assert.equal(ledger.confirmedOf(bob.publicKey), 0);
  assert.equal(ledger.confirmedOf(carol.publicKey), 300);
  assert.equal(ledger.chain.utxos.supply, 300);
  assert.equal(ledger.mempool.size, 0);
  assert.deepEqual(pool.removed.map(({ transaction, reason }) => [transaction.txid, reason]), [
    [toBob.txid, { code: "conflict", outpoint: toBob.inputs[0], with: toCarol.txid }],
    [spentOn.txid, { code: "parent-removed", parent: toBob.txid }],
  ]);
});

Deno.test("F05 a heavier branch with one bad transaction deep inside changes nothing", () => {
  const ledger = new TestLedger(params);
  const steps = new LedgerSteps(ledger);
  const honest = branch(params.genesis, 3, 1);
  for (const block of honest) steps.accepted("honest", block);

  const [base] = branch(params.genesis, 1, 1000);
  const valid = ledger.pay(alice, bob.publicKey, 30);
  const minting = resignTransaction(
    valid,
    { outputs: [{ owner: bob.publicKey, amount: 1000 as Amount }] },
    { keyPair: alice, params },
  );
  const bad = mineBlock(base!, { params, transactions: [minting] });
  const above = branch(bad, 3, 1);
  steps.side("below the bad one", base!);
  steps.side("the bad one, as long as nobody has to connect it", bad);
  steps.side("as heavy", above[0]!);
  // Whoever brings the heavier tip has vouched for all of it: the verdict names what is wrong below.
  const error = steps.rejected("heavier", above[1]!, "block-bad-transaction");
  assert.equal(error.code === "block-bad-transaction" && error.txid, minting.txid);

  assert.equal(ledger.statusOf(bad.hash), "invalid");
  assert.equal(ledger.invalidCodeOf(bad.hash), "block-bad-transaction");
  assert.equal(ledger.invalidCodeOf(above[1]!.hash), "block-parent-invalid");
  assert.equal(ledger.statusOf(base!.hash), "side");
  steps.rejected("the bad one again", bad, "block-invalidated");
  steps.rejected("more on it", above[2]!, "block-parent-invalid");
  steps.accepted("the honest chain goes on", ledger.mine([valid]));
});

Deno.test("F05 a branch without work is refused at its first block", () => {
  const hard = testParams({ difficulty: 2, emptyBlocks: true });
  const ledger = new TestLedger(hard);
  const steps = new LedgerSteps(ledger);
  const good = ledger.mine();
  let nonce = good.header.nonce;
  let workless = good;
  while (workless.hash.startsWith("00")) {
    nonce++;
    workless = tamperHeader(good, { nonce });
  }
  steps.rejected("no work", workless, "block-bad-work");
  steps.orphan("what stands on it", ledger.mine([], { parent: workless }));
});

Deno.test("a branch of less work never wins, whatever its length was when it came", () => {
  const steps = new LedgerSteps(new TestLedger(params));
  const main = branch(params.genesis, 3, 1);
  const side = branch(params.genesis, 2, 1000);
  for (const block of main) steps.accepted("main", block);
  for (const block of side) steps.side("side", block);
  assert.equal(steps.ledger.chain.tips().length, 2);
});

Deno.test("an orphan is refused until its parent is there", () => {
  const steps = new LedgerSteps(new TestLedger(params));
  const [first, second] = branch(params.genesis, 2, 1);
  steps.orphan("child first", second!);
  steps.accepted("parent", first!);
  steps.accepted("child", second!);
});

Deno.test("settleTie() goes over to the lowest hash among equals, and back never", () => {
  for (let nonce = 0; nonce < 8; nonce++) {
    const ledger = new TestLedger(params);
    const heads = [1, 2, 3].map((number) => branch(params.genesis, 2, 100 * nonce + 10 * number));
    for (const blocks of heads) {
      for (const block of blocks) assert(ledger.accept(block).result.ok);
    }
    const lowest = heads.map((blocks) => blocks[1]!.hash).sort()[0]!;
    const wasLowest = ledger.chain.tip.hash === lowest;
    const { change } = ledger.apply((change) => {
      assert.equal(ledger.chain.settleTie(change), !wasLowest);
    });
    assert.equal(isNoChange(change), wasLowest);
    assert.equal(ledger.chain.tip.hash, lowest);
    assert.equal(ledger.chain.rivals.length, 2);
    ledger.apply((again) => assert.equal(ledger.chain.settleTie(again), false));
    const [next] = branch(ledger.chain.tip, 1, 5);
    assert(ledger.accept(next!).result.ok);
    assert.deepEqual(ledger.chain.rivals, []);
  }
});

Deno.test("settleTie() passes over a rival that turns out to be invalid", () => {
  const ledger = new TestLedger(params);
  const valid = ledger.pay(alice, bob.publicKey, 30);
  const minting = resignTransaction(
    valid,
    { outputs: [{ owner: bob.publicKey, amount: 1000 as Amount }] },
    { keyPair: alice, params },
  );
  const good = ledger.mine([valid]);
  let bad = remineBlock(good, { transactions: [minting] });
  for (let nonce = 0; bad.hash > good.hash; nonce++) {
    bad = remineBlock(bad, { header: { nonce } });
  }
  assert(ledger.accept(good).result.ok);
  assert(ledger.accept(bad).result.ok);
  ledger.apply((change) => assert.equal(ledger.chain.settleTie(change), false));
  assert.equal(ledger.chain.tip.hash, good.hash);
  assert.equal(ledger.statusOf(bad.hash), "invalid");
  assert.deepEqual(ledger.chain.rivals, []);
});

Deno.test("invalidate() falls back to the best branch that is left, reconsider() undoes it", () => {
  const ledger = new TestLedger(params);
  const steps = new LedgerSteps(ledger);
  const common = payingBranch(genesisOf(params), 2, 1);
  const long = payingBranch(common[1]!, 4, 100);
  const short = payingBranch(common[1]!, 2, 200);
  for (const { block } of [...common, ...long]) steps.accepted("long", block);
  for (const { block } of short) steps.side("short", block);

  ledger.apply((change) => ledger.chain.invalidate(long[1]!.block.hash, change));
  steps.tipIsNow("a shorter branch is the best one", short[1]!.block);
  assert.deepEqual(listCoins(ledger.chain.utxos.entries()), listCoins(short[1]!.coins));
  steps.rejected("the invalidated", long[1]!.block, "block-invalidated");

  ledger.apply((change) => ledger.chain.invalidate(common[0]!.block.hash, change));
  steps.tipIsNow("nothing is left", params.genesis);
  assert.deepEqual(listCoins(ledger.chain.utxos.entries()), listCoins(genesisOf(params).coins));
  ledger.apply((change) => {
    assert.equal(ledger.chain.invalidate(params.genesis.hash, change), false);
    assert.equal(ledger.chain.invalidate("ab".repeat(32) as BlockHash, change), false);
    assert.equal(ledger.chain.reconsider("ab".repeat(32) as BlockHash, change), false);
  });

  ledger.apply((change) => ledger.chain.reconsider(long[3]!.block.hash, change));
  steps.tipIsNow("everything below is lifted, too", long[3]!.block);
  assert.deepEqual(listCoins(ledger.chain.utxos.entries()), listCoins(long[3]!.coins));
  assert.equal(
    ledger.statusOf(short[0]!.block.hash),
    "invalid",
    "another branch is not",
  );

  const { change } = ledger.apply((change) =>
    ledger.chain.invalidate(common[0]!.block.hash, change)
  );
  assert.equal(change.marked.length, 2 + 4 + 2);
  ledger.apply((change) => ledger.chain.reconsider(common[0]!.block.hash, change));
  steps.tipIsNow("everything above is lifted, too", long[3]!.block);
  for (const entry of ledger.chain.entries()) {
    assert.notEqual(ledger.chain.statusOf(entry), "invalid");
  }
});

Deno.test("reconsider() does not make a block valid that breaks a rule", () => {
  const ledger = new TestLedger(params);
  const valid = ledger.pay(alice, bob.publicKey, 30);
  const minting = resignTransaction(
    valid,
    { outputs: [{ owner: bob.publicKey, amount: 1000 as Amount }] },
    { keyPair: alice, params },
  );
  const bad = ledger.mine([minting]);
  assert(!ledger.accept(bad).result.ok);
  ledger.apply((change) => ledger.chain.reconsider(bad.hash, change));
  assert.equal(ledger.chain.tip.hash, params.genesis.hash);
  assert.equal(ledger.statusOf(bad.hash), "invalid");
});

Deno.test("invalidate() of a side block leaves a settled tie settled", () => {
  const ledger = new TestLedger(params);
  const blocks = [1, 100, 200].map((nonce) => branch(params.genesis, 1, nonce)[0]!);
  blocks.sort((a, b) => a.hash < b.hash ? 1 : -1);
  for (const block of blocks) assert(ledger.accept(block).result.ok);
  ledger.apply((change) => ledger.chain.settleTie(change));
  assert.equal(ledger.chain.tip.hash, blocks[2]!.hash);
  const { change } = ledger.apply((change) => ledger.chain.invalidate(blocks[1]!.hash, change));
  assert.equal(ledger.chain.tip.hash, blocks[2]!.hash);
  assert.deepEqual(change.connected, []);
  assert.deepEqual(ledger.chain.rivals.map(({ hash }) => hash), [blocks[0]!.hash]);
});

Deno.test("F10 a store that fails in the middle of a reorganisation leaves tip and coins as they were", () => {
  const common = payingBranch(genesisOf(params), 2, 1);
  const losing = payingBranch(common[1]!, 40, 100);
  const winning = payingBranch(common[1]!, 42, 2000);
  // Each run fails at another read; the chain keeps the newest 32 blocks itself and reads the others.
  for (const failAt of [0, 30, 55, 70, 85]) {
    const archive = new BlockArchive();
    let readsLeft = Infinity;
    const reading = <T>(value: T): T => {
      if (--readsLeft < 0) throw new Error("The disk is gone");
      return value;
    };
    const chain = new Chain(params, {
      verifier: new TestLedger(params).chain.verifier,
      reader: {
        readBlock: (hash) => reading(archive.readBlock(hash)),
        readDelta: (hash) => reading(archive.readDelta(hash)),
      },
    });
    const accept = (block: Block) => {
      const change = noChange();
      const result = chain.accept(block, block.header.timestampMs, change);
      archive.record(change);
      chain.releasePersisted();
      return result;
    };
    for (const { block } of [...common, ...losing, ...winning.slice(0, 40)]) {
      assert(accept(block).ok);
    }
    const tip = chain.tip;
    readsLeft = failAt;
    assert.throws(() => accept(winning[40]!.block), { message: "The disk is gone" });
    assert.equal(chain.tip, tip);
    assert.deepEqual(listCoins(chain.utxos.entries()), listCoins(losing.at(-1)!.coins));

    readsLeft = Infinity;
    assert(accept(winning[41]!.block).ok, "and nothing is stuck");
    assert.deepEqual(listCoins(chain.utxos.entries()), listCoins(winning[41]!.coins));
  }
});

Deno.test("Chain.restore() brings back tree, tip, coins, rivals and marks", () => {
  const ledger = new TestLedger(params);
  const common = payingBranch(genesisOf(params), 40, 1);
  const a = payingBranch(common.at(-1)!, 2, 1000);
  const b = payingBranch(common.at(-1)!, 2, 2000);
  const c = payingBranch(common.at(-1)!, 3, 3000);
  for (const { block } of [...common, ...a, ...b, ...c]) assert(ledger.accept(block).result.ok);
  ledger.apply((change) => ledger.chain.invalidate(c[2]!.block.hash, change));

  const { chain, archive } = ledger;
  const restored = Chain.restore(
    params,
    { verifier: chain.verifier, reader: archive },
    {
      entries: chain.entries().map((entry) => chain.recordOf(entry)),
      tip: chain.tip.hash,
      utxos: packUtxos([...chain.utxos.entries()]),
    },
  );
  // Both have been asked for their medians, which an entry remembers.
  for (const entry of [...restored.entries(), ...chain.entries()]) medianTimePast(entry);
  assert.deepEqual([...restored.entries()], [...chain.entries()]);
  assert.equal(restored.tip.hash, chain.tip.hash);
  assert.equal(restored.tip.work, chain.tip.work);
  assert.deepEqual(
    listCoins(restored.utxos.entries()),
    listCoins(chain.utxos.entries()),
  );
  assert.deepEqual(restored.rivals.map((e) => e.hash), chain.rivals.map((e) => e.hash));
  assert.deepEqual(locatorOf(restored), locatorOf(chain));

  // Both go on in the same way, through a reorganisation that needs the archive.
  const winner = payingBranch(b[1]!, 2, 4000);
  for (const { block } of winner) {
    const change = noChange();
    const [left, right] = [
      restored.accept(block, ledger.nowMs, change),
      ledger.accept(block).result,
    ];
    assert(left.ok && right.ok);
    assert.equal(left.value.outcome, right.value.outcome);
  }
  assert.deepEqual(listCoins(restored.utxos.entries()), listCoins(winner.at(-1)!.coins));
  assert.equal(restored.utxos.supply, supplyAt(params, restored.height));
});

Deno.test("U05 F03 rewards and fees of a losing branch vanish with it, and what spends them", () => {
  const paid = testParams({ nodes: 2, reward: 5, fee: 1 });
  const ledger = new TestLedger(paid);
  const steps = new LedgerSteps(ledger);
  const payout = ledger.pay(alice, bob.publicKey, 100);
  const base = ledger.mine([payout], { miner: alice.publicKey });
  steps.accepted("base", base);
  const losing = ledger.mine([ledger.pay(alice, bob.publicKey, 1)], { miner: carol.publicKey });
  steps.accepted("Carol's block", losing);
  assert.equal(ledger.confirmedOf(carol.publicKey), 6);
  const spending = ledger.pay(carol, bob.publicKey, 5);
  steps.waits("Carol spends her reward", spending);

  const other = mineBlock(base, {
    params: paid,
    transactions: [payment(
      [[outpointOf(payout.txid, 0), { owner: bob.publicKey, amount: 100, height: 1 } as never]],
      { params: paid, from: bob, to: alice.publicKey, amount: 10 },
    )],
    miner: bob.publicKey,
  });
  steps.side("Bob's block", other);
  const { pool } = steps.accepted(
    "Bob's second",
    mineBlock(other, {
      params: paid,
      transactions: losing.transactions,
      miner: bob.publicKey,
    }),
  );
  assert.equal(ledger.confirmedOf(carol.publicKey), 0);
  assert.deepEqual(pool.removed.map(({ transaction, reason }) => [transaction.txid, reason]), [
    [spending.txid, { code: "no-longer-valid", cause: "tx-input-missing" }],
  ]);
});
