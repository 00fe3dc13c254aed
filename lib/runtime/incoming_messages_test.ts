import assert from "node:assert/strict";
import type { PublicKey } from "../crypto/keys.ts";
import { numberedKeyPair } from "../crypto/numbered_key_pair.ts";
import { createPayment } from "../wallet/payment.ts";
import type { Amount } from "../primitives/amount.ts";
import type { Transaction } from "../primitives/transaction.ts";
import { coinTiersOf, networkOf, type TestNode, TestWorld } from "../testing/test_world.ts";
import { mineBlock } from "../simulation/mine_block.ts";
import type { Message } from "../wire/message.ts";
import { IncomingMessages } from "./incoming_messages.ts";
import { POOL_TRANSACTIONS_MIN } from "./verification/verification_pool.ts";

Deno.test("X03 signatures are verified on all cores for peers that are heard, and for nobody else", async () => {
  const world = new TestWorld({ nodes: 2 });
  world.addAll();
  const [node, other] = world.nodes as [TestNode, TestNode];
  const transactions = Array.from({ length: POOL_TRANSACTIONS_MIN }, () => paymentOf(other));
  const verified: number[] = [];
  let delivered = 0;
  const incoming = new IncomingMessages({
    node: node.state,
    nowMs: () => world.nowMs,
    loop: { room: () => Promise.resolve(), push: () => void delivered++ },
    verification: {
      verify: (each) => {
        verified.push(each.length);
        return Promise.resolve();
      },
    },
    lab: undefined,
  });
  const deliver = (from: PublicKey) =>
    incoming.deliver(from, [{ type: "transactions", transactions }]);

  await deliver(other.keyPair.publicKey);
  assert.deepEqual(verified, [POOL_TRANSACTIONS_MIN]);
  await deliver(numberedKeyPair(77).publicKey);
  assert.equal(verified.length, 1, "Of a stranger");
  const peer = node.state.peers.get(other.keyPair.publicKey);
  assert(peer !== undefined);
  peer.backedOffUntilMs = world.nowMs + 1_000;
  await deliver(other.keyPair.publicKey);
  assert.equal(verified.length, 1, "Of a peer that is left alone for what it did");
  // What to make of them is the node's business.
  assert.equal(delivered, 3);
});

Deno.test("a large block on the tip does not wait for signatures that came before it", async () => {
  const world = new TestWorld({ nodes: 2, capacity: 1, isAutomatic: false });
  const [node, other] = [
    world.add({ stagedTransactionsMin: 1 }),
    world.add({ stagedTransactionsMin: 1 }),
  ];
  world.runUntil(() => {
    world.mine(node);
    return [node, other].every(({ state }) => state.phase === "ready");
  });
  const { chain, params } = networkOf(other);
  const transactions = Array.from({ length: POOL_TRANSACTIONS_MIN }, () => paymentOf(other));
  const { hash, header } = mineBlock(chain.tip, {
    params,
    miner: other.keyPair.publicKey,
    transactions: transactions.slice(0, 1),
  });
  const txids = transactions.slice(0, 1).map(({ txid }) => txid);
  const block: Message = { type: "compact-block", hash, header, txids, prefilled: [] };
  const verified = Promise.withResolvers<void>();
  const hasRoom = Promise.withResolvers<void>();
  const pushed: string[] = [];
  const incoming = new IncomingMessages({
    node: node.state,
    nowMs: () => world.nowMs,
    loop: {
      room: () => hasRoom.promise,
      push: (input) => void pushed.push(input.type === "message" ? input.message.type : input.type),
    },
    verification: { verify: () => verified.promise },
    lab: undefined,
  });
  const delivered = incoming.deliver(other.keyPair.publicKey, [
    { type: "transactions", transactions },
    block,
  ]);
  assert.deepEqual(pushed, ["compact-block"]);
  // Whoever sends one after the other waits for room all the same.
  let isOver = false;
  const alone = incoming.deliver(other.keyPair.publicKey, [block]).then(() => isOver = true);
  await new Promise((resolve) => setTimeout(resolve, 0));
  assert(!isOver);
  pushed.pop();
  hasRoom.resolve();
  await alone;
  verified.resolve();
  await delivered;
  assert.deepEqual(pushed, ["compact-block", "transactions"]);

  // It overtakes the frames before its own; nothing else does.
  const from = other.keyPair.publicKey;
  assert(incoming.overtake(from, block));
  assert(!incoming.overtake(from, { type: "transactions", transactions }));
  assert.deepEqual(pushed, ["compact-block", "transactions", "compact-block"]);
});

function paymentOf(node: TestNode): Transaction {
  const { params } = networkOf(node);
  const payment = createPayment(
    { receiver: numberedKeyPair(5).publicKey, amount: 1 as Amount },
    coinTiersOf(networkOf(node), node.keyPair.publicKey),
    { keyPair: node.keyPair, params },
  );
  assert(payment.ok);
  return payment.value;
}
