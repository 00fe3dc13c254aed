/**
 * The first look at a connection, over a stream in memory: recorded requests, spoilt and in pieces, with
 * answers that take their time and ends that come too soon.
 *
 * What is answered was plain, what is not plain reaches the whole server byte by byte, each request is
 * answered once, and a connection that breaks leaves no request open.
 *
 * @module
 */
import { Buffer } from "node:buffer";
import type { Socket } from "node:net";
import { Duplex } from "node:stream";
import { utf8Bytes } from "../../lib/bytes.ts";
import { PAYMENTS_PATH } from "../../lib/http/payment_door.ts";
import { openingsDoor, paymentsDoor } from "../../lib/http/plain_doors.ts";
import { type Asked, readPlainHead } from "../../lib/http/plain_request.ts";
import type { RandomStream } from "../../lib/random/random_stream.ts";
import { invariant } from "../../lib/result.ts";
import type { Connection } from "../../lib/runtime/connections.ts";
import { lookFirst } from "../../lib/runtime/first_look.ts";
import { OPENING_SIZE_BYTES } from "../../lib/wire/handshake.ts";
import { P2P_PATH } from "../../lib/wire/handshake.ts";
import type { Door } from "./doors.ts";
import { openingText, paymentText } from "./recorded_requests.ts";

const OPENINGS = `${P2P_PATH}/handshake`;
const isOwner = ({ headers }: Asked) => headers.get("authorization") === "Bearer t";

export function firstLookDoor(): Door {
  const pay = paymentText({ path: PAYMENTS_PATH, token: "t" }, '{"to":1,"amount":2}');
  const open = openingText(OPENINGS, new Uint8Array(40).fill(7));
  const corpus = [
    pay,
    pay + pay,
    open,
    open + open + pay,
    pay.slice(0, -5),
    paymentText({ path: PAYMENTS_PATH, token: "wrong" }, "{}"),
    paymentText({ path: PAYMENTS_PATH, token: "t" }, ""),
    paymentText({ path: PAYMENTS_PATH, token: "t" }, "close"),
    openingText(OPENINGS, utf8Bytes("close")) + open,
    `GET / HTTP/1.1\r\nHost: n\r\n\r\n${pay}`,
    pay.replace("Host", `X-Long: ${"a".repeat(9_000)}\r\nHost`),
    pay.replace("Content-Length", "Transfer-Encoding: chunked\r\nContent-Length"),
    open.replace("Host", "Content-Length: 3\r\nHost"),
  ].map(utf8Bytes);
  return {
    name: "first look",
    corpus,
    turn: 20,
    take: (...given) => caught(() => lookAt(...given)),
  };
}

/** Runs something, and throws what was thrown meanwhile where nobody waits for it. */
export async function caught(run: () => Promise<void>): Promise<void> {
  const thrown: unknown[] = [];
  const hear = (event: ErrorEvent | PromiseRejectionEvent) => {
    event.preventDefault();
    thrown.push("reason" in event ? event.reason : event.error);
  };
  addEventListener("error", hear);
  addEventListener("unhandledrejection", hear);
  try {
    await run();
  } finally {
    removeEventListener("error", hear);
    removeEventListener("unhandledrejection", hear);
  }
  if (thrown.length > 0) throw thrown[0];
}

/** Sends one input over one connection, and holds the look to what it promises. */
async function lookAt(input: Uint8Array, random: RandomStream): Promise<void> {
  const breaksAt = random.chance(0.15) ? random.integer(0, input.length) : Infinity;
  const isHalf = random.chance(0.3);
  const written: Buffer[] = [];
  const stream = new Duplex({
    allowHalfOpen: true,
    read() {},
    write(chunk, encoding, done) {
      written.push(Buffer.from(chunk, encoding));
      if (random.chance(0.5)) done();
      else setImmediate(done);
    },
  });
  let [openCount, openMost, answered, handed] = [0, 0, 0, undefined as Buffer | undefined];
  let isOver = false;
  const later: Buffer[] = [];
  const pending: Promise<unknown>[] = [];
  /** Answers when it likes. */
  const answer = <T>(value: T): Promise<T> => {
    invariant(!isOver, "Behind the last answer nothing is read");
    answered++;
    const waits = random.integer(0, 3);
    const made = ticks(waits).then(() => value);
    pending.push(made);
    return made;
  };
  lookFirst(stream as unknown as Socket, {
    scheme: "http",
    address: "192.0.2.1",
    connection: {} as Connection,
    connections: {
      begin: () => openMost = Math.max(openMost, ++openCount),
      rest: () => openCount--,
      send: () => {},
      waitFor: () => {},
    },
    doors: [
      paymentsDoor(
        isOwner,
        (asked, text) =>
          isOwner(asked) && text !== ""
            ? answer({ status: 202, headers: {}, body: text })
            : undefined,
      ),
      openingsDoor((opening) => {
        const isLast = Buffer.from(opening).toString("latin1") === "close";
        const headers = isLast ? { connection: "close" } : {};
        const answered = answer({ status: 200, headers, body: opening });
        isOver = isLast;
        return answered;
      }),
    ],
    restMsMax: 1_000,
    handOver(bytes) {
      invariant(handed === undefined, "A connection is handed over once");
      invariant(!stream.destroyed, "A connection that is gone is nobody's any more");
      handed = bytes;
      stream.on("data", (piece) => later.push(piece));
      stream.resume();
    },
  });

  for (let at = 0; at < input.length && !stream.destroyed;) {
    const size = random.pick([1, 3, 20, 100, 5_000, 1 << 16]);
    const piece = input.subarray(at, at + size);
    stream.push(Buffer.from(piece));
    at += piece.length;
    if (at >= breaksAt) stream.destroy();
    await ticks(random.integer(0, 2));
  }
  if (isHalf && !stream.destroyed) stream.push(null);
  await settle(pending);

  const seen = Buffer.concat([...(handed === undefined ? [] : [handed]), ...later]);
  invariant(openMost <= 1, `One request is open at a time: got ${openMost}`);
  if (stream.destroyed) {
    // Whoever forgets a connection that broke within a body forgets what it has begun.
    invariant(openCount <= 1, `Nothing stays open: got ${openCount}`);
    invariant(answersIn(written) <= answered, "No request is answered twice");
    return;
  }
  const answers = answersIn(written);
  invariant(answers === answered, `One answer a request: got ${answers} of ${answered}`);
  const plainBytes = plainPrefix(input, answered);
  const rest = Buffer.from(input.subarray(plainBytes));
  if (handed === undefined) {
    invariant(seen.length === 0, "Nothing is handed over");
    const isBegun = openCount === 1;
    const isEnded = stream.writableEnded;
    const isWaiting = isBegun || isHalfOpening(rest);
    invariant(isWaiting || isEnded || rest.length === 0, `${rest.length} bytes are lost`);
  } else {
    invariant(openCount === 0, "What is handed over has no request open");
    invariant(rest.equals(seen), "The whole server reads exactly what was not answered");
  }
  stream.destroy();
}

/** Whether that is the beginning of an opening that may be whole one day. */
function isHalfOpening(bytes: Buffer): boolean {
  const head = readPlainHead(bytes.toString("latin1"), OPENINGS);
  if (head === undefined || head.bodySizeBytes > OPENING_SIZE_BYTES) return false;
  return bytes.length < head.headSizeBytes + head.bodySizeBytes;
}

/** How many bytes so many plain requests take at the beginning of an input. */
function plainPrefix(input: Uint8Array, count: number): number {
  let at = 0;
  for (; count > 0; count--) {
    const text = Buffer.from(input.subarray(at)).toString("latin1");
    const head = readPlainHead(text, PAYMENTS_PATH) ?? readPlainHead(text, OPENINGS);
    invariant(head !== undefined, "What is answered was plain");
    at += head.headSizeBytes + head.bodySizeBytes;
    invariant(at <= input.length, "What is answered was whole");
  }
  return at;
}

function answersIn(written: readonly Buffer[]): number {
  let text = Buffer.concat(written).toString("latin1");
  let count = 0;
  while (text !== "") {
    const size = /^HTTP\/1\.1 \d{3} [^]*?\r\nContent-Length: (\d+)\r\n[^]*?\r\n\r\n/.exec(text);
    invariant(size !== null, `An answer has a head: got ${text.slice(0, 40)}`);
    text = text.slice(size[0].length + Number(size[1]));
    count++;
  }
  return count;
}

async function ticks(count: number): Promise<void> {
  for (; count > 0; count--) await new Promise((resolve) => setImmediate(resolve));
}

/** Waits until nothing is answered any more. */
async function settle(pending: readonly Promise<unknown>[]): Promise<void> {
  let known = -1;
  while (pending.length > known) {
    known = pending.length;
    await Promise.all(pending);
    await ticks(8);
  }
}
