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
import type { Phase } from "../node/effect.ts";
import type { RunningNode, StopReason } from "../runtime/run_node.ts";

export interface NodeOutput {
  stopped(reason: StopReason): void;
}

export function printNode(node: RunningNode, { json }: { readonly json: boolean }): NodeOutput {
  if (json) return printJson(node);
  if (Deno.stdout.isTerminal()) return printText(node);
  return { stopped: () => {} };
}

function printJson(running: RunningNode): NodeOutput {
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
  });
  print({ event: "phase", phase: node.phase, id: node.network?.membership.id ?? null });
  running.subscribe((event) => {
    if (event.type !== "phase") return;
    print({ event: "phase", phase: event.phase, id: node.network?.membership.id ?? null });
  });
  return { stopped: ({ code, text }) => print({ event: "stopped", code, text }) };
}

function printText(running: RunningNode): NodeOutput {
  const { url, port, dataDir, keyPair, node } = running;
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
    ["try", `noobcash client --port ${port} balance`],
  ];
  for (const [name, text] of rows) console.log(`  ${styleText("dim", name!.padEnd(8))} ${text}`);
  printPhase(node.phase);
  running.subscribe((event) => {
    if (event.type === "phase") printPhase(event.phase);
  });
  return { stopped: () => console.log("Stopped") };

  function printPhase(phase: Phase): void {
    const { id, joined } = node.network?.membership ?? {};
    const who = id === undefined ? "This node" : `Node ${id}`;
    switch (phase) {
      case "joining":
        return console.log(
          role.kind === "bootstrap"
            ? "Founding the network …"
            : `Waiting for the bootstrap node at ${role.bootstrapUrl} …`,
        );
      case "waiting-for-ring":
        return console.log(
          role.kind === "bootstrap"
            ? `${who} waits for the others to join (${joined?.length ?? 1} of ${params?.nodes}) …`
            : `${who} has joined and waits for the others …`,
        );
      case "starting-up":
        return console.log(`${who} has the ring and waits for the first coins …`);
      case "ready":
        return console.log(`${who} is ready`);
    }
  }
}
