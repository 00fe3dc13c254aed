/**
 * Serves HTTP over connections that each have a bound: in clear with WebSockets, over TLS without.
 *
 * ```
 * connection (→ handshake) → first request, within a time → answered → rests → next request …
 *                          ↘ asks for a WebSocket: opened, and out of hand
 * ```
 *
 * Where there are doors for plain requests, they have the first look at each connection (`first_look.ts`), and
 * the server gets those that want anything else.
 *
 * `Deno.serve` closes neither idle connections nor half-sent headers and tells nobody of either, and it does
 * not let go of a connection that never shakes hands. The servers of `node:http` and `node:https` do all
 * three, at about twice the price of a small request; what they have read of a connection cannot be handed
 * to a cheaper one without losing bytes that are under way.
 *
 * @module
 */
import { getRequestListener } from "@hono/node-server";
import { RESPONSE_ALREADY_SENT } from "@hono/node-server/utils/response";
import { Buffer } from "node:buffer";
import {
  createServer,
  type IncomingMessage,
  type Server,
  type ServerResponse,
  STATUS_CODES,
} from "node:http";
import { createServer as createTlsServer, type Server as TlsServer } from "node:https";
import { type AddressInfo, Socket } from "node:net";
import { plainPartsOf } from "../http/plain_answer.ts";
import { openBoundedSocket } from "./bounded_socket.ts";
import {
  type Connection,
  CONNECTION_LIMITS,
  type ConnectionLimits,
  Connections,
  isStream,
  type ServingOptions,
  type Upgrade,
} from "./connections.ts";
import { lookFirst } from "./first_look.ts";

/** Requests that a connection may have open. Who waits for each answer has two at most, for a moment. */
export const OPEN_REQUESTS_MAX = 4;

/** A certificate and its key, in PEM form. */
export interface CertificatePair {
  readonly cert: string;
  readonly key: string;
}

export interface HttpServer {
  readonly port: number;
  /** New connections get this certificate; those that are open end as they would have. */
  useCertificate(pair: CertificatePair): void;
  /** Takes nobody in any more, and resolves when what was begun is answered and all are closed. */
  shutdown(): Promise<void>;
}

/** The part of a socket that the runtime keeps to itself. */
interface SocketHandle {
  readStop(): void;
}

/** Listens; throws what `node:net` says when it cannot. */
export async function serveHttp(
  { hostname, port, pair }: {
    readonly hostname: string;
    readonly port: number;
    /** With it the server speaks TLS. */
    readonly pair?: CertificatePair;
  },
  options: ServingOptions,
): Promise<HttpServer> {
  const connections = new Connections(options);
  const bySocket = new Map<Socket, Connection>();
  const listener = getRequestListener(answer as never, { overrideGlobalObjects: false });
  const server = createServerOf(pair, options.limits ?? CONNECTION_LIMITS, listener);
  // What the server does with a connection on which requests come; it waits for the first look.
  const asking = pair === undefined ? "connection" : "secureConnection";
  const [serve = () => {}] = server.listeners(asking) as ((socket: Socket) => void)[];
  server.removeAllListeners(asking);
  const open = (socket: Socket, connection: Connection) =>
    openTo(socket, connection, { connections, options, serve: (it) => serve.call(server, it) });
  const unshaken = new Map<string, Connection>();
  server.on("connection", (socket: Socket) => {
    const connection = take(socket);
    if (connection !== undefined && pair === undefined) open(socket, connection);
  });
  server.on("secureConnection", (socket: Socket) => {
    const connection = unshaken.get(peerOf(socket));
    if (connection === undefined) return void socket.destroy();
    bySocket.set(socket, connection);
    socket.on("close", () => bySocket.delete(socket));
    open(socket, connection);
  });
  server.on("tlsClientError", (_: Error, socket: Socket) => socket.destroy());
  server.on("upgrade", (request: IncomingMessage, socket: Socket, head: Uint8Array) => {
    stopReading(socket);
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
    useCertificate: (next) => (server as TlsServer).setSecureContext(next),
    async shutdown() {
      if (connections.isClosing) return;
      server.close();
      await connections.close();
    },
  };

  function take(socket: Socket): Connection | undefined {
    const address = socket.remoteAddress ?? "";
    if (!connections.mayConnect(address)) return void socket.destroy();
    const connection = connections.take(address, {
      cancel: () => socket.destroy(),
      finish: () => {},
    });
    // Requests come over another socket once hands are shaken: it is known by the other end's name.
    const peer = peerOf(socket);
    if (pair === undefined) bySocket.set(socket, connection);
    else unshaken.set(peer, connection);
    socket.on("error", () => {});
    socket.on("close", () => {
      bySocket.delete(socket);
      unshaken.delete(peer);
      connections.forget(connection);
    });
    return connection;
  }

  async function answer(
    request: Request,
    { incoming, outgoing }: { incoming: IncomingMessage; outgoing: ServerResponse },
  ): Promise<Response> {
    const { socket } = incoming;
    const connection = bySocket.get(socket);
    if (connection === undefined || connection.openCount >= OPEN_REQUESTS_MAX) {
      socket.destroy();
      return new Response(null, { status: 400 });
    }
    // The listener looks at its characters alone; whoever reads the request's URL would throw.
    if (!URL.canParse(`http://${incoming.headers.host}/`)) {
      return new Response(null, { status: 400 });
    }
    const whole = wholeRequest(request, incoming);
    if (whole === undefined) return new Response(null, { status: 501 });
    connections.begin(connection, whole);
    outgoing.once("close", () => connections.rest(connection));
    const response = await options.handle(whole, socket.remoteAddress ?? "");
    if (isStream(response)) return response;
    connections.send(connection);
    await send(response, outgoing);
    return RESPONSE_ALREADY_SENT;
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
    const { open, hasOpened } = openerOf(incoming, socket, head);
    const response = await options.handle(request, socket.remoteAddress ?? "", open);
    if (hasOpened()) {
      bySocket.delete(socket);
      return connections.forget(connection);
    }
    await endWith(socket, response);
    connections.rest(connection);
  }
}

/** What opens a WebSocket over a connection that asks for one. */
function openerOf(incoming: IncomingMessage, socket: Socket, head: Uint8Array) {
  let isOpen = false;
  const open: Upgrade = (asked, { idleTimeout, mayKeep }) => {
    const opened = mayKeep === undefined
      ? Deno.upgradeWebSocket(asked, { idleTimeout, socket, head })
      : openBoundedSocket(incoming, { socket, head, mayKeep });
    isOpen = opened !== undefined;
    return opened;
  };
  return { open, hasOpened: () => isOpen };
}

/** Lets requests come: to the doors for plain ones first, if there are any. */
function openTo(
  socket: Socket,
  connection: Connection,
  { connections, options, serve }: {
    readonly connections: Connections;
    readonly options: ServingOptions;
    readonly serve: (socket: Socket) => void;
  },
): void {
  const { doors = [], limits = CONNECTION_LIMITS } = options;
  if (doors.length === 0) return serve(socket);
  lookFirst(socket, {
    scheme: "encrypted" in socket ? "https" : "http",
    address: socket.remoteAddress ?? "",
    connection,
    connections,
    doors,
    restMsMax: limits.restMsMax,
    handOver(bytes) {
      serve(socket);
      socket.emit("data", bytes);
      // A connection that has become a WebSocket is not read here any more: it has no such listener.
      if (socket.isPaused() && socket.listenerCount("data") > 0) socket.resume();
    },
  });
}

/**
 * Writes an answer that has an end in one piece. The listener would read it bit by bit, with timers between,
 * because it cannot know that there is one.
 */
async function send(response: Response, outgoing: ServerResponse): Promise<void> {
  const parts = plainPartsOf(response);
  if (parts !== undefined) {
    const { status, headers, body } = parts;
    outgoing.writeHead(status, { ...headers, "Content-Length": Buffer.byteLength(body) });
    return void outgoing.end(body);
  }
  const { status, headers } = response;
  const bytes = new Uint8Array(await response.arrayBuffer());
  for (const [name, value] of headers) outgoing.appendHeader(name, value);
  if (bytes.length > 0) outgoing.setHeader("content-length", bytes.length);
  outgoing.statusCode = status;
  outgoing.end(bytes);
}

/** A server that closes by itself whoever takes too long over a request's headers, or rests for too long. */
function createServerOf(
  pair: CertificatePair | undefined,
  { firstRequestMsMax, restMsMax }: ConnectionLimits,
  listener: ReturnType<typeof getRequestListener>,
): Server | TlsServer {
  // Whoever offers HTTP/2 goes on as if it had not. The types do not know the option yet.
  const onlyWebSockets = {
    shouldUpgradeCallback: ({ headers }: IncomingMessage) =>
      pair === undefined && headers.upgrade?.toLowerCase() === "websocket",
  };
  const settings = {
    ...onlyWebSockets,
    noDelay: true,
    headersTimeout: firstRequestMsMax,
    requestTimeout: 0,
    keepAliveTimeout: restMsMax,
  };
  return pair === undefined
    ? createServer(settings, listener)
    : createTlsServer({ ...settings, ...pair }, listener);
}

/** Writes an answer to a connection that the server has let go of, and ends it. */
async function endWith(socket: Socket, response: Response): Promise<void> {
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
  // Nothing is read of it any more, so it would not hear of the other end's end.
  socket.end(bytes, () => socket.destroy());
}

/** The other end of a connection, as no other one of this server has it at the same time. */
function peerOf({ remoteAddress, remotePort }: Socket): string {
  return `${remoteAddress} ${remotePort}`;
}

async function listen(server: Server | TlsServer, hostname: string, port: number): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  server.once("error", reject);
  server.listen({ host: hostname, port }, resolve);
  await promise;
  server.off("error", reject);
  server.on("error", () => {});
}

/**
 * Leaves what comes next to whoever the connection is handed to. It works in the event that tells of the
 * upgrade alone: later the next read is under way, and what it brings would be lost.
 */
function stopReading(socket: Socket): void {
  (socket as unknown as { readonly _handle?: SocketHandle | null })._handle?.readStop();
}

/**
 * The listener's requests are cheaper than the runtime's, and the runtime cannot copy them: whoever bounds a
 * body of unknown length does that. So such a request becomes one of the runtime's; `undefined` for a method
 * that those do not know.
 */
function wholeRequest(request: Request, incoming: IncomingMessage): Request | undefined {
  const { method = "GET", headers } = incoming;
  if (method === "GET" || method === "HEAD") return request;
  if (/^(?:connect|trace|track)$/i.test(method)) return undefined;
  const hasChunks = headers["transfer-encoding"] !== undefined;
  if (headers["content-length"] !== undefined && !hasChunks) return request;
  const bare = requestOf(incoming);
  return hasChunks
    ? new Request(bare, { body: request.body, duplex: "half" } as RequestInit)
    : bare;
}

/** A request without a body. */
function requestOf({ headers, method = "GET", url = "/", socket }: IncomingMessage): Request {
  const scheme = "encrypted" in socket ? "https" : "http";
  const pairs = Object.entries(headers).flatMap(([name, value = []]) =>
    [value].flat().map((each): [string, string] => [name, each])
  );
  return new Request(new URL(url, `${scheme}://${headers.host ?? "node"}`), {
    method,
    headers: pairs,
  });
}
