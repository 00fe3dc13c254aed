/**
 * The schemas of everything that an experiment writes down, for whoever reads it again: a folder may be old,
 * half copied, or somebody else's.
 *
 * Fields that are not known here are kept: a newer release may have more of them. What is wrong is told with
 * its place.
 *
 * @module
 */
import { z } from "zod";
import type { ExperimentRecord, ResumedBy } from "./experiment_record.ts";
import type { BlockRecord, RunRecord, TransactionRecord } from "./run_record.ts";
import type { Results } from "./summary.ts";

/** A schema whose output is what the records' types say. */
type SchemaOf<T> = z.ZodType<T>;

const count = z.int().min(0);
const amount = z.number().min(0);
const time = z.number();
const maybe = <T extends z.ZodType>(schema: T) => schema.nullable();
const maybeNumber = maybe(z.number());

export const cellSchema = z.looseObject({
  nodes: z.int().min(1).max(1_000_000),
  capacity: z.int().min(1).max(1_000_000_000),
  difficulty: z.number().min(0).max(64).multipleOf(0.001),
  difficultyAdjustment: z.enum(["none", "window", "lwma"]).optional(),
});

export const loadSchema = z.looseObject({
  workload: z.string(),
  loop: z.enum(["closed", "open"]),
  ratePerSecond: maybe(amount),
  concurrency: count,
  leadLines: count,
  retry: z.boolean(),
  durationMs: z.exactOptional(amount),
  limitPerSecond: maybe(amount),
  ceiling: count,
});

export const networkSchema = z.looseObject({
  strict: z.boolean(),
  blockWaitMs: amount,
  threadsPerNode: count,
  hashRateLimit: maybe(amount),
  linkLatencyMs: amount,
  linkLoss: amount,
  coinsPerNode: count,
  rules: z.exactOptional(z.looseObject({})),
});

export const nodeSchema = z.looseObject({
  id: count,
  hashes: amount,
  miningMs: amount,
  cpuMs: maybeNumber,
  memoryBytes: maybeNumber,
  messagesSent: amount,
  bytesSent: amount,
  reorgDepths: z.array(count),
  tipHash: z.string(),
  supply: z.number(),
  utxoCommitment: z.string(),
  balance: z.number(),
});

const findingSchema = z.looseObject({ code: z.string(), text: z.string() });

export const environmentSchema = z.looseObject({
  program: z.string(),
  deno: z.string(),
  v8: z.string(),
  os: z.string(),
  processor: z.string(),
  cores: count,
  memoryBytes: amount,
});

export const transactionRecordSchema: SchemaOf<TransactionRecord> = z.looseObject({
  nodeId: count,
  lineNumber: count,
  receiverId: maybeNumber,
  amount: maybeNumber,
  scheduledAtMs: maybeNumber,
  submittedAtMs: maybeNumber,
  answeredAtMs: maybeNumber,
  attempts: count,
  outcome: z.enum(["accepted", "rejected"]),
  code: maybe(z.string()),
  txid: maybe(z.string()),
  firstSeenAtMs: z.exactOptional(maybeNumber),
  seenByAllAtMs: maybeNumber,
  inBlockAtMs: maybeNumber,
  confirmedAtMs: maybeNumber,
  blockHeight: maybeNumber,
});

export const blockRecordSchema: SchemaOf<BlockRecord> = z.looseObject({
  hash: z.string(),
  height: count,
  minerId: maybeNumber,
  isMain: z.boolean(),
  transactionCount: maybe(count),
  work: z.exactOptional(amount),
  firstSeenAtMs: time,
  observedAtMs: maybeNumber,
  seenByAllAtMs: maybeNumber,
});

export const runRecordSchema: SchemaOf<RunRecord> = z.looseObject({
  version: z.literal(1),
  cell: cellSchema,
  repeat: count,
  startedAtMs: time,
  startUpMs: amount,
  load: loadSchema,
  network: networkSchema,
  nodes: z.array(nodeSchema),
  steady: z.exactOptional(z.looseObject({
    startMs: time,
    durationMs: amount,
    warmUpMs: amount,
    offered: count,
    accepted: count,
    rejected: z.record(z.string(), count),
    confirmed: count,
    heldBack: count,
    sampledShare: amount,
  })),
  invalid: z.array(findingSchema),
  warnings: z.array(findingSchema),
});

export const resumedBySchema: SchemaOf<ResumedBy> = z.looseObject({
  program: z.string(),
  deno: z.string(),
  sinceMs: time,
});

export const experimentRecordSchema: SchemaOf<ExperimentRecord> = z.looseObject({
  version: z.literal(1),
  preset: maybe(z.string()),
  command: z.string(),
  startedAtMs: time,
  plan: z.looseObject({
    nodes: z.array(cellSchema.shape.nodes),
    capacities: z.array(cellSchema.shape.capacity),
    difficulties: z.array(cellSchema.shape.difficulty),
    repeats: count,
    workload: z.string(),
    linesPerNode: maybe(count),
    seed: z.number(),
    load: loadSchema.pick({
      ratePerSecond: true,
      concurrency: true,
      leadLines: true,
      retry: true,
      durationMs: true,
    }),
    network: networkSchema,
  }),
  environment: environmentSchema,
  resumedBy: z.exactOptional(z.array(resumedBySchema)),
  host: z.exactOptional(z.string()),
  shard: z.exactOptional(z.string()),
  measuredOn: z.exactOptional(z.array(z.looseObject({
    host: maybe(z.string()),
    environment: environmentSchema,
    cells: z.array(z.string()),
  }))),
});

/** What JSON makes of a figure: one that is no number is null there. */
const figuresSchema = z.looseObject({ hashRateSigmas: maybeNumber });

export const resultsSchema = z.looseObject({
  cells: z.array(z.looseObject({
    cell: cellSchema,
    validRuns: count,
    invalidRuns: count,
    metrics: z.record(
      z.string(),
      z.looseObject({
        mean: z.number(),
        deviation: z.number(),
        halfWidth: maybeNumber,
        values: z.array(z.number()).min(1),
      }),
    ),
  })),
  runs: z.array(z.looseObject({
    cell: cellSchema,
    repeat: count,
    metrics: figuresSchema,
    invalid: z.array(findingSchema),
    warnings: z.array(findingSchema),
    generatorLimitPerSecond: maybeNumber,
  })),
}) as unknown as SchemaOf<Results>;
