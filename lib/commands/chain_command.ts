/**
 * `noobcash chain verify|export|import`: the chain as a whole, of a stopped node's folder or of a running
 * node.
 *
 * Progress goes to stderr and only on a terminal; the result goes to stdout, one JSON object with
 * `--json`. Exit codes: 0 valid or done, 1 refused with a code, 2 usage, 3 node unreachable.
 *
 * @module
 */
import { Command } from "@commander-js/extra-typings";
import { createApiClient } from "../client/api_client.ts";
import type { Result } from "../result.ts";
import {
  exportChain,
  type ExportReport,
  importChain,
  type ImportReport,
  type SourceChoice,
  verifyChain,
  type VerifyReport,
  type WorkError,
} from "../offline/chain_work.ts";
import { peekKey } from "../store/data_folder.ts";
import { StoreFailure } from "../store/store_failure.ts";
import { failCommand } from "../terminal/fail_command.ts";
import { passphraseOf } from "../terminal/passphrase.ts";
import { wholeNumber } from "../terminal/option_values.ts";

/** A running node may have to add up many coins before it answers. */
const TIMEOUT_MS = 60_000;
/** How often progress is drawn. */
const PROGRESS_INTERVAL_MS = 100;

interface SourceOptions {
  readonly dataDir?: string | undefined;
  readonly port?: number | undefined;
  readonly host: string;
}

export function chainCommand(): Command {
  const command = new Command("chain")
    .description("verify, export or import a whole chain")
    .addCommand(verifyCommand())
    .addCommand(exportCommand())
    .addCommand(importCommand());
  return command as unknown as Command;
}

function verifyCommand(): Command {
  const command = new Command("verify")
    .description("validate every block, signature and coin from genesis on")
    .option("--data-dir <folder>", "data folder of a node that is not running")
    .option("-p, --port <port>", "port of a running node", wholeNumber(1, 65_535))
    .option("--host <name>", "host of the running node", "127.0.0.1")
    .option("--threads <count>", "threads that verify; all cores", wholeNumber(1, 1_024))
    .option("--json", "print one JSON object", false)
    .action(async ({ threads, json, ...options }) => {
      const choice = choose(options);
      if (choice === undefined) return;
      const { onProgress, end } = progress("Verified");
      report(await verifyChain(choice, { threads, onProgress }).finally(end), json, verifiedText);
    });
  return command as unknown as Command;
}

function exportCommand(): Command {
  const command = new Command("export")
    .description("write a chain to a new file")
    .argument("<file>", "the file to write")
    .option("--data-dir <folder>", "data folder of a node that is not running")
    .option("-p, --port <port>", "port of a running node", wholeNumber(1, 65_535))
    .option("--host <name>", "host of the running node", "127.0.0.1")
    .option("--json", "print one JSON object", false)
    .action(async (file, { json, ...options }) => {
      const choice = choose(options);
      if (choice === undefined) return;
      const { onProgress, end } = progress("Read");
      report(await exportChain(choice, file, { onProgress }).finally(end), json, exportedText);
    });
  return command as unknown as Command;
}

function importCommand(): Command {
  const command = new Command("import")
    .description("validate a file's chain and keep it in a new data folder")
    .argument("<file>", "the file to read")
    .requiredOption("--data-dir <folder>", "the folder, which has no chain yet")
    .option("--observer", "the folder is one of an observer, which has no place in the ring", false)
    .option("--threads <count>", "threads that verify; all cores", wholeNumber(1, 1_024))
    .option("--json", "print one JSON object", false)
    .action(async (file, { dataDir, observer, threads, json }) => {
      const { onProgress, end } = progress("Imported");
      const passphrase = await passphraseOf({
        isWanted: isSealed(dataDir),
        variable: "NOOBCASH_PASSPHRASE",
        question: `Passphrase of the key in "${dataDir}"`,
      });
      if (!passphrase.ok) return failCommand("usage", passphrase.error);
      const work = importChain(file, dataDir, {
        threads,
        onProgress,
        isObserver: observer,
        passphraseOf: () => passphrase.value,
      });
      const imported = await work.finally(end);
      report(imported, json, importedText);
    });
  return command as unknown as Command;
}

/** The one chain that the options name; a usage error when they name none or two. */
function choose({ dataDir, port, host }: SourceOptions): SourceChoice | undefined {
  if (dataDir !== undefined && port === undefined) return { dataDir };
  if (dataDir === undefined && port !== undefined) {
    const url = `http://${host.includes(":") ? `[${host}]` : host}:${port}`;
    if (URL.canParse(url)) {
      return { client: createApiClient({ url, timeoutMs: TIMEOUT_MS }) };
    }
    failCommand("usage", `Cannot call the node: got host "${host}", wanted a host name`);
    return undefined;
  }
  const got = dataDir === undefined ? "neither" : "both";
  failCommand("usage", `Cannot choose a chain: got ${got} of --data-dir and --port, wanted one`);
  return undefined;
}

function report<T>(
  result: Result<T, WorkError>,
  json: boolean,
  text: (value: T) => string,
): void {
  if (result.ok) {
    console.log(json ? JSON.stringify(result.value) : text(result.value));
    return;
  }
  const { kind, code, message, evidence } = result.error;
  if (json) console.log(JSON.stringify({ error: { code, message, evidence } }, withBigInts));
  failCommand(kind, `${message} (${code})`);
}

function verifiedText(verified: VerifyReport): string {
  const { source, height, tip, transactions, utxoCount, supply, seconds, txPerSecond } = verified;
  return `The chain of ${source} is valid
  height       ${height}
  tip          ${tip}
  transactions ${transactions}, every signature verified
  supply       ${supply} NBC in ${utxoCount} unspent outputs, as it should be
  commitment   ${verified.utxoCommitment}, as stored
  took         ${seconds} s, ${txPerSecond} transactions/s`;
}

function exportedText({ source, file, height, sizeBytes }: ExportReport): string {
  return `Wrote ${height} blocks of ${source} to "${file}", ${sizeBytes} bytes`;
}

function importedText(imported: ImportReport): string {
  const { source, dataDir, height, transactions, seconds, nodeId, startWith } = imported;
  const place = nodeId === null
    ? "The folder's key has no place in the ring"
    : `The folder's key is node ${nodeId}`;
  const flags = startWith.length === 0 ? "as before" : `with ${startWith.join(" and ")}`;
  return `Imported ${height} blocks with ${transactions} transactions from ${source} to ` +
    `"${dataDir}", all of them validated, in ${seconds} s\n${place}: start it ${flags}`;
}

/** A folder that cannot be read is refused later, with its reason. */
function isSealed(dataDir: string): boolean {
  try {
    return peekKey(dataDir)?.kind === "sealed";
  } catch (error) {
    if (error instanceof StoreFailure) return false;
    throw error;
  }
}

/** Draws how far the work is on stderr, when that is a terminal. */
function progress(verb: string) {
  if (!Deno.stderr.isTerminal()) return { end: () => {} };
  const encoder = new TextEncoder();
  let drawnMs = 0;
  return {
    onProgress(height: number, heightMax: number | undefined) {
      const nowMs = performance.now();
      if (nowMs - drawnMs < PROGRESS_INTERVAL_MS) return;
      drawnMs = nowMs;
      const of = heightMax === undefined ? "" : ` of ${heightMax}`;
      Deno.stderr.writeSync(encoder.encode(`\r${verb} ${height}${of} blocks\x1b[K`));
    },
    end() {
      Deno.stderr.writeSync(encoder.encode("\r\x1b[K"));
    },
  };
}

function withBigInts(_key: string, value: unknown): unknown {
  return typeof value === "bigint" ? value.toString() : value;
}
