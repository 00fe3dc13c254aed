/**
 * The core's hot paths: what a node does for each transaction and each block, and what the simulation
 * does millions of times. Run with `deno task bench` or `deno bench -A bench/core_bench.ts`.
 *
 * @module
 */
import { sha256, sha256Hex } from "../lib/crypto/hash.ts";
import { noChange } from "../lib/consensus/chain_change.ts";
import { createTransactionVerifier } from "../lib/consensus/transaction_verifier.ts";
import { assembleBlock, type Block, decodeBlock, encodeBlock } from "../lib/primitives/block.ts";
import { hashHeader } from "../lib/primitives/header.ts";
import { merkleRoot } from "../lib/primitives/merkle.ts";
import { outpointOf } from "../lib/primitives/outpoint.ts";
import { NO_SIGNATURE, sealTransaction, type Transaction } from "../lib/primitives/transaction.ts";
import type { Amount } from "../lib/primitives/amount.ts";
import { mineBlock } from "../lib/simulation/mine_block.ts";
import { numberedKeyPair } from "../lib/crypto/numbered_key_pair.ts";
import { TestLedger } from "../lib/testing/test_ledger.ts";
import { testParams } from "../lib/testing/test_params.ts";

const params = testParams({ nodes: 2, capacity: 1000 });
const [alice, bob] = [numberedKeyPair(0), numberedKeyPair(1)];
const BLOCKS = 2000;

/** Alice pays Bob 1 NBC at a time from her change; known to be signed, as after the pool. */
function chainOfPayments(count: number): Transaction[] {
  const funds = 1_000_000_000;
  const rich = testParams({ nodes: 1, capacity: 1000, coinsPerNode: funds });
  const transactions: Transaction[] = [];
  let outpoint = outpointOf(rich.genesis.transactions[0]!.txid, 0);
  for (let left = funds - 1; transactions.length < count; left--) {
    const transaction = sealTransaction({
      sender: alice.publicKey,
      inputs: [outpoint],
      outputs: [
        { owner: bob.publicKey, amount: 1 as Amount },
        { owner: alice.publicKey, amount: left as Amount },
      ],
    }, NO_SIGNATURE);
    transactions.push(transaction);
    outpoint = outpointOf(transaction.txid, 1);
  }
  return transactions;
}

/** The same blocks for every run: so many transactions each. */
function chainOfBlocks(blockCount: number, perBlock: number) {
  const rich = testParams({ nodes: 1, capacity: 1000, coinsPerNode: 1_000_000_000 });
  const verifier = createTransactionVerifier(rich);
  const transactions = chainOfPayments(blockCount * perBlock);
  for (const transaction of transactions) verifier.remember(transaction);
  const blocks: Block[] = [];
  for (let tip = rich.genesis; blocks.length < blockCount; blocks.push(tip)) {
    const from = blocks.length * perBlock;
    const slice = transactions.slice(from, from + perBlock);
    tip = mineBlock(tip, { params: rich, transactions: slice });
  }
  return { rich, verifier, blocks };
}

const single = chainOfBlocks(BLOCKS, 1);
const full = chainOfBlocks(20, 1000);

Deno.bench(`Chain.accept: ${BLOCKS} blocks of 1 verified transaction`, { group: "chain" }, () => {
  const { chain } = new TestLedger(single.rich, single.verifier);
  for (const block of single.blocks) {
    if (!chain.accept(block, Infinity, noChange()).ok) throw new Error("A block is valid");
    chain.releasePersisted();
  }
});

Deno.bench("Chain.accept: 20 blocks of 1,000 verified transactions", { group: "chain" }, () => {
  const { chain } = new TestLedger(full.rich, full.verifier);
  for (const block of full.blocks) {
    if (!chain.accept(block, Infinity, noChange()).ok) throw new Error("A block is valid");
  }
});

const waiting = chainOfPayments(2000);
const waitingVerifier = createTransactionVerifier(single.rich);
for (const transaction of waiting) waitingVerifier.remember(transaction);

Deno.bench("Mempool.accept: 2,000 verified transactions", { group: "pool" }, () => {
  const { mempool } = new TestLedger(single.rich, waitingVerifier);
  for (const transaction of waiting) {
    if (!mempool.accept(transaction, 0).ok) throw new Error("A transaction is valid");
  }
});

const signed = new TestLedger(params).pay(alice, bob.publicKey, 5);
Deno.bench("verify one signature", { group: "pool" }, () => {
  if (!createTransactionVerifier(params).verify(signed)) throw new Error("It is signed");
});

const header = params.genesis.header;
const bytes116 = new Uint8Array(116);
const leaves = Array.from({ length: 1000 }, (_, index) => sha256(new Uint8Array([index & 255])));
const blockBytes = encodeBlock(full.blocks[0]!);
Deno.bench("sha256Hex of 116 bytes", { group: "bytes" }, () => void sha256Hex(bytes116));
Deno.bench("hashHeader", { group: "bytes" }, () => void hashHeader(header));
Deno.bench("assembleBlock", { group: "bytes" }, () => void assembleBlock(header, []));
Deno.bench("sealTransaction", { group: "bytes" }, () => void sealTransaction(signed, NO_SIGNATURE));
Deno.bench("merkleRoot of 1,000 leaves", { group: "bytes" }, () => void merkleRoot(leaves));
Deno.bench("decodeBlock of 1,000 transactions", { group: "bytes" }, () => {
  if (decodeBlock(blockBytes) === undefined) throw new Error("It decodes");
});
