/**
 * Serves HTTP over one connection with what the runtime's own server is made of, at its price.
 *
 * `Deno.serve` closes neither idle connections nor half-sent headers and tells nobody of either. The
 * function that it stands on takes single connections, but is no documented one: {@link connectionServing}
 * answers nothing where a runtime does not have it. No WebSocket is opened: the runtime closes those of a
 * server with the server, and here the server ends as soon as its one connection has become a WebSocket.
 *
 * @module
 */
import { type Connection, type Connections, isStream, type ServingOptions } from "./connections.ts";

/** Serves a connection from now on. */
export type ServeConnection = (
  resource: ConnectionResource,
  connection: Connection,
  hostname: string,
) => void;

/** What the runtime knows a connection by. */
export interface ConnectionResource {
  readonly id: number;
  readonly localAddr: Deno.Addr;
}

interface HandlerInfo {
  /** Settles when the answer is sent. */
  readonly completed: Promise<void>;
}

interface Served {
  readonly finished: Promise<void>;
  shutdown(): Promise<void>;
}

type RuntimeServe = (
  connection: object,
  signal: { addEventListener(type: "abort", cancel: () => void): void },
  handle: (request: Request, info: HandlerInfo) => Promise<Response>,
  onError: (error: unknown) => Response,
  onListen: () => void,
) => Served;

/** Makes the function that serves connections, if this runtime can. */
export function connectionServing(
  connections: Connections,
  { handle }: Pick<ServingOptions, "handle">,
): ServeConnection | undefined {
  const internals = internalsOf();
  if (internals === undefined) return undefined;
  const { serve, idSymbol } = internals;
  return ({ id, localAddr }, connection, hostname) => {
    let cancel = () => {};
    const served = serve(
      { [idSymbol]: id, localAddr },
      { addEventListener: (_, whenAborted) => cancel = whenAborted },
      (request, info) => answer(connection, hostname, request, info),
      () => new Response(null, { status: 500 }),
      () => {},
    );
    connection.cancel = () => {
      try {
        cancel();
      } catch (error) {
        // It has ended by itself, and is about to say so.
        if (!(error instanceof Deno.errors.BadResource)) throw error;
      }
    };
    connection.finish = () => void served.shutdown().catch(() => {});
    void served.finished.catch(() => {}).finally(() => connections.forget(connection));
  };

  async function answer(
    connection: Connection,
    hostname: string,
    request: Request,
    info: HandlerInfo,
  ): Promise<Response> {
    connections.begin(connection, request);
    let isOpen = false;
    try {
      const response = await handle(request, hostname);
      isOpen = isStream(response);
      // Open until it ends, however its end comes.
      if (isOpen) void info.completed.catch(() => {}).finally(() => connections.rest(connection));
      return response;
    } finally {
      if (!isOpen) connections.rest(connection);
    }
  }
}

/** The runtime's number of a connection. */
export function resourceOf(connection: Deno.Conn): ConnectionResource | undefined {
  const internals = internalsOf();
  const id = internals && (connection as unknown as Record<symbol, unknown>)[internals.idSymbol];
  return typeof id === "number" ? { id, localAddr: connection.localAddr } : undefined;
}

function internalsOf(): { readonly serve: RuntimeServe; readonly idSymbol: symbol } | undefined {
  const runtime = Deno as unknown as Record<symbol, Record<string, unknown>>;
  const internal = runtime[(Deno as unknown as { readonly internal: symbol }).internal];
  const serve = internal?.["serveHttpOnConnection"];
  const idSymbol = (internal?.["core"] as Record<string, unknown> | undefined)
    ?.["internalRidSymbol"];
  return typeof serve === "function" && typeof idSymbol === "symbol"
    ? { serve: serve as RuntimeServe, idSymbol }
    : undefined;
}
