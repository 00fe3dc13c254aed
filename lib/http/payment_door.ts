/**
 * The short way of a payment: what is well-formed and allowed is paid at once, everything else takes the
 * long way through every route of the API, which says what is wrong.
 *
 * ```
 * POST /payments → host, origin, token → plain JSON of the schema's shape → node → answer
 *                                      └ anything else → the whole application
 * ```
 *
 * It stands in front of the application, and once more in front of the server itself (`first_look.ts` in
 * the runtime), where a request is a piece of text and nothing else.
 *
 * The same guards, the same orders and the same answers stand behind both ways; this one only leaves out
 * what a framework does for any request: a chain of wrappers, a general validator, copies of headers. It
 * takes 15 us of a payment's processor time instead of 80. What it takes in is a part of what
 * {@link paymentRequestSchema} takes, which a test holds it to.
 *
 * @module
 */
import { Hono } from "hono";
import { API_BODY_SIZE_BYTES_MAX, API_PATH } from "../wire/api_basics.ts";
import { PAYMENT_KEY_PATTERN, PAYMENT_LIST_MAX } from "../wire/api_wallet.ts";
import { readyLedgerOf } from "./context.ts";
import type { Gate } from "./guards.ts";
import { answerPayments, type PaymentOrder, type PaymentsAnswer } from "./payment_answers.ts";
import { plainAnswer, type PlainParts } from "./plain_answer.ts";
import type { Asked } from "./plain_request.ts";
import type { ApiPorts } from "./ports.ts";
import { errorJson } from "./refuse.ts";
import { statusOfCode } from "./api_error.ts";

/** What every answer of the API carries. */
export const ANSWER_HEADERS = {
  "X-Content-Type-Options": "nosniff",
  "Referrer-Policy": "no-referrer",
} as const;

/** Where payments are asked for. */
export const PAYMENTS_PATH = `${API_PATH}/payments`;
/** The longest name of a wallet. */
export const TO_LENGTH_MAX = 100;
const JSON_HEADERS = { "Content-Type": "application/json", ...ANSWER_HEADERS };

/** What comes along with a request, from outside of HTTP. */
type DoorEnv = { Bindings: Record<string, unknown> };

/** Puts the short way in front of the whole application. */
export function paymentDoor(
  ports: ApiPorts,
  { gate, whole }: {
    readonly gate: Gate;
    readonly whole: { fetch(request: Request, env?: object): Response | Promise<Response> };
  },
): Hono<DoorEnv> {
  const door = new Hono<DoorEnv>();
  door.notFound((c) => whole.fetch(c.req.raw, c.env));
  door.post(PAYMENTS_PATH, async (c, next) => {
    const { raw } = c.req;
    if (ports.node.phase !== "ready" || !isPlain(raw, gate)) return await next();
    const text = await raw.text();
    const answer = payPlainly(ports, raw.headers.get("idempotency-key"), text);
    if (answer !== undefined) return plainAnswer(await answer);
    const { url, method, headers } = raw;
    return await whole.fetch(new Request(url, { method, headers, body: text }), c.env);
  });
  return door;
}

/** What a request whose whole text is at hand comes to; nothing where the long way has to look at it. */
export type PayPlainly = (request: Asked, text: string) => Promise<PlainParts> | undefined;

/** The short way for whoever has read a request without the framework. */
export function plainPayments(
  ports: ApiPorts,
  gate: Gate,
  onInternalError: (thrown: unknown) => void,
): PayPlainly {
  // Programs send the same head again and again: who has read it once gives the same object.
  const allowed = new WeakSet<Asked>();
  return (request, text) => {
    if (!allowed.has(request)) {
      if (!isPlain(request, gate)) return undefined;
      allowed.add(request);
    }
    return payPlainly(ports, request.headers.get("idempotency-key"), text)?.catch((thrown) => {
      onInternalError(thrown);
      return partsOf({ status: undefined, error: { code: "internal" } });
    });
  };
}

/** Pays by a request that is allowed; nothing where the long way has to look at it. */
function payPlainly(
  ports: ApiPorts,
  key: string | null,
  text: string,
): Promise<PlainParts> | undefined {
  const context = readyLedgerOf(ports);
  if (!context.ok || (key !== null && !PAYMENT_KEY_PATTERN.test(key))) return undefined;
  const request = readPayments(text);
  if (request === undefined) return undefined;
  return answerPayments(ports, request, { key: key ?? undefined, context: context.value })
    .then(partsOf);
}

function partsOf(answer: PaymentsAnswer): PlainParts {
  if (answer.status === undefined) {
    const { error } = answer;
    const status = statusOfCode(error.code);
    const headers = status === 503 ? { ...JSON_HEADERS, "Retry-After": "1" } : JSON_HEADERS;
    return { status, headers, body: JSON.stringify(errorJson(error)) };
  }
  const { status, body } = answer;
  const headers = status === 202 ? { ...JSON_HEADERS, Location: answer.location } : JSON_HEADERS;
  return { status, headers, body: JSON.stringify(body) };
}

/** Whether a request is allowed and has a whole body of plain JSON, of a size that may be read. */
function isPlain(request: Asked, gate: Gate): boolean {
  const { headers } = request;
  return headers.get("content-type") === "application/json" &&
    isSmall(headers.get("content-length")) && headers.get("transfer-encoding") === null &&
    gate.hostProblem(request) === undefined && gate.orderProblem(request) === undefined;
}

function isSmall(lengthText: string | null): boolean {
  return lengthText !== null && /^[0-9]{1,9}$/.test(lengthText) &&
    Number(lengthText) <= API_BODY_SIZE_BYTES_MAX;
}

/**
 * Reads a payment or a list of them; `undefined` for whatever the long way has to look at.
 *
 * @example
 * ```ts
 * import { readPayments } from "./payment_door.ts";
 * import assert from "node:assert/strict";
 *
 * assert.deepEqual(readPayments('{"to":1,"amount":5}'), { to: 1, amount: 5 });
 * assert.equal(readPayments('{"to":1,"amount":5,"fee":0}'), undefined);
 * ```
 */
export function readPayments(text: string): PaymentOrder | readonly PaymentOrder[] | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (!Array.isArray(value)) return isPayment(value) ? value : undefined;
  const isList = value.length >= 1 && value.length <= PAYMENT_LIST_MAX && value.every(isPayment);
  return isList ? value : undefined;
}

/** Exactly two fields, `to` and `amount`; what kind of amount it is, the door for amounts decides. */
function isPayment(value: unknown): value is PaymentOrder {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return false;
  let count = 0;
  for (const name in value) {
    if (name !== "to" && name !== "amount") return false;
    count++;
  }
  if (count !== 2) return false;
  const { to } = value as { readonly to: unknown };
  return typeof to === "number"
    ? Number.isSafeInteger(to) && to >= 0
    : typeof to === "string" && to.length <= TO_LENGTH_MAX;
}
