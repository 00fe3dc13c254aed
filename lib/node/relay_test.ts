import assert from "node:assert/strict";
import { type Amount } from "../primitives/amount.ts";
import { outpointOf, type Txid } from "../primitives/outpoint.ts";
import { NO_SIGNATURE, sealTransaction, type Transaction } from "../primitives/transaction.ts";
import { networkOf, type TestNode, TestWorld } from "../testing/test_world.ts";

import { encodeMessage } from "../wire/codec.ts";
import { type Message, MESSAGE_SIZE_BYTES_MAX } from "../wire/message.ts";
import { announceNews } from "./relay.ts";
import { beginTurn } from "./turn.ts";

/** What a message needs from one node of the test network to another. */
const DELAY_MS = 5;

/** Three nodes in rest; the first has paid, the second knows, the third does not. */
function worldWithNews(): { world: TestWorld; nodes: [TestNode, TestNode, TestNode] } {
  const world = new TestWorld({ nodes: 3, capacity: 1, isAutomatic: false });
  for (let count = 0; count < 3; count++) world.add();
  world.runUntil(() => {
    world.mine(world.nodes[0] as TestNode);
    return world.nodes.every(({ state: { network, phase } }) =>
      phase === "ready" && network?.mempool.size === 0
    );
  });
  world.run(100);
  const nodes = world.nodes as [TestNode, TestNode, TestNode];
  const [payer, knowing, unknowing] = nodes;
  world.partition([payer], [unknowing]);
  assert(world.pay(payer, knowing.keyPair.publicKey, 5).ok);
  world.run(DELAY_MS);
  assert.equal(networkOf(knowing).mempool.size, 1);
  assert.equal(networkOf(unknowing).mempool.size, 0);
  return { world, nodes };
}

Deno.test("a block brings its young transactions along: nobody has to ask", () => {
  const { world, nodes: [, knowing, unknowing] } = worldWithNews();
  assert(world.mine(knowing));
  const { hash } = networkOf(knowing).chain.tip;
  world.run(DELAY_MS);
  assert.equal(networkOf(unknowing).chain.tip.hash, hash);
  assert.equal(networkOf(unknowing).partialBlocks.size, 0);
});

Deno.test("a block leaves its old transactions at home: who lacks one asks for it", () => {
  const { world, nodes: [, knowing, unknowing] } = worldWithNews();
  world.run(100);
  assert(world.mine(knowing));
  const { hash } = networkOf(knowing).chain.tip;
  world.run(DELAY_MS);
  assert.notEqual(networkOf(unknowing).chain.tip.hash, hash);
  assert.equal(networkOf(unknowing).partialBlocks.size, 1);
  world.run(2 * DELAY_MS);
  assert.equal(networkOf(unknowing).chain.tip.hash, hash);
});

Deno.test("R10 a thousand large payments of a restart go out in messages that fit", () => {
  const { nodes: [payer] } = worldWithNews();
  const owner = payer.keyPair.publicKey;
  const turn = beginTurn(payer.state, 0);
  for (let count = 0; count < 1000; count++) {
    const txid = count.toString(16).padStart(64, "0") as Txid;
    const inputs = Array.from({ length: 256 }, (_, index) => outpointOf(txid, index));
    const outputs = [{ owner, amount: 1 as Amount }];
    const transaction = sealTransaction({ sender: owner, inputs, outputs }, NO_SIGNATURE);
    turn.accepted.push({ transaction, from: undefined });
  }
  announceNews(turn, networkOf(payer));
  const sent = turn.effects.flatMap((effect) => effect.type === "send" ? [effect] : []);
  const first = sent.filter(({ publicKey }) => publicKey === sent[0]?.publicKey);
  let count = 0;
  for (const { message } of first) {
    assert(message.type === "transactions");
    assert(encodeMessage(message).length < MESSAGE_SIZE_BYTES_MAX / 2);
    count += message.transactions.length;
  }
  assert.equal(count, 1000);
});

Deno.test("an announcement that says all that ours would is passed on as it is", () => {
  const { nodes: [payer] } = worldWithNews();
  const network = networkOf(payer);
  const { hash, header } = network.chain.tip;
  const { transactions } = network.chain.block(hash)!;
  const txids = transactions.map(({ txid }) => txid);
  const heard = { type: "compact-block", hash, header, txids, prefilled: [] } as const;
  const said = (message: Message, young: readonly Transaction[]) => {
    const turn = beginTurn(payer.state, 0);
    turn.newTip = { from: undefined, young };
    announceNews(turn, network, message);
    return turn.effects.flatMap((effect) => effect.type === "send" ? [effect.message] : []);
  };
  assert.deepEqual(said(heard, []).map((message) => message === heard), [true, true]);
  const own = { ...heard, prefilled: transactions };
  assert.deepEqual(said(heard, transactions), [own, own], "with what is young");
  assert.deepEqual(said(own, []), [heard, heard], "without what is not");
  const other = { ...heard, hash: header.previousHash };
  assert.deepEqual(said(other, []), [heard, heard], "another block's");
});
