/**
 * A first look at what comes over a connection: payments in their plain form are answered at once, the
 * first request of any other kind hands the connection to the whole server, for good.
 *
 * ```
 * bytes → a whole plain payment, allowed → the node → one write → bytes …
 *       → a whole opening of a node → its handshake, or a late refusal → one write → bytes …
 *       ↘ anything else ───────────────→ the whole server, which reads these bytes first
 * ```
 *
 * The servers of `node:http` take 60 us of a request's processor time, however little there is to read of
 * it; this takes 10. Of payments the owner's alone are answered here: whoever shows no token, or a wrong one,
 * is told so by the whole server, which also reads all that is unusual. A connection that has been handed over
 * does not come back: its server may hold bytes of the next request.
 *
 * Bounds: one request at a time; of a body that is on its way the first piece is kept, and after the second
 * one it is whole or handed over; behind an answer that is on its way one piece is kept, and no more is read;
 * an answer to a stranger has to be read within a time; how long a connection may rest, `connections.ts` sees to.
 *
 * @module
 */
import { Buffer } from "node:buffer";
import { STATUS_CODES } from "node:http";
import type { Socket } from "node:net";
import type { PlainParts } from "../http/plain_answer.ts";
import { type Asked, type PlainHead, readPlainHead } from "../http/plain_request.ts";
import type { OpeningAnswer } from "../http/p2p_routes.ts";
import type { Connection, Connections, OpeningDoor, PlainDoor } from "./connections.ts";

export interface FirstLookOptions {
  readonly scheme: "http" | "https";
  readonly address: string;
  readonly connection: Connection;
  readonly connections: Pick<Connections, "begin" | "rest" | "send">;
  readonly door: PlainDoor;
  readonly openings: OpeningDoor | undefined;
  /** Whose bodies are waited for. */
  readonly isOwner: (request: Asked) => boolean;
  /** How long a connection may rest, for clients to know. */
  readonly restMsMax: number;
  /** Serves the connection from now on, what is handed over first. */
  readonly handOver: (bytes: Buffer) => void;
}

/** A head that has been read, and the text of it. */
interface ReadHead {
  readonly text: string;
  readonly head: PlainHead;
  readonly asked: Asked;
}

/** Looks at a connection that nobody reads yet. */
export function lookFirst(socket: Socket, options: FirstLookOptions): void {
  const { scheme, address, connection, connections, door, openings, isOwner, handOver } = options;
  const keepAlive = keepAliveOf(options.restMsMax);
  /** The beginning of a request whose body is on its way. */
  let begun: Buffer | undefined;
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
    if (isBusy) {
      early = early === undefined ? piece : Buffer.concat([early, piece]);
      socket.pause();
      return;
    }
    const bytes = begun === undefined ? piece : Buffer.concat([begun, piece]);
    const text = bytes.toString("latin1");
    const isKnown = last !== undefined && text.startsWith(last.text);
    const known = isKnown ? last : readHead(text, scheme, door.path);
    if (known === undefined) {
      const opening = openings && readHead(text, scheme, openings.path);
      return opening === undefined ? leave(bytes) : takeOpening(bytes, opening);
    }
    last = known;
    const { head, asked } = known;
    const missing = head.headSizeBytes + head.bodySizeBytes - bytes.length;
    if (missing > 0 && begun === undefined && isOwner(asked)) {
      begun = bytes;
      return connections.begin(connection, asked);
    }
    if (missing !== 0) return leave(bytes);
    const answer = door.answer(asked, bodyOf(bytes, text, head), address);
    if (answer === undefined) return leave(bytes);
    isBusy = true;
    if (begun === undefined) connections.begin(connection, asked);
    begun = undefined;
    void answer.then(send);
  }

  /** Strangers send many of these, several at a time: what comes behind one waits unread. */
  function takeOpening(bytes: Buffer, { head, asked }: ReadHead): void {
    const { headers, headSizeBytes, bodySizeBytes } = head;
    const { sizeBytesMax, answer } = openings as OpeningDoor;
    const sizeBytes = headSizeBytes + bodySizeBytes;
    const isWhole = bytes.length >= sizeBytes && bodySizeBytes <= sizeBytesMax;
    // A page of a browser is told off by the whole server.
    if (!isWhole || headers.has("origin") || headers.has("authorization")) return leave(bytes);
    const opening = new Uint8Array(bytes.subarray(headSizeBytes, sizeBytes));
    const answered = answer(opening, address);
    if (answered === undefined) return leave(bytes);
    isBusy = true;
    if (bytes.length > sizeBytes) {
      early = bytes.subarray(sizeBytes);
      socket.pause();
    }
    connections.begin(connection, asked);
    void answered.then(sendOpening);
  }

  function send({ status, headers, text }: PlainParts): void {
    const sizeBytes = Buffer.byteLength(text);
    const answer = headOf(status, headers, { sizeBytes, keepAlive }) + text;
    socket.write(answer, sizeBytes === text.length ? "latin1" : "utf8", () => {
      if (!goOn()) return;
      if (early !== undefined) leave(early);
      else if (hasEnded) socket.end();
    });
  }

  function sendOpening(answer: OpeningAnswer): void {
    const isLast = answer.headers["connection"] === "close";
    if (isLast) {
      stopTaking();
      socket.pause();
      early = undefined;
    }
    connections.send(connection);
    socket.write(bytesOf(answer, keepAlive), () => {
      if (!goOn()) return;
      if (isLast) return void socket.end(() => socket.destroy());
      const next = early;
      early = undefined;
      socket.resume();
      if (next !== undefined) take(next);
      else if (hasEnded) socket.end();
    });
  }

  /** The answer has left, or never will; tells whether anybody is there to ask on. */
  function goOn(): boolean {
    isBusy = false;
    connections.rest(connection);
    return !socket.destroyed;
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

function readHead(text: string, scheme: string, path: string): ReadHead | undefined {
  const head = readPlainHead(text, path);
  if (head === undefined) return undefined;
  const { headers, headSizeBytes } = head;
  const url = `${scheme}://${headers.get("host")}${path}`;
  if (!URL.canParse(url)) return undefined;
  const asked: Asked = {
    url,
    headers: { get: (name) => headers.get(name) ?? null },
  };
  return { text: text.slice(0, headSizeBytes), head, asked };
}

function keepAliveOf(restMsMax: number): string {
  const seconds = Math.floor(restMsMax / 1000);
  return `Connection: keep-alive\r\nKeep-Alive: timeout=${seconds}\r\n`;
}

/** An answer to an opening, whole. */
function bytesOf({ status, headers, body }: OpeningAnswer, keepAlive: string): Buffer {
  const bytes = Buffer.from(body as Uint8Array);
  const head = headOf(status, headers, { sizeBytes: bytes.length, keepAlive });
  return Buffer.concat([Buffer.from(head, "latin1"), bytes]);
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

/** A body as a text. */
function bodyOf(bytes: Buffer, text: string, { headSizeBytes }: PlainHead): string {
  const body = text.slice(headSizeBytes);
  // deno-lint-ignore no-control-regex -- These are the characters that have one byte in both encodings.
  return /^[\x00-\x7f]*$/.test(body) ? body : bytes.toString("utf8", headSizeBytes);
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
