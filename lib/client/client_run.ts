/**
 * How a client command reaches its node, and how it ends: output or one line of error, and the exit code.
 *
 * Connection options are taken before and after the subcommand's name; the nearer one counts. With
 * `--json` exactly one JSON value goes to stdout, `{ "error": … }` for a refusal.
 *
 * @module
 */
import { Option } from "@commander-js/extra-typings";
import type { Command as PlainCommand } from "commander";
import type { ApiClient, ClientError } from "./api_client.ts";
import { findToken, isThisMachine } from "./token_file.ts";
import { err, ok, type Result } from "../result.ts";
import { EXIT_CODES } from "../terminal/fail_command.ts";
import { wholeNumber } from "../terminal/option_values.ts";
import { selfName } from "../terminal/self_command.ts";

/** The port of a node when nobody says. */
const CLIENT_PORT_DEFAULT = 5000;
const HOST_DEFAULT = "127.0.0.1";

/** What a command shows: JSON for programs, text for people. */
export interface Output {
  readonly json: unknown;
  readonly text: () => string | Promise<string>;
}

/** A mistake on the command line that only the command itself can find. */
export interface UsageError {
  readonly kind: "usage";
  readonly code: string;
  readonly message: string;
}

export type CommandResult = Result<Output, ClientError | UsageError>;

export interface Connection {
  readonly client: ApiClient;
  readonly url: string;
  readonly json: boolean;
  readonly tokenPath: string;
  readonly port: number;

  /** Tells whether the node is meant to be on this machine. */
  readonly isThisMachine: boolean;
}

/** The options that say which node is meant, as both `client` and its subcommands have them. */
export function connectionOptions({ isShown }: { readonly isShown: boolean }): Option[] {
  const options = [
    new Option("-p, --port <port>", `port of the node (default: ${CLIENT_PORT_DEFAULT})`)
      .argParser(wholeNumber(1, 65_535)),
    new Option("--host <name>", `host of the node (default: ${HOST_DEFAULT})`),
    new Option("--data-dir <folder>", "data folder of the node, for its token"),
    new Option("--token-file <file>", "file with the node's token"),
    new Option("--ca <file>", "call over TLS; who signed the node's certificate (PEM)"),
    new Option("--allow-plain-token", "send the token in clear to another machine"),
    new Option("--timeout <seconds>", "how long a call may take (default: 10)")
      .argParser(wholeNumber(1, 3600)),
    new Option("--json", "print JSON"),
  ];
  if (!isShown) { for (const option of options) option.hideHelp(); }
  return options as unknown as Option[];
}

/** Does a command's work and ends it as its result says. */
export async function runClient(
  command: unknown,
  act: (connection: Connection) => Promise<CommandResult>,
): Promise<void> {
  const connection = await connectionOf(command as PlainCommand);
  const result = await act(connection);
  if (result.ok) {
    const { json, text } = result.value;
    console.log(connection.json ? JSON.stringify(json) : await text());
  } else {
    await reportError(result.error, connection);
  }
}

/** Shows an answer: as it came with `--json`, else as text. */
export function show<T>(
  answer: Result<T, ClientError>,
  text: (value: T) => string | Promise<string>,
): CommandResult {
  if (!answer.ok) return answer;
  return ok({ json: answer.value, text: () => text(answer.value) });
}

export function usageError(code: string, message: string): CommandResult {
  return err({ kind: "usage", code, message });
}

/**
 * Finds out which node is meant: by options, by `NOOBCASH_…` variables, else by the defaults. Loads the
 * client only now: the program's other commands start without it.
 */
export async function connectionOf(command: PlainCommand): Promise<Connection> {
  const chain: PlainCommand[] = [];
  for (let next: PlainCommand | null = command; next !== null; next = next.parent) chain.push(next);
  const option = <T>(name: string): T | undefined => {
    for (const each of chain) {
      const value = each.getOptionValue(name);
      if (value !== undefined) return value as T;
    }
    return undefined;
  };

  const port = option<number>("port") ?? portOfEnvironment(command) ?? CLIENT_PORT_DEFAULT;
  const host = option<string>("host") ?? HOST_DEFAULT;
  const dataDir = option<string>("dataDir") ?? Deno.env.get("NOOBCASH_DATA_DIR");
  const tokenFile = option<string>("tokenFile") ?? Deno.env.get("NOOBCASH_TOKEN_FILE");
  const { path: tokenPath, token } = findToken({ tokenFile, dataDir, host, port });
  const ca = option<string>("ca") ?? Deno.env.get("NOOBCASH_CA");
  const caCert = ca === undefined ? undefined : readCa(ca);
  if (ca !== undefined && caCert === undefined) {
    return command.error(`error: Cannot read "${ca}": it holds no certificate in PEM form`);
  }
  const url = `${ca === undefined ? "http" : "https"}://${
    host.includes(":") ? `[${host}]` : host
  }:${port}`;
  if (!URL.canParse(url)) {
    return command.error(`error: Cannot call the node: got host "${host}", wanted a host name`);
  }
  const timeoutMs = 1000 * (option<number>("timeout") ?? 10);
  const { createApiClient } = await import("./api_client.ts");
  const client = createApiClient({
    url,
    token,
    timeoutMs,
    allowsPlainToken: option<boolean>("allowPlainToken") ?? false,
    ...(caCert !== undefined && { caCerts: [caCert] }),
  });
  const json = option<boolean>("json") ?? false;
  return { client, url, json, tokenPath, port, isThisMachine: isThisMachine(host) };
}

function readCa(path: string): string | undefined {
  try {
    const text = Deno.readTextFileSync(path);
    return text.includes("-----BEGIN CERTIFICATE-----") ? text : undefined;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound || error instanceof Deno.errors.PermissionDenied) {
      return undefined;
    }
    throw error;
  }
}

/** Says on stderr, in one line, why there is no result; with `--json` on stdout, too, as JSON. */
export async function reportError(
  error: ClientError | UsageError,
  connection: Connection,
): Promise<void> {
  const { kind, code, message } = error;
  const nearby = kind === "unreachable" && connection.isThisMachine
    ? await findNearby()
    : undefined;
  if (connection.json) {
    const evidence = kind === "refused"
      ? error.evidence
      : nearby === undefined
      ? {}
      : { nodesFound: nearby.found };
    console.log(JSON.stringify({ error: { code, message, evidence } }));
  } else {
    console.error(kind === "usage" || kind === "unreachable" ? message : `${message} (${code})`);
    if (kind === "unauthorised" && code !== "token-in-clear") {
      console.error(
        `The token is looked for in "${connection.tokenPath}"; --data-dir or --token-file say where else`,
      );
    }
    for (const line of nearby?.lines(connection.port) ?? []) console.error(line);
  }
  Deno.exitCode = exitCodeOf(kind);
}

/** Looks for nodes only when one is missing. */
async function findNearby() {
  const { findNearbyNodes, nearbyText } = await import("./nearby_nodes.ts");
  const found = await findNearbyNodes();
  return { found, lines: (port: number) => nearbyText(found, { port, program: selfName() }) };
}

function exitCodeOf(kind: ClientError["kind"] | UsageError["kind"]): number {
  switch (kind) {
    case "refused":
    case "unauthorised":
      return EXIT_CODES.refused;
    case "usage":
      return EXIT_CODES.usage;
    case "unreachable":
      return EXIT_CODES.unreachable;
    case "unexpected":
      return EXIT_CODES.internal;
  }
}

function portOfEnvironment(command: PlainCommand): number | undefined {
  const text = Deno.env.get("NOOBCASH_PORT");
  if (text === undefined || text === "") return undefined;
  if (/^[1-9][0-9]{0,4}$/.test(text) && Number(text) <= 65_535) return Number(text);
  return command.error(
    `error: Cannot read NOOBCASH_PORT: got "${text}", wanted a whole number of 1 to 65535`,
  );
}
