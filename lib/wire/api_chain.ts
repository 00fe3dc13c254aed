/**
 * The API's view of the chain: blocks, transactions, tips, the pool and the audit.
 *
 * @module
 */
import { z } from "zod";
import {
  amountSchema,
  hashSchema,
  heightSchema,
  limitQuery,
  queryNumber,
  timestampMsSchema,
  walletSchema,
} from "./api_basics.ts";

/** How many bytes of blocks one raw answer carries, the last block not counted. */
export const RAW_BLOCKS_FILL_BYTES = 128 * 1024;
/** The most blocks that one raw answer carries. */
export const RAW_BLOCKS_MAX = 10_000;

const inputSchema = z.object({ txid: hashSchema, index: z.int().min(0) }).meta({ id: "Input" });
const outputSchema = z.object({ owner: walletSchema, amount: amountSchema }).meta({ id: "Output" });

/** A transaction, whatever became of it. */
export const transactionSchema = z.object({
  txid: hashSchema,
  sender: walletSchema,
  receiver: walletSchema,
  amount: amountSchema.meta({ description: "What the receiver gets" }),
  total: amountSchema.meta({ description: "The sum of the inputs" }),
  change: amountSchema.meta({ description: "What the sender gets back" }),
  fee: amountSchema.meta({ description: "What the miner gets" }),
  inputs: z.array(inputSchema),
  outputs: z.array(outputSchema),
  signature: z.string(),
}).meta({ id: "Transaction" });
export type TransactionJson = z.infer<typeof transactionSchema>;

/** A transaction and where it stands. */
export const transactionStateSchema = z.object({
  state: z.enum(["confirmed", "pending", "failed"]).meta({
    description: "In a block of the main chain, waiting, or never to be confirmed any more",
  }),
  transaction: transactionSchema,
  blockHash: hashSchema.nullable(),
  height: heightSchema.nullable(),
  index: z.int().min(0).nullable().meta({ description: "Its place in the block" }),
  confirmations: z.int().min(0).meta({ description: "1 in the tip; 0 when not confirmed" }),
  timeMs: timestampMsSchema.meta({
    description: "Of the block, of its arrival, or of its failure",
  }),
  reasonCode: z.string().nullable().meta({ description: "Why it failed" }),
}).meta({ id: "TransactionState" });
export type TransactionStateJson = z.infer<typeof transactionStateSchema>;

/** A block without its transactions. */
export const blockSummarySchema = z.object({
  hash: hashSchema,
  height: heightSchema,
  previousHash: hashSchema,
  merkleRoot: hashSchema,
  miner: walletSchema,
  timestampMs: timestampMsSchema,
  target: hashSchema.meta({ description: "The highest hash that passes" }),
  nonce: z.int().min(0),
  transactionCount: z.int().min(0),
  sizeBytes: z.int().min(0),
  status: z.enum(["main", "side", "invalid"]),
  confirmations: z.int().min(0).meta({ description: "1 for the tip; 0 outside the main chain" }),
  work: z.string().meta({ description: "Expected hashes up to here, decimal" }),
}).meta({ id: "BlockSummary" });
export type BlockSummaryJson = z.infer<typeof blockSummarySchema>;

export const blockSchema = blockSummarySchema.extend({
  transactions: z.array(transactionSchema),
}).meta({ id: "Block" });
export type BlockJson = z.infer<typeof blockSchema>;

export const blockListSchema = z.object({
  tipHeight: heightSchema,
  blocks: z.array(blockSummarySchema),
}).meta({ id: "BlockList" });
export type BlockListJson = z.infer<typeof blockListSchema>;

/** A block that was mined elsewhere. */
export const submitBlockRequestSchema = z.strictObject({
  hex: z.string().regex(/^(?:[0-9a-f]{2})+$/, "no bytes, wanted lowercase hex").meta({
    description: "The encoded block as lowercase hex; a body has at most 64 KiB",
  }),
}).meta({ id: "SubmitBlockRequest" });

/** A block was taken in, as part of the main chain or beside it. */
export const blockTakenSchema = z.object({ hash: hashSchema, height: heightSchema })
  .meta({ id: "BlockTaken" });

/** The transactions of the last confirmed block: what the reference calls `view`. */
export const lastTransactionsSchema = z.object({
  block: blockSummarySchema,
  transactions: z.array(transactionSchema),
}).meta({ id: "LastTransactions" });
export type LastTransactionsJson = z.infer<typeof lastTransactionsSchema>;

/** Where the next page begins. */
export const nextSchema = hashSchema.nullable().meta({
  description: "What to ask `after` for the next page; `null` at the end",
});
export const afterQuery = hashSchema.optional().meta({
  description: "A txid: the list goes on behind it; from the beginning when not given",
});

export const mempoolSchema = z.object({
  size: z.int().min(0),
  transactions: z.array(z.object({
    transaction: transactionSchema,
    arrivedAtMs: timestampMsSchema,
  })).meta({ description: "In the order of mining" }),
  next: nextSchema,
}).meta({ id: "Mempool" });
export type MempoolJson = z.infer<typeof mempoolSchema>;

export const tipsSchema = z.object({
  tips: z.array(z.object({
    hash: hashSchema,
    height: heightSchema,
    status: z.enum(["active", "side", "invalid"]),
    invalidCode: z.string().nullable(),
    work: z.string(),
    forkHeight: heightSchema.meta({ description: "Where its branch leaves the main chain" }),
    branchLength: z.int().min(0),
    miner: walletSchema,
    timestampMs: timestampMsSchema,
  })),
}).meta({ id: "Tips" });
export type TipsJson = z.infer<typeof tipsSchema>;

/** What has to be the same on every node that is at the same tip. */
export const auditSchema = z.object({
  height: heightSchema,
  tipHash: hashSchema,
  supply: amountSchema.meta({ description: "The sum of all unspent outputs" }),
  supplyExpected: amountSchema.meta({ description: "What the parameters say it is" }),
  utxoCount: z.int().min(0),
  utxoCommitment: hashSchema,
  balances: z.array(z.object({ wallet: walletSchema, confirmed: amountSchema })),
}).meta({ id: "Audit" });
export type AuditJson = z.infer<typeof auditSchema>;

export const blocksQuerySchema = z.strictObject({
  from: queryNumber({
    max: 0xffffffff,
    description: "The lowest height; when not given, the newest blocks are listed",
  }),
  limit: limitQuery,
});

export const rawBlocksQuerySchema = z.strictObject({
  from: queryNumber({ max: 0xffffffff, description: "The lowest height; genesis when not given" }),
  limit: queryNumber({ max: RAW_BLOCKS_MAX, description: "How many blocks at most" }),
});

export const mempoolQuerySchema = z.strictObject({ after: afterQuery, limit: limitQuery });
