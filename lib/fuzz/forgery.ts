/**
 * Things that break exactly one rule, made from things that break none: what a lying node sends.
 *
 * Blocks carry real work, so that nothing but the broken rule can be the reason to refuse them. A
 * forgery needs something to start from (a coin, a confirmed transaction); where there is nothing, there
 * is no forgery.
 *
 * @module
 */
import type { BlockEntry } from "../consensus/block_tree.ts";
import type { Ancestor } from "../consensus/ancestor.ts";
import { medianTimePast, targetHexOf } from "../consensus/check_block.ts";
import type { NamedUtxo } from "../consensus/utxo.ts";
import type { KeyPair } from "../crypto/keys.ts";
import type { Signature } from "../crypto/signature.ts";
import type { Network } from "../node/state.ts";
import { FUTURE_TIME_MS_MAX } from "../params.ts";
import type { Amount } from "../primitives/amount.ts";
import { assembleBlock, type Block } from "../primitives/block.ts";
import type { Height, TimestampMs } from "../primitives/header.ts";
import type { Outpoint } from "../primitives/outpoint.ts";
import type { CompactTarget } from "../primitives/target.ts";
import {
  type Output,
  sealTransaction,
  type Transaction,
  type UnsignedTransaction,
  WALLET_ZERO,
} from "../primitives/transaction.ts";
import { mineBlock, type MineOptions, type Parent, remineBlock } from "../simulation/mine_block.ts";
import { signTransaction } from "../simulation/sign_transaction.ts";
import type { RandomStream } from "../random/random_stream.ts";

/** Transactions that break a rule. */
const TRANSACTION_FORGERIES = [
  "signature-of-nobody",
  "signature-of-another",
  "mints",
  "burns",
  "spends-foreign-coin",
  "spends-missing-coin",
  "spends-coin-twice",
  "spends-spent-coin",
  "pays-nothing",
  "pays-negative",
  "overflows",
  "change-to-another",
  "no-inputs",
  "no-outputs",
  "sender-zero",
  "ignores-fee",
] as const;

/** Blocks that break a rule beyond their transactions. */
const BLOCK_FORGERIES = [
  "no-work",
  "other-target",
  "wrong-root",
  "wrong-height",
  "too-old",
  "too-new",
  "over-capacity",
  "empty",
  "transaction-twice",
  "spends-coin-twice-in-block",
  "confirms-again",
  "foreign-genesis",
  "on-bad-parent",
  "branch-spends-what-only-the-tip-created",
] as const;

export type TransactionForgery = typeof TRANSACTION_FORGERIES[number];
export type ForgeryKind =
  | TransactionForgery
  | `block-with-${TransactionForgery}`
  | typeof BLOCK_FORGERIES[number];

export const FORGERY_KINDS: readonly ForgeryKind[] = [
  ...TRANSACTION_FORGERIES,
  ...TRANSACTION_FORGERIES.map((kind) => `block-with-${kind}` as const),
  ...BLOCK_FORGERIES,
];

/** What a forger works with: the lying node's own honest view of the network. */
export interface ForgeryContext {
  readonly network: Network;
  readonly keyPair: KeyPair;
  /** An honest node's key, to which the forger has no secret. */
  readonly victim: KeyPair["publicKey"];
  readonly nowMs: number;
  readonly stream: RandomStream;
}

export type Forgery =
  | { readonly kind: "transaction"; readonly transaction: Transaction }
  /** The blocks; the last one breaks a rule, or stands on one that does. */
  | { readonly kind: "blocks"; readonly blocks: readonly Block[] };

export function forge(kind: ForgeryKind, context: ForgeryContext): Forgery | undefined {
  if (kind.startsWith("block-with-")) {
    const transaction = forgeTransaction(
      kind.slice("block-with-".length) as TransactionForgery,
      context,
    );
    if (transaction === undefined) return undefined;
    return { kind: "blocks", blocks: [mine(context, [transaction])] };
  }
  if ((TRANSACTION_FORGERIES as readonly string[]).includes(kind)) {
    const transaction = forgeTransaction(kind as TransactionForgery, context);
    return transaction === undefined ? undefined : { kind: "transaction", transaction };
  }
  const blocks = forgeBlocks(kind as typeof BLOCK_FORGERIES[number], context);
  return blocks === undefined ? undefined : { kind: "blocks", blocks };
}

function forgeTransaction(
  kind: TransactionForgery,
  context: ForgeryContext,
): Transaction | undefined {
  const { network, keyPair, victim, stream } = context;
  const good = goodPayment(context);
  if (good === undefined) return undefined;
  const { unsigned, coin } = good;
  const sign = (changes: Partial<UnsignedTransaction>) =>
    signTransaction({ ...unsigned, ...changes }, { keyPair, params: network.params });
  const to = (amount: number): Output => ({ owner: victim, amount: amount as Amount });
  const { amount } = coin[1];
  const { fee } = network.params;

  switch (kind) {
    case "signature-of-nobody":
      return sealTransaction(unsigned, "ab".repeat(64) as Signature);
    case "signature-of-another": {
      const { signature } = sign({ outputs: [to(amount - fee)] });
      return sealTransaction({ ...unsigned, outputs: [to(amount - fee + 1)] }, signature);
    }
    case "mints":
      return sign({ outputs: [to(amount - fee + 1)] });
    case "burns":
      return amount - fee > 1 ? sign({ outputs: [to(amount - fee - 1)] }) : undefined;
    case "spends-foreign-coin": {
      const foreign = firstCoinOf(network, victim);
      if (foreign === undefined) return undefined;
      const own: Output = {
        owner: keyPair.publicKey,
        amount: (foreign[1].amount - fee) as Amount,
      };
      return own.amount < 1 ? undefined : sign({ inputs: [foreign[0]], outputs: [own] });
    }
    case "spends-missing-coin": {
      const missing = "cd".repeat(32) + ":" + stream.integer(0, 5);
      return sign({ inputs: [missing as Outpoint] });
    }
    case "spends-coin-twice":
      return sign({ inputs: [coin[0], coin[0]], outputs: [to(2 * amount - fee)] });
    case "spends-spent-coin": {
      const spent = network.params.genesis.transactions[0];
      return spent === undefined ? undefined : sign({ inputs: [`${spent.txid}:0` as Outpoint] });
    }
    case "pays-nothing": {
      const change: Output = { owner: keyPair.publicKey, amount: (amount - fee) as Amount };
      return sign({ outputs: [to(0), change] });
    }
    case "pays-negative":
      // Bytes cannot carry it; the largest amount that they can is as wrong.
      return sign({ outputs: [to(Number.MAX_SAFE_INTEGER)] });
    case "overflows": {
      const change: Output = {
        owner: keyPair.publicKey,
        amount: Number.MAX_SAFE_INTEGER as Amount,
      };
      return sign({ outputs: [to(amount), change] });
    }
    case "change-to-another":
      return amount - fee < 2 ? undefined : sign({ outputs: [to(1), to(amount - fee - 1)] });
    case "no-inputs":
      return sign({ inputs: [] });
    case "no-outputs":
      return sign({ outputs: [] });
    case "sender-zero":
      return sign({ sender: WALLET_ZERO });
    case "ignores-fee":
      return fee === 0 ? undefined : sign({ outputs: [to(amount)] });
  }
}

function forgeBlocks(
  kind: typeof BLOCK_FORGERIES[number],
  context: ForgeryContext,
): Block[] | undefined {
  const { network, keyPair } = context;
  const { chain, params } = network;
  const good = goodPayment(context);
  const fillers = good === undefined
    ? []
    : [signTransaction(good.unsigned, { keyPair, params: network.params })];
  const isFilled = fillers.length > 0 || params.emptyBlocks;
  if (!isFilled && kind !== "empty") return undefined;
  const block = isFilled ? mine(context, fillers) : undefined;

  switch (kind) {
    case "no-work": {
      if (block === undefined) return undefined;
      const targetHex = targetHexOf(block.header.compactTarget, params);
      if (targetHex.startsWith("ffff")) return undefined;
      for (let nonce = 0; nonce < 1000; nonce++) {
        const lazy = assembleBlock({ ...block.header, nonce }, block.transactions);
        if (lazy.hash > targetHex) return [lazy];
      }
      return undefined;
    }
    case "other-target": {
      // The work is the network's; only the field says something else.
      if (block === undefined) return undefined;
      const compactTarget = (block.header.compactTarget - 1) as CompactTarget;
      const targetHex = targetHexOf(block.header.compactTarget, params);
      for (let nonce = 0;; nonce++) {
        const other = assembleBlock({ ...block.header, compactTarget, nonce }, block.transactions);
        if (other.hash <= targetHex) return [other];
      }
    }
    case "wrong-root":
      return block && [remineBlock(block, { header: { merkleRoot: "12".repeat(32) } })];
    case "wrong-height": {
      const height = (chain.height + 5) as Height;
      return block && [remineBlock(block, { header: { height } })];
    }
    case "too-old": {
      const timestampMs = medianTimePast(chain.tip) as TimestampMs;
      return block && [remineBlock(block, { header: { timestampMs } })];
    }
    case "too-new": {
      const timestampMs = (context.nowMs + 2 * FUTURE_TIME_MS_MAX) as TimestampMs;
      return block && [remineBlock(block, { header: { timestampMs } })];
    }
    case "over-capacity": {
      const chained = chainOfPayments(context, params.capacity + 1);
      return chained === undefined ? undefined : [mine(context, chained)];
    }
    case "empty":
      return params.emptyBlocks ? undefined : [mine(context, [])];
    case "transaction-twice":
      return params.capacity < 2 || fillers.length === 0
        ? undefined
        : [mine(context, [...fillers, ...fillers])];
    case "spends-coin-twice-in-block": {
      if (params.capacity < 2 || good === undefined || good.coin[1].amount <= params.fee + 1) {
        return undefined;
      }
      const again = signTransaction(
        {
          ...good.unsigned,
          outputs: [{ owner: keyPair.publicKey, amount: changeless(good, params.fee) }],
        },
        { keyPair, params },
      );
      const [first] = fillers;
      return first === undefined || first.txid === again.txid
        ? undefined
        : [mine(context, [first, again])];
    }
    case "confirms-again": {
      for (let height = chain.height; height > 0; height--) {
        const entry = chain.atHeight(height);
        const old = entry && chain.block(entry.hash)?.transactions[0];
        if (old !== undefined) return [mine(context, [old])];
      }
      return undefined;
    }
    case "foreign-genesis":
      return block && [remineBlock(block, { header: { height: 0 as Height } })];
    case "on-bad-parent": {
      const bad = forgeTransaction("mints", context);
      if (bad === undefined) return undefined;
      const bottom = mine(context, [bad]);
      const rest = params.emptyBlocks ? [] : fillers;
      const parent = { ...bottom, parent: chain.tip };
      const top = mineBlock(parent, { ...mineOptions(context), transactions: rest });
      return [bottom, top];
    }
    case "branch-spends-what-only-the-tip-created":
      return forgeBranch(context);
  }
}

/** How far below the tip a forged branch begins. */
const BRANCH_DEPTH_MAX = 6;

/** A heavier branch beside the newest blocks, in which a coin is spent that only they created. */
function forgeBranch(context: ForgeryContext): Block[] | undefined {
  const { chain } = context.network;
  for (let depth = 0; depth < BRANCH_DEPTH_MAX; depth++) {
    const entry = chain.atHeight(chain.height - depth);
    if (entry?.parent === undefined) return undefined;
    const branch = branchBeside(context, { rival: entry, parent: entry.parent, length: depth + 2 });
    if (branch !== undefined) return branch;
  }
  return undefined;
}

/** Blocks upon `parent`, each with one payment that spends the one before; the first spends the rival's. */
function branchBeside(
  context: ForgeryContext,
  { rival, parent, length }: {
    readonly rival: BlockEntry;
    readonly parent: BlockEntry;
    readonly length: number;
  },
): Block[] | undefined {
  const { network, keyPair } = context;
  const { params } = network;
  const owner = keyPair.publicKey;
  for (const { txid, outputs } of network.chain.block(rival.hash)?.transactions ?? []) {
    const index = outputs.findIndex((output) => output.owner === owner);
    let amount = outputs[index]?.amount ?? 0;
    if (amount <= length * params.fee) continue;
    const branch: Block[] = [];
    let below: Ancestor & Parent = parent;
    let outpoint = `${txid}:${index}` as Outpoint;
    for (let step = 0; step < length; step++) {
      amount -= params.fee;
      const unsigned = {
        sender: owner,
        inputs: [outpoint],
        outputs: [{ owner, amount: amount as Amount }],
      };
      const transaction = signTransaction(unsigned, { keyPair, params });
      outpoint = `${transaction.txid}:0` as Outpoint;
      const block = mineBlock(below, { ...mineOptions(context), transactions: [transaction] });
      branch.push(block);
      below = { hash: block.hash, header: block.header, parent: below };
    }
    return branch;
  }
  return undefined;
}

interface GoodPayment {
  readonly unsigned: UnsignedTransaction;
  readonly coin: NamedUtxo;
}

/** A payment of the forger that breaks no rule: one confirmed coin goes to the victim. */
function goodPayment({ network, keyPair, victim }: ForgeryContext): GoodPayment | undefined {
  const coin = firstCoinOf(network, keyPair.publicKey);
  if (coin === undefined) return undefined;
  const amount = coin[1].amount - network.params.fee;
  if (amount < 1) return undefined;
  const outputs = [{ owner: victim, amount: amount as Amount }];
  return { unsigned: { sender: keyPair.publicKey, inputs: [coin[0]], outputs }, coin };
}

function changeless({ coin }: GoodPayment, fee: number): Amount {
  return (coin[1].amount - fee) as Amount;
}

/** Payments of the forger to itself, each from the one before. */
function chainOfPayments(context: ForgeryContext, count: number): Transaction[] | undefined {
  const { network, keyPair } = context;
  const { params } = network;
  const good = goodPayment(context);
  if (good === undefined || good.coin[1].amount <= count * params.fee) return undefined;
  const payments: Transaction[] = [];
  let outpoint = good.coin[0];
  let amount = good.coin[1].amount;
  for (let index = 0; index < count; index++) {
    amount = (amount - params.fee) as Amount;
    const unsigned = {
      sender: keyPair.publicKey,
      inputs: [outpoint],
      outputs: [{ owner: keyPair.publicKey, amount }],
    };
    const payment = signTransaction(unsigned, { keyPair, params });
    payments.push(payment);
    outpoint = `${payment.txid}:0` as Outpoint;
  }
  return payments;
}

function firstCoinOf(network: Network, owner: KeyPair["publicKey"]): NamedUtxo | undefined {
  for (const coin of network.chain.utxos.coinsOf(owner)) return coin;
  return undefined;
}

function mine(context: ForgeryContext, transactions: readonly Transaction[]): Block {
  return mineBlock(context.network.chain.tip, { ...mineOptions(context), transactions });
}

function mineOptions({ network, keyPair, nowMs, stream }: ForgeryContext): MineOptions {
  const tip: BlockEntry = network.chain.tip;
  return {
    params: network.params,
    miner: keyPair.publicKey,
    timestampMs: Math.max(nowMs, medianTimePast(tip) + 1),
    firstNonce: stream.u32() >>> 1,
  };
}
