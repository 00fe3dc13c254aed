/**
 * Long valid chains for benchmarks and soak tests: many signed payments between a few wallets, made
 * without checking them, because checking is what is measured.
 *
 * @module
 */
import type { NamedUtxo } from "../consensus/utxo.ts";
import { connectGenesis } from "../consensus/connect_block.ts";
import type { Params } from "../params.ts";
import type { Amount } from "../primitives/amount.ts";
import type { Block } from "../primitives/block.ts";
import type { Height } from "../primitives/header.ts";
import { outpointOf } from "../primitives/outpoint.ts";
import type { Transaction } from "../primitives/transaction.ts";
import { invariant } from "../result.ts";
import { mineBlock } from "../simulation/mine_block.ts";
import { payment } from "../simulation/sign_transaction.ts";
import { numberedKeyPair } from "../crypto/numbered_key_pair.ts";

export interface LongChainOptions {
  readonly params: Params;
  readonly transactionCount: number;
  /** How many wallets pay each other. */
  readonly walletCount?: number;
}

/**
 * The blocks of a chain above genesis, full but for the last one. Payer and receiver go round the
 * wallets; each payment splits the payer's oldest coin in half, so
 * that there is one unspent output more after it for as long as the coins suffice.
 */
export function longChain(
  { params, transactionCount, walletCount = 10 }: LongChainOptions,
): Block[] {
  const coins: NamedUtxo[][] = Array.from({ length: walletCount }, () => []);
  coins[0]?.push(...connectGenesis(params.genesis).created);

  const blocks: Block[] = [];
  let parent = params.genesis;
  let waiting: Transaction[] = [];
  let payer = 0;
  for (let made = 1; made <= transactionCount; made++) {
    while (coins[payer]?.[0] === undefined) payer = (payer + 1) % walletCount;
    const receiver = (payer + 1 + made % (walletCount - 1)) % walletCount;
    const coin = coins[payer]?.shift();
    invariant(coin !== undefined, "The payer has a coin");
    const amount = Math.max(1, Math.floor(coin[1].amount / 2));
    const from = numberedKeyPair(payer);
    const to = numberedKeyPair(receiver).publicKey;
    const transaction = payment([coin], { params, from, to, amount });
    for (const [index, output] of transaction.outputs.entries()) {
      const owner = index === 0 ? receiver : payer;
      const utxo = { ...output, height: 0 as Height, amount: output.amount as Amount };
      coins[owner]?.push([outpointOf(transaction.txid, index), utxo]);
    }
    waiting.push(transaction);
    payer = (payer + 1) % walletCount;

    if (waiting.length === params.capacity || made === transactionCount) {
      parent = mineBlock(parent, { params, transactions: waiting });
      blocks.push(parent);
      waiting = [];
    }
  }
  return blocks;
}
