/**
 * Random trees of valid blocks, with a second bookkeeping of their coins.
 *
 * Each block carries the coins that exist after it, computed from the transactions alone by a few lines
 * that share nothing with `lib/consensus`: the oracle of the property tests.
 *
 * @module
 */
import * as fc from "fast-check";
import type { NamedUtxo, Utxo } from "../consensus/utxo.ts";
import type { Params } from "../params.ts";
import type { Amount } from "../primitives/amount.ts";
import type { Block } from "../primitives/block.ts";
import { type Outpoint, outpointOf, type Txid } from "../primitives/outpoint.ts";
import type { Transaction } from "../primitives/transaction.ts";
import { mineBlock } from "../simulation/mine_block.ts";
import { payment } from "../simulation/sign_transaction.ts";
import { numberedKeyPair } from "../crypto/numbered_key_pair.ts";

/** How many owners a tree's payments are between: test keys 0, 1, 2 … */
export const TREE_OWNERS = 4;

/** One payment of a plan; numbers of any size, taken modulo what there is. */
export interface PaymentPlan {
  readonly from: number;
  readonly to: number;
  readonly amount: number;
}

/** One block of a plan: on which earlier block it stands, and what it carries. */
export interface BlockPlan {
  readonly parent: number;
  readonly payments: readonly PaymentPlan[];
}

export type Coins = ReadonlyMap<Outpoint, Utxo>;

export interface TreeBlock {
  readonly block: Block;
  readonly parent: TreeBlock | undefined;
  /** The coins that exist after this block. */
  readonly coins: Coins;
}

/** Plans of up to `blocksMax` blocks; parents are near the newest block more often than not. */
export function arbitraryTreePlan(blocksMax: number): fc.Arbitrary<readonly BlockPlan[]> {
  const number = fc.nat(1000);
  const payments = fc.array(fc.record({ from: number, to: number, amount: number }), {
    minLength: 1,
    maxLength: 3,
  });
  const parent = fc.oneof({ weight: 3, arbitrary: fc.nat(1) }, { weight: 1, arbitrary: number });
  return fc.array(fc.record({ parent, payments }), { minLength: 1, maxLength: blocksMax });
}

/** Mines the tree of a plan, genesis first. `parent` counts back from the newest block. */
export function growBlockTree(params: Params, plan: readonly BlockPlan[]): TreeBlock[] {
  const tree: TreeBlock[] = [genesisOf(params)];
  for (const [index, { parent, payments }] of plan.entries()) {
    const below = tree[tree.length - 1 - (parent % tree.length)] as TreeBlock;
    tree.push(growBlock(params, below, { payments, nonce: index }));
  }
  return tree;
}

/** Mines one block with payments on a tree's block. */
export function growBlock(
  params: Params,
  parent: TreeBlock,
  { payments, nonce }: { readonly payments: readonly PaymentPlan[]; readonly nonce: number },
): TreeBlock {
  const transactions: Transaction[] = [];
  let { coins } = parent;
  for (const plan of payments.slice(0, params.capacity)) {
    const transaction = paymentFrom(coins, plan, params);
    if (transaction === undefined) continue;
    transactions.push(transaction);
    coins = coinsAfter(coins, transaction);
  }
  const miner = numberedKeyPair(nonce % TREE_OWNERS).publicKey;
  const block = mineBlock(parent.block, { params, transactions, miner, firstNonce: nonce });
  return { block, parent, coins: withEarned(coins, block, params) };
}

/** The tree's root. */
export function genesisOf(params: Params): TreeBlock {
  const { genesis } = params;
  const coins = genesis.transactions.reduce<Coins>(coinsAfter, new Map());
  return { block: genesis, parent: undefined, coins };
}

/** A payment by whoever has coins, at or after the planned owner; `undefined` when nobody can pay. */
export function paymentFrom(
  coins: Coins,
  plan: PaymentPlan,
  params: Params,
): Transaction | undefined {
  const to = numberedKeyPair(plan.to % TREE_OWNERS).publicKey;
  for (let offset = 0; offset < TREE_OWNERS; offset++) {
    const from = numberedKeyPair((plan.from + offset) % TREE_OWNERS);
    const own = [...coins].filter(([, { owner }]) => owner === from.publicKey);
    const chosen: NamedUtxo[] = own.slice(plan.amount % (own.length || 1)).slice(0, 3);
    const payable = chosen.reduce((sum, [, { amount }]) => sum + amount, 0) - params.fee;
    if (payable < 1) continue;
    return payment(chosen, { params, from, to, amount: 1 + plan.amount % payable });
  }
  return undefined;
}

/** The coins after a transaction: the second bookkeeping. */
export function coinsAfter(coins: Coins, { txid, inputs, outputs }: Transaction): Coins {
  const after = new Map(coins);
  for (const outpoint of inputs) after.delete(outpoint);
  for (const [index, output] of outputs.entries()) {
    after.set(outpointOf(txid, index), { ...output, height: 0 as Utxo["height"] });
  }
  return after;
}

function withEarned(coins: Coins, block: Block, params: Params): Coins {
  const earned = params.reward + params.fee * block.transactions.length;
  if (earned === 0) return coins;
  const { miner, height } = block.header;
  const outpoint = outpointOf(block.hash as string as Txid, 0);
  return new Map(coins).set(outpoint, { owner: miner, amount: earned as Amount, height });
}

/** Coins as lines of text that can be compared, whatever their order. */
export function listCoins(coins: Iterable<NamedUtxo>): string[] {
  return [...coins].map(([outpoint, { owner, amount }]) => `${outpoint} ${owner} ${amount}`).sort();
}
