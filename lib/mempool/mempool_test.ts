import assert from "node:assert/strict";
import { type Template, TemplateDraft } from "../mining/template.ts";
import type { Transaction } from "../primitives/transaction.ts";
import { type Amount } from "../primitives/amount.ts";
import { outpointOf, txidOfOutpoint } from "../primitives/outpoint.ts";
import { NO_SIGNATURE, sealTransaction } from "../primitives/transaction.ts";
import type { KeyPair } from "../crypto/keys.ts";
import { LedgerSteps } from "../testing/ledger_steps.ts";
import { payment, resignTransaction } from "../simulation/sign_transaction.ts";
import { TestLedger } from "../testing/test_ledger.ts";
import { testParams } from "../testing/test_params.ts";
import { alice, bob, carol, createSmallLedger, type SmallLedger } from "../testing/small_ledger.ts";
import { MEMPOOL_TRANSACTIONS_MAX } from "./mempool.ts";
import type { PolicyError, RemovalReason } from "./policy_error.ts";

/** Another payment with the coins of one that is there. */
function rivalOf(transaction: Transaction, { params }: SmallLedger): Transaction {
  const amount = transaction.outputs.reduce((sum, output) => sum + output.amount, 0);
  const outputs = [{ owner: carol.publicKey, amount: amount as Amount }];
  return resignTransaction(transaction, { outputs }, { keyPair: alice, params });
}

/** The next block that Bob would mine. */
function templateOf({ chain, mempool, params, nowMs }: TestLedger): Template {
  const draft = new TemplateDraft(chain.tip, params);
  draft.add(mempool.transactions());
  return draft.template({ miner: bob.publicKey, nowMs });
}

/** Takes in one thing more than the pool's taste allows; gives the whole refusal. */
const POLICY_CASES: Record<PolicyError["code"], () => { got: PolicyError; want: PolicyError }> = {
  "tx-already-known": () => {
    const { steps, valid } = createSmallLedger();
    steps.waits("first", valid);
    const got = steps.refused("second", valid, "tx-already-known") as PolicyError;
    return { got, want: { code: "tx-already-known", txid: valid.txid } };
  },
  "tx-conflicts": () => {
    const world = createSmallLedger();
    const { steps, valid } = world;
    steps.waits("first", valid);
    const got = steps.refused("rival", rivalOf(valid, world), "tx-conflicts") as PolicyError;
    const outpoint = valid.inputs[0]!;
    return { got, want: { code: "tx-conflicts", outpoint, with: valid.txid } };
  },
  "mempool-full": () => {
    const { ledger, steps } = createSmallLedger();
    // One coin handed on 50,000 times; known to be signed, for the sake of the test's time.
    let [outpoint, { amount }] = ledger.coinsOf(alice.publicKey)[0]!;
    const next = () => {
      const owner = alice.publicKey;
      const transaction = sealTransaction(
        { sender: owner, inputs: [outpoint], outputs: [{ owner, amount }] },
        NO_SIGNATURE,
      );
      ledger.chain.verifier.remember(transaction);
      outpoint = outpointOf(transaction.txid, 0);
      return transaction;
    };
    for (let count = 0; count < 50_000; count++) assert(ledger.submit(next()).ok);
    assert.equal(ledger.mempool.size, MEMPOOL_TRANSACTIONS_MAX);
    const got = steps.refused("one too many", next(), "mempool-full") as PolicyError;
    return { got, want: { code: "mempool-full", max: 50_000 } };
  },
};

Deno.test("R10 a full pool takes back what a losing branch had confirmed, and fails nothing", () => {
  const { ledger, block, valid } = createSmallLedger();
  assert(ledger.accept(block).result.ok);
  // Bob hands one coin on until the pool is full; known to be signed, for the sake of the test's time.
  const owner = bob.publicKey;
  let [outpoint, { amount }] = ledger.coinsOf(owner)[0]!;
  for (let count = 0; count < MEMPOOL_TRANSACTIONS_MAX; count++) {
    const transaction = sealTransaction(
      { sender: owner, inputs: [outpoint], outputs: [{ owner, amount }] },
      NO_SIGNATURE,
    );
    ledger.chain.verifier.remember(transaction);
    outpoint = outpointOf(transaction.txid, 0);
    assert(ledger.submit(transaction).ok);
  }
  const { pool } = ledger.apply((change) => void ledger.chain.invalidate(block.hash, change));
  assert.deepEqual(pool.returned.map(({ transaction }) => transaction.txid), [valid.txid]);
  assert.deepEqual(pool.removed, []);
  assert.equal(ledger.mempool.size, MEMPOOL_TRANSACTIONS_MAX + 1);
  const next = ledger.submit(ledger.pay(carol, owner, 1));
  assert.equal(!next.ok && next.error.code, "mempool-full");
});

Deno.test("R10 a pool that is full twice over takes back what a losing branch had, and drops its last", () => {
  const { ledger, block, valid } = createSmallLedger();
  assert(ledger.accept(block).result.ok);
  const owner = bob.publicKey;
  let [outpoint, { amount }] = ledger.coinsOf(owner)[0]!;
  for (let count = 0; count < 100_000; count++) {
    const outputs = [{ owner, amount }];
    const transaction = sealTransaction(
      { sender: owner, inputs: [outpoint], outputs },
      NO_SIGNATURE,
    );
    ledger.chain.verifier.remember(transaction);
    outpoint = outpointOf(transaction.txid, 0);
    assert(ledger.mempool.accept(transaction, 0, 100_000).ok);
  }
  const last = txidOfOutpoint(outpoint);
  const { pool } = ledger.apply((change) => void ledger.chain.invalidate(block.hash, change));
  assert.deepEqual(pool.returned.map(({ transaction }) => transaction.txid), [valid.txid]);
  assert.deepEqual(pool.removed.map(({ transaction, reason }) => [transaction.txid, reason]), [
    [last, { code: "no-longer-valid", cause: "mempool-full" }],
  ]);
  assert.equal(ledger.mempool.size, 100_000);
});

for (const [code, run] of Object.entries(POLICY_CASES)) {
  Deno.test(`policy ${code}: the pool refuses and stays as it is`, () => {
    const { got, want } = run();
    assert.equal(got.code, code);
    assert.deepEqual(got, want);
  });
}

/** Makes a transaction leave the pool unconfirmed; gives the reason. */
const REMOVAL_CASES: Record<
  RemovalReason["code"],
  () => { got: RemovalReason | undefined; want: RemovalReason }
> = {
  conflict: () => {
    const world = createSmallLedger();
    const { ledger, steps, valid } = world;
    const rival = rivalOf(valid, world);
    steps.waits("first", valid);
    const { pool } = steps.accepted("a block with its rival", ledger.mine([rival]));
    const outpoint = valid.inputs[0]!;
    return { got: pool.removed[0]?.reason, want: { code: "conflict", outpoint, with: rival.txid } };
  },
  "parent-removed": () => {
    const world = createSmallLedger();
    const { ledger, steps, valid } = world;
    steps.waits("parent", valid);
    steps.waits("child", ledger.pay(alice, bob.publicKey, 1));
    const { pool } = steps.accepted("its rival", ledger.mine([rivalOf(valid, world)]));
    return { got: pool.removed[1]?.reason, want: { code: "parent-removed", parent: valid.txid } };
  },
  "no-longer-valid": () => {
    const params = testParams({ nodes: 2, reward: 5, emptyBlocks: true });
    const ledger = new TestLedger(params);
    const steps = new LedgerSteps(ledger);
    steps.accepted("Carol's reward", ledger.mine([], { miner: carol.publicKey }));
    steps.waits("spent", ledger.pay(carol, bob.publicKey, 5));
    const other = ledger.mine([], { parent: params.genesis, miner: bob.publicKey });
    steps.side("another block", other);
    const { pool } = steps.accepted("wins", ledger.mine([], { parent: other }));
    return {
      got: pool.removed[0]?.reason,
      want: { code: "no-longer-valid", cause: "tx-input-missing" },
    };
  },
  "dropped-by-operator": () => {
    const { ledger, steps, valid } = createSmallLedger();
    steps.waits("first", valid);
    const [removed] = ledger.mempool.remove(valid.txid, { code: "dropped-by-operator" });
    steps.waits("its coins are free again", valid);
    return { got: removed?.reason, want: { code: "dropped-by-operator" } };
  },
};

for (const [code, run] of Object.entries(REMOVAL_CASES)) {
  Deno.test(`removal ${code}: the reason says why`, () => {
    const { got, want } = run();
    assert.equal(got?.code, code);
    assert.deepEqual(got, want);
  });
}

Deno.test("T08 a transaction that comes again, pending or confirmed, pays once", () => {
  const { ledger, steps, valid, block } = createSmallLedger();
  steps.waits("first", valid);
  steps.refused("while it waits", valid, "tx-already-known");
  assert.equal(ledger.mempool.size, 1);
  steps.accepted("confirmed", block);
  steps.refused("after it was confirmed", valid, "tx-input-missing");
  assert.equal(ledger.confirmedOf(bob.publicKey), 130);
});

Deno.test("U01 two payments with one coin: the first one wins, the other is told which", () => {
  const world = createSmallLedger();
  const rival = rivalOf(world.valid, world);
  world.steps.waits("first", world.valid);
  world.steps.refused("second", rival, "tx-conflicts");
  // Through the pool's view the second payment takes the change of the first.
  world.steps.waits("chained", world.ledger.pay(alice, carol.publicKey, 50));
});

Deno.test("U02 a hundred payments in a row wait, and confirm in order over many blocks", () => {
  const params = testParams({ nodes: 2, capacity: 7 });
  const ledger = new TestLedger(params);
  const steps = new LedgerSteps(ledger);
  for (let count = 0; count < 120; count++) {
    steps.waits(`payment ${count}`, ledger.pay(alice, bob.publicKey, 1));
  }
  while (ledger.mempool.size > 0) {
    steps.accepted("block", ledger.mine([...templateOf(ledger).transactions]));
  }
  assert.equal(ledger.confirmedOf(bob.publicKey), 120);
  assert.equal(ledger.chain.height, Math.ceil(120 / 7));
});

Deno.test("U06 a transaction that leaves takes its descendants with it, and frees their coins", () => {
  const { ledger, steps, valid } = createSmallLedger();
  const before = ledger.coinsOf(alice.publicKey);
  steps.waits("parent", valid);
  const child = ledger.pay(alice, carol.publicKey, 20);
  steps.waits("child", child);
  const both = ledger.pay(carol, bob.publicKey, 120);
  steps.waits("grandchild with another coin", both);
  assert.equal(both.inputs.length, 2);

  const removed = ledger.mempool.remove(valid.txid, { code: "dropped-by-operator" });
  assert.deepEqual(removed.map(({ transaction }) => transaction.txid), [
    valid.txid,
    child.txid,
    both.txid,
  ]);
  assert.deepEqual(removed.slice(1).map(({ reason }) => reason), [
    { code: "parent-removed", parent: valid.txid },
    { code: "parent-removed", parent: child.txid },
  ]);
  assert.equal(ledger.mempool.size, 0);
  assert.equal(ledger.mempool.digest, 0n);
  assert.deepEqual(ledger.coinsOf(alice.publicKey), before);
  assert.deepEqual([...ledger.mempool.owners()], []);
});

Deno.test("U06 removing a child gives its parent's output back to the pool", () => {
  const { ledger, steps, valid } = createSmallLedger();
  steps.waits("parent", valid);
  const change = ledger.coinsOf(alice.publicKey);
  const child = ledger.pay(alice, carol.publicKey, 20);
  steps.waits("child", child);
  ledger.mempool.remove(child.txid, { code: "dropped-by-operator" });
  assert.deepEqual(ledger.coinsOf(alice.publicKey), change);
  assert.deepEqual(ledger.mempool.remove(child.txid, { code: "dropped-by-operator" }), []);
  steps.waits("the same child again", child);
});

Deno.test("M02 nodes that keep different ones of two rivals agree after the block", () => {
  const [left, right] = [createSmallLedger(), createSmallLedger()];
  const rival = rivalOf(left.valid, left);
  left.steps.waits("left saw this first", left.valid);
  left.steps.refused("left's second", rival, "tx-conflicts");
  right.steps.waits("right saw that first", rival);
  right.steps.refused("right's second", right.valid, "tx-conflicts");

  const block = right.ledger.mine([rival]);
  left.steps.accepted("the block decides", block);
  right.steps.accepted("the block decides", block);
  for (const { ledger, steps, valid } of [left, right]) {
    assert.equal(ledger.mempool.size, 0);
    steps.refused("the loser is gone for good", valid, "tx-input-missing");
    steps.waits("and nothing is stuck", ledger.pay(bob, carol.publicKey, 1));
  }
  assert.equal(left.ledger.removed.length, 1);
  assert.equal(right.ledger.removed.length, 0);
});

Deno.test("M03 a template is valid on the tip whatever happened to the pool", () => {
  const world = createSmallLedger({ capacity: 4 });
  const { ledger, steps, valid } = world;
  steps.waits("loses to a block", valid);
  steps.waits("child of the loser", ledger.pay(alice, bob.publicKey, 5));
  steps.waits("stays", ledger.pay(carol, bob.publicKey, 10));
  steps.accepted("the rival", ledger.mine([rivalOf(valid, world)]));

  const { header, transactions } = templateOf(ledger);
  assert.equal(transactions.length, 1);
  const { miner, timestampMs, merkleRoot, height, previousHash } = header;
  const block = ledger.mine([...transactions], { miner, timestampMs });
  assert.deepEqual(
    [merkleRoot, height, previousHash],
    [block.header.merkleRoot, block.header.height, block.header.previousHash],
  );
  steps.accepted("the template", block);
});

Deno.test("M05 a burst over capacity is mined first in, first out", () => {
  const { ledger, steps } = createSmallLedger({ capacity: 2 });
  const sent: string[] = [];
  for (let amount = 1; amount <= 7; amount++) {
    const transaction = ledger.pay(amount % 2 === 0 ? alice : carol, bob.publicKey, amount);
    steps.waits(`payment ${amount}`, transaction);
    sent.push(transaction.txid);
  }
  const from = ledger.chain.height;
  for (let count = 0; count < 4; count++) {
    steps.accepted(`block ${count}`, ledger.mine([...templateOf(ledger).transactions]));
  }
  const mined = ledger.mainBlocks().slice(from).flatMap((block) =>
    block.transactions.map(({ txid }) => txid)
  );
  assert.deepEqual(mined, sent);
  assert.equal(ledger.mempool.oldest, undefined);
});

Deno.test("F03 M06 what only the losing branch confirmed waits again, ahead of the others", () => {
  const { ledger, steps, valid, params } = createSmallLedger();
  const parent = ledger.chain.tip;
  const losing = ledger.mine([valid]);
  steps.accepted("the losing branch", losing);
  const child = ledger.pay(alice, carol.publicKey, 5);
  steps.waits("a child that waits on it", child);

  const byCarol = ledger.pay(carol, bob.publicKey, 1);
  const other = ledger.mine([byCarol], { parent });
  steps.side("the other branch", other);
  const last = ledger.mine([resignTransaction(
    byCarol,
    {
      sender: carol.publicKey,
      inputs: [outpointOf(byCarol.txid, 1)],
      outputs: [{ owner: bob.publicKey, amount: 99 as Amount }],
    },
    { keyPair: carol, params },
  )], { parent: other });
  ledger.nowMs += 5000;
  const { pool } = steps.accepted("it wins", last);
  assert.deepEqual(pool.returned.map(({ transaction }) => transaction.txid), [valid.txid]);
  assert.equal(pool.returned[0]?.arrivedAtMs, ledger.nowMs);
  assert.deepEqual(pool.removed, []);
  assert.deepEqual([...ledger.mempool.txids()], [valid.txid, child.txid]);
  steps.accepted("both confirm", ledger.mine([valid, child]));
});

Deno.test("F03 a transaction that both branches confirmed does not come back", () => {
  const { ledger, steps, valid } = createSmallLedger();
  const parent = ledger.chain.tip;
  steps.accepted("branch 1", ledger.mine([valid]));
  const other = ledger.mine([ledger.pay(carol, bob.publicKey, 1)], { parent });
  steps.side("branch 2", other);
  const { pool } = steps.accepted(
    "branch 2 confirms it, too",
    ledger.mine([valid], { parent: other }),
  );
  assert.deepEqual(pool, { confirmed: [], removed: [], returned: [] });
  assert.equal(ledger.mempool.size, 0);
});

Deno.test("T08 a block's own copy of a transaction confirms the waiting one", () => {
  const { ledger, steps, valid, block } = createSmallLedger();
  steps.waits("ours", { ...valid });
  const { pool } = steps.accepted("theirs", block);
  assert.deepEqual(pool.confirmed.map(({ transaction }) => transaction.txid), [valid.txid]);
  assert.equal(ledger.mempool.size, 0);
});

Deno.test("M02 what a block has spent of a transaction that waited here is gone before it is settled", () => {
  const ledger = new TestLedger();
  ledger.isLate = true;
  const parent = ledger.pay(alice, bob.publicKey, 5);
  assert(ledger.submit(parent).ok);
  const spend = (receiver: KeyPair) =>
    payment([...ledger.mempool.unconfirmedCoinsOf(bob.publicKey)], {
      params: ledger.params,
      from: bob,
      to: receiver.publicKey,
      amount: 5,
    });
  // The child is the block's own; another one comes here.
  const [child, rival] = [spend(carol), spend(alice)];
  ledger.extend([parent, child]);
  assert.equal(ledger.mempool.get(outpointOf(parent.txid, 0)), undefined);
  const refused = ledger.submit(rival);
  assert.equal(refused.ok ? "" : refused.error.code, "tx-input-missing");
});
