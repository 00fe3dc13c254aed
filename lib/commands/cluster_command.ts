/**
 * `noobcash cluster`: a whole network of real processes on this machine.
 *
 * Stays up until Ctrl-C, or ends with `--exit` after the replay. No node survives the command: they are
 * stopped on every way out, and end by themselves when this process is gone.
 *
 * @module
 */
import { Command } from "@commander-js/extra-typings";
import { styleText } from "node:util";
import type { ClusterOutcome } from "../cluster/replay_outcome.ts";
import { ClusterError, lostText } from "../cluster/cluster_error.ts";
import { selfName } from "../terminal/self_command.ts";
import type { Cluster, ClusterOptions } from "../cluster/start_cluster.ts";
import type { OpenRoom } from "../control/open_room.ts";
import {
  CLOSED_LOOP_CONCURRENCY,
  LOAD_MS_MIN,
  OPEN_LOOP_CONCURRENCY,
} from "../workload/run_load.ts";
import { readWorkload } from "../workload/read_workload.ts";
import { describeMalformed, type Workload } from "../workload/workload_file.ts";
import { failCommand } from "../terminal/fail_command.ts";
import { decimalNumber, wholeNumber } from "../terminal/option_values.ts";
import { foundingChoiceOf, parameterOptions } from "../terminal/parameter_options.ts";
import { DEFAULT_PARAMS, type ParamsChoice } from "../params.ts";
import { createProgressLine, progressBar } from "../terminal/progress_line.ts";
import { durationMs, hashRate, share } from "../terminal/quantities.ts";
import { languageOption } from "../terminal/terminal_language.ts";
import { clusterControlCommand } from "./cluster_control_command.ts";
import { formatClusterReplay } from "./replay_text.ts";
import {
  EXIT_CODE_INTERRUPTED,
  StoppedByUser,
  stopSignals,
  untilStopped,
} from "../terminal/stop_signals.ts";

export function clusterCommand(): Command {
  const founder = new Command("cluster")
    .description("start a network of real node processes on this machine");
  for (const option of parameterOptions({ nodes: CLUSTER_NODES_MAX })) founder.addOption(option);
  const command = founder
    .option("-p, --port <number>", "node i listens at this port + i", wholeNumber(1, 65_000))
    .option("--host <address>", "listen on this address", "127.0.0.1")
    .option("--data-dir <folder>", "keep keys and chains here; removed at the end when not given")
    .option("--threads <count>", "mining threads of each node", wholeNumber(1, 1024), 1)
    .option("--hash-rate-limit <rate>", "each node mines no faster, as in 50kH/s", hashRate)
    .option("--link-latency <duration>", "experiment: messages leave so much later", durationMs, 0)
    .option("--link-loss <share>", "experiment: frames that never arrive, as in 5%", share, 0)
    .option("--start-timeout <duration>", "how long the start may take", durationMs, 120_000)
    .option("--replay <folder>", "replay transactions<id>.txt on all nodes at once")
    .option("--retry", "replay: let a line that lacks coins wait for them", false)
    .option("--load <duration>", "pay round the ring from all nodes for so long", durationMs)
    .option(
      "--concurrency <count>",
      "payments under way, each client (replay: 1, load: 128, with --rate 4,096)",
      wholeNumber(1, 10_000),
    )
    .option("--lead <lines>", "replay: how far a client may run ahead", wholeNumber(1), 4)
    .option(
      "--rate <tx/s>",
      "so many payments a second of all clients, open loop",
      decimalNumber(0.001, 1e6),
    )
    .option("--no-ui", "no control room in the browser; a node that dies ends the command")
    .option("--ui-port <number>", "the control room listens at this port", wholeNumber(1, 65_535))
    .addOption(
      languageOption("language of the control room").default(undefined, "each browser's own"),
    )
    .option("--record <file>", "record what happens; noobcash play shows it again")
    .option("--exit", "end after the replay or load, or as soon as the network is ready", false)
    .option("--json", "print one JSON object", false)
    .action(async (options) => {
      await run({ ...options, founding: { ...DEFAULT_PARAMS, ...foundingChoiceOf(options) } });
    });
  (command as unknown as Command).addCommand(clusterControlCommand());
  return command as unknown as Command;
}

/** More processes than this are no help on one machine. */
const CLUSTER_NODES_MAX = 200;

interface ClusterCommandOptions {
  readonly founding: Omit<ParamsChoice, "genesisTimeMs" | "bootstrapKey">;
  readonly port?: number;
  readonly host: string;
  readonly dataDir?: string;
  readonly threads: number;
  readonly hashRateLimit?: number;
  readonly linkLatency: number;
  readonly linkLoss: number;
  readonly startTimeout: number;
  readonly replay?: string;
  readonly retry: boolean;
  readonly load?: number;
  readonly concurrency?: number;
  readonly lead: number;
  readonly rate?: number;
  readonly ui: boolean;
  readonly uiPort?: number;
  readonly lang?: string;
  readonly record?: string;
  readonly exit: boolean;
  readonly json: boolean;
}

/** How long the network may be still before a replay counts as stuck. */
const STILL_MS_MAX = 60_000;

async function run(options: ClusterCommandOptions): Promise<void> {
  const problem = contradictionIn(options);
  if (problem !== undefined) return failCommand("usage", problem);
  let workload: Workload | undefined;
  if (options.replay !== undefined) {
    const read = readWorkload(options.replay, options.founding.nodes);
    if (!read.ok) return failCommand("usage", read.error.message);
    workload = read.value;
    for (const { fileName, lines } of workload) {
      for (const line of lines) {
        if (line.kind === "malformed") console.error(describeMalformed(fileName, line));
      }
    }
  }

  const { startCluster } = await import("../cluster/start_cluster.ts");
  const stop = stopSignals();
  let cluster: Cluster | undefined;
  let room: OpenRoom | undefined;
  try {
    const verificationsPerSecond = options.load === undefined ? 0 : await verificationRate();
    room = await openControlRoom(options);
    cluster = await startCluster({
      ...clusterOptions(options, stop.signal),
      ...(room !== undefined && { labSecret: room.secret }),
    });
    await room?.attach(cluster);
    const isMeasured = workload !== undefined || options.load !== undefined;
    if (!(options.json && isMeasured)) await printCluster(cluster, options, room);
    if (workload !== undefined) await replayAndPrint(cluster, workload, options, stop.signal);
    if (options.load !== undefined) {
      const { capacity, strict } = options.founding;
      const { loadAndPrint } = await import("./cluster_load_run.ts");
      await loadAndPrint(cluster, {
        cell: options.founding,
        json: options.json,
        durationMs: options.load,
        ratePerSecond: options.rate ?? null,
        concurrency: options.concurrency ??
          (options.rate === undefined ? CLOSED_LOOP_CONCURRENCY : OPEN_LOOP_CONCURRENCY),
        capacity,
        strict,
        stillMsMax: STILL_MS_MAX,
        signal: stop.signal,
        verificationsPerSecond,
      });
    }
    if (options.exit) return;

    // With a control room a dead node is something to look at, and to start again.
    if (room !== undefined && options.ui) {
      cluster.watchLost(({ id }) =>
        console.error(
          `Node ${id} has ended; start it again: ${selfName()} cluster control restart ${id}`,
        )
      );
      return await untilStopped(stop.signal);
    }
    const lost = await Promise.race([untilStopped(stop.signal), cluster.nodeLost]);
    if (lost !== undefined) {
      failCommand("internal", await lostText(lost));
    }
  } catch (error) {
    if (error instanceof StoppedByUser) {
      Deno.exitCode = EXIT_CODE_INTERRUPTED;
    } else if (error instanceof ClusterError) {
      failCommand("refused", error.message);
    } else throw error;
  } finally {
    await saveRecording(room, options);
    await room?.close();
    await cluster?.stop();
    stop.dispose();
  }
}

/** What cannot be done together, in a sentence. */
function contradictionIn(
  { load, replay, founding, rate, concurrency, retry }: ClusterCommandOptions,
): string | undefined {
  if (load === undefined && replay === undefined) {
    const got = rate !== undefined
      ? "--rate"
      : concurrency !== undefined
      ? "--concurrency"
      : undefined;
    if (got !== undefined) {
      return `Cannot start the cluster: got ${got} and nothing to send, wanted --replay or --load`;
    }
  }
  if (retry && replay === undefined) {
    return "Cannot start the cluster: got --retry and no lines, wanted --replay";
  }
  if (load === undefined) return undefined;
  const got = replay !== undefined
    ? "--replay, too"
    : founding.nodes < 2
    ? "a single node"
    : load < LOAD_MS_MIN
    ? `${load} ms`
    : undefined;
  return got &&
    `Cannot load the network: got ${got}, wanted --load of 1 s or more for two nodes or more`;
}

/** Measured before the network takes the cores. */
async function verificationRate(): Promise<number> {
  const { measureVerificationRate } = await import("../cluster/verification_rate.ts");
  return await measureVerificationRate();
}

/** Opens the page for the whole network, and says where it is before anything else. */
async function openControlRoom(options: ClusterCommandOptions): Promise<OpenRoom | undefined> {
  const isRecorded = options.record !== undefined;
  if (!isRecorded && (!options.ui || options.exit)) return undefined;
  const { openRoom } = await import("../control/open_room.ts");
  const { nodes, capacity, difficulty } = options.founding;
  let room: OpenRoom;
  try {
    room = openRoom({
      network: { title: `${nodes} nodes`, nodes, capacity, difficulty },
      ...(options.uiPort !== undefined && { port: options.uiPort }),
      isRecorded,
      language: options.lang,
      onInternalError: (thrown) => console.error(thrown),
      onWarning: (text) => console.error(text),
    });
  } catch (error) {
    if (!(error instanceof Deno.errors.AddrInUse)) throw error;
    throw new ClusterError(
      `Cannot open the control room: got port ${options.uiPort}, which is in use, wanted a free one`,
    );
  }
  if (!options.json && options.ui) {
    console.log(
      `${styleText("bold", "Control room:")} ${room.createLink()}\n` +
        styleText("dim", `  (opens once; another link: ${selfName()} cluster control open)\n`),
    );
  }
  return room;
}

/** Writes what was recorded, whole or not at all. */
async function saveRecording(
  room: OpenRoom | undefined,
  { record, json }: ClusterCommandOptions,
): Promise<void> {
  if (room === undefined || record === undefined) return;
  const bytes = await room.recording();
  if (bytes === undefined) return;
  const { writeRecording } = await import("../control/write_recording.ts");
  const written = await writeRecording(record, bytes);
  if (!written.ok) return failCommand("refused", written.error.message);
  if (!json) console.log(`Recorded: ${record} (${selfName()} play ${record})`);
}

function clusterOptions(options: ClusterCommandOptions, signal: AbortSignal): ClusterOptions {
  const { port, dataDir, hashRateLimit } = options;
  return {
    ...options.founding,
    host: options.host,
    threads: options.threads,
    linkLatencyMs: options.linkLatency,
    linkLoss: options.linkLoss,
    startMsMax: options.startTimeout,
    signal,
    ...(port !== undefined && { port }),
    ...(dataDir !== undefined && { dataDir }),
    ...(hashRateLimit !== undefined && { hashRateLimit }),
  };
}

/** Tells who is there and how to talk to them, as a development chain does. */
async function printCluster(
  cluster: Cluster,
  options: ClusterCommandOptions,
  room: OpenRoom | undefined,
): Promise<void> {
  const rows = await Promise.all(cluster.nodes.map(async (node) => {
    const balance = await node.client.balance();
    return {
      id: node.id,
      url: node.url,
      address: node.address,
      balance: balance.ok ? balance.value.confirmed : null,
      dataDir: node.process.dataDir,
      pid: node.process.pid,
    };
  }));
  if (options.json) {
    const { nodes, capacity, difficulty } = options.founding;
    const controlRoom = room?.createLink() ?? null;
    return console.log(
      JSON.stringify({ event: "ready", nodes, capacity, difficulty, controlRoom, ring: rows }),
    );
  }

  const seconds = (cluster.startUpMs / 1000).toFixed(1);
  console.log(
    styleText("bold", `${options.founding.nodes} nodes ready after ${seconds} s`) +
      ` (capacity ${options.founding.capacity}, difficulty ${options.founding.difficulty})\n`,
  );
  for (const { id, url, address, balance } of rows) {
    console.log(`  ${String(id).padStart(3)}  ${url.padEnd(24)} ${address}  ${balance} NBC`);
  }
  if (options.exit) return;
  const [first] = rows;
  const port = new URL(first?.url ?? "http://127.0.0.1:0").port;
  console.log(
    `\nTalk to one:  ${selfName()} client --port ${port} --data-dir ${first?.dataDir} balance --all` +
      `\nIn a browser: ${first?.url}/ (API: ${first?.url}/api/v1/docs)` +
      "\nStop:         Ctrl-C\n",
  );
}

async function replayAndPrint(
  cluster: Cluster,
  workload: Workload,
  options: ClusterCommandOptions,
  signal: AbortSignal,
): Promise<void> {
  const [{ replayOnCluster }, { clusterOutcome }] = await Promise.all([
    import("../cluster/cluster_replay.ts"),
    import("../cluster/replay_outcome.ts"),
  ]);
  const progress = createProgressLine();
  const total = workload.reduce((sum, { lines }) => sum + lines.length, 0);
  let [done, accepted] = [0, 0];
  let outcome: ClusterOutcome;
  try {
    const replay = await replayOnCluster(cluster, workload, {
      load: {
        concurrency: options.concurrency ?? 1,
        leadLines: options.lead,
        retry: options.retry,
        ratePerSecond: options.rate ?? null,
      },
      capacity: options.founding.capacity,
      strict: options.founding.strict,
      coinsPerNode: options.founding.coinsPerNode,
      fee: options.founding.fee,
      stillMsMax: STILL_MS_MAX,
      signal,
      onRecord(record) {
        done++;
        if (record.outcome === "accepted") accepted++;
        progress.update(
          `${progressBar(done / total)} ${done} of ${total} lines, ${accepted} accepted`,
        );
      },
    });
    outcome = clusterOutcome(options.founding, replay);
  } finally {
    progress.clear();
  }
  console.log(options.json ? JSON.stringify(outcome) : formatClusterReplay(outcome));
  if (outcome.problems.length > 0) Deno.exitCode = 1;
}
