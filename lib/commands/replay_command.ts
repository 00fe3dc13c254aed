/**
 * `noobcash replay`: the reference's test driver. Pays one node's file of transactions through it.
 *
 * @module
 */
import { Command } from "@commander-js/extra-typings";
import type { Command as PlainCommand } from "commander";
import type { NodeReplay } from "../cluster/node_replay.ts";
import type { ParamsJson } from "../wire/api_network.ts";
import { findImpossible, lintWorkload } from "../workload/lint_workload.ts";
import { readWorkload, readWorkloadFile } from "../workload/read_workload.ts";
import {
  describeMalformed,
  type WorkloadFile,
  type WorkloadLine,
} from "../workload/workload_file.ts";
import { ClusterError } from "../cluster/cluster_error.ts";
import {
  type Connection,
  connectionOf,
  connectionOptions,
  reportError,
} from "../client/client_run.ts";
import { EXIT_CODES, failCommand } from "../terminal/fail_command.ts";
import { wholeNumber } from "../terminal/option_values.ts";
import { createProgressLine, progressBar } from "../terminal/progress_line.ts";
import { durationMs } from "../terminal/quantities.ts";
import { formatReplay } from "./replay_text.ts";
import { EXIT_CODE_INTERRUPTED, StoppedByUser, stopSignals } from "../terminal/stop_signals.ts";

interface ReplayCommandOptions {
  readonly directory: string;
  readonly concurrency: number;
  readonly retry: boolean;
  readonly patience: number;
  readonly still: number;
  readonly record?: string | undefined;
}

/** While other nodes' clients have anything to send, they send more often than this. */
const QUIET_MS = 3_000;

export function replayCommand(): Command {
  const command = new Command("replay")
    .description("pay a node's file of transactions through it, and measure")
    .requiredOption("-d, --directory <folder>", "where transactions<id>.txt is")
    .option("--concurrency <count>", "lines under way at once", wholeNumber(1, 1000), 1)
    .option("--retry", "let a line that lacks coins wait for them", false)
    .option(
      "--patience <duration>",
      "with --retry: how long no coins may arrive before a line gives up",
      durationMs,
      10_000,
    )
    .option(
      "--still <duration>",
      "how long no block may come before waiting for confirmations ends",
      durationMs,
      30_000,
    )
    .option(
      "--record <file>",
      "watch until the network is quiet, and write this node's part of a run for report merge",
    );
  for (const option of connectionOptions({ isShown: true })) command.addOption(option);
  return command.action(async (options, self) =>
    await run(options, await connectionOf(self as unknown as PlainCommand))
  ) as unknown as Command;
}

async function run(options: ReplayCommandOptions, connection: Connection): Promise<void> {
  const { client } = connection;
  const status = await client.status();
  if (!status.ok) return await reportError(status.error, connection);
  const { wallet: { nodeId }, params } = status.value;
  if (nodeId === null || params === null) {
    return failCommand(
      "refused",
      `Cannot replay: got phase "${status.value.phase}", wanted a node with an id`,
    );
  }
  const file = readWorkloadFile(options.directory, nodeId);
  if (!file.ok) return failCommand("usage", file.error.message);
  for (const line of file.value.lines) {
    if (line.kind === "malformed") console.error(describeMalformed(file.value.fileName, line));
  }

  const progress = createProgressLine();
  const stop = stopSignals();
  try {
    const replaying = () =>
      replayFile(file.value, { nodeId, params, progress, signal: stop.signal });
    const replay = options.record === undefined
      ? await replaying()
      : await recorded(options.record, file.value, {
        options,
        connection,
        nodeId,
        params,
        replaying,
      });
    if (replay === undefined) return;
    const { nodeOutcome } = await import("../cluster/replay_outcome.ts");
    const waitingMax = params.strict ? params.capacity - 1 : 0;
    const outcome = nodeOutcome(params, replay, { waitingMax });
    progress.clear();
    console.log(
      connection.json ? JSON.stringify({ node: nodeId, ...outcome }) : formatReplay(outcome),
    );
    const { rejected } = outcome;
    const [unreachable] = Object.keys(rejected).filter((code) =>
      code === "node-unreachable" || code === "node-timeout"
    );
    if (unreachable !== undefined) failCommand("unreachable", `Cannot pay: got ${unreachable}`);
    else if (rejected["token-missing"] ?? rejected["token-wrong"]) {
      failCommand("refused", `Cannot pay: the token is not the node's`);
    } else if (outcome.problems.length > 0) Deno.exitCode = EXIT_CODES.refused;
  } catch (error) {
    progress.clear();
    if (error instanceof StoppedByUser) Deno.exitCode = EXIT_CODE_INTERRUPTED;
    else if (error instanceof ClusterError) failCommand("unreachable", error.message);
    else throw error;
  } finally {
    stop.dispose();
  }

  async function replayFile(
    workloadFile: WorkloadFile,
    { nodeId: id, signal, ...rest }: {
      readonly nodeId: number;
      readonly params: ParamsJson;
      readonly progress: ReturnType<typeof createProgressLine>;
      readonly signal: AbortSignal;
    },
  ): Promise<NodeReplay> {
    const { replayOnNode } = await import("../cluster/node_replay.ts");
    const total = workloadFile.lines.length;
    let [done, accepted] = [0, 0];
    return await replayOnNode({ id, client }, workloadFile, {
      concurrency: options.concurrency,
      retry: options.retry,
      patienceMs: options.patience,
      stillMsMax: options.still,
      ...(options.record !== undefined && { quietMs: QUIET_MS }),
      impossible: impossibleLines(workloadFile, options.directory, rest.params),
      signal,
      onRecord({ outcome }) {
        done++;
        if (outcome === "accepted") accepted++;
        rest.progress.update(
          `${progressBar(done / total)} ${done} of ${total} lines, ${accepted} accepted`,
        );
      },
    });
  }
}

/** Replays and writes the record; undefined where the node refused, which is reported. */
async function recorded(
  path: string,
  workloadFile: WorkloadFile,
  { options, connection, nodeId: id, params: agreed, replaying }: {
    readonly options: ReplayCommandOptions;
    readonly connection: Connection;
    readonly nodeId: number;
    readonly params: ParamsJson;
    readonly replaying: () => Promise<NodeReplay>;
  },
): Promise<NodeReplay | undefined> {
  const [{ recordReplay }, { readEnvironment }, { versionLine }] = await Promise.all([
    import("../experiment/replay_record.ts"),
    import("../experiment/environment.ts"),
    import("../terminal/version.ts"),
  ]);
  const all = readWorkload(options.directory, agreed.nodes);
  const result = await recordReplay({
    nodeId: id,
    client: connection.client,
    url: connection.url,
    params: agreed,
    environment: readEnvironment(await versionLine()),
    load: {
      workload: options.directory,
      loop: "closed",
      ratePerSecond: null,
      concurrency: options.concurrency,
      leadLines: workloadFile.lines.length,
      retry: options.retry,
      limitPerSecond: null,
      ceiling: lintWorkload(all.ok ? all.value : [workloadFile], {
        coinsPerNode: agreed.coinsPerNode,
        fee: agreed.fee,
        orders: 0,
        seed: 0,
      }).ceiling,
    },
  }, replaying);
  if (!result.ok) {
    await reportError(result.error, connection);
    return undefined;
  }
  Deno.writeTextFileSync(path, JSON.stringify(result.value.record) + "\n");
  return result.value.replay;
}

/** Lines that no patience helps: found from all nodes' files where they are there. */
function impossibleLines(
  file: WorkloadFile,
  folder: string,
  params: ParamsJson,
): ReadonlySet<WorkloadLine> {
  // A reward makes coins that no file tells of.
  if (params.reward > 0) return new Set();
  const all = readWorkload(folder, params.nodes);
  if (all.ok) {
    const numbers = new Set(
      findImpossible(all.value, params).filter(({ fileName }) => fileName === file.fileName)
        .map(({ line }) => line.lineNumber),
    );
    return new Set(file.lines.filter(({ lineNumber }) => numbers.has(lineNumber)));
  }
  const supply = params.nodes * params.coinsPerNode;
  return new Set(
    file.lines.filter((line) =>
      line.kind === "payment" &&
      (line.amount + params.fee > supply || line.receiverId >= params.nodes)
    ),
  );
}
