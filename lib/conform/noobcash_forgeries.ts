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

/** Makes it; `undefined` for what is unknown, or cannot be made of this chain. */
export function forge(
  shop: Workshop,
  what: string,
): readonly (Transaction | Block)[] | undefined {
  switch (what) {
    case "valid-transaction":
      return [shop.payment()];
    case "changed-amount":
      return [shop.changed(({ outputs: [first, change], ...rest }) => ({
        ...rest,
        outputs: [{ ...first as Output, amount: (first as Output).amount + 1 as Amount }, {
          ...change as Output,
          amount: (change as Output).amount - 1 as Amount,
        }],
      }))];
    case "changed-receiver":
      return [shop.changed(({ outputs: [first, change], ...rest }) => ({
        ...rest,
        outputs: [
          { ...first as Output, owner: shop.keyOf(shop.question.node).publicKey },
          change as Output,
        ],
      }))];
    case "bad-signature":
      return [shop.misSigned()];
    case "spent-input":
      return [shop.signed(shop.spentPayment())];
    case "foreign-input":
      return [shop.signed(shop.foreignPayment())];
    case "unknown-input": {
      const input = outpointOf("ab".repeat(32) as Txid, 0);
      const [, { amount }] = shop.coinOf(shop.sender.publicKey);
      return [
        shop.signed({
          ...shop.unsigned(),
          inputs: [input],
          outputs: [{ owner: shop.receiver, amount }],
        }),
      ];
    }
    case "inflated-output":
      return [shop.signed(shop.inflated())];
    case "burnt-change": {
      const { outputs, ...rest } = shop.unsigned();
      return [shop.signed({ ...rest, outputs: outputs.slice(0, 1) })];
    }
    case "same-input-twice": {
      const [outpoint, { amount }] = shop.coinOf(shop.sender.publicKey);
      return [shop.signed({
        sender: shop.sender.publicKey,
        inputs: [outpoint, outpoint],
        outputs: [{ owner: shop.receiver, amount: 2 * amount as Amount }],
      })];
    }
    case "wallet-zero": {
      const [outpoint, { amount }] = shop.coinOf(shop.sender.publicKey);
      const unsigned = {
        sender: WALLET_ZERO,
        inputs: [outpoint],
        outputs: [{ owner: shop.receiver, amount }],
      };
      return [sealTransaction(unsigned, NO_SIGNATURE)];
    }
    case "replayed":
      return shop.confirmed() === undefined ? undefined : [shop.confirmed() as Transaction];
    case "valid-block":
      return [shop.mine([shop.payment()])];
    case "block-without-work": {
      const block = shop.build([shop.payment()]);
      // A nonce that certainly does not meet the target.
      for (let nonce = 0;; nonce++) {
        const tried = assembleBlock({ ...block.header, nonce }, block.transactions);
        if (!passes(tried)) return [tried];
      }
    }
    case "block-wrong-link":
      return [shop.mine([shop.payment()], { previousHash: "ab".repeat(32) as BlockHash })];
    case "block-bad-signature":
      return [shop.mine([shop.misSigned()])];
    case "block-inflated":
      return [shop.mine([shop.signed(shop.inflated())])];
    case "block-double-spend": {
      const twin = shop.unsigned(shop.keyOf(shop.question.node).publicKey);
      return [shop.mine([shop.payment(), shop.signed(twin)])];
    }
    case "block-confirmed-again":
      return shop.confirmed() === undefined
        ? undefined
        : [shop.mine([shop.confirmed() as Transaction])];
    case "block-over-capacity":
      return [shop.mine(shop.chainOfPayments(shop.question.nodes[0]?.capacity ?? 1))];
    case "block-changed-body": {
      const block = shop.mine([shop.payment()]);
      const other = shop.signed(shop.unsigned(shop.keyOf(shop.question.node).publicKey));
      return [assembleBlock(block.header, [other])];
    }
    case "block-wrong-height":
      return [shop.mine([shop.payment()], { height: shop.tip.header.height + 2 as Height })];
    case "block-easy-target":
      return [shop.mine([shop.payment()], { compactTarget: compactTargetOfDifficulty(1) })];
    case "chain-longer-invalid": {
      // Three blocks, the first with a wrong signature in it, each well linked and mined.
      const first = shop.mine([shop.misSigned()]);
      const second = shop.mine([shop.payment()], {}, first);
      return [first, second, shop.mine([shop.payment()], {}, second)];
    }
    default:
      return undefined;
  }
}
