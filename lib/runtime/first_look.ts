/**
 * A first look at what comes over a connection: payments in their plain form are answered at once, the
 * first request of any other kind hands the connection to the whole server, for good.
 *
 * ```
 * bytes → a whole plain payment, allowed → the node → one write → bytes …
 *       ↘ anything else ───────────────→ the whole server, which reads these bytes first
 * ```
 *
 * The servers of `node:http` take 60 us of a request's processor time, however little there is to read of
 * it; this takes 10. The owner's alone are answered here: whoever shows no token, or a wrong one, is told so
 * by the whole server, which also reads all that is unusual. A connection that has been handed over does not
 * come back: its server may hold bytes of the next request.
 *
 * Bounds: one request at a time; of a body that is on its way the first piece is kept, and after the second
 * one it is whole or handed over; how long a connection may rest, `connections.ts` sees to.
 *
 * @module
 */
import { Buffer } from "node:buffer";
import { STATUS_CODES } from "node:http";
import type { Socket } from "node:net";
import type { PlainParts } from "../http/plain_answer.ts";
import { type Asked, type PlainHead, readPlainHead } from "../http/plain_request.ts";
import type { Connection, Connections, PlainDoor } from "./connections.ts";

export interface FirstLookOptions {
  readonly scheme: "http" | "https";
  readonly address: string;
  readonly connection: Connection;
  readonly connections: Pick<Connections, "begin" | "rest">;
  readonly door: PlainDoor;
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
  const { scheme, address, connection, connections, door, isOwner, handOver } = options;
  const keepAlive = `Connection: keep-alive\r\nKeep-Alive: timeout=${
    Math.floor(options.restMsMax / 1000)
  }\r\n`;
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
    if (isBusy) {
      early = early === undefined ? piece : Buffer.concat([early, piece]);
      socket.pause();
      return;
    }
    const isSecond = begun !== undefined;
    const bytes = begun === undefined ? piece : Buffer.concat([begun, piece]);
    if (begun !== undefined) connections.rest(connection);
    begun = undefined;
    const text = bytes.toString("latin1");
    const known = last !== undefined && text.startsWith(last.text) ? last : read(text);
    if (known === undefined) return leave(bytes);
    last = known;
    const { head, asked } = known;
    const missing = head.headSizeBytes + head.bodySizeBytes - bytes.length;
    if (missing > 0 && !isSecond && isOwner(asked)) {
      begun = bytes;
      return connections.begin(connection, asked);
    }
    if (missing !== 0) return leave(bytes);
    const answer = door.answer(asked, bodyOf(bytes, text, head), address);
    if (answer === undefined) return leave(bytes);
    isBusy = true;
    connections.begin(connection, asked);
    void answer.then(send);
  }

  function read(text: string): ReadHead | undefined {
    const head = readPlainHead(text, door.path);
    if (head === undefined) return undefined;
    const { headers, headSizeBytes } = head;
    const asked: Asked = {
      url: `${scheme}://${headers.get("host")}${door.path}`,
      headers: { get: (name) => headers.get(name) ?? null },
    };
    return { text: text.slice(0, headSizeBytes), head, asked };
  }

  function send({ status, headers, text }: PlainParts): void {
    const sizeBytes = Buffer.byteLength(text);
    let answer = `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ""}\r\n`;
    for (const name in headers) answer += `${name}: ${headers[name]}\r\n`;
    answer += `Content-Length: ${sizeBytes}\r\n${dateLine()}${keepAlive}\r\n${text}`;
    socket.write(answer, sizeBytes === text.length ? "latin1" : "utf8", goOn);
  }

  /** The answer has left, or never will. */
  function goOn(): void {
    isBusy = false;
    connections.rest(connection);
    if (early !== undefined) leave(early);
    else if (hasEnded) socket.end();
  }

  function leave(bytes: Buffer): void {
    socket.off("data", take);
    socket.off("end", end);
    handOver(bytes);
  }

  /** The other end asks nothing more; what it has asked is answered. */
  function end(): void {
    hasEnded = true;
    if (!isBusy) socket.end();
  }
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
