/**
 * What `noobcash node` prints on stdout: for people on a terminal, for programs with `--json`.
 *
 * The JSON lines are `listening` (once, first: the node can be called), `phase` (each time it changes),
 * and `stopped`. Everything else is asked of the API.
 *
 * @module
 */
import { styleText } from "node:util";
import { formatAddress } from "../crypto/address.ts";
import type { Logger } from "@logtape/logtape";
import type { Phase } from "../node/effect.ts";
import { joinedCountOf } from "../node/queries.ts";
import { clientHint } from "../runtime/client_hint.ts";
import type { RunningNode, StopReason } from "../runtime/run_node.ts";
import { selfName } from "../terminal/self_command.ts";

export interface NodeOutput {
  stopped(reason: StopReason): void;
}

/** What the output depends on, beside the node. */
export interface NodeOutputOptions {
  readonly json: boolean;

  /** Nobody has said where the bootstrap node is, and the data folder knows of no network. */
  readonly isBootstrapUrlAssumed: boolean;
  readonly logger: Logger;
}

/** How often a node that waits for others looks how many there are. */
const JOINED_CHECK_MS = 500;

export function printNode(node: RunningNode, options: NodeOutputOptions): NodeOutput {
  const assumption = options.isBootstrapUrlAssumed ? assumptionText(node) : undefined;
  if (options.json) return printJson(node, options);
  if (Deno.stdout.isTerminal()) return printText(node, assumption);
  if (assumption !== undefined) options.logger.warn(assumption);
  return { stopped: () => {} };
}

/** What a node does that was not told where to join, and the two options that would change it. */
function assumptionText({ node: { config: { role } } }: RunningNode): string | undefined {
  return role.kind === "bootstrap"
    ? undefined
    : `No bootstrap node is named: ${role.bootstrapUrl} is assumed. --bootstrap-url <url> joins ` +
      "another one, --bootstrap founds a network here";
}

function printJson(
  running: RunningNode,
  { isBootstrapUrlAssumed }: NodeOutputOptions,
): NodeOutput {
  const { url, port, dataDir, keyPair: { publicKey }, node } = running;
  const print = (line: Readonly<Record<string, unknown>>) => console.log(JSON.stringify(line));
  print({
    event: "listening",
    url,
    port,
    pid: Deno.pid,
    publicKey,
    address: formatAddress(publicKey),
    dataDir,
    role: node.config.role.kind,
    ...(node.config.role.kind !== "bootstrap" && {
      bootstrapUrl: node.config.role.bootstrapUrl,
      bootstrapUrlAssumed: isBootstrapUrlAssumed,
    }),
  });
  print({ event: "phase", phase: node.phase, id: node.network?.membership.id ?? null });
  running.subscribe((event) => {
    if (event.type !== "phase") return;
    print({ event: "phase", phase: event.phase, id: node.network?.membership.id ?? null });
  });
  return { stopped: ({ code, text }) => print({ event: "stopped", code, text }) };
}

function printText(running: RunningNode, assumption: string | undefined): NodeOutput {
  const { url, dataDir, keyPair, node } = running;
  const address = formatAddress(keyPair.publicKey);
  const { role } = node.config;
  const params = role.kind === "bootstrap" ? role.params : node.network?.params;
  const network = params === undefined
    ? role.kind === "bootstrap" ? "" : `joins through ${role.bootstrapUrl}`
    : `${params.nodes} node${
      params.nodes === 1 ? "" : "s"
    }, capacity ${params.capacity}, difficulty ${params.difficulty}` +
      (role.kind === "bootstrap" ? ", this one is the bootstrap node" : "");

  console.log(styleText("bold", `Noobcash node at ${url}`));
  const rows = [
    ["address", address],
    ["network", network],
    ["data", dataDir],
    ["API", `${url}/api/v1`],
    ["try", `${clientHint(selfName(), running)} balance`],
  ];
  for (const [name, text] of rows) console.log(`  ${styleText("dim", name!.padEnd(8))} ${text}`);
  if (assumption !== undefined) console.log(styleText("yellow", assumption));
  let joinedTold = 0;
  let joinedTimer: ReturnType<typeof setInterval> | undefined;
  printPhase(node.phase);
  running.subscribe((event) => {
    if (event.type === "phase") printPhase(event.phase);
  });
  return {
    stopped() {
      clearInterval(joinedTimer);
      console.log("Stopped");
    },
  };

  function printPhase(phase: Phase): void {
    const { id } = node.network?.membership ?? {};
    const who = id === undefined ? "This node" : `Node ${id}`;
    clearInterval(joinedTimer);
    switch (phase) {
      case "joining":
        return console.log(
          role.kind === "bootstrap"
            ? "Founding the network …"
            : `Waiting for the bootstrap node at ${role.bootstrapUrl} …`,
        );
      case "waiting-for-ring":
        printJoined(who);
        joinedTimer = setInterval(() => printJoined(who), JOINED_CHECK_MS);
        return;
      case "starting-up":
        return console.log(`${who} has the ring and waits for the first coins …`);
      case "ready":
        return console.log(`${who} is ready`);
    }
  }

  function printJoined(who: string): void {
    const joined = joinedCountOf(node);
    if (joined === joinedTold) return;
    joinedTold = joined;
    const verb = role.kind === "bootstrap" ? "waits" : "has joined and waits";
    const nodes = node.network?.params.nodes ?? "?";
    console.log(`${who} ${verb} for the others (${joined} of ${nodes} are here) …`);
  }
}
