/**
 * The API over TLS: a second listener beside the plain one, with a certificate that can be renewed.
 *
 * Links between nodes encrypt themselves and stay on the plain port; the token of the API crosses nothing
 * but loopback in clear unless the operator says so. A new certificate is read when the process is told
 * to (SIGHUP): new connections get it, those that are open end as they would have. One that cannot be used
 * changes nothing.
 *
 * @module
 */
import { createPrivateKey, X509Certificate } from "node:crypto";
import { err, ok, type Result } from "../result.ts";
import { Connections, type ServingOptions } from "./connections.ts";
import { connectionServing, resourceOf, type ServeConnection } from "./serve_connection.ts";

export interface TlsChoice {
  /** Files in PEM form. */
  readonly certPath: string;
  readonly keyPath: string;
  /** 0: any free one. */
  readonly port: number;
}

interface Pair {
  readonly cert: string;
  readonly key: string;
}

/** How long an address may still be taken after its listener was closed. */
const REBIND_MS_MAX = 2_000;
const REBIND_PAUSE_MS = 20;

/** After a failure to accept: how long until the next attempt. */
const ACCEPT_PAUSE_MS = 50;

/** Why TLS cannot be served: a sentence. */
export type TlsError = string;

export interface TlsServer {
  readonly port: number;
  /** Reads the files again; says why it goes on with what it had. */
  reload(): Promise<TlsError | undefined>;
  close(): Promise<void>;
}

export function startTlsServer(
  host: string,
  { certPath, keyPath, port }: TlsChoice,
  serving: ServingOptions,
): Result<TlsServer, TlsError> {
  const first = readPair(certPath, keyPath);
  if (!first.ok) return first;
  let pair = first.value;
  let server: TlsListener;
  try {
    server = listen(port, pair);
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error);
    return err(`Cannot serve TLS on port ${port}: got "${text}", wanted a free port (--tls-port)`);
  }
  const boundPort = server.port;
  const ending = new Set<Promise<void>>();
  return ok({
    port: boundPort,
    async reload() {
      const next = readPair(certPath, keyPath);
      if (!next.ok) return next.error;
      const old = server.shutdown();
      ending.add(old);
      void old.finally(() => ending.delete(old));
      pair = next.value;
      server = await rebind(boundPort, pair);
      return undefined;
    },
    async close() {
      await Promise.all([server.shutdown(), ...ending]);
    },
  });

  function listen(at: number, { cert, key }: Pair): TlsListener {
    const options = { hostname: host, port: at, cert, key, alpnProtocols: ["h2", "http/1.1"] };
    return serveTls(Deno.listenTls(options), serving);
  }

  async function rebind(at: number, next: Pair): Promise<TlsListener> {
    const untilMs = performance.now() + REBIND_MS_MAX;
    for (;;) {
      try {
        return listen(at, next);
      } catch (error) {
        if (!(error instanceof Deno.errors.AddrInUse) || performance.now() > untilMs) throw error;
        await new Promise((resolve) => setTimeout(resolve, REBIND_PAUSE_MS));
      }
    }
  }
}

interface TlsListener {
  readonly port: number;
  shutdown(): Promise<void>;
}

/** Serves what comes in; streams between nodes are not opened here. */
function serveTls(listener: Deno.TlsListener, serving: ServingOptions): TlsListener {
  const connections = new Connections(serving);
  const serve = connectionServing(connections, serving);
  const accepting = acceptAll();
  return {
    port: (listener.addr as Deno.NetAddr).port,
    async shutdown() {
      if (connections.isClosing) return;
      const closed = connections.close();
      listener.close();
      await Promise.all([closed, accepting]);
    },
  };

  async function acceptAll(): Promise<void> {
    while (!connections.isClosing) {
      try {
        take(await listener.accept(), serve);
      } catch {
        // Either there are no descriptors for a while, or the listener has ended.
        if (!connections.isClosing) {
          await new Promise((resolve) => setTimeout(resolve, ACCEPT_PAUSE_MS));
        }
      }
    }
  }

  function take(conn: Deno.TlsConn, serve: ServeConnection | undefined): void {
    const resource = resourceOf(conn);
    if (serve === undefined || resource === undefined) return conn.close();
    const { hostname } = conn.remoteAddr as Deno.NetAddr;
    if (!connections.mayConnect(hostname)) return conn.close();
    const close = () => closeOnce(conn);
    const connection = connections.take(hostname, { cancel: close, finish: close });
    // Who never shakes hands is given up like anybody else who says nothing. The runtime keeps the socket until
    // the other end closes it.
    void conn.handshake().then(() => serve(resource, connection, hostname)).catch(() => {
      close();
      connections.forget(connection);
    });
  }
}

function closeOnce(conn: Deno.Conn): void {
  try {
    conn.close();
  } catch (error) {
    // It has been closed before.
    if (!(error instanceof Deno.errors.BadResource)) throw error;
  }
}

/** Reads certificate and key, and whether they belong together. */
function readPair(certPath: string, keyPath: string): Result<Pair, TlsError> {
  const wanted = "a certificate and its key in PEM form";
  try {
    const cert = Deno.readTextFileSync(certPath);
    const key = Deno.readTextFileSync(keyPath);
    if (new X509Certificate(cert).checkPrivateKey(createPrivateKey(key))) return ok({ cert, key });
    return err(`Cannot use "${certPath}": the key in "${keyPath}" is not this certificate's`);
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error);
    return err(`Cannot use "${certPath}" and "${keyPath}": got "${text}", wanted ${wanted}`);
  }
}
