import assert from "node:assert/strict";
import type { Amount } from "../primitives/amount.ts";
import { balances, coinTiersOf, networkOf, TestWorld } from "../testing/test_world.ts";
import { createPayment } from "../wallet/payment.ts";

Deno.test("N04 first coins that lose to another payment with the founder's key are paid again, once", () => {
  const world = new TestWorld({ nodes: 2, capacity: 1, isAutomatic: false });
  const founder = world.add();
  const member = world.add();
  world.runUntil(() => member.state.network?.membership.ring !== undefined);
  // From now on it hears nothing of the founder, and does not learn of its payment.
  world.engine.links.setCut(founder.sim.index, member.sim.index, true);
  world.runUntil(() => networkOf(founder).membership.payoutsMade);
  world.run(1_000);
  assert.equal(networkOf(member).mempool.size, 0);

  const { keyPair } = founder;
  const { params } = networkOf(member);
  const payment = { receiver: member.keyPair.publicKey, amount: 5 as Amount };
  const coins = coinTiersOf(networkOf(member), keyPair.publicKey);
  const elsewhere = createPayment(payment, coins, { keyPair, params });
  assert(elsewhere.ok);
  const message = { type: "transactions", transactions: [elsewhere.value] } as const;
  world.input(member, { type: "message", from: keyPair.publicKey, message });
  world.runUntil(() => world.mine(member));
  assert.equal(networkOf(member).chain.height, 1);

  world.partition([founder], [member], false);
  world.runUntil(() => founder.events.some(({ type }) => type === "transaction-removed"));
  world.runUntil(() => {
    if (world.mine(founder) || world.mine(member)) world.run(100);
    return world.nodes.every(({ state }) => state.phase === "ready") &&
      networkOf(founder).mempool.size === 0;
  });
  assert.deepEqual(balances(world), [95, 105]);

  // Whoever has got its first coins gets no others for a payment of as much that fails.
  assert(world.pay(member, founder.keyPair.publicKey, 5).ok);
  world.runUntil(() => {
    if (world.mine(founder) || world.mine(member)) world.run(100);
    return balances(world)[0] === 100;
  });
  assert(world.pay(founder, member.keyPair.publicKey, 100).ok);
  const [waiting] = [...networkOf(founder).mempool.transactions()];
  assert(waiting !== undefined);
  assert(world.control(founder, { kind: "drop-transaction", txid: waiting.txid }).ok);
  assert(networkOf(founder).failed.has(waiting.txid));
  assert.equal(networkOf(founder).mempool.size, 0);
});
