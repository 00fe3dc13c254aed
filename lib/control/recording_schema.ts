/**
 * The shapes in a recording's file: its head, its events, its end. Every number and list has a bound.
 *
 * @module
 */
import { z } from "zod";

export const RECORDING_NODES_MAX = 1_000;

const time = z.number().min(0).max(1e12);
const node = z.int().min(0).max(RECORDING_NODES_MAX);
const someone = node.nullable();
const blockId = z.string().regex(/^[0-9a-f]{1,64}$/);
const words = z.string().max(1_000);
const count = z.int().min(0).max(1e9);
const coins = z.int().min(0).max(Number.MAX_SAFE_INTEGER);

export const headSchema = z.object({
  program: words,
  head: z.strictObject({
    origin: z.enum(["cluster", "simulation"]),
    title: words,
    originMs: z.number(),
    capacity: z.int().min(1).max(1e9),
    difficulty: z.number().min(0).max(64),
    nodes: z.int().min(1).max(RECORDING_NODES_MAX),
  }),
});
export const endSchema = z.strictObject({
  end: z.literal(true),
  events: count,
  isFull: z.boolean(),
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
});
const faultsSchema = z.strictObject({
  isMiningPaused: z.boolean(),
  hashRateLimit: z.number().nullable(),
  clockSkewMs: z.number(),
  isWithholding: z.boolean(),
});
const eventSchema = z.discriminatedUnion("kind", [
  z.strictObject({
    kind: z.literal("block"),
    at: time,
    id: blockId,
    parent: blockId,
    height: z.int().min(0).max(1e8),
    miner: someone,
    transactions: count,
    txids: z.array(blockId).max(100_000).optional(),
    difficulty: z.number().min(0).max(64).optional(),
    stamp: z.number(),
  }),
  z.strictObject({ kind: z.literal("seen"), at: time, id: blockId, node }),
  z.strictObject({ kind: z.literal("tip"), at: time, node, id: blockId, dropped: count }),
  z.strictObject({
    kind: z.literal("tx"),
    at: time,
    id: blockId,
    node,
    from: someone,
    to: someone,
    amount: coins,
  }),
  z.strictObject({
    kind: z.literal("spread"),
    at: time,
    counts: z.array(z.tuple([blockId, count])).max(100_000),
  }),
  z.strictObject({
    kind: z.literal("refused"),
    at: time,
    node,
    id: blockId.nullable(),
    code: words,
    count: count.optional(),
  }),
  z.strictObject({
    kind: z.literal("message"),
    at: time,
    sentAt: z.number().min(-1e12).max(1e12),
    isLost: z.boolean(),
    from: node,
    to: node,
    type: words,
    class: z.enum(["announce", "question", "answer", "transaction", "other"]),
    detail: words,
  }),
  z.strictObject({
    kind: z.literal("unseen"),
    at: time,
    messages: count,
    transactions: count.optional(),
  }),
  z.strictObject({
    kind: z.literal("node"),
    at: time,
    node,
    run: z.enum(["starting", "up", "stopped", "down"]),
    faults: faultsSchema,
  }),
  z.strictObject({
    kind: z.literal("links"),
    at: time,
    links: z.array(z.strictObject({
      from: node,
      to: node,
      isCut: z.boolean(),
      latencyMs: z.number(),
      loss: z.number().min(0).max(1),
    })).max(1_000_000),
  }),
  z.strictObject({
    kind: z.literal("gauges"),
    at: time,
    nodes: z.array(
      z.strictObject({ height: count, pool: count, hashRate: z.number(), peers: count }).nullable(),
    ).max(RECORDING_NODES_MAX),
  }),
  z.strictObject({
    kind: z.literal("clocks"),
    at: time,
    offsets: z.array(z.tuple([z.number(), z.number()]).nullable()).max(RECORDING_NODES_MAX),
  }),
  z.strictObject({
    kind: z.literal("mark"),
    at: time,
    mark: z.enum(["order", "violation", "step", "bookmark", "reorg", "node"]),
    text: words,
    nodes: z.array(node).max(RECORDING_NODES_MAX),
    block: blockId.optional(),
    count: count.optional(),
  }),
]);
export const batchSchema = z.array(eventSchema).min(1).max(500_000);
