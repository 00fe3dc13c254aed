/**
 * Which nodes have their data under the working folder, and which of them run: for a client that finds
 * nobody where it was told to look.
 *
 * Looks at names of folders and tries to connect, on this machine only; reads no key and no token.
 *
 * @module
 */
import { join } from "node:path";
import { DATA_FOLDER_ROOT } from "./token_file.ts";

/** A node of this machine. */
export interface NearbyNode {
  readonly port: number;
  readonly isRunning: boolean;
}

/** The most folders that are looked at. */
const NODES_MAX = 64;
const CONNECT_MS_MAX = 300;

/** Nodes with a folder `noobcash-data/node-<port>` here, by port. */
export async function findNearbyNodes(): Promise<readonly NearbyNode[]> {
  const ports = portsWithData();
  return await Promise.all(
    ports.map(async (port) => ({ port, isRunning: await isListening(port) })),
  );
}

/**
 * Says which nodes there are and how to reach or start one, in lines without a full stop.
 *
 * @param program how the reader calls this program
 * @example
 * ```ts
 * import { nearbyText } from "./nearby_nodes.ts";
 * import assert from "node:assert/strict";
 *
 * const found = [{ port: 5001, isRunning: true }, { port: 5002, isRunning: false }];
 * assert.deepEqual(nearbyText(found, { port: 5000, program: "noobcash" }), [
 *   "Found in noobcash-data: a node on port 5001 (runs), one on 5002 (stopped)",
 *   "Talk to one with --port 5001",
 *   "Start one with: noobcash node --port 5002",
 * ]);
 * ```
 */
export function nearbyText(
  found: readonly NearbyNode[],
  { port, program }: { readonly port: number; readonly program: string },
): readonly string[] {
  if (found.length === 0) {
    return [
      `Found no node in ${DATA_FOLDER_ROOT} here; start one with: ${program} node --bootstrap ` +
      `--nodes 1 --port ${port}`,
    ];
  }
  const list = found.map((node, index) =>
    `${index === 0 ? "a node on port" : "one on"} ${node.port} ` +
    `(${node.isRunning ? "runs" : "stopped"})`
  );
  const running = found.find((node) => node.isRunning);
  const stopped = found.filter((node) => !node.isRunning).map((node) => node.port);
  const startPort = stopped.includes(port) ? port : stopped[0];
  const advice = [
    ...(running === undefined ? [] : [`Talk to one with --port ${running.port}`]),
    ...(startPort === undefined ? [] : [`Start one with: ${program} node --port ${startPort}`]),
  ];
  return [`Found in ${DATA_FOLDER_ROOT}: ${list.join(", ")}`, ...advice];
}

function portsWithData(): number[] {
  const ports: number[] = [];
  try {
    for (const { name, isDirectory } of Deno.readDirSync(DATA_FOLDER_ROOT)) {
      const port = /^node-([1-9][0-9]{0,4})$/.exec(name)?.[1];
      if (isDirectory && port !== undefined && hasKey(name)) ports.push(Number(port));
    }
  } catch (error) {
    if (!isNoFolder(error)) throw error;
  }
  return ports.sort((a, b) => a - b).slice(0, NODES_MAX);
}

/** A folder without a token is no node's. */
function hasKey(name: string): boolean {
  try {
    return Deno.statSync(join(DATA_FOLDER_ROOT, name, "token")).isFile;
  } catch (error) {
    if (isNoFolder(error)) return false;
    throw error;
  }
}

async function isListening(port: number): Promise<boolean> {
  const signal = AbortSignal.timeout(CONNECT_MS_MAX);
  try {
    const response = await fetch(`http://127.0.0.1:${port}/api/v1/health`, { signal });
    await response.body?.cancel();
    return response.headers.get("content-type")?.startsWith("application/json") ?? false;
  } catch {
    return false;
  }
}

function isNoFolder(error: unknown): boolean {
  return error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory ||
    error instanceof Deno.errors.PermissionDenied;
}
