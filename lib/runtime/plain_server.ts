/**
 * Serves HTTP and WebSockets in clear, over connections that each have a bound.
 *
 * ```
 * connection → node:http: first request, within a time → answered → moved to the runtime's faster server
 *                       ↘ asks for a WebSocket: opened, and out of hand
 * ```
 *
 * A connection's first request is read by the server of `node:http`, which tells of every connection and
 * can open a WebSocket on it; later ones would cost twice as much there, so that a connection that goes on
 * is moved ({@link connectionServing}). Where a runtime cannot, it stays, and is slower. Whoever sends a
 * second request before the first is answered is not waited for: the connection is closed.
 *
 * @module
 */
import { getRequestListener } from "@hono/node-server";
import {
  createServer,
  type IncomingMessage,
  type Server,
  type ServerResponse,
  STATUS_CODES,
} from "node:http";
import { type AddressInfo, Socket } from "node:net";
import {
  type Connection,
  CONNECTION_LIMITS,
  Connections,
  isStream,
  type ServingOptions,
  type Upgrade,
} from "./connections.ts";
import { connectionServing, type ServeConnection } from "./serve_connection.ts";

export interface PlainServer {
  readonly port: number;
  /** Takes nobody in any more, and resolves when what was begun is answered and all are closed. */
  shutdown(): Promise<void>;
}

/** The part of a socket that the runtime keeps to itself. */
interface SocketHandle {
  readStop(): void;
  takeStream?(): number;
}

/** Listens; throws what `node:net` says when it cannot. */
export async function servePlain(
  { hostname, port }: { readonly hostname: string; readonly port: number },
  options: ServingOptions,
): Promise<PlainServer> {
  const connections = new Connections(options);
  const serve = connectionServing(connections, options);
  const bySocket = new Map<Socket, Connection>();
  const { firstRequestMsMax, restMsMax } = options.limits ?? CONNECTION_LIMITS;
  // Whoever offers HTTP/2 goes on as if it had not. The types do not know the option yet.
  const onlyWebSockets = {
    shouldUpgradeCallback: ({ headers }: IncomingMessage) =>
      headers.upgrade?.toLowerCase() === "websocket",
  };
  const server = createServer({
    ...onlyWebSockets,
    noDelay: true,
    headersTimeout: firstRequestMsMax,
    requestTimeout: 0,
    keepAliveTimeout: restMsMax,
  }, getRequestListener(answerFirst as never, { overrideGlobalObjects: false }));
  server.on("connection", take);
  server.on("upgrade", (request: IncomingMessage, socket: Socket, head: Uint8Array) => {
    void upgrade(request, socket, head).catch(() => socket.destroy());
  });
  try {
    await listen(server, hostname, port);
  } catch (error) {
    await connections.close();
    throw error;
  }
  return {
    port: (server.address() as AddressInfo).port,
    async shutdown() {
      if (connections.isClosing) return;
      server.close();
      await connections.close();
    },
  };

  function take(socket: Socket): void {
    const address = socket.remoteAddress ?? "";
    if (!connections.mayConnect(address)) return void socket.destroy();
    const connection = connections.take(address, {
      cancel: () => socket.destroy(),
      finish: () => {},
    });
    bySocket.set(socket, connection);
    socket.on("close", () => {
      bySocket.delete(socket);
      connections.forget(connection);
    });
  }

  async function answerFirst(
    request: Request,
    { incoming, outgoing }: { incoming: IncomingMessage; outgoing: ServerResponse },
  ): Promise<Response> {
    const { socket } = incoming;
    const connection = bySocket.get(socket);
    if (connection === undefined || connection.openCount > 0) {
      socket.destroy();
      return new Response(null, { status: 400 });
    }
    connections.begin(connection, request);
    let isResting = false;
    const rest = () => {
      if (!isResting) connections.rest(connection);
      isResting = true;
    };
    outgoing.once("close", rest);
    const address = socket.remoteAddress ?? "";
    const response = await options.handle(request, address);
    const isMoving = serve !== undefined && !connections.isClosing && !isStream(response) &&
      incoming.complete && outgoing.shouldKeepAlive &&
      response.headers.get("connection") !== "close";
    if (isMoving) {
      // What comes from now on is for the other server, and must not be read here.
      handleOf(socket)?.readStop();
      outgoing.prependOnceListener("finish", () => {
        if (move(socket, connection, { serve, address })) rest();
      });
    }
    return response;
  }

  /** Hands a connection over to the faster server; false, and it stays, when that cannot be. */
  function move(
    socket: Socket,
    connection: Connection,
    { serve, address }: { readonly serve: ServeConnection; readonly address: string },
  ): boolean {
    const handle = handleOf(socket);
    if (socket.destroyed || handle?.takeStream === undefined) return false;
    const localAddr: Deno.NetAddr = { transport: "tcp", hostname, port };
    const id = handle.takeStream();
    bySocket.delete(socket);
    Object.assign(socket, { _handle: null, destroyed: true });
    serve({ id, localAddr }, connection, address);
    return true;
  }

  /** Opens the WebSocket that a request asks for, or answers why not. */
  async function upgrade(
    incoming: IncomingMessage,
    socket: Socket,
    head: Uint8Array,
  ): Promise<void> {
    socket.on("error", () => {});
    const connection = bySocket.get(socket);
    if (connection === undefined) return void socket.destroy();
    const request = requestOf(incoming);
    connections.begin(connection, request);
    const open: Upgrade = (asked, { idleTimeout }) =>
      Deno.upgradeWebSocket(asked, { idleTimeout, socket, head });
    const response = await options.handle(request, socket.remoteAddress ?? "", open);
    if (response.status === 101) {
      bySocket.delete(socket);
      return connections.forget(connection);
    }
    const bytes = new Uint8Array(await response.arrayBuffer());
    const headers = [...response.headers].filter(([name]) =>
      name !== "connection" && name !== "content-length"
    );
    const lines = [
      `HTTP/1.1 ${response.status} ${STATUS_CODES[response.status] ?? ""}`,
      ...headers.map(([name, value]) => `${name}: ${value}`),
      ...[`content-length: ${bytes.length}`, "connection: close", "", ""],
    ];
    socket.write(lines.join("\r\n"));
    socket.end(bytes);
  }
}

async function listen(server: Server, hostname: string, port: number): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  server.once("error", reject);
  server.listen({ host: hostname, port }, resolve);
  await promise;
  server.off("error", reject);
  server.on("error", () => {});
}

function handleOf(socket: Socket): SocketHandle | null | undefined {
  return (socket as unknown as { readonly _handle?: SocketHandle | null })._handle;
}

/** A request without a body. */
function requestOf({ headers, method = "GET", url = "/" }: IncomingMessage): Request {
  const pairs = Object.entries(headers).flatMap(([name, value = []]) =>
    [value].flat().map((each): [string, string] => [name, each])
  );
  return new Request(new URL(url, `http://${headers.host ?? "node"}`), {
    method,
    headers: pairs,
  });
}
