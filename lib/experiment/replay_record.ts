/**
 * What one machine of a fleet writes down of its replay, so that the records of all machines can be
 * merged into one run.
 *
 * Every machine watches its own node. Times are of that machine's clock: what is compared across machines
 * is as exact as their clocks agree.
 *
 * Called by `noobcash replay --record`.
 *
 * @module
 */
import { z } from "zod";
import type { ApiClient } from "../client/api_client.ts";
import { readNodeCounters } from "../cluster/node_counters.ts";
import { nodeRecord } from "../cluster/node_record.ts";
import type { NodeReplay } from "../cluster/node_replay.ts";
import type { Environment } from "../measure/experiment_record.ts";
import {
  blockRecordSchema,
  cellSchema,
  environmentSchema,
  loadSchema,
  networkSchema,
  nodeSchema,
  transactionRecordSchema,
} from "../measure/record_schemas.ts";
import type {
  BlockRecord,
  Cell,
  LoadRecord,
  NetworkRecord,
  NodeRecord,
  TransactionRecord,
} from "../measure/run_record.ts";
import { DEFAULT_PARAMS } from "../params.ts";
import { ok, type Result } from "../result.ts";
import type { ClientError } from "../client/api_client.ts";
import { type AuditJson, auditSchema } from "../wire/api_chain.ts";
import type { ParamsJson } from "../wire/api_network.ts";

/** The format of these records. */
export const REPLAY_RECORD_VERSION = 1;

/** One node's part of a run. */
export interface ReplayRecord {
  readonly version: typeof REPLAY_RECORD_VERSION;
  readonly cell: Cell;
  readonly environment: Environment;
  readonly startedAtMs: number;
  readonly load: LoadRecord;
  readonly network: NetworkRecord;
  readonly node: NodeRecord;
  readonly audit: Omit<AuditJson, "balances">;
  readonly hasSettled: boolean;
  readonly missedEvents: number;
  readonly transactions: readonly TransactionRecord[];
  readonly blocks: readonly BlockRecord[];
}

export const replayRecordSchema: z.ZodType<ReplayRecord> = z.looseObject({
  version: z.literal(REPLAY_RECORD_VERSION),
  cell: cellSchema,
  environment: environmentSchema,
  startedAtMs: z.number(),
  load: loadSchema,
  network: networkSchema,
  node: nodeSchema,
  audit: auditSchema.omit({ balances: true }),
  hasSettled: z.boolean(),
  missedEvents: z.int().min(0),
  transactions: z.array(transactionRecordSchema),
  blocks: z.array(blockRecordSchema),
});

/** What is known before the replay. */
export interface ReplayRecordInput {
  readonly nodeId: number;
  readonly client: ApiClient;
  readonly url: string;
  readonly params: ParamsJson;
  readonly environment: Environment;
  readonly load: LoadRecord;
}

/** Replays, and writes down what the node spent meanwhile and where it stands at the end. */
export async function recordReplay(
  input: ReplayRecordInput,
  replay: () => Promise<NodeReplay>,
): Promise<Result<{ readonly record: ReplayRecord; readonly replay: NodeReplay }, ClientError>> {
  const startedAtMs = Date.now();
  const before = await readNodeCounters(input.url);
  const replayed = await replay();
  const after = await readNodeCounters(input.url);
  const audit = await input.client.audit();
  if (!audit.ok) return audit;

  const { nodeId, params, environment, load } = input;
  const { reorgDepths, hasSettled, missedEvents, transactions, blocks } = replayed;
  const { balances: _, ...state } = audit.value;
  return ok({
    replay: replayed,
    record: {
      version: REPLAY_RECORD_VERSION,
      cell: { nodes: params.nodes, capacity: params.capacity, difficulty: params.difficulty },
      environment,
      startedAtMs,
      load,
      network: networkOf(params),
      node: nodeRecord(nodeId, { before, after, audit: audit.value, reorgDepths }),
      audit: state,
      hasSettled,
      missedEvents,
      transactions,
      blocks,
    },
  });
}

/** The network's rules of consensus, where they are not the usual ones. */
function rulesOf(params: ParamsJson): Pick<NetworkRecord, "rules"> {
  const { forkChoice, difficultyAdjustment, blockIntervalMs, adjustmentWindow } = params;
  const isUsual = forkChoice === DEFAULT_PARAMS.forkChoice &&
    difficultyAdjustment === DEFAULT_PARAMS.difficultyAdjustment;
  return isUsual
    ? {}
    : { rules: { forkChoice, difficultyAdjustment, blockIntervalMs, adjustmentWindow } };
}

/** What the parameters tell; how threads and links are set, only the machine's owner knows. */
function networkOf(params: ParamsJson): NetworkRecord {
  return {
    strict: params.strict,
    blockWaitMs: params.blockWaitMs,
    threadsPerNode: 1,
    hashRateLimit: null,
    linkLatencyMs: 0,
    linkLoss: 0,
    coinsPerNode: params.coinsPerNode,
    ...rulesOf(params),
  };
}
