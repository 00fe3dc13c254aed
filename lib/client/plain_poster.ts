/**
 * Posts to one node over connections of its own, as bytes: one request at a time on each, the next one when its
 * answer is there.
 *
 * Nodes that are measured share their machine with whoever measures them: a list of four payments took 155 to 196 us
 * of processor with `fetch`, and takes 36 so, its answer's check included. It reads what a node answers: a head in one piece and a body whose length is said; anything else ends the
 * connection. Nothing is sent twice: whether a request that was not answered came to anything, nobody can tell.
 *
 * Bounds: a head of {@link HEAD_SIZE_BYTES_MAX}, a body of {@link BODY_SIZE_BYTES_MAX}, a time for each answer;
 * there are as many connections as requests were under way at a time. Called by `api_client.ts`.
 *
 * @module
 */
import { Buffer } from "node:buffer";
import { connect, type Socket } from "node:net";

/** The longest head of an answer. */
export const HEAD_SIZE_BYTES_MAX = 16 * 1024;
/** The longest body of an answer. */
export const BODY_SIZE_BYTES_MAX = 16 * 1024 * 1024;

export interface PlainAnswer {
  readonly status: number;
  readonly text: string;
}

/** A connection, and the request on it. */
interface Lane {
  readonly socket: Socket;
  asked: (PromiseWithResolvers<PlainAnswer> & { readonly atMs: number }) | undefined;
  /** What has come of the answer. */
  bytes: Buffer | undefined;
}

/** What the head of an answer says. */
interface AnswerHead {
  readonly status: number;
  readonly headSizeBytes: number;
  readonly bodySizeBytes: number;
  readonly isLast: boolean;
}

/** Tells whether these values can stand in a head as they are. */
export function arePlain(values: Iterable<string>): boolean {
  for (const value of values) {
    if (!/^[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?$/.test(value)) return false;
  }
  return true;
}

export class PlainPoster {
  readonly #url: URL;
  readonly #timeoutMs: number;
  /** In the order in which they were asked; those that rest in between. */
  readonly #lanes = new Set<Lane>();
  readonly #resting: Lane[] = [];
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** @param options.url `http://host:port` */
  constructor({ url, timeoutMs }: { readonly url: string; readonly timeoutMs: number }) {
    this.#url = new URL(url);
    this.#timeoutMs = timeoutMs;
  }

  /** How many connections there are. */
  get connectionCount(): number {
    return this.#lanes.size;
  }

  /**
   * Resolves with the answer; rejects with a `TimeoutError` when it does not come in time, with another error when
   * there is none.
   *
   * @param headers names and values that {@link arePlain}
   */
  post(
    path: string,
    headers: Readonly<Record<string, string>>,
    body: string,
  ): Promise<PlainAnswer> {
    const lane = this.#resting.pop() ?? this.#open();
    const asked = { ...Promise.withResolvers<PlainAnswer>(), atMs: performance.now() };
    lane.asked = asked;
    this.#lanes.delete(lane);
    this.#lanes.add(lane);
    let head = `POST ${path} HTTP/1.1\r\nHost: ${this.#url.host}\r\n`;
    for (const name in headers) head += `${name}: ${headers[name]}\r\n`;
    lane.socket.write(`${head}Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`);
    this.#timer ??= this.#startTimer(this.#timeoutMs);
    return asked.promise;
  }

  /** Ends all connections; what is not answered fails. */
  close(): void {
    for (const lane of this.#lanes) this.#drop(lane, new Error("The connection was closed"));
  }

  #open(): Lane {
    const { hostname, port } = this.#url;
    const socket = connect({
      host: hostname.replace(/^\[|\]$/g, ""),
      port: Number(port || 80),
      noDelay: true,
    });
    const lane: Lane = { socket, asked: undefined, bytes: undefined };
    socket.on("error", (error: Error) => this.#drop(lane, error));
    socket.on("close", () => this.#drop(lane, new Error("The node closed the connection")));
    socket.on("data", (piece: Buffer) => this.#take(lane, piece));
    return lane;
  }

  #take(lane: Lane, piece: Buffer): void {
    const { asked } = lane;
    if (asked === undefined) return this.#drop(lane, new Error("Nothing was asked"));
    const bytes = lane.bytes === undefined ? piece : Buffer.concat([lane.bytes, piece]);
    lane.bytes = bytes;
    const head = readHead(bytes);
    if (head === "malformed") return this.#drop(lane, new Error("The answer is not one of a node"));
    if (head === undefined || bytes.length < head.headSizeBytes + head.bodySizeBytes) return;
    const { status, headSizeBytes, bodySizeBytes, isLast } = head;
    const endBytes = headSizeBytes + bodySizeBytes;
    lane.asked = undefined;
    lane.bytes = undefined;
    asked.resolve({ status, text: bytes.toString("utf8", headSizeBytes, endBytes) });
    if (isLast || bytes.length > endBytes) return this.#drop(lane, new Error("It was the last"));
    this.#resting.push(lane);
  }

  #drop(lane: Lane, error: Error): void {
    if (!this.#lanes.delete(lane)) return;
    const place = this.#resting.indexOf(lane);
    if (place >= 0) this.#resting.splice(place, 1);
    lane.socket.destroy();
    lane.asked?.reject(error);
    lane.asked = undefined;
    if (this.#lanes.size > 0) return;
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  /** One timer for many requests: most are answered long before. */
  #startTimer(delayMs: number): ReturnType<typeof setTimeout> {
    return setTimeout(() => {
      this.#timer = undefined;
      const nowMs = performance.now();
      for (const lane of this.#lanes) {
        if (lane.asked === undefined) continue;
        const restMs = lane.asked.atMs + this.#timeoutMs - nowMs;
        // Timers are exact to a millisecond.
        if (restMs >= 1) return void (this.#timer = this.#startTimer(restMs));
        this.#drop(lane, new DOMException("The time is over", "TimeoutError"));
      }
    }, delayMs);
  }
}

/** Reads the head of an answer; `undefined` when more of it is to come. */
function readHead(bytes: Buffer): AnswerHead | "malformed" | undefined {
  const text = bytes.toString("latin1", 0, Math.min(bytes.length, HEAD_SIZE_BYTES_MAX));
  const end = text.indexOf("\r\n\r\n");
  if (end < 0) return bytes.length >= HEAD_SIZE_BYTES_MAX ? "malformed" : undefined;
  const head = text.slice(0, end + 2);
  const status = /^HTTP\/1\.1 ([2-5]\d\d) /.exec(head)?.[1];
  const size = /\r\nContent-Length: ?(\d{1,9})\r\n/i.exec(head)?.[1];
  const bodySizeBytes = Number(size);
  if (status === undefined || size === undefined || bodySizeBytes > BODY_SIZE_BYTES_MAX) {
    return "malformed";
  }
  const isLast = /\r\nConnection: ?close\r\n/i.test(head);
  return { status: Number(status), headSizeBytes: end + 4, bodySizeBytes, isLast };
}
