/**
 * Bytes over real connections to two servers of equal nodes: one takes a first look at them, the other is
 * the whole server alone.
 *
 * Both answer the same, in the same order, and both nodes' ledgers stay equal: no two readers take one
 * request for two. Whoever shows no token changes no ledger, and no connection is left behind.
 *
 * @module
 */
import { Buffer } from "node:buffer";
import { numberedKeyPair } from "../../lib/crypto/numbered_key_pair.ts";
import { x25519KeyPairOf } from "../../lib/crypto/x25519.ts";
import { NoiseHandshake, XX_PSK0 } from "../../lib/crypto/noise_handshake.ts";
import {
  answerOpenings,
  createP2pRoutes,
  LateRefusals,
  type P2pPort,
} from "../../lib/http/p2p_routes.ts";
import { createApiApp } from "../../lib/http/api_app.ts";
import { PAYMENTS_PATH } from "../../lib/http/payment_door.ts";
import { openingsDoor, paymentsDoor } from "../../lib/http/plain_doors.ts";
import type { Asked } from "../../lib/http/plain_request.ts";
import { PROTOCOL_VERSION } from "../../lib/params.ts";
import { HandshakeDesk } from "../../lib/peers/handshake_desk.ts";
import { PeerBudgets } from "../../lib/peers/peer_budgets.ts";
import type { RandomStream } from "../../lib/random/random_stream.ts";
import { err, invariant } from "../../lib/result.ts";
import { type HttpServer, OPEN_REQUESTS_MAX, serveHttp } from "../../lib/runtime/http_server.ts";
import { createTestApi, TEST_TOKEN, type TestApi } from "../../lib/testing/test_api.ts";
import { networkOf } from "../../lib/testing/test_world.ts";
import {
  encodeOpening,
  encodePrologue,
  type LinkIdentity,
  linkIdentityOf,
  OPENING_SIZE_BYTES,
  openingKeyOf,
  P2P_PATH,
} from "../../lib/wire/handshake.ts";
import { signRecord } from "../../lib/wire/ring.ts";
import type { Door } from "./doors.ts";
import { caught } from "./first_look_door.ts";
import { latinBytes, openingText, paymentText } from "./recorded_requests.ts";

const HANDSHAKE_PATH = `${P2P_PATH}/handshake`;
/** Nodes are made anew after so many inputs: their owners' coins run out. */
const INPUTS_PER_NODE = 100;
/** Who has heard nothing for so long has heard all, or loses what comes later. */
const QUIET_MS = 40;
/** So long the other end's end is waited for. */
const END_MS_MAX = 2_000;
/** Longer than any server takes to end, also on a busy machine. */
const STOP_MS_MAX = 20_000;
const SENTINEL = "GET /the-last-one HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n";

/** A node with a server. */
interface Served {
  readonly api: TestApi;
  readonly server: HttpServer;
  /** Requests that are being answered. */
  openCount(): number;
}

export function connectionDoor(): Door {
  const pay = (body: string, token: string | undefined = TEST_TOKEN) =>
    paymentText({ path: PAYMENTS_PATH, token }, body);
  const one = pay('{"to":"id1","amount":1}');
  const open = openingText(HANDSHAKE_PATH, recordedOpening());
  const stranger = paymentText({ path: PAYMENTS_PATH, token: undefined }, '{"to":1,"amount":1}');
  const texts = [
    one,
    one + one,
    pay('[{"to":1,"amount":1},{"to":2,"amount":1}]'),
    pay(""),
    pay("{}"),
    pay('{"to":1,"amount":1}', "wrong"),
    stranger,
    stranger + one,
    open,
    open + open,
    open + one,
    one + open,
    openingText(HANDSHAKE_PATH, new Uint8Array(0)),
    openingText(HANDSHAKE_PATH, new Uint8Array(OPENING_SIZE_BYTES + 1)),
    one.replace("Content-Length", "Transfer-Encoding: chunked\r\nContent-Length"),
    one.replace("Host", "Transfer-Encoding: identity\r\nHost"),
    one.replace("Host", "Content-Length: 3\r\nHost"),
    one.replace("Host", "Connection: close\r\nHost"),
    one.replace("Host", "Proxy-Connection: close\r\nHost"),
    one.replace("Host", "Origin: http://evil.example\r\nHost"),
    one.replace("Host", "Host: evil.example\r\nX-Host"),
    one.replace("Host", "Idempotency-Key: k1\r\nHost"),
    one.replace("Host", `X-Long: ${"a".repeat(9_000)}\r\nHost`),
    open.replace("Host", "Origin: http://evil.example\r\nHost"),
    "GET /api/v1/status HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n" + one,
    one.replaceAll("\r\n", "\n"),
    `\r\n\r\n${one}`,
  ];
  let served: readonly Served[] = [];
  let count = 0;
  return {
    name: "connections",
    corpus: texts.map(latinBytes),
    turn: 5,
    take: (input, random) =>
      caught(async () => {
        if (count++ % INPUTS_PER_NODE === 0) {
          await Promise.all(served.map(stop));
          served = await Promise.all([serve(true), serve(false)]);
        }
        await askBoth(served, input, random);
      }),
    async close() {
      await Promise.all(served.map(stop));
      served = [];
    },
  };
}

async function askBoth(
  served: readonly Served[],
  input: Uint8Array,
  random: RandomStream,
): Promise<void> {
  const text = Buffer.from(input).toString("latin1");
  const isTorn = random.chance(0.04);
  const sizes = Array.from({ length: 20 }, () => random.pick([1, 7, 60, 300, 5_000, 1 << 20]));
  const before = served.map(ledgerOf);
  const answers = await Promise.all(
    served.map(({ server }) => ask(server, input, { sizes, isTorn })),
  );
  for (const each of served) {
    while (each.openCount() > 0) await new Promise((resolve) => setTimeout(resolve, 1));
    invariant(each.api.internalErrors.length === 0, `Fails: ${each.api.internalErrors[0]}`);
  }
  const after = served.map(ledgerOf);
  if (!text.includes(TEST_TOKEN)) {
    invariant(before.join() === after.join(), "Whoever shows no token changes no ledger");
  }
  // Which of the requests were whole by the time it broke is anybody's guess: both nodes begin anew.
  const [looked, whole] = answers.map(({ bytes }) => statusesOf(bytes)) as [number[], number[]];
  const isCut = isTorn || answers.some(({ isPatient }) => !isPatient) ||
    text.split("HTTP/1").length - 1 >= OPEN_REQUESTS_MAX;
  if (isCut) {
    const common = Math.min(looked.length, whole.length);
    const areAlike = isSame(looked, whole) ||
      looked.slice(0, common).join() === whole.slice(0, common).join();
    invariant(areAlike || isTorn, `The beginnings differ: ${looked}, alone ${whole}`);
    if (isTorn || after[0] !== after[1]) await level(served);
    return;
  }
  invariant(isSame(looked, whole), `Got ${looked}, the whole server alone ${whole}`);
  invariant(after[0] === after[1], `One ledger: ${after}`);
}

/**
 * Whether two servers have answered the same. Over bytes that are no request the whole server forgets what it
 * has not answered yet; a first look answers in turn.
 */
function isSame(looked: readonly number[], whole: readonly number[]): boolean {
  if (looked.join() === whole.join()) return true;
  const isMalformed = looked.at(-1) === 400 && whole.at(-1) === 400;
  const known = whole.slice(0, -1);
  return isMalformed && looked.slice(0, known.length).join() === known.join() &&
    looked.length > whole.length;
}

/** Lets payments that only one of two nodes has made be made by the other one, too. */
async function level(served: readonly Served[]): Promise<void> {
  await Promise.all(served.map(stop));
  const fresh = await Promise.all([serve(true), serve(false)]);
  (served as Served[]).splice(0, 2, ...fresh);
}

function ledgerOf({ api }: Served): string {
  const { chain, mempool } = networkOf(api.node);
  return [chain.tip.hash, mempool.size, mempool.digest].map(String).join(" ");
}

async function stop({ api, server }: Served): Promise<void> {
  api.stop();
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error("A connection is left behind")), STOP_MS_MAX);
  });
  await Promise.race([server.shutdown(), late]).finally(() => clearTimeout(timer));
}

/** Sends it in pieces, and reads what comes until the other end closes, or nothing comes any more. */
async function ask(
  { port }: HttpServer,
  input: Uint8Array,
  { sizes, isTorn }: { readonly sizes: readonly number[]; readonly isTorn: boolean },
): Promise<{ readonly bytes: Buffer; readonly isPatient: boolean }> {
  const conn = await Deno.connect({ hostname: "127.0.0.1", port });
  conn.setNoDelay(true);
  const parts: Uint8Array[] = [];
  let lastMs = performance.now();
  let isOver = false;
  const reading = (async () => {
    const buffer = new Uint8Array(1 << 16);
    for (;;) {
      const size = await conn.read(buffer).catch(() => null);
      lastMs = performance.now();
      if (size === null) break;
      parts.push(buffer.slice(0, size));
    }
    isOver = true;
  })();
  const all = isTorn ? input : Buffer.concat([input, Buffer.from(SENTINEL)]);
  for (let at = 0, turn = 0; at < all.length && !isOver; turn++) {
    const piece = all.subarray(at, at + (sizes[turn] ?? all.length));
    for (let sent = 0; sent < piece.length;) {
      const size = await conn.write(piece.subarray(sent)).catch(() => piece.length);
      sent += size;
    }
    at += piece.length;
    lastMs = performance.now();
    await new Promise((resolve) => setImmediate(resolve));
  }
  while (!isTorn && !isOver && performance.now() - lastMs < QUIET_MS) {
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
  const isPatient = isOver;
  // Its end comes behind everything else: then all has been read.
  if (!isTorn && !isOver) await conn.closeWrite().catch(() => {});
  const giveUp = setTimeout(() => closeOnce(conn), END_MS_MAX);
  if (isTorn) closeOnce(conn);
  await reading;
  clearTimeout(giveUp);
  if (!isTorn) closeOnce(conn);
  return { bytes: Buffer.concat(parts), isPatient };
}

function closeOnce(conn: Deno.Conn): void {
  try {
    conn.close();
  } catch {
    // It has been given up.
  }
}

/** The statuses of answers that stand one behind the other; throws for anything else. */
function statusesOf(bytes: Buffer): number[] {
  let text = bytes.toString("latin1");
  const statuses: number[] = [];
  while (text !== "") {
    const head = /^HTTP\/1\.1 (\d{3})[^]*?\r\n\r\n/.exec(text);
    // The last one may have been cut.
    if (head === null && "HTTP/1.1 ".startsWith(text.slice(0, 9))) return statuses;
    invariant(head !== null, `An answer begins with its head: got ${text.slice(0, 80)}`);
    statuses.push(Number(head[1]));
    if (/\r\ntransfer-encoding:/i.test(head[0])) return statuses;
    const size = /\r\ncontent-length: *(\d+)/i.exec(head[0]);
    text = text.slice(head[0].length + Number(size?.[1] ?? 0));
  }
  return statuses;
}

/** A node of its own with a server, with the first look or without. */
async function serve(looksFirst: boolean): Promise<Served> {
  const api = createTestApi({ nodes: 3, capacity: 1_000 });
  let openCount = 0;
  const counted = <T>(answer: Promise<T>): Promise<T> => {
    openCount++;
    return answer.finally(() => openCount--);
  };
  const port = peerPort();
  const late = new LateRefusals(0, 0);
  const app = createApiApp(api.ports, {
    peerRoutes: createP2pRoutes(port, late),
    onInternalError: (thrown) => api.internalErrors.push(thrown),
  });
  const answerOpening = answerOpenings(port, late);
  const isOwner = ({ headers }: Asked) => headers.get("authorization") === `Bearer ${TEST_TOKEN}`;
  const server = await serveHttp({ hostname: "127.0.0.1", port: 0 }, {
    isOwner,
    isReserved: () => true,
    handle: (request, remoteAddress) =>
      counted(Promise.resolve(app.fetch(request, { remoteAddress }))),
    ...(looksFirst
      ? {
        doors: [
          paymentsDoor(isOwner, (asked, text) => {
            const answer = app.payPlainly(asked, text);
            return answer && counted(answer);
          }),
          openingsDoor((bytes, address) => counted(answerOpening(bytes, address))),
        ],
      }
      : {}),
  });
  return { api, server, openCount: () => openCount };
}

const [HOST, CALLER] = [1, 2].map((index) => {
  const keyPair = numberedKeyPair(index);
  const url = `http://127.0.0.1:${5000 + index}`;
  return linkIdentityOf(keyPair, signRecord({ url, sequence: 7 }, keyPair), "");
}) as [LinkIdentity, LinkIdentity];

/** What answers openings: its clock goes on with each, faster than any budget bites. */
function peerPort(): P2pPort {
  let nowMs = 0;
  const desk = new HandshakeDesk({
    own: HOST,
    budgets: new PeerBudgets(() => "stranger", () => nowMs),
    nowMs: () => nowMs,
    onRefused: () => {},
  });
  return {
    answerOpening(bytes, address) {
      nowMs += 1_000;
      return desk.answer(bytes, address);
    },
    openStream: () => err({ code: "session-unknown", text: "Cannot open a stream: none is known" }),
  };
}

function recordedOpening(): Uint8Array {
  const prologue = encodePrologue({
    protocolVersion: PROTOCOL_VERSION,
    sender: CALLER.keyPair.publicKey,
    recipient: HOST.keyPair.publicKey,
    number: 1,
  });
  const handshake = new NoiseHandshake({
    pattern: XX_PSK0,
    isInitiator: true,
    prologue,
    static: CALLER.static,
    ephemeral: x25519KeyPairOf(new Uint8Array(32).fill(5)),
    preSharedKeys: [CALLER.preSharedKey],
  });
  const message = handshake.writeMessage(new Uint8Array(0));
  invariant(message !== undefined, "An opening can be written");
  return encodeOpening(prologue, message, openingKeyOf(CALLER.static, HOST.keyPair.publicKey));
}
