/**
 * *tamper*: somebody changes one amount in a copy of the chain; hash, link, signature and work fail.
 *
 * The forger repairs one thing after the other: first the Merkle root, then the work of that block and of
 * all blocks above it, one more than the honest chain has. Each time the result is given to every node.
 *
 * @module
 */
import { bytesOfHex, formatHex } from "../bytes.ts";
import type { ClusterNode } from "../cluster/start_cluster.ts";
import { checkBlockAlone } from "../consensus/check_block.ts";
import { createTransactionVerifier } from "../consensus/transaction_verifier.ts";
import { openNodeSource } from "../offline/chain_source.ts";
import type { Params } from "../params.ts";
import type { Amount } from "../primitives/amount.ts";
import {
  assembleBlock,
  type Block,
  encodeBlock,
  merkleRootOfTransactions,
} from "../primitives/block.ts";
import { decodeTransaction, sealTransaction, type Transaction } from "../primitives/transaction.ts";
import { mineBlock, remineBlock } from "../simulation/mine_block.ts";
import type { Lesson, Stage } from "./lesson.ts";
import { createOutsider, spendCoin } from "./outsider.ts";
import { answered, LessonError, payConfirmed, tipOf, untilOneTip } from "./network_steps.ts";

const PAID = 10;
const CLAIMED = 90;

export const TAMPER_LESSON: Lesson = {
  name: "tamper",
  network: { nodes: 3, capacity: 1, difficulty: 3, emptyBlocks: false },
  async play(stage) {
    const { nodes } = stage;
    const [a, b, c] = nodes as [ClusterNode, ClusterNode, ClusterNode];

    await stage.step("tamper.history", { payer: b.id, receiver: c.id, amount: PAID });
    const txid = await payConfirmed(stage, b, { to: c.address, amount: PAID });
    await untilOneTip(stage, nodes);
    for (const [from, to] of [[a, b], [c, a]] as const) {
      await payConfirmed(stage, from, { to: to.address, amount: 1 });
      await untilOneTip(stage, nodes);
    }
    const { params, chain } = await copyChain(a);
    const forger = await createOutsider(a.client);
    const place = chain.findIndex(({ transactions }) => transactions.some((t) => t.txid === txid));
    const honest = chain[place];
    if (honest === undefined) {
      const message = "Cannot go on: no block has the payment";
      throw new LessonError({ code: "block-not-found", message });
    }
    const { height } = honest.header;

    await stage.step("tamper.change", { height, from: PAID, to: CLAIMED, receiver: c.id });
    const changed = assembleBlock(honest.header, honest.transactions.map(withAmount(txid)));
    const merkle = merkleRootOfTransactions(changed.transactions);
    stage.check("tamper.check.hash", {
      expected: "no",
      observed: yesNo(merkle === changed.header.merkleRoot),
    });
    stage.check("tamper.check.signature", {
      expected: "no",
      observed: yesNo(isSigned(changed, params)),
    });
    const alone = checkBlockAlone(changed, params);
    stage.check("tamper.check.alone", {
      expected: "block-bad-merkle-root",
      observed: alone.ok ? "accepted" : alone.error.code,
    });
    stage.note("tamper.known");
    await refusals(stage, { nodes, blocks: [changed], codes: ["block-already-known"] });

    await stage.step("tamper.root", { height });
    const rooted = unlucky({ ...changed.header, merkleRoot: merkle }, changed.transactions, params);
    stage.check("tamper.check.work", {
      expected: "no",
      observed: yesNo(rooted.hash <= params.targetHex),
    });
    const next = chain[place + 1];
    stage.check("tamper.check.link", {
      values: { height: height + 1 },
      expected: "no",
      observed: yesNo(next?.header.previousHash === rooted.hash),
    });
    await refusals(stage, { nodes, blocks: [rooted], codes: ["block-bad-work"] });

    await stage.step("tamper.mine", { n: chain.length - place + 1 });
    const before = await Promise.all(nodes.map(tipOf));
    const forged = [remineBlock(changed, {})];
    for (const { transactions, header } of chain.slice(place + 1)) {
      const parent = forged[forged.length - 1] as Block;
      forged.push(mineBlock(parent, { params, transactions, timestampMs: header.timestampMs }));
    }
    const reward = spendCoin(forger, { coin: txid, amount: PAID, to: forger });
    const last = decodeTransaction(bytesOfHex(reward.hex)) as Transaction;
    const parent = forged[forged.length - 1] as Block;
    forged.push(mineBlock(parent, { params, transactions: [last] }));
    stage.check("tamper.check.allWork", {
      expected: "yes",
      observed: yesNo(forged.every(({ hash }) => hash <= params.targetHex)),
    });
    await refusals(stage, {
      nodes,
      blocks: forged,
      codes: ["block-bad-transaction", "block-invalidated", "block-parent-invalid"],
    });
    const after = await Promise.all(nodes.map(tipOf));
    const moved = after.filter(({ hash }, index) => hash !== before[index]?.hash).length;
    stage.check("tamper.check.unmoved", { expected: 0, observed: moved });
    await stage.showTips();
  },
};

async function copyChain(
  { client }: ClusterNode,
): Promise<{ readonly params: Params; readonly chain: readonly Block[] }> {
  const source = await answered(openNodeSource(client));
  const chain: Block[] = [];
  for await (const block of source.blocks) chain.push(block);
  source.close();
  return { params: source.params, chain };
}

/** Lets a transaction pay more and keep less: the sum stays, so that nothing but the signature is wrong. */
function withAmount(txid: string): (transaction: Transaction) => Transaction {
  return (transaction) => {
    const [paid, change] = transaction.outputs;
    if (transaction.txid !== txid || paid === undefined || change === undefined) return transaction;
    const outputs = [
      { ...paid, amount: CLAIMED as Amount },
      { ...change, amount: paid.amount + change.amount - CLAIMED as Amount },
    ];
    const { sender, inputs, signature } = transaction;
    return sealTransaction({ sender, inputs, outputs }, signature);
  };
}

/** A header whose hash misses the target. Nearly every nonce gives one; one in some thousands hits it by luck. */
function unlucky(
  header: Block["header"],
  transactions: readonly Transaction[],
  { targetHex }: Params,
): Block {
  for (let nonce = header.nonce;; nonce++) {
    const block = assembleBlock({ ...header, nonce }, transactions);
    if (block.hash > targetHex) return block;
  }
}

function isSigned({ transactions }: Block, params: Params): boolean {
  const verifier = createTransactionVerifier(params);
  return transactions.every((transaction) => verifier.verify(transaction));
}

/** Gives blocks to every node, one after the other, and tells with which code each node stops. */
async function refusals(
  stage: Stage,
  { nodes, blocks, codes }: {
    readonly nodes: readonly ClusterNode[];
    readonly blocks: readonly Block[];
    readonly codes: readonly string[];
  },
): Promise<void> {
  for (const { id, client } of nodes) {
    let observed = "accepted";
    for (const block of blocks) {
      const answer = await client.submitBlock(formatHex(encodeBlock(block)));
      if (answer.ok) continue;
      observed = answer.error.code;
      if (observed !== "block-already-known") break;
    }
    stage.check("tamper.check.refused", {
      values: { node: id },
      expected: codes[0] as string,
      observed,
      agreed: codes.includes(observed),
    });
  }
}

function yesNo(isSo: boolean): string {
  return isSo ? "yes" : "no";
}
