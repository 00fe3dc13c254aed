/**
 * A first look at what comes over a connection: plain requests for which there is a door are answered at once,
 * the first request of any other kind hands the connection to the whole server, for good.
 *
 * ```
 * bytes → a whole plain request, its door takes it → answer → one write → bytes …
 *       ↘ anything else ──────────────────────────→ the whole server, which reads these bytes first
 * ```
 *
 * The servers of `node:http` take 60 us of a request's processor time, however little there is to read of
 * it; this takes 10. A connection that has been handed over does not come back: its server may hold bytes of
 * the next request.
 *
 * Bounds: one request at a time; of a body that is on its way the first piece is kept, where its door waits for
 * it, and after the second one it is whole or handed over; half of a first request that may rest is kept up to
 * the size of a whole one, for a third of what the whole server needs for it, and for as long as a connection may
 * say nothing; behind an answer that is on its way one piece is kept, and no more is read; an answer to a
 * stranger has to be read within a time; how long a connection may rest, `connections.ts` sees to.
 *
 * @module
 */
import { Buffer } from "node:buffer";
import { STATUS_CODES } from "node:http";
import type { Socket } from "node:net";
import type { PlainParts } from "../http/plain_answer.ts";
import type { PlainDoor, PlainRequest } from "../http/plain_doors.ts";
import { type Asked, type PlainHead, readPlainHead } from "../http/plain_request.ts";
import type { Connection, Connections } from "./connections.ts";

export interface FirstLookOptions {
  readonly scheme: "http" | "https";
  readonly address: string;
  readonly connection: Connection;
  readonly connections: Pick<Connections, "begin" | "rest" | "send" | "waitFor">;
  readonly doors: readonly PlainDoor[];
  /** How long a connection may rest, for clients to know. */
  readonly restMsMax: number;
  /** Serves the connection from now on, what is handed over first. */
  readonly handOver: (bytes: Buffer) => void;
}

/** A head that has been read, the text of it, and whose it is. */
interface ReadHead {
  readonly text: string;
  readonly head: PlainHead;
  readonly asked: Asked;
  readonly door: PlainDoor;
}

/** Looks at a connection that nobody reads yet. */
export function lookFirst(socket: Socket, options: FirstLookOptions): void {
  const { address, connection, connections, handOver } = options;
  const keepAlive = keepAliveOf(options.restMsMax);
  /** The beginning of a request whose body is on its way. */
  let begun: Buffer | undefined;
  /** The beginning of a first request that may rest. */
  let half: Buffer | undefined;
  /** What came before the last request was answered. */
  let early: Buffer | undefined;
  /** What was read last: programs send the same head again and again. */
  let last: ReadHead | undefined;
  let isBusy = false;
  let hasEnded = false;
  socket.on("error", () => {});
  socket.on("data", take);
  socket.on("end", end);

  function take(piece: Buffer): void {
    // What was read before it was closed may still come.
    if (socket.destroyed) return;
    if (isBusy) return wait(early === undefined ? piece : Buffer.concat([early, piece]));
    const before = begun ?? half;
    const bytes = before === undefined ? piece : Buffer.concat([before, piece]);
    half = undefined;
    const text = bytes.toString("latin1");
    const isKnown = last !== undefined && text.startsWith(last.text);
    const known = isKnown ? last : readHead(text, options);
    if (known === undefined) return leave(bytes);
    last = known;
    const { head: { headSizeBytes, bodySizeBytes }, asked, door } = known;
    if (bodySizeBytes > door.bodySizeBytesMax) return leave(bytes);
    const sizeBytes = headSizeBytes + bodySizeBytes;
    if (bytes.length < sizeBytes && begun === undefined && door.waitsFor(asked)) {
      begun = bytes;
      return connections.begin(connection, asked);
    }
    if (bytes.length < sizeBytes) {
      if (connection.isProven || !door.mayRest?.(asked)) return leave(bytes);
      half = bytes;
      return connections.waitFor(connection);
    }
    const answer = door.answer(requestOf(bytes, text, known), address);
    if (answer === undefined) return leave(bytes);
    isBusy = true;
    if (bytes.length > sizeBytes) wait(bytes.subarray(sizeBytes));
    if (begun === undefined) connections.begin(connection, asked);
    begun = undefined;
    void answer.then(send);
  }

  /** Keeps what came too early, and reads no more until it may be looked at. */
  function wait(bytes: Buffer): void {
    early = bytes;
    socket.pause();
  }

  function send(answer: PlainParts): void {
    const isLast = answer.headers["connection"] === "close";
    if (isLast) {
      stopTaking();
      socket.pause();
      early = undefined;
    }
    connections.send(connection);
    write(socket, answer, keepAlive, () => {
      // It has left, or never will.
      isBusy = false;
      connections.rest(connection);
      if (socket.destroyed) return;
      if (isLast) return void socket.end(() => socket.destroy());
      const next = early;
      early = undefined;
      if (next !== undefined) {
        socket.resume();
        take(next);
      } else if (hasEnded) socket.end();
    });
  }

  function stopTaking(): void {
    socket.off("data", take);
    socket.off("end", end);
  }

  function leave(bytes: Buffer): void {
    stopTaking();
    if (begun !== undefined) connections.rest(connection);
    handOver(bytes);
  }

  /** The other end asks nothing more; what it has asked is answered. */
  function end(): void {
    hasEnded = true;
    if (!isBusy) socket.end();
  }
}

/** Reads a head that one of the doors is for. */
function readHead(text: string, { scheme, doors }: FirstLookOptions): ReadHead | undefined {
  for (const door of doors) {
    const head = readPlainHead(text, door.path);
    if (head === undefined) continue;
    const { headers, headSizeBytes } = head;
    const url = `${scheme}://${headers.get("host")}${door.path}`;
    if (!URL.canParse(url)) return undefined;
    const asked: Asked = {
      url,
      headers: { get: (name) => headers.get(name) ?? null },
    };
    return { text: text.slice(0, headSizeBytes), head, asked, door };
  }
  return undefined;
}

/** A request whose bytes are all there; `text` is one character a byte of them. */
function requestOf(bytes: Buffer, text: string, { head, asked }: ReadHead): PlainRequest {
  const { headSizeBytes } = head;
  const end = headSizeBytes + head.bodySizeBytes;
  return {
    asked,
    bytes: () => new Uint8Array(bytes.subarray(headSizeBytes, end)),
    text() {
      const body = text.slice(headSizeBytes, end);
      // deno-lint-ignore no-control-regex -- These are the characters that have one byte in both encodings.
      return /^[\x00-\x7f]*$/.test(body) ? body : bytes.toString("utf8", headSizeBytes, end);
    },
  };
}

function keepAliveOf(restMsMax: number): string {
  const seconds = Math.floor(restMsMax / 1000);
  return `Connection: keep-alive\r\nKeep-Alive: timeout=${seconds}\r\n`;
}

/** Writes an answer whole; calls back when it has left, or never will. */
function write(
  socket: Socket,
  { status, headers, body }: PlainParts,
  keepAlive: string,
  onLeft: () => void,
): void {
  const sizeBytes = Buffer.byteLength(body);
  const head = headOf(status, headers, { sizeBytes, keepAlive });
  if (typeof body === "string") {
    const isAscii = sizeBytes === body.length;
    socket.write(head + body, isAscii ? "latin1" : "utf8", onLeft);
  } else {
    socket.write(Buffer.concat([Buffer.from(head, "latin1"), body]), onLeft);
  }
}

/** The head of an answer. */
function headOf(
  status: number,
  headers: Readonly<Record<string, string>>,
  { sizeBytes, keepAlive }: { readonly sizeBytes: number; readonly keepAlive: string },
): string {
  let head = `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ""}\r\n`;
  for (const name in headers) head += `${name}: ${headers[name]}\r\n`;
  const life = headers["connection"] === undefined ? keepAlive : "";
  return `${head}Content-Length: ${sizeBytes}\r\n${dateLine()}${life}\r\n`;
}

let dateAtSecond = -1;
let dateText = "";

/** The time, which every answer carries, written once a second. */
function dateLine(): string {
  const second = Math.floor(Date.now() / 1000);
  if (second !== dateAtSecond) {
    dateAtSecond = second;
    dateText = `Date: ${new Date(1000 * second).toUTCString()}\r\n`;
  }
  return dateText;
}
