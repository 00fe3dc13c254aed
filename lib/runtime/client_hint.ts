/**
 * How to talk to a running node from a terminal of its machine: the command as one would type it.
 *
 * @module
 */
import { join, resolve } from "node:path";

export interface HintedNode {
  readonly port: number;
  readonly dataDir: string;
}

/**
 * The client's command for a node, up to what it is to do. The client finds the token in the usual folder
 * by itself; any other folder has to be named.
 *
 * @param program how the reader calls this program
 * @example
 * ```ts
 * import { clientHint } from "./client_hint.ts";
 * import assert from "node:assert/strict";
 *
 * const usual = { port: 5001, dataDir: "noobcash-data/node-5001" };
 * assert.equal(clientHint("noobcash", usual), "noobcash client --port 5001");
 * assert.equal(
 *   clientHint("noobcash", { port: 5001, dataDir: "/var/my node" }),
 *   "noobcash client --port 5001 --data-dir '/var/my node'",
 * );
 * ```
 */
export function clientHint(program: string, { port, dataDir }: HintedNode): string {
  const base = `${program} client --port ${port}`;
  if (resolve(dataDir) === resolve(join("noobcash-data", `node-${port}`))) return base;
  return `${base} --data-dir ${quoted(resolve(dataDir))}`;
}

/** A word that a shell takes as it stands. */
function quoted(word: string): string {
  return /^[\w./:@%+=-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}
