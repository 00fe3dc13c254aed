/**
 * What every part of the JSON API is made of: ids, amounts, wallets, errors.
 *
 * Server, client and command line share these schemas, so that they cannot disagree. What a stranger
 * sends is strict: an unknown field is an error. What a node answers may grow fields; a client that
 * does not know them drops them. Numbers are integers; what may pass 2^53 is decimal text.
 *
 * @module
 */
import { z } from "zod";
import { PREFIX_SIZE_MIN } from "./names.ts";

/** Where the API of this version is mounted. */
export const API_PATH = "/api/v1";
/** The most bytes that a request to the API may carry. */
export const API_BODY_SIZE_BYTES_MAX = 64 * 1024;
/** The most items that one answer lists. */
export const LIST_LIMIT_MAX = 1000;
/** The most whole transactions that one answer lists, however many are asked for: some 130 KB. */
export const TRANSACTION_LIST_MAX = 200;
/** How many items an answer lists when nobody says. */
export const LIST_LIMIT_DEFAULT = 50;

export const hashSchema = z.string().regex(
  /^[0-9a-f]{64}$/,
  "no hash, wanted 64 lowercase hex characters",
).meta({
  description: "SHA-256 as 64 lowercase hex characters",
  example: "0000a1f0c2d4b6987a6b5c4d3e2f10897867564534231201f0e1d2c3b4a59687",
});
/** A txid, or as much of its beginning as no other has. */
export const txidNameSchema = z.string().regex(
  new RegExp(`^[0-9a-f]{${PREFIX_SIZE_MIN},64}$`),
  `something else, wanted 64 lowercase hex characters or the first ${PREFIX_SIZE_MIN} or more`,
).meta({
  description: `The txid, or its first ${PREFIX_SIZE_MIN} or more characters where they are unique`,
  example: "26c0894c8d01",
});
export const addressSchema = z.string().meta({
  description: "A public key as bech32m text",
  example: "nbc1qqqsyqcyq5rqwzqfpg9scrgwpugpzysnzs23v9ccrydpk8qarc0sxq9gyv",
});
export const amountSchema = z.int().min(0).meta({ description: "Whole NBC", example: 5 });
export const timestampMsSchema = z.int().meta({
  description: "Milliseconds since 1970-01-01 UTC",
  example: 1_767_225_600_000,
});
export const heightSchema = z.int().min(0).meta({ description: "Blocks below this one" });

/** A wallet, and the node that it belongs to where that is known. */
export const walletSchema = z.object({
  address: addressSchema,
  nodeId: z.int().min(0).nullable().meta({ description: "Its node's id; null for others" }),
}).meta({ id: "Wallet" });
export type WalletJson = z.infer<typeof walletSchema>;

/** The one shape of every refusal. */
export const errorSchema = z.object({
  error: z.object({
    code: z.string().meta({ description: "Stable name of the reason", example: "not-ready" }),
    message: z.string().meta({
      description: "For people: what was got and what was wanted",
      example: "Cannot pay 5 NBC: the wallet has 3 to spend",
    }),
    evidence: z.record(z.string(), z.unknown()).meta({ description: "What the code speaks of" }),
  }),
}).meta({ id: "Error" });
export type ErrorJson = z.infer<typeof errorSchema>;

/** A number in a query: digits only. */
export function queryNumber(
  { min = 0, max, description }: { min?: number; max: number; description: string },
) {
  const wanted = `no such number, wanted a whole number of ${min} to ${max}`;
  return z.string(wanted).regex(/^(?:0|[1-9][0-9]{0,15})$/, wanted).transform(Number)
    .pipe(z.int().min(min, wanted).max(max, wanted)).optional()
    .meta({ type: "integer", minimum: min, maximum: max, description });
}

export const limitQuery = queryNumber({
  max: LIST_LIMIT_MAX,
  description: `How many items at most; ${LIST_LIMIT_DEFAULT} when not given`,
});
