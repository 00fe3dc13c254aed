/**
 * Bounds how many requests are open at a time, by who asks: the owner, who shows the node's token; nodes;
 * everybody else. Each kind has places of its own, so whatever strangers do, the owner and the peers have
 * theirs, also where all call from one address.
 *
 * What nodes send has to come within a time, and of bodies that are on their way the oldest gives way to a
 * new one: whoever sends half a body holds nobody up, for a whole one is there within milliseconds. What is refused
 * is answered at once, before anything is read. A stream counts until it has begun; streams have bounds of
 * their own.
 *
 * @module
 */
import { concatBytes } from "../bytes.ts";
import { plainAnswer, plainPartsOf } from "../http/plain_answer.ts";
import { OPENING_SIZE_BYTES } from "../wire/handshake.ts";
import { AnswerTurns, type TimeBudgets } from "./answer_turns.ts";
import { SharedAnswers } from "./shared_answers.ts";
import type { Asked } from "../http/plain_request.ts";
import type { Upgrade } from "./connections.ts";

/** @param body what came with the request, where it has been read already */
export type LimitedHandler = (
  request: Request,
  address: string,
  upgrade?: Upgrade,
  body?: Uint8Array<ArrayBuffer>,
) => Response | Promise<Response>;

/** Who asks. */
export type CallerKind = "owner" | "peer" | "other";

export interface KindLimits {
  readonly openMax: number;
  readonly openPerAddressMax: number;
  /**
   * Bodies that are on their way, of one address, before the handler sees the request; 0: it reads them
   * itself. The owner is trusted with that, and everybody else's orders are refused unread.
   */
  readonly bodiesPerAddressMax: number;
  /** The same of all addresses together. */
  readonly bodiesMax: number;
  /** How much of this process's time answers may take; without it they take what they need. */
  readonly time?: TimeBudgets;
}

export interface RequestLimits {
  readonly kinds: Readonly<Record<CallerKind, KindLimits>>;
  /** How long a body may take. */
  readonly bodyMsMax: number;
  /** How long a request waits until there is time for it. */
  readonly turnMsMax: number;
  /** Tells whether a request shows the node's token. */
  readonly isOwner: (request: Asked) => boolean;
}

/** A handler within its limits. */
export interface LimitedRequests {
  (request: Request, address: string, upgrade?: Upgrade): Promise<Response>;
  /**
   * Takes a place of that kind for a request that is answered without the handler; nothing when all are
   * taken. What it returns gives the place back.
   */
  enterAs(kind: CallerKind, address: string): (() => void) | undefined;
  /** Milliseconds that answers to strangers have taken so far. */
  strangersMs(): number;
}

/** Ten nodes, a load generator and a dashboard on one machine stay far below. */
export const DEFAULT_KIND_LIMITS: RequestLimits["kinds"] = {
  owner: { openMax: 1024, openPerAddressMax: 1024, bodiesPerAddressMax: 0, bodiesMax: 0 },
  // Refusals that wait take a part of these. A body is there within milliseconds; one that is not takes 40 KB.
  peer: { openMax: 4096, openPerAddressMax: 2048, bodiesPerAddressMax: 128, bodiesMax: 256 },
  // Who waits for a turn takes as much, and for more than these no turn would come in time.
  other: {
    openMax: 256,
    openPerAddressMax: 128,
    bodiesPerAddressMax: 0,
    bodiesMax: 0,
    time: {
      all: { perSecond: 100, burst: 100 },
      perAddress: { perSecond: 80, burst: 80 },
    },
  },
};
const TURN_MS_MAX = 5_000;
const BODY_MS_MAX = 10_000;
/** Late bodies are given up one by one: a thousand that came together would hold everybody up together. */
const CUT_GAP_MS = 10;

/** Wraps a handler; the address is the caller's. */
export function limitRequests(
  handle: LimitedHandler,
  {
    kinds = DEFAULT_KIND_LIMITS,
    bodyMsMax = BODY_MS_MAX,
    turnMsMax = TURN_MS_MAX,
    isOwner = () => false,
  }: Partial<RequestLimits> = {},
): LimitedRequests {
  const desks = {
    owner: new Desk(kinds.owner, bodyMsMax, turnMsMax),
    peer: new Desk(kinds.peer, bodyMsMax, turnMsMax),
    other: new Desk(kinds.other, bodyMsMax, turnMsMax),
  };
  const limited = async (request: Request, address: string, upgrade?: Upgrade) => {
    const kind = isForPeers(request) ? "peer" : isOwner(request) ? "owner" : "other";
    return await desks[kind].serve(
      request,
      address,
      (whole, body) => handle(whole, address, upgrade, body),
    );
  };
  return Object.assign(limited, {
    enterAs: (kind: CallerKind, address: string) => desks[kind].enter(address),
    strangersMs: () => desks.other.spentMs,
  });
}

/** The path alone decides: parsing a URL would cost more than many an answer. */
function isForPeers({ url }: Request): boolean {
  const pathAt = url.indexOf("/", url.indexOf("//") + 2);
  return url.startsWith("/p2p/", pathAt);
}

/** A body that is on its way. */
interface ArrivingBody {
  readonly address: string;
  /** When it has taken too long. */
  readonly lateAtMs: number;
  readonly cut: (reason: "late" | "crowded") => void;
}

/** The places of one kind of callers. */
class Desk {
  readonly #limits: KindLimits;
  readonly #bodyMsMax: number;
  readonly #openByAddress = new Map<string, number>();
  /** The oldest first. */
  readonly #arriving = new Set<ArrivingBody>();
  readonly #arrivingByAddress = new Map<string, number>();
  readonly #turns: AnswerTurns | undefined;
  readonly #shared = new SharedAnswers();
  #openCount = 0;
  #cutting: ReturnType<typeof setTimeout> | undefined;
  #lastCutAtMs = -Infinity;

  constructor(limits: KindLimits, bodyMsMax: number, turnMsMax: number) {
    this.#limits = limits;
    this.#turns = limits.time && new AnswerTurns(limits.time, turnMsMax);
    this.#bodyMsMax = bodyMsMax;
  }

  /** Milliseconds that answers have taken so far, where they are counted. */
  get spentMs(): number {
    return this.#turns?.spentMs ?? 0;
  }

  async serve(
    request: Request,
    address: string,
    handle: (request: Request, body?: Uint8Array<ArrayBuffer>) => Response | Promise<Response>,
  ): Promise<Response> {
    const mustArrive = this.#limits.bodiesPerAddressMax > 0 && request.method === "POST";
    const body = mustArrive ? await this.#receive(request, address) : undefined;
    if (body instanceof Response) return body;
    const leave = this.enter(address);
    if (leave === undefined) {
      return refusal(
        503,
        "node-busy",
        "Cannot answer now: too many requests are open at a time",
      );
    }

    try {
      return this.#turns === undefined
        ? await handle(request, body)
        : await this.#serveInTurn(this.#turns, { request, address }, () => handle(request, body));
    } finally {
      leave();
    }
  }

  /** Takes a place, which what it returns gives back; nothing when all are taken. */
  enter(address: string): (() => void) | undefined {
    const { openMax, openPerAddressMax } = this.#limits;
    const open = this.#openByAddress.get(address) ?? 0;
    if (this.#openCount >= openMax || open >= openPerAddressMax) return undefined;
    this.#openCount++;
    count(this.#openByAddress, address, 1);
    return () => {
      this.#openCount--;
      count(this.#openByAddress, address, -1);
    };
  }

  async #serveInTurn(
    turns: AnswerTurns,
    { request, address }: { readonly request: Request; readonly address: string },
    answer: () => Response | Promise<Response>,
  ): Promise<Response> {
    const end = await turns.take(address);
    if (end === undefined) {
      return refusal(
        503,
        "node-busy",
        "Cannot answer now: answers have taken too much of this node's time",
      );
    }
    let sizeBytes = 0;
    try {
      const response = await this.#answerOrShare(turns, request, answer);
      sizeBytes = sizeBytesOf(response);
      return response;
    } finally {
      end(sizeBytes);
    }
  }

  /** While others wait, what was answered to the same question a moment ago is the answer. */
  async #answerOrShare(
    turns: AnswerTurns,
    request: Request,
    answer: () => Response | Promise<Response>,
  ): Promise<Response> {
    const shared = turns.waitingCount > 0 ? this.#shared.at(request, performance.now()) : undefined;
    return shared ?? await this.#shared.keep(request, await answer(), performance.now());
  }

  /** What comes with a request, or why it was not waited for; nothing when that is too large to be read. */
  async #receive(
    request: Request,
    address: string,
  ): Promise<Uint8Array<ArrayBuffer> | Response | undefined> {
    const sizeText = request.headers.get("content-length");
    // Its own header says that it is too large: whoever answers says so, and nothing is read.
    if (Number(sizeText) > OPENING_SIZE_BYTES) return undefined;
    this.#makeRoom(address);
    const reading = sizeText === null ? readParts(request) : readWhole(request);
    const outcome = Promise.withResolvers<"late" | "crowded">();
    const lateAtMs = performance.now() + this.#bodyMsMax;
    const body: ArrivingBody = { address, lateAtMs, cut: outcome.resolve };
    this.#arriving.add(body);
    count(this.#arrivingByAddress, address, 1);
    this.#cutLater();
    try {
      const read = await Promise.race([reading.bytes, outcome.promise]);
      if (read instanceof Uint8Array) return read;
      reading.cancel();
      if (read === "crowded") {
        return refusal(
          503,
          "node-busy",
          "Cannot wait for the body: too many are half sent",
        );
      }
      const text = "Cannot read the request: got half a body for too long, wanted all of it";
      return refusal(408, "body-timeout", text);
    } catch {
      return refusal(400, "request-malformed", "Cannot read the request: its body broke off");
    } finally {
      this.#arriving.delete(body);
      count(this.#arrivingByAddress, address, -1);
      if (this.#arriving.size === 0) this.#stopCutting();
    }
  }

  /** Gives the oldest body up when it is late, then the next one. */
  #cutLater(): void {
    const [oldest] = this.#arriving;
    if (oldest === undefined || this.#cutting !== undefined) return;
    const dueAtMs = Math.max(oldest.lateAtMs, this.#lastCutAtMs + CUT_GAP_MS);
    this.#cutting = setTimeout(() => {
      this.#cutting = undefined;
      const nowMs = performance.now();
      const [first] = this.#arriving;
      if (first !== undefined && first.lateAtMs <= nowMs) {
        this.#lastCutAtMs = nowMs;
        this.#arriving.delete(first);
        first.cut("late");
      }
      this.#cutLater();
    }, Math.max(0, dueAtMs - performance.now()));
  }

  #stopCutting(): void {
    clearTimeout(this.#cutting);
    this.#cutting = undefined;
  }

  /** Of too many half bodies of one address, its oldest gives way; of too many in all, the oldest. */
  #makeRoom(address: string): void {
    const { bodiesMax, bodiesPerAddressMax } = this.#limits;
    const isAddressFull = (this.#arrivingByAddress.get(address) ?? 0) >= bodiesPerAddressMax;
    if (!isAddressFull && this.#arriving.size < bodiesMax) return;
    for (const body of this.#arriving) {
      if (isAddressFull && body.address !== address) continue;
      this.#arriving.delete(body);
      return body.cut("crowded");
    }
  }
}

/** A body on its way. */
interface Reading {
  readonly bytes: Promise<Uint8Array<ArrayBuffer>>;
  readonly cancel: () => void;
}

/** A body that says how large it is: without a stream, which costs more than any answer. */
function readWhole(request: Request): Reading {
  const bytes = request.arrayBuffer().then((buffer) => new Uint8Array(buffer));
  // Where it is not waited for any more.
  bytes.catch(() => {});
  return { bytes, cancel: () => {} };
}

/** A body of unknown size; one that is larger than any of a node is cut, and refused by its size. */
function readParts(request: Request): Reading {
  const reader = request.body?.getReader();
  if (reader === undefined) {
    return { bytes: Promise.resolve(new Uint8Array(0)), cancel: () => {} };
  }
  const cancel = () => void reader.cancel().catch(() => {});
  return { bytes: readAll(), cancel };

  async function readAll(): Promise<Uint8Array<ArrayBuffer>> {
    const parts: Uint8Array[] = [];
    let sizeBytes = 0;
    for (;;) {
      const { done, value } = await reader!.read();
      if (done) break;
      parts.push(value);
      sizeBytes += value.length;
      if (sizeBytes <= OPENING_SIZE_BYTES) continue;
      cancel();
      break;
    }
    return concatBytes(parts);
  }
}

/** How large an answer is, where it says so. */
function sizeBytesOf(response: Response): number {
  const body = plainPartsOf(response)?.body;
  return body?.length ?? Number(response.headers.get("content-length") ?? 0);
}

function count(counts: Map<string, number>, address: string, by: number): void {
  const next = (counts.get(address) ?? 0) + by;
  if (next > 0) counts.set(address, next);
  else counts.delete(address);
}

function refusal(status: number, code: string, message: string): Response {
  return plainAnswer({
    status,
    headers: { "content-type": "application/json", "retry-after": "1", "connection": "close" },
    body: JSON.stringify({ error: { code, message, evidence: {} } }),
  });
}
