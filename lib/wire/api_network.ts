/**
 * The API's view of the node and its network: status, parameters, ring, control.
 *
 * @module
 */
import { z } from "zod";
import { type Parameter, PARAMETER_ROWS, type ParameterName } from "../parameter_table.ts";
import type { ParamsChoice } from "../params.ts";
import {
  addressSchema,
  hashSchema,
  heightSchema,
  timestampMsSchema,
  txidNameSchema,
  walletSchema,
} from "./api_basics.ts";

/** The most blocks that one request mines. */
export const MINE_NOW_BLOCKS_MAX = 1000;

export const phaseSchema = z.enum(["joining", "waiting-for-ring", "starting-up", "ready"]).meta({
  description: "How far the node is: what spends and what reads wallets waits for ready",
});

/** What all nodes of the network agree on; fixed by genesis. */
export const paramsSchema = z.object({
  ...parameterSchemas(),
  genesisHash: hashSchema,
  bootstrap: addressSchema,
  target: hashSchema,
}).meta({ id: "Params" });
export type ParamsJson = z.infer<typeof paramsSchema>;

/** One schema a chain parameter, from the table of them; the bootstrap node is shown by its address. */
function parameterSchemas() {
  const schemas = PARAMETER_ROWS.filter(([, { kind }]) => kind !== "key")
    .map(([name, row]) => [name, parameterSchema(row).meta({ description: row.help })]);
  return Object.fromEntries(schemas) as {
    [Name in Exclude<ParameterName, "bootstrapKey">]: z.ZodType<ParamsChoice[Name]>;
  };
}

function parameterSchema(row: Parameter): z.ZodType {
  switch (row.kind) {
    case "switch":
      return z.boolean();
    case "word":
      return z.enum([...row.words]);
    case "thousandths":
      return z.number();
    case "key":
      return z.string();
    default:
      return z.int().min(row.min).max(row.max);
  }
}

export const statusSchema = z.object({
  version: z.string(),
  protocolVersion: z.int(),
  role: z.enum(["bootstrap", "member", "observer"]),
  phase: phaseSchema,
  wallet: walletSchema,
  publicKey: hashSchema,
  url: z.string(),
  startedAtMs: timestampMsSchema,
  nowMs: timestampMsSchema,
  clock: z.object({
    aheadOfPeersMs: z.number().nullable().meta({
      description: "Of this machine's clock, against the median of its peers'; null without any",
    }),
    isFar: z.boolean().meta({ description: "Further than a minute: somebody should set it" }),
  }),
  warnings: z.array(z.object({ code: z.string(), text: z.string() })).meta({
    description: "What a person has to do something about; empty when all is well",
  }),
  nodesJoined: z.int().min(0),
  peersConnected: z.int().min(0),
  params: paramsSchema.nullable().meta({ description: "null until the node knows its network" }),
  chain: z.object({
    height: heightSchema,
    tipHash: hashSchema,
    tipTimestampMs: timestampMsSchema,
    tipDifficulty: z.number().meta({
      description: "Hex zeros that its target asks for; the founder's where nothing is adjusted",
    }),
    work: z.string(),
    blockCount: z.int().min(1).meta({ description: "Of the whole tree, side branches included" }),
    transactionsWaiting: z.int().min(0),
    poolDigest: z.string().optional().meta({
      description: "Of the transactions that wait: nodes with equal pools have equal ones",
    }),
  }).nullable(),
  mining: z.object({
    enabled: z.boolean(),
    active: z.boolean().meta({ description: "Searching a nonce at this moment" }),
    hashesPerSecond: z.number().min(0),
  }),
}).meta({ id: "Status" });
export type StatusJson = z.infer<typeof statusSchema>;

export const ringSchema = z.object({
  complete: z.boolean(),
  nodesWanted: z.int().nullable(),
  nodes: z.array(z.object({
    wallet: walletSchema,
    publicKey: hashSchema,
    url: z.string().nullable(),
    self: z.boolean(),
    health: z.enum(["self", "connected", "unreachable", "backed-off", "disconnected", "unknown"]),
    tipHeight: heightSchema.nullable().meta({ description: "As it last said itself" }),
    heardAtMs: timestampMsSchema.nullable(),
    score: z.number().nullable().meta({ description: "Misbehaviour counted against it" }),
  })),
}).meta({ id: "Ring" });
export type RingJson = z.infer<typeof ringSchema>;

export const healthSchema = z.object({
  healthy: z.boolean(),
  reason: z.string().nullable(),
}).meta({ id: "Health" });

export const readySchema = z.object({ ready: z.literal(true), phase: phaseSchema })
  .meta({ id: "Ready" });

export const doneSchema = z.object({ done: z.literal(true) }).meta({ id: "Done" });

export const mineNowRequestSchema = z.strictObject({
  blocks: z.int().min(1).max(MINE_NOW_BLOCKS_MAX),
}).meta({ id: "MineNowRequest" });

/** Names peers; none named means all of them. */
export const peersRequestSchema = z.strictObject({
  peers: z.array(z.union([z.int().min(0), z.string().max(100)])).max(1000),
}).meta({ id: "PeersRequest" });

export const dropRequestSchema = z.strictObject({ txid: txidNameSchema }).meta({
  id: "DropRequest",
});

export const blockRequestSchema = z.strictObject({
  block: z.union([z.int().min(0), z.string().max(64)]).meta({
    description: "A height of the main chain, a hash or `tip`",
  }),
}).meta({ id: "BlockRequest" });

/** A code that lets the node's own page pay, once. */
export const pageLinkSchema = z.object({ code: z.string() }).meta({ id: "PageLink" });
