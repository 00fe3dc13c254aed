/**
 * What a cluster says to the nodes that it started, and hears of them: faults in, what happens out.
 *
 * Only a node that was given a secret at its start has these doors (`lib/http/lab_routes.ts`); nobody
 * else's node has them. The secret comes in the environment, never as an argument.
 *
 * @module
 */
import { z } from "zod";

/** Where the doors are. */
export const LAB_PATH = "/lab/v1";
/** The variable of the environment in which a cluster gives a child its secret and first faults. */
export const LAB_VARIABLE = "NOOBCASH_LAB";
export const LAB_SECRET_LENGTH_MIN = 32;

/** The most that a link may be made slower, and a clock be moved. */
export const LAB_LATENCY_MS_MAX = 60_000;
export const LAB_SKEW_MS_MAX = 24 * 3600 * 1000;

/** What is wrong with a node on purpose; all of it at once replaces what was before. */
export const labFaultsSchema = z.strictObject({
  /** Links from this node to others, by their ids. */
  links: z.array(z.strictObject({
    to: z.int().min(0).max(100_000),
    isCut: z.boolean(),
    latencyMs: z.number().min(0).max(LAB_LATENCY_MS_MAX),
    loss: z.number().min(0).max(1),
  })).max(1000),
  /** Hashes a second; null: as the node was started. */
  hashRateLimit: z.number().positive().max(1e15).nullable(),
  clockSkewMs: z.int().min(-LAB_SKEW_MS_MAX).max(LAB_SKEW_MS_MAX),
  isWithholding: z.boolean(),
});
export type LabFaults = z.infer<typeof labFaultsSchema>;

export const NO_LAB_FAULTS: LabFaults = {
  links: [],
  hashRateLimit: null,
  clockSkewMs: 0,
  isWithholding: false,
};

/**
 * What a listener wants to be told beside blocks, tips and counters: each message, which costs the node
 * something and is asked for only while somebody looks at messages.
 */
export const labDetailSchema = z.strictObject({ messages: z.boolean() });
export type LabDetail = z.infer<typeof labDetailSchema>;

/** What a child is given in its environment. */
export const labStartSchema = z.strictObject({
  secret: z.string().min(LAB_SECRET_LENGTH_MIN).max(200),
  faults: labFaultsSchema,
});
export type LabStart = z.infer<typeof labStartSchema>;

/**
 * What happens at a node. `at` is the node's own clock, ms since 1970 with fractions. Nodes are told by
 * their ids, -1 for one that is not in the ring.
 */
export type LabEvent =
  /** All blocks that the node has, from a height on; then its tip. The first thing that is said. */
  | {
    readonly e: "blocks";
    readonly at: number;
    readonly blocks: readonly LabBlock[];
    readonly tip: string | null;
  }
  | { readonly e: "block"; readonly at: number; readonly block: LabBlock }
  | {
    readonly e: "tip";
    readonly at: number;
    readonly hash: string;
    readonly height: number;
    readonly dropped: number;
  }
  | {
    readonly e: "tx";
    readonly at: number;
    readonly txid: string;
    readonly from: number;
    readonly to: number;
    readonly amount: number;
    /** It came in by this node's API: told by the node that it was made at. */
    readonly isLocal?: boolean;
  }
  | { readonly e: "removed"; readonly at: number; readonly txid: string; readonly code: string }
  /** How many times a code was refused since the last line. */
  | { readonly e: "refused"; readonly at: number; readonly code: string; readonly count: number }
  /** From now on messages are told, or no more. */
  | { readonly e: "messages"; readonly at: number; readonly areTold: boolean }
  | {
    readonly e: "sent" | "got";
    readonly at: number;
    readonly peer: number;
    readonly type: string;
    readonly detail: string;
  }
  /** Messages and transactions that were too many to be told. */
  | {
    readonly e: "untold";
    readonly at: number;
    readonly messages: number;
    readonly transactions: number;
  }
  | {
    readonly e: "gauge";
    readonly at: number;
    readonly height: number;
    readonly pool: number;
    readonly hashRate: number;
    readonly peers: number;
    readonly isPaused: boolean;
  };

export interface LabBlock {
  readonly hash: string;
  readonly parent: string;
  readonly height: number;
  readonly miner: number;
  readonly transactions: number;
  readonly stampMs: number;
  /** In hex zeros; not told where it is the founder's. */
  readonly difficulty?: number;
  /** Told by its miner alone. */
  readonly txids?: readonly string[];
}

/** The most heights that are asked for at once. */
export const LAB_HEIGHTS_MAX = 1_000;
export const labBlocksQuerySchema = z.object({
  from: z.coerce.number().int().min(0).max(1e9),
  to: z.coerce.number().int().min(0).max(1e9),
}).refine(({ from, to }) => from <= to && to - from < LAB_HEIGHTS_MAX, {
  message: `wanted at most ${LAB_HEIGHTS_MAX} heights, the lower one first`,
});
export interface LabBlocks {
  readonly blocks: readonly LabBlock[];
}

/** One line of the stream: what happened, and how much of it could not be kept. */
export interface LabLine {
  readonly events: readonly LabEvent[];
  readonly lost: number;
}
