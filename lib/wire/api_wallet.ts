/**
 * The API's view of wallets: balances, history, and what pays.
 *
 * @module
 */
import { z } from "zod";
import { TRANSACTION_SIZE_BYTES_MAX } from "../primitives/transaction.ts";
import {
  amountSchema,
  errorSchema,
  hashSchema,
  limitQuery,
  LIST_LIMIT_MAX,
  queryNumber,
  walletSchema,
} from "./api_basics.ts";
import { afterQuery, nextSchema, transactionSchema, transactionStateSchema } from "./api_chain.ts";

export const balanceSchema = z.object({
  wallet: walletSchema,
  confirmed: amountSchema.meta({ description: "What the main chain gives the wallet" }),
  pending: z.int().meta({
    description: "What waiting transactions will add to it, or take away when negative",
  }),
  available: amountSchema.meta({ description: "What it can spend now: confirmed plus pending" }),
  coins: z.int().min(0).meta({ description: "How many coins that is" }),
}).meta({ id: "Balance" });
export type BalanceJson = z.infer<typeof balanceSchema>;

export const balanceListSchema = z.object({
  height: z.int().min(0),
  supply: amountSchema,
  walletCount: z.int().min(0).meta({ description: "Of all pages together" }),
  balances: z.array(balanceSchema).meta({ description: "Nodes by id, then others by address" }),
}).meta({ id: "BalanceList" });
export type BalanceListJson = z.infer<typeof balanceListSchema>;

export const balancesQuerySchema = z.strictObject({
  from: queryNumber({
    max: Number.MAX_SAFE_INTEGER,
    description: "How many wallets to leave out; 0 when not given",
  }),
  limit: queryNumber({
    max: LIST_LIMIT_MAX,
    description: `How many wallets at most; ${LIST_LIMIT_MAX} when not given`,
  }),
});

export const historySchema = z.object({
  wallet: walletSchema,
  entries: z.array(transactionStateSchema.extend({
    direction: z.enum(["sent", "received", "self"]),
  })).meta({ description: "Failed and waiting ones first, then confirmed ones, the newest first" }),
  next: nextSchema,
}).meta({ id: "History" });
export type HistoryJson = z.infer<typeof historySchema>;

export const historyQuerySchema = z.strictObject({
  wallet: z.string().max(100).optional().meta({
    description: "`3`, `id3`, an address or `self`; the node's own when not given",
  }),
  after: afterQuery,
  limit: limitQuery,
});

/**
 * Asks the node's own wallet to pay.
 *
 * `amount` is checked by the one door for amounts, not here, so that every bad one has the same code.
 */
export const paymentRequestSchema = z.strictObject({
  to: z.union([z.int().min(0), z.string().max(100)]).meta({
    description: "A node's id (`3`, `id3`) or an address",
    example: "id1",
  }),
  amount: z.unknown().meta({ type: "integer", minimum: 1, description: "Whole NBC", example: 5 }),
}).meta({ id: "PaymentRequest" });
export interface PaymentRequestJson {
  readonly to: string | number;
  readonly amount: number;
}

/** What may name a payment. */
export const PAYMENT_KEY_PATTERN = /^[\x21-\x7e]{1,100}$/;

/** Names a payment for whoever asks for it; asked again under the same key, it is paid once. */
export const paymentHeadersSchema = z.object({
  "idempotency-key": z.string().regex(
    PAYMENT_KEY_PATTERN,
    "no key, wanted 1 to 100 visible characters",
  ).optional().meta({
    description: "Asked again under the same key, also after a restart, the node pays once. Of a " +
      "list, each place has a key of its own: this one, a slash, the place",
  }),
});

/** The most payments of one list: as many as fit into a request whatever their receivers are called. */
export const PAYMENT_LIST_MAX = 500;

/** Several payments at once, in this order, each with its own answer. */
export const paymentListSchema = z.array(paymentRequestSchema).min(1).max(PAYMENT_LIST_MAX)
  .meta({ id: "PaymentList" });

/** What came of each payment of a list: none waits for another, and none undoes another. */
export const paymentAnswersSchema = z.object({
  accepted: z.int().min(0).meta({ description: "How many were accepted" }),
  refused: z.int().min(0).meta({ description: "How many were refused" }),
  answers: z.array(z.union([z.object({ txid: hashSchema }), errorSchema])).meta({
    description: "In the order of the list: the id of the transaction, or why there is none",
  }),
}).meta({ id: "PaymentAnswers" });
export type PaymentAnswersJson = z.infer<typeof paymentAnswersSchema>;

/** A transaction that was signed elsewhere. */
export const submitRequestSchema = z.strictObject({
  hex: z.string().regex(
    /^(?:[0-9a-f]{2})+$/,
    "no bytes, wanted lowercase hex",
  ).max(2 * TRANSACTION_SIZE_BYTES_MAX).meta({
    description: "The encoded transaction as lowercase hex",
  }),
}).meta({ id: "SubmitRequest" });

/** A transaction was accepted: checked, kept and sent on. It is not confirmed yet. */
export const acceptedSchema = z.object({
  txid: hashSchema,
  known: z.boolean().meta({ description: "The node had it already: nothing was done twice" }),
  toSelf: z.boolean().meta({
    description:
      "The wallet pays itself: a valid transaction that changes no balance but by its fee",
  }),
  transaction: transactionSchema,
}).meta({ id: "Accepted" });
export type AcceptedJson = z.infer<typeof acceptedSchema>;

export const walletParamSchema = z.object({
  wallet: z.string().max(100).meta({
    description: "`3`, `id3`, an address or `self`",
    example: "self",
  }),
});
