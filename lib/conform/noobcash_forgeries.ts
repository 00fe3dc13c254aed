/**
 * Transactions and blocks that are right but for one thing, by the names that the operation `forge` uses.
 *
 * @module
 */
import type { Amount } from "../primitives/amount.ts";
import { assembleBlock, type Block } from "../primitives/block.ts";
import type { BlockHash, Height } from "../primitives/header.ts";
import { outpointOf, type Txid } from "../primitives/outpoint.ts";
import { compactTargetOfDifficulty } from "../primitives/target.ts";
import {
  NO_SIGNATURE,
  type Output,
  sealTransaction,
  type Transaction,
  WALLET_ZERO,
} from "../primitives/transaction.ts";
import { passes, type Workshop } from "./noobcash_workshop.ts";

/** Makes what is named; `undefined` for an unknown name, and for what cannot be made of this chain. */
export function forge(
  shop: Workshop,
  what: string,
): readonly (Transaction | Block)[] | undefined {
  return Object.hasOwn(FORGERS, what) ? FORGERS[what]?.(shop) : undefined;
}

type Forger = (shop: Workshop) => readonly (Transaction | Block)[] | undefined;

const FORGERS: Readonly<Record<string, Forger>> = {
  "valid-transaction": (shop) => [shop.payment()],
  "changed-amount": (shop) => [shop.changed(({ outputs: [first, change], ...rest }) => ({
    ...rest,
    outputs: [{ ...first as Output, amount: (first as Output).amount + 1 as Amount }, {
      ...change as Output,
      amount: (change as Output).amount - 1 as Amount,
    }],
  }))],
  "changed-receiver": (shop) => [shop.changed(({ outputs: [first, change], ...rest }) => ({
    ...rest,
    outputs: [
      { ...first as Output, owner: shop.keyOf(shop.question.node).publicKey },
      change as Output,
    ],
  }))],
  "bad-signature": (shop) => [shop.misSigned()],
  "spent-input": (shop) => [shop.signed(shop.spentPayment())],
  "foreign-input": (shop) => [shop.signed(shop.foreignPayment())],
  "unknown-input": (shop) => {
    const input = outpointOf("ab".repeat(32) as Txid, 0);
    const [, { amount }] = shop.coinOf(shop.sender.publicKey);
    return [
      shop.signed({
        ...shop.unsigned(),
        inputs: [input],
        outputs: [{ owner: shop.receiver, amount }],
      }),
    ];
  },
  "inflated-output": (shop) => [shop.signed(shop.inflated())],
  "burnt-change": (shop) => {
    const { outputs, ...rest } = shop.unsigned();
    return [shop.signed({ ...rest, outputs: outputs.slice(0, 1) })];
  },
  "same-input-twice": (shop) => {
    const [outpoint, { amount }] = shop.coinOf(shop.sender.publicKey);
    return [shop.signed({
      sender: shop.sender.publicKey,
      inputs: [outpoint, outpoint],
      outputs: [{ owner: shop.receiver, amount: 2 * amount as Amount }],
    })];
  },
  "wallet-zero": (shop) => {
    const [outpoint, { amount }] = shop.coinOf(shop.sender.publicKey);
    const unsigned = {
      sender: WALLET_ZERO,
      inputs: [outpoint],
      outputs: [{ owner: shop.receiver, amount }],
    };
    return [sealTransaction(unsigned, NO_SIGNATURE)];
  },
  "replayed": (shop) =>
    shop.confirmed() === undefined ? undefined : [shop.confirmed() as Transaction],
  "valid-block": (shop) => [shop.mine([shop.payment()])],
  "block-without-work": (shop) => {
    const block = shop.build([shop.payment()]);
    // A nonce that certainly does not meet the target.
    for (let nonce = 0;; nonce++) {
      const tried = assembleBlock({ ...block.header, nonce }, block.transactions);
      if (!passes(tried)) return [tried];
    }
  },
  "block-wrong-link": (
    shop,
  ) => [shop.mine([shop.payment()], { previousHash: "ab".repeat(32) as BlockHash })],
  "block-bad-signature": (shop) => [shop.mine([shop.misSigned()])],
  "block-inflated": (shop) => [shop.mine([shop.signed(shop.inflated())])],
  "block-double-spend": (shop) => {
    const twin = shop.unsigned(shop.keyOf(shop.question.node).publicKey);
    return [shop.mine([shop.payment(), shop.signed(twin)])];
  },
  "block-confirmed-again": (shop) =>
    shop.confirmed() === undefined ? undefined : [shop.mine([shop.confirmed() as Transaction])],
  "block-over-capacity": (
    shop,
  ) => [shop.mine(shop.chainOfPayments(shop.question.nodes[0]?.capacity ?? 1))],
  "block-changed-body": (shop) => {
    const block = shop.mine([shop.payment()]);
    const other = shop.signed(shop.unsigned(shop.keyOf(shop.question.node).publicKey));
    return [assembleBlock(block.header, [other])];
  },
  "block-wrong-height": (
    shop,
  ) => [shop.mine([shop.payment()], { height: shop.tip.header.height + 2 as Height })],
  "block-easy-target": (
    shop,
  ) => [shop.mine([shop.payment()], { compactTarget: compactTargetOfDifficulty(1) })],
  "chain-longer-invalid": (shop) => {
    // Three blocks, the first with a wrong signature in it, each well linked and mined.
    const first = shop.mine([shop.misSigned()]);
    const second = shop.mine([shop.payment()], {}, first);
    return [first, second, shop.mine([shop.payment()], {}, second)];
  },
};
