/** What can be asked of a node, against what follows from its chain and pool. */
import assert from "node:assert/strict";
import fc from "fast-check";
import type { PublicKey } from "../crypto/keys.ts";
import { networkOf, type TestNode, TestWorld } from "../testing/test_world.ts";
import type { Txid } from "../primitives/outpoint.ts";
import { auditOf } from "../testing/audit_at_once.ts";
import {
  balanceOf,
  confirmationsOf,
  healthOf,
  historyOf,
  ownersOf,
  ringKeysOf,
  tipsOf,
  transactionStateOf,
} from "./queries.ts";

function ready(options: ConstructorParameters<typeof TestWorld>[0] = {}): {
  readonly world: TestWorld;
  readonly node: TestNode;
  readonly keys: readonly PublicKey[];
} {
  const world = new TestWorld(options);
  world.addAll();
  const node = world.nodes[0] as TestNode;
  return { world, node, keys: world.nodes.map(({ keyPair }) => keyPair.publicKey) };
}

Deno.test("U05 balances equal a recount, confirmed and pending, after any payments", () => {
  const action = fc.record({
    from: fc.nat(2),
    to: fc.nat(2),
    amount: fc.integer({ min: 1, max: 120 }),
    runMs: fc.constantFrom(0, 0, 30, 500),
  });
  fc.assert(
    fc.property(fc.array(action, { maxLength: 25 }), (actions) => {
      const { world, node, keys } = ready();
      for (const { from, to, amount, runMs } of actions) {
        world.pay(world.nodes[from] as TestNode, keys[to] as PublicKey, amount);
        world.run(runMs);
      }
      const { chain, mempool } = networkOf(node);
      const confirmed = new Map<string, number>();
      for (const [, { owner, amount }] of chain.utxos.entries()) {
        confirmed.set(owner, (confirmed.get(owner) ?? 0) + amount);
      }
      const moved = new Map(confirmed);
      for (const { transaction } of mempool.entries()) {
        const [payment] = transaction.outputs;
        assert(payment !== undefined);
        moved.set(transaction.sender, (moved.get(transaction.sender) ?? 0) - payment.amount);
        moved.set(payment.owner, (moved.get(payment.owner) ?? 0) + payment.amount);
      }
      let sum = 0;
      for (const owner of ownersOf(networkOf(node))) {
        const balance = balanceOf(networkOf(node), owner);
        assert.equal(balance.confirmed, confirmed.get(owner) ?? 0);
        assert.equal(balance.available, moved.get(owner) ?? 0);
        sum += balance.confirmed;
      }
      assert.equal(sum, 300);
      const audit = auditOf(networkOf(node));
      assert.deepEqual([audit.supply, audit.supplyExpected], [300, 300]);
      assert.deepEqual([...audit.confirmed].sort(), [...confirmed].sort());
    }),
    { numRuns: 25 },
  );
});

Deno.test("U05 the audit is the same at all nodes at rest", () => {
  const { world, keys } = ready();
  world.pay(world.nodes[1] as TestNode, keys[2] as PublicKey, 33);
  world.run(5_000);
  const audits = world.nodes.map((node) => {
    const { tip, commitment, confirmed, utxoCount } = auditOf(networkOf(node));
    return { tip: tip.hash, commitment, confirmed: [...confirmed].sort(), utxoCount };
  });
  assert.deepEqual(audits[1], audits[0]);
  assert.deepEqual(audits[2], audits[0]);
});

Deno.test("transactionStateOf() follows a payment through pool, chain and loss", () => {
  const { world, node, keys } = ready();
  const ledger = networkOf(node);
  world.control(node, { kind: "pause-mining" });
  const paid = world.pay(node, keys[1] as PublicKey, 5);
  assert(paid.ok && paid.transaction);
  const { txid } = paid.transaction;
  assert.equal(transactionStateOf(ledger, node.store, txid)?.kind, "pending");
  world.run(1_000);
  const confirmed = transactionStateOf(ledger, node.store, txid);
  assert(confirmed?.kind === "confirmed");
  assert.equal(ledger.chain.block(confirmed.entry.hash)?.transactions[confirmed.index]?.txid, txid);

  world.control(node, { kind: "disconnect-peers", publicKeys: [] });
  const second = world.pay(node, keys[1] as PublicKey, 6);
  assert(second.ok && second.transaction);
  world.control(node, { kind: "drop-transaction", txid: second.transaction.txid });
  const failed = transactionStateOf(ledger, node.store, second.transaction.txid);
  assert(failed?.kind === "failed");
  assert.equal(failed.failure.reasonCode, "dropped-by-operator");
  assert.equal(transactionStateOf(ledger, node.store, "ab".repeat(32) as Txid), undefined);
});

Deno.test("transactionStateOf() says pending again when a reorganisation takes the block away", () => {
  const { world, node, keys } = ready();
  const ledger = networkOf(node);
  const paid = world.pay(node, keys[1] as PublicKey, 5);
  world.run(1_000);
  assert(paid.ok && paid.transaction);
  const { txid } = paid.transaction;
  const state = transactionStateOf(ledger, node.store, txid);
  assert(state?.kind === "confirmed");
  assert.equal(confirmationsOf(ledger.chain, state.entry), 1);

  world.control(node, { kind: "pause-mining" });
  world.control(node, { kind: "disconnect-peers", publicKeys: [] });
  world.control(node, { kind: "invalidate-block", hash: state.entry.hash });
  assert.equal(transactionStateOf(ledger, node.store, txid)?.kind, "pending");
  assert.equal(confirmationsOf(ledger.chain, state.entry), 0);
  const tips = tipsOf(ledger);
  assert.deepEqual(tips.map(({ isActive, entry }) => [isActive, entry.hash === state.entry.hash]), [
    [true, false],
    [false, true],
  ]);
});

Deno.test("historyOf() is bounded, the newest first, each transaction once", () => {
  const { world, node, keys } = ready({ capacity: 2 });
  const amounts = [1, 2, 3, 4, 5];
  for (const amount of amounts) {
    world.pay(node, keys[1] as PublicKey, amount);
    world.run(1_000);
  }
  const ledger = networkOf(node);
  const mine = historyOf(ledger, node.store, { owner: keys[0] as PublicKey, limit: 100 });
  assert(mine !== undefined);
  const paid = mine.map(({ transaction }) => transaction.outputs[0]?.amount);
  assert.deepEqual(paid, [5, 4, 3, 2, 1, 100, 100, 300]);
  assert.equal(new Set(mine.map(({ transaction }) => transaction.txid)).size, mine.length);
  const two = historyOf(ledger, node.store, { owner: keys[1] as PublicKey, limit: 2 });
  assert(two !== undefined);
  assert.deepEqual(two.map(({ transaction }) => transaction.outputs[0]?.amount), [5, 4]);
});

Deno.test("healthOf() tells peers that are cut off, silent and backed off apart", () => {
  const { world, node, keys } = ready();
  assert.deepEqual([...ringKeysOf(node.state)], keys);
  const [peer] = [...node.state.peers.values()];
  assert(peer !== undefined);
  const health = () => healthOf(node.state, peer, world.nowMs);
  assert.equal(health(), "connected");
  const silentMs = 5 * node.state.config.timing.statusIntervalMs;
  assert.equal(healthOf(node.state, peer, peer.heardAtMs + silentMs), "unreachable");
  peer.failureCount = 1;
  assert.equal(health(), "unreachable");
  peer.backedOffUntilMs = world.nowMs + 1;
  assert.equal(health(), "backed-off");
  peer.isCut = true;
  assert.equal(health(), "disconnected");
});
