/**
 * `noobcash node`: runs one node until it is stopped.
 *
 * stdout: a short block and a line for each phase on a terminal, JSON lines with `--json`, nothing
 * otherwise. The log goes to stderr. Every option can be given as `NOOBCASH_…`, too.
 *
 * @module
 */
import { Command, InvalidArgumentError, Option } from "@commander-js/extra-typings";
import { VERSION } from "../../build/build_info.ts";
import { LOG_FORMATS, LOG_LEVELS, startLogging } from "../runtime/logging.ts";
import { defaultThreads } from "../miner/default_threads.ts";
import { DEFAULT_BOOTSTRAP_URL, DEFAULT_PORT, URL_FROM_STDIN } from "../runtime/node_options.ts";
import type { RunningNode } from "../runtime/run_node.ts";
import type { TlsChoice } from "../runtime/tls_server.ts";
import { startNode, type StartOptions } from "../runtime/start_node.ts";
import { passphraseOf } from "../terminal/passphrase.ts";
import { StoreFailure } from "../store/store_failure.ts";
import { peekKey } from "../store/data_folder.ts";
import { LAB_VARIABLE, type LabStart, labStartSchema } from "../wire/lab.ts";
import { JOIN_TOKEN_SIZE_BYTES_MAX } from "../wire/handshake.ts";
import { isNodeUrl } from "../wire/ring.ts";
import { EXIT_CODES, failCommand } from "../terminal/fail_command.ts";
import { type NodeOutput, printNode } from "./node_output.ts";
import { wholeNumber } from "../terminal/option_values.ts";
import { foundingChoiceOf, parameterOptions } from "../terminal/parameter_options.ts";
import { durationMs, hashRate, share } from "../terminal/quantities.ts";
import { selfName } from "../terminal/self_command.ts";

/** More than a URL has. */
const LINE_SIZE_BYTES_MAX = 4096;
/** How long a stop may take before the process is ended by force. */
const STOP_MS_MAX = 1900;

/** What a test program changes about the node that the command runs. */
export type NodeHooks = Pick<StartOptions, "store" | "clock" | "miner">;

export function nodeCommand(hooks: NodeHooks = {}): Command {
  const founder = new Command("node")
    .description("run a node: the bootstrap node of a new network, or one that joins")
    .addOption(
      value("-p, --port <number>", "listen on this port; 0: any free one")
        .argParser(wholeNumber(0, 65_535)).default(DEFAULT_PORT),
    );
  for (const option of parameterOptions()) founder.addOption(withVariable(option));
  const command = founder
    .addOption(flag("-b, --bootstrap", "found a network and be node 0 of it"))
    .addOption(
      value(
        "--bootstrap-url <url>",
        "join the network of the bootstrap node there; an observer: of any node there; " +
          `${URL_FROM_STDIN}: stdin's first line says where`,
      )
        .argParser(nodeUrl).default(undefined, DEFAULT_BOOTSTRAP_URL),
    )
    .addOption(value("--host <address>", "listen on this address").default("127.0.0.1"))
    .addOption(
      new Option(
        "--passphrase-file <file>",
        "opens a sealed key; else NOOBCASH_PASSPHRASE, else asked for",
      )
        .env("NOOBCASH_PASSPHRASE_FILE"),
    )
    .addOption(value("--tls-cert <file>", "serve the API over TLS, too: the certificate (PEM)"))
    .addOption(value("--tls-key <file>", "and its key (PEM); SIGHUP reads both again"))
    .addOption(
      value("--tls-port <number>", "on this port; 0: any free one").argParser(
        wholeNumber(0, 65_535),
      ).default(undefined, "443 above --port"),
    )
    .addOption(
      flag("--allow-plain-token", "take the API token in clear from other machines"),
    )
    .addOption(value("--advertise <host[:port]>", "where other nodes reach this one"))
    .addOption(
      value("--data-dir <folder>", "keep keys and chain here")
        .default(undefined, "noobcash-data/node-<port>"),
    )
    .addOption(
      value("--threads <count>", "mining threads").argParser(wholeNumber(1, 1024))
        .default(defaultThreads(), "all cores but one"),
    )
    .addOption(flag("--no-mine", "do not mine"))
    .addOption(
      value("--hash-rate-limit <rate>", "mine no faster, as in 100kH/s").argParser(hashRate),
    )
    .addOption(flag("--observer", "follow, check and serve the chain without a place in the ring"))
    .addOption(
      value("--join-token <secret>", "the fleet's shared secret; better in the environment"),
    )
    .addOption(value("--join-token-file <file>", "a file that holds the secret"))
    .addOption(
      value("--link-latency <duration>", "experiment: messages leave so much later")
        .argParser(durationMs).default(0),
    )
    .addOption(
      value("--link-loss <share>", "experiment: frames that never arrive, as in 5%")
        .argParser(share).default(0),
    )
    .addOption(
      value("--log-level <level>", "what is logged").choices(LOG_LEVELS).default("warning"),
    )
    .addOption(
      value("--log-format <format>", "how it is logged")
        .choices(LOG_FORMATS).default(undefined, "pretty on a terminal, else json"),
    )
    .addOption(flag("--json", "print JSON lines: listening, phases, stopped"))
    .addOption(flag("--exit-with-parent", "stop when stdin ends").hideHelp())
    .action(async (options) => await run(options, hooks));
  return command as unknown as Command;
}

interface NodeCommandOptions {
  readonly port: number;
  readonly bootstrap?: boolean;
  readonly bootstrapUrl?: string;
  readonly host: string;
  readonly passphraseFile?: string;
  readonly tlsCert?: string;
  readonly tlsKey?: string;
  readonly tlsPort?: number;
  readonly allowPlainToken?: boolean;
  readonly advertise?: string;
  readonly dataDir?: string;
  readonly threads: number;
  readonly mine: boolean;
  readonly hashRateLimit?: number;
  readonly observer?: boolean;
  readonly joinToken?: string;
  readonly joinTokenFile?: string;
  readonly linkLatency: number;
  readonly linkLoss: number;
  readonly logLevel: (typeof LOG_LEVELS)[number];
  readonly logFormat?: (typeof LOG_FORMATS)[number];
  readonly json?: boolean;
  readonly exitWithParent?: boolean;
}

async function run(options: NodeCommandOptions, hooks: NodeHooks): Promise<void> {
  const joinToken = await joinTokenOf(options);
  if (joinToken === undefined) return;
  const format = options.logFormat ?? (Deno.stderr.isTerminal() ? "pretty" : "json");
  const logger = await startLogging({ level: options.logLevel, format });

  const lab = labOf();
  if (lab === "malformed") return;

  const tls = tlsChoiceOf(options);
  if (tls === "half") {
    return failCommand(
      "usage",
      "Cannot serve TLS: got one of --tls-cert and --tls-key, wanted both",
    );
  }
  const dataDir = options.dataDir ?? `noobcash-data/node-${options.port}`;
  const passphrase = await passphraseOf({
    isWanted: peekKeyKind(dataDir) === "sealed",
    file: options.passphraseFile,
    variable: "NOOBCASH_PASSPHRASE",
    question: `Passphrase of the key in "${dataDir}"`,
  });
  if (!passphrase.ok) return failCommand("usage", passphrase.error);

  const waitsForUrl = options.bootstrapUrl === URL_FROM_STDIN && options.bootstrap !== true;
  const bootstrapUrl = waitsForUrl ? await urlOfStdin() : options.bootstrapUrl;
  if (waitsForUrl && bootstrapUrl === undefined) return;

  const started = await startNode({
    passphraseOf: () => passphrase.value,
    tls,
    allowsPlainToken: options.allowPlainToken ?? false,
    lab,
    host: options.host,
    port: options.port,
    advertise: options.advertise,
    dataDir: options.dataDir,
    isBootstrap: options.bootstrap ?? false,
    isObserver: options.observer ?? false,
    bootstrapUrl,
    founding: foundingChoiceOf(options),
    threads: options.threads,
    isMining: options.mine,
    hashRateLimit: options.hashRateLimit,
    joinToken,
    linkLatencyMs: options.linkLatency,
    linkLoss: options.linkLoss,
    version: VERSION,
    program: selfName(),
    logger,
    ...hooks,
  });
  if (!started.ok) {
    const { kind, code, text } = started.error;
    if (options.json) console.log(JSON.stringify({ event: "refused", code, text }));
    return failCommand(kind, text);
  }
  const output = printNode(started.value, {
    json: options.json ?? false,
    isBootstrapUrlAssumed: options.bootstrapUrl === undefined &&
      started.value.node.network === undefined,
    logger,
  });
  await untilStopped(started.value, output, options);
}

/** What a cluster that starts this node gives it; taken out of the environment at once. */
function labOf(): LabStart | undefined | "malformed" {
  const text = Deno.env.get(LAB_VARIABLE);
  if (text === undefined || text === "") return undefined;
  Deno.env.delete(LAB_VARIABLE);
  try {
    return labStartSchema.parse(JSON.parse(text));
  } catch {
    failCommand(
      "usage",
      `Cannot read ${LAB_VARIABLE}: got something else, wanted a cluster's word`,
    );
    return "malformed";
  }
}

/** Where TLS is served, if anywhere: 443 above the plain port. */
function tlsChoiceOf(options: NodeCommandOptions): TlsChoice | "half" | undefined {
  const { tlsCert: certPath, tlsKey: keyPath, port } = options;
  if (certPath === undefined && keyPath === undefined) return undefined;
  if (certPath === undefined || keyPath === undefined) return "half";
  return { certPath, keyPath, port: options.tlsPort ?? (port === 0 ? 0 : port + 443) };
}

async function untilStopped(
  node: RunningNode,
  output: NodeOutput,
  options: NodeCommandOptions,
): Promise<void> {
  let signals = 0;
  const stop = () => {
    if (++signals > 1) Deno.exit(130);
    setTimeout(endHard, STOP_MS_MAX);
    void node.stop();
  };
  Deno.addSignalListener("SIGINT", stop);
  if (Deno.build.os !== "windows") Deno.addSignalListener("SIGTERM", stop);
  if (options.exitWithParent) void stopWithStdin(node);

  const reason = await node.stopped;
  output.stopped(reason);
  if (reason.kind === "order") Deno.exit(0);
  console.error(reason.text);
  Deno.exit(EXIT_CODES[reason.kind]);
}

/** What is committed is on disk: an end by force loses nothing that was acknowledged. */
function endHard(): void {
  console.error(`Cannot stop in good order: the node had not ended after ${STOP_MS_MAX} ms`);
  Deno.exit(EXIT_CODES.internal);
}

/** A parent that is gone, however it went, has closed its end of the pipe. */
async function stopWithStdin(node: RunningNode): Promise<void> {
  const buffer = new Uint8Array(64);
  try {
    while (await Deno.stdin.read(buffer) !== null);
  } catch {
    // A broken pipe counts as the parent's end, too.
  }
  await node.stop();
}

/**
 * The URL that stdin's first line tells. Whoever starts many processes starts this one before it knows, since
 * most of a start is the program itself. `undefined` after a complaint.
 */
async function urlOfStdin(): Promise<string | undefined> {
  const line = await readLine();
  try {
    if (line !== undefined && line.trim() !== URL_FROM_STDIN) return nodeUrl(line.trim());
    failCommand("usage", "Cannot join a network: got no line on stdin, wanted http://host:port");
  } catch (error) {
    if (!(error instanceof InvalidArgumentError)) throw error;
    failCommand("usage", `Cannot join a network: ${error.message}`);
  }
  return undefined;
}

/** The first line of stdin; nothing where it ends before. */
async function readLine(): Promise<string | undefined> {
  const decoder = new TextDecoder();
  const buffer = new Uint8Array(LINE_SIZE_BYTES_MAX);
  let text = "";
  while (!text.includes("\n") && text.length < LINE_SIZE_BYTES_MAX) {
    const count = await Deno.stdin.read(buffer);
    if (count === null) return undefined;
    text += decoder.decode(buffer.subarray(0, count), { stream: true });
  }
  return text.split("\n", 1)[0];
}

/** The secret from the flag, the environment or the file; `undefined` after a complaint. */
async function joinTokenOf(options: NodeCommandOptions): Promise<string | undefined> {
  const { joinToken, joinTokenFile } = options;
  let token = joinToken ?? "";
  if (joinTokenFile !== undefined) {
    if (joinToken !== undefined) {
      failCommand(
        "usage",
        "Cannot start: got --join-token and --join-token-file, wanted one of them",
      );
      return undefined;
    }
    try {
      token = (await Deno.readTextFile(joinTokenFile)).trim();
    } catch {
      failCommand(
        "usage",
        `Cannot read the join token: got "${joinTokenFile}", wanted a file that can be read`,
      );
      return undefined;
    }
  }
  if (new TextEncoder().encode(token).length <= JOIN_TOKEN_SIZE_BYTES_MAX) return token;
  failCommand(
    "usage",
    `Cannot use the join token: it has more than ${JOIN_TOKEN_SIZE_BYTES_MAX} bytes`,
  );
  return undefined;
}

/** An option with a value; also a variable of the environment. */
function value<Flags extends string>(flags: Flags, description: string) {
  return new Option(flags, description).env(variableOf(flags));
}

/** A switch; its variable turns it on unless it is empty, `0`, `false`, `no` or `off`. */
function flag<Flags extends string>(flags: Flags, description: string) {
  const name = variableOf(flags);
  const text = Deno.env.get(name);
  if (text !== undefined && /^(?:|0|false|no|off)$/i.test(text)) Deno.env.delete(name);
  return new Option(flags, description).env(name);
}

/** The same for an option that was made elsewhere. */
function withVariable(option: Option): Option {
  const made = option.isBoolean() ? flag(option.flags, "") : value(option.flags, "");
  return option.env(made.envVar as string) as unknown as Option;
}

function variableOf(flags: string): string {
  const [, name = ""] = /--([a-z-]+)/.exec(flags) ?? [];
  return `NOOBCASH_${name.replaceAll("-", "_").toUpperCase()}`;
}

function nodeUrl(text: string): string {
  if (text === URL_FROM_STDIN) return text;
  const url = text.includes("://") ? text : `http://${text}`;
  const trimmed = url.replace(/\/$/, "");
  if (isNodeUrl(trimmed)) return trimmed;
  throw new InvalidArgumentError(`got "${text}", wanted http://host:port`);
}

/** What kind of key a folder has; a folder that cannot be read is refused later, with its reason. */
function peekKeyKind(dataDir: string): "plain" | "sealed" | undefined {
  try {
    return peekKey(dataDir)?.kind;
  } catch (error) {
    if (error instanceof StoreFailure) return undefined;
    throw error;
  }
}
