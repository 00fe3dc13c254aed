/**
 * Starts a whole node in this process, and stops it again.
 *
 * ```
 * port → data folder (lock, key, token) → store → node → peers, API, miner → "start"
 * ```
 *
 * The port comes first: a port that is taken changes nothing on disk, and the data folder's default name
 * is made from it. Knows every room and decides nothing: what the node wants is performed here, what
 * happens in the world is told to it. A node stops by order, by its own wish (`give-up`), or because the
 * machine or an invariant failed; each way frees what was taken, within two seconds.
 *
 * Called by `noobcash node` and by tests.
 *
 * @module
 */
import { join } from "node:path";
import { err, ok, type Result } from "../result.ts";
import { openDataFolder, type PassphraseSource } from "../store/data_folder.ts";
import { openSqliteStore, type SqliteStoreOptions } from "../store/sqlite_store.ts";
import { StoreFailure, storeFailureOf } from "../store/store_failure.ts";
import { ownUrlOf, type RoleChoice, roleOf } from "./node_options.ts";
import type { Logger } from "@logtape/logtape";
import { startTlsServer, type TlsChoice, type TlsServer } from "./tls_server.ts";
import type { ServingOptions } from "./connections.ts";
import { type HttpServer, serveHttp } from "./http_server.ts";
import { keepRunning } from "./keep_running.ts";
import { NodeDoors } from "./node_doors.ts";
import type { RunningNode, RunOptions } from "./run_node.ts";

export interface StartOptions extends RoleChoice, RunOptions {
  readonly host: string;
  /** 0: any free one. */
  readonly port: number;
  readonly advertise: string | undefined;
  /** Opens a key that is sealed. */
  readonly passphraseOf?: PassphraseSource | undefined;
  /** Serves the API over TLS as well, on a port of its own. */
  readonly tls?: TlsChoice | undefined;
  /** Accepts the token in clear from other machines. */
  readonly allowsPlainToken?: boolean;
  /** The default has the port in its name. */
  readonly dataDir: string | undefined;
  /** Where crash tests take hold of the store. */
  readonly store?: SqliteStoreOptions;
}

/** Why a node could not be started. */
export interface StartError {
  readonly code: string;
  readonly text: string;
  /** `usage`: another choice helps; `refused`: the folder or the port. */
  readonly kind: "usage" | "refused";
}

/** How long open requests may take when the node stops. */
const DRAIN_MS_MAX = 700;

export async function startNode(options: StartOptions): Promise<Result<RunningNode, StartError>> {
  const { logger } = options;
  const onDisk: { close(): void }[] = [];

  const doors = new NodeDoors();
  const server = await listen(
    options,
    options.allowsPlainToken === true ? doors.serving() : doors.servingInClear(),
  );
  if (!server.ok) return server;
  let tls: TlsServer | undefined;
  const closeAll = async () => {
    const servers = [{ close: () => server.value.shutdown() }, ...(tls === undefined ? [] : [tls])];
    await Promise.all(servers.map(drain));
    for (const part of onDisk.reverse()) part.close();
  };

  const { port } = server.value;
  const ownUrl = ownUrlOf({ ...options, port }, machineAddresses);
  if (!ownUrl.ok) {
    await closeAll();
    return err({ ...ownUrl.error, kind: "usage" });
  }
  const url = ownUrl.value;
  const dataDir = options.dataDir ?? join("noobcash-data", `node-${port}`);

  try {
    const folder = openDataFolder(dataDir, options.passphraseOf);
    onDisk.push(folder);
    const store = openSqliteStore(folder.databasePath, options.store);
    onDisk.push(store);
    for (const note of [...folder.notes, store.summary]) logger.info(note);
    doors.setToken(folder.token);
    for (const warning of folder.warnings) logger.warning(warning);

    const { keyPair } = folder;
    const snapshot = store.load();
    const own = { publicKey: keyPair.publicKey, membership: snapshot?.membership };
    const role = roleOf(options, own, options.clock?.wallMs() ?? Date.now());
    if (!role.ok) {
      await closeAll();
      return err({ ...role.error, kind: "usage" });
    }

    if (role.value.kind !== "bootstrap" && role.value.bootstrapUrl === url) {
      await closeAll();
      const text =
        `Cannot join a network: got this node's own address "${url}" for the bootstrap ` +
        "node, wanted --bootstrap-url of another one, or --bootstrap to found a network";
      return err({ code: "options-contradicted", text, kind: "usage" });
    }

    if (options.tls !== undefined) {
      const started = await startTlsServer(options.host, options.tls, doors.serving());
      if (!started.ok) {
        await closeAll();
        return err({ code: "tls-unusable", text: started.error, kind: "usage" });
      }
      tls = started.value;
      logger.info(`Serves the API over TLS on port ${tls.port}`, { tlsPort: tls.port });
      followHangups(tls, logger);
    }
    const resources = { url, port, dataDir, folder, store, role: role.value, closeAll };
    return ok(
      await keepRunning({ ...resources, strangersMs: doors.strangersMs }, options, {
        snapshot,
        setHandle: (answers) => doors.setAnswers(answers),
        setReserve: (isMemberAddress) => doors.setReserve(isMemberAddress),
      }),
    );
  } catch (thrown) {
    await closeAll();
    const error = storeFailureOf(thrown, `open the data folder "${dataDir}"`);
    if (!(error instanceof StoreFailure)) throw error;
    return err({ code: error.code, text: error.message, kind: "refused" });
  }
}

async function listen(
  { host, port }: { readonly host: string; readonly port: number },
  serving: ServingOptions,
): Promise<Result<HttpServer, StartError>> {
  try {
    return ok(await serveHttp({ hostname: host, port }, serving));
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "EADDRINUSE") {
      const text =
        `Cannot listen: got port ${port} of ${host}, which is in use, wanted a free one (--port)`;
      return err({ code: "port-in-use", text, kind: "refused" });
    }
    const reason = error instanceof Error ? error.message : String(error);
    const text = `Cannot listen: got "${reason}" for ${host}, wanted an address of this machine`;
    return err({ code: "address-unusable", text, kind: "usage" });
  }
}

/** Gives open requests some time to end. What is still open after that ends with the process. */
async function drain(server: { close(): Promise<void> }): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, DRAIN_MS_MAX);
  await Promise.race([server.close(), promise]);
  clearTimeout(timer);
}

/** A hangup renews the certificate. The signal's listener goes with the process. */
function followHangups(tls: TlsServer, logger: Logger): void {
  if (Deno.build.os === "windows") return;
  Deno.addSignalListener("SIGHUP", () => {
    const problem = tls.reload();
    if (problem === undefined) logger.info("Read the certificate again");
    else logger.error(problem);
  });
}

/** The addresses at which other machines may reach this one. */
function machineAddresses(): string[] {
  return Deno.networkInterfaces()
    .filter(({ family, address }) => family === "IPv4" && !address.startsWith("127."))
    .map(({ address }) => address);
}
