/**
 * The adapter of this very program.
 *
 * @module
 */
import { dirname } from "node:path";
import { selfCommand } from "../../terminal/self_command.ts";

/** Its text, for the program that runs now. */
export function noobcashAdapter(): string {
  const { file, args } = selfCommand();
  const self = JSON.stringify([file, ...args]).slice(1, -1).replaceAll(",", ", ");
  const folders = [dirname(Deno.realPathSync(file)), ...sourceFolders(args), ...cacheFolders()];
  const common =
    '--json, --port, "{{port}}", --host, "{{host}}", --data-dir, "{{folder}}/data", --allow-plain-token, --threads, "1", --hash-rate-limit, 500kH/s';
  const environment = cacheFolders().map((folder) => `DENO_DIR: ${JSON.stringify(folder)}`).join(
    ", ",
  );
  const door = selfCommand(["--allow-run"]);
  const doorCommand = JSON.stringify([door.file, ...door.args, "conform", "door"]);
  return `# This program's own nodes, graded as a black box.
adapter: 1
name: noobcash
network: addresses
readable: ${JSON.stringify(folders)}
start:
  bootstrap:
    run: [${self}, node, --bootstrap, --nodes, "{{nodes}}", --capacity, "{{capacity}}", --difficulty, "{{difficulty}}", --block-wait, 300ms, ${common}]
    env: {${environment}}
  others:
    run: [${self}, node, --bootstrap-url, "{{bootstrapUrl}}", ${common}]
    env: {${environment}}
ready:
  http: {path: /api/v1/health}
  timeout: 60s
restart: true
balanceCounts: confirmed
parameters:
  capacity: any
  difficulty: {usual: 4, easy: 2, hard: 5.25}
  partialBlocks: true
files:
  token: "{{folder}}/data/token"
program:
  run: ${doorCommand}
operations:
  id:
    http: {path: /api/v1/status}
    value: wallet.nodeId
  address:
    http: {path: /api/v1/status}
    value: wallet.address
  pay:
    http:
      method: POST
      path: /api/v1/payments
      headers: {authorization: "Bearer {{token}}"}
      json: {to: "{{to}}", amount: "{{amount}}"}
    accepted: status = 202
  balance:
    http: {path: /api/v1/balances/self}
    value: confirmed
  balances:
    http: {path: /api/v1/balances}
    value: 'balances.{"wallet": wallet.address, "balance": confirmed}'
  lastTransactions:
    http: {path: /api/v1/transactions}
    value: 'transactions.{"id": txid, "sender": sender.address, "receiver": receiver.address, "amount": amount}'
  peers:
    http: {path: /api/v1/ring}
    value: $count(nodes)
  chain: {program: true}
  forge: {program: true, timeout: 90s}
peerDoors: [/p2p/v2/handshake, /api/v1/transactions, /api/v1/blocks]
limits: {memory: 2GB, processes: 200}
`;
}

/** From source, the folder of the sources. */
function sourceFolders(args: readonly string[]): readonly string[] {
  const entry = args.find((word) => word.startsWith("file:"));
  return entry === undefined ? [] : [dirname(new URL(entry).pathname)];
}

/** Where Deno keeps what it has compiled; a packed or compiled program needs none. */
function cacheFolders(): readonly string[] {
  if (selfCommand().args.length === 0) return [];
  const home = Deno.env.get("HOME") ?? "/root";
  return [Deno.env.get("DENO_DIR") ?? `${Deno.env.get("XDG_CACHE_HOME") ?? `${home}/.cache`}/deno`];
}
