/**
 * A typed client of one node's API: every answer is checked by the schema that the server uses.
 *
 * Whatever goes wrong is a value: the node refuses, wants a token, is not there, or is no node. Every
 * call has a time-out; nothing is retried here, because only the caller knows what may be done twice.
 * Used by the command line, the cluster and the replay.
 *
 * @module
 */
import type { z } from "zod";
import { err, ok, type Result } from "../result.ts";
import { API_PATH, errorSchema } from "../wire/api_basics.ts";
import {
  auditSchema,
  blockListSchema,
  blockSchema,
  blockTakenSchema,
  lastTransactionsSchema,
  mempoolSchema,
  tipsSchema,
  transactionStateSchema,
} from "../wire/api_chain.ts";
import type { ApiEventType } from "../wire/api_events.ts";
import {
  doneSchema,
  pageLinkSchema,
  paramsSchema,
  readySchema,
  ringSchema,
  statusSchema,
} from "../wire/api_network.ts";
import {
  acceptedSchema,
  balanceListSchema,
  balanceSchema,
  historySchema,
  paymentAnswersSchema,
  type PaymentRequestJson,
} from "../wire/api_wallet.ts";
import { type EventStream, readEvents } from "./event_stream.ts";
import { arePlain, PlainPoster } from "./plain_poster.ts";

/** Why there is no answer. */
export type ClientError =
  /** The node refuses and says why; the code is the node's own. */
  | {
    readonly kind: "refused";
    readonly code: string;
    readonly message: string;
    readonly evidence: Readonly<Record<string, unknown>>;
  }
  /** The node wants its token, or another one. */
  | { readonly kind: "unauthorised"; readonly code: string; readonly message: string }
  /** Nobody answers, or not in time. */
  | { readonly kind: "unreachable"; readonly code: string; readonly message: string }
  /** Somebody answers who is no node of this version. */
  | { readonly kind: "unexpected"; readonly code: string; readonly message: string };

export type Answer<T> = Promise<Result<T, ClientError>>;

export interface ApiClientOptions {
  /** `http://host:port` */
  readonly url: string;
  /** The bearer token, for calls that spend or control. */
  readonly token?: string | undefined;
  /** Certificates (PEM) that vouch for the node, beside those of the system: for `https` alone. */
  readonly caCerts?: readonly string[] | undefined;
  /**
   * Posts over connections of its own, as bytes where that can be: it costs this process a quarter. A node reads
   * payments from their bytes as long as nothing else came over a connection, which takes it a third less time.
   */
  readonly hasOwnConnections?: boolean;
  /** Sends the token in clear to other machines. */
  readonly allowsPlainToken?: boolean;
  /** Time-out of one call, from its start to its last byte; 10 s when left out. */
  readonly timeoutMs?: number;
}

const TIMEOUT_MS_DEFAULT = 10_000;

export type ApiClient = ReturnType<typeof createApiClient>;

/** Makes the client of a node. Connects when it is asked something. */
export function createApiClient(
  {
    url,
    token,
    caCerts,
    hasOwnConnections = false,
    allowsPlainToken = false,
    timeoutMs = TIMEOUT_MS_DEFAULT,
  }: ApiClientOptions,
) {
  const { close, call, request, post } = createDoor({
    url,
    token,
    caCerts,
    hasOwnConnections,
    allowsPlainToken,
    timeoutMs,
  });

  return {
    url,
    /** Lets go of connections of its own, where it has any: with certificates it does. */
    close,
    status: () => call(statusSchema, "/status"),
    ready: () => call(readySchema, "/ready"),
    params: () => call(paramsSchema, "/params"),
    ring: () => call(ringSchema, "/ring"),
    blocks: (query: { readonly from?: number; readonly limit?: number } = {}) =>
      call(blockListSchema, `/blocks${queryText(query)}`),
    block: (name: string | number) =>
      call(blockSchema, `/blocks/${encodeURIComponent(String(name))}`),
    /** Encoded main-chain blocks from a height upwards, each with its size (u32) in front. */
    rawBlocks: (query: { readonly from?: number; readonly limit?: number } = {}) =>
      request(
        `/blocks/raw${queryText(query)}`,
        {},
        async (response) => new Uint8Array(await response.arrayBuffer()),
      ),
    lastTransactions: () => call(lastTransactionsSchema, "/transactions"),
    transaction: (txid: string) =>
      call(transactionStateSchema, `/transactions/${encodeURIComponent(txid)}`),
    mempool: (query: { readonly after?: string; readonly limit?: number } = {}) =>
      call(mempoolSchema, `/mempool${queryText(query)}`),
    tips: () => call(tipsSchema, "/tips"),
    audit: () => call(auditSchema, "/audit"),
    balances: () => call(balanceListSchema, "/balances"),
    /** One wallet's balance; the node's own when none is named. */
    balance: (wallet = "self") => call(balanceSchema, `/balances/${encodeURIComponent(wallet)}`),
    history: (
      query: { readonly wallet?: string; readonly after?: string; readonly limit?: number } = {},
    ) => call(historySchema, `/history${queryText(query)}`),

    /** @param key asked again under the same key, the node pays once */
    pay: (to: string | number, amount: number, key?: string) =>
      post(acceptedSchema, "/payments", { to, amount }, keyHeader(key)),
    /** Several at once, at most {@link PAYMENT_LIST_MAX}; each has its own answer. */
    payAll: (payments: readonly PaymentRequestJson[], key?: string) =>
      post(paymentAnswersSchema, "/payments", payments, keyHeader(key)),
    submit: (hex: string) => post(acceptedSchema, "/transactions", { hex }),
    submitBlock: (hex: string) => post(blockTakenSchema, "/blocks", { hex }),

    /** A code with which the node's own page may pay, good once. */
    pageLink: () => post(pageLinkSchema, "/page-links"),
    pauseMining: () => post(doneSchema, "/control/mining/pause"),
    resumeMining: () => post(doneSchema, "/control/mining/resume"),
    mineNow: (blocks: number) => post(doneSchema, "/control/mining/mine", { blocks }),
    /** All peers when none is named. */
    disconnectPeers: (peers: readonly (string | number)[] = []) =>
      post(doneSchema, "/control/peers/disconnect", { peers }),
    reconnectPeers: (peers: readonly (string | number)[] = []) =>
      post(doneSchema, "/control/peers/reconnect", { peers }),
    dropTransaction: (txid: string) => post(doneSchema, "/control/transactions/drop", { txid }),
    invalidateBlock: (block: string | number) =>
      post(doneSchema, "/control/blocks/invalidate", { block }),
    reconsiderBlock: (block: string | number) =>
      post(doneSchema, "/control/blocks/reconsider", { block }),

    /**
     * Listens from now on, or behind an event that was had before. The stream ends when the node ends it, when
     * it is closed, or when nothing, not even a heartbeat, has come for a while.
     */
    async events(
      { types, afterId, intervalMs }: {
        readonly types?: readonly ApiEventType[];
        readonly afterId?: string | undefined;
        /** Milliseconds from one piece to the next at least; events carry the node's own times in any case. */
        readonly intervalMs?: number | undefined;
      } = {},
    ): Answer<EventStream> {
      const aborter = new AbortController();
      const timer = setTimeout(() => aborter.abort(timeoutError()), timeoutMs);
      const query = queryText({ types: types?.join(","), interval: intervalMs });
      const stream = await request(
        `/events${query}`,
        {
          headers: {
            Accept: "text/event-stream",
            ...(afterId !== undefined && { "Last-Event-ID": afterId }),
          },
        },
        (response) => readEvents(response, aborter),
        aborter.signal,
      );
      clearTimeout(timer);
      return stream;
    },
  };
}

/** One request and its answer, checked by a schema; whatever goes wrong is a value. */
function createDoor(
  { url, token, caCerts, hasOwnConnections, allowsPlainToken, timeoutMs }: Required<
    ApiClientOptions
  >,
) {
  const http = caCerts === undefined && !hasOwnConnections
    ? undefined
    : Deno.createHttpClient({ caCerts: [...caCerts ?? []] });
  const maySendToken = allowsPlainToken || isPrivate(url);
  const poster = hasOwnConnections && maySendToken && /^http:/i.test(url)
    ? new PlainPoster({ url, timeoutMs })
    : undefined;

  async function call<Schema extends z.ZodType>(
    schema: Schema,
    path: string,
    init: RequestInit = {},
  ): Answer<z.infer<Schema>> {
    const text = await request(path, init, (response) => response.text());
    return text.ok ? read(schema, text.value) : text;
  }

  function read<Schema extends z.ZodType>(
    schema: Schema,
    text: string,
  ): Result<z.infer<Schema>, ClientError> {
    const parsed = schema.safeParse(parseJson(text));
    if (parsed.success) return ok(parsed.data);
    const issue = parsed.error.issues[0];
    return err(unexpected(url, `${issue?.path.join(".")}: ${issue?.message}`));
  }

  async function request<T>(
    path: string,
    init: RequestInit,
    read: (response: Response) => Promise<T> | T,
    signal: AbortSignal = AbortSignal.timeout(timeoutMs),
  ): Answer<T> {
    try {
      const headers = new Headers(init.headers);
      if (token !== undefined) {
        if (!maySendToken && init.method === "POST") return err(tokenInClear(url));
        if (maySendToken) headers.set("Authorization", `Bearer ${token}`);
      }
      const response = await fetch(`${url}${API_PATH}${path}`, {
        ...init,
        headers,
        redirect: "error",
        signal,
        ...(http !== undefined && { client: http }),
      });
      if (response.ok) return ok(await read(response));
      return err(refusal(url, response.status, await response.text()));
    } catch (error) {
      return err(unreachable(url, error, timeoutMs));
    }
  }

  function post<Schema extends z.ZodType>(
    schema: Schema,
    path: string,
    body?: unknown,
    headers: Readonly<Record<string, string>> = {},
  ): Answer<z.infer<Schema>> {
    if (poster !== undefined && body !== undefined) {
      const all = {
        ...headers,
        ...(token !== undefined && { "Authorization": `Bearer ${token}` }),
        "Content-Type": "application/json",
      };
      if (arePlain(Object.values(all))) return postPlainly(schema, path, { headers: all, body });
    }
    return call(schema, path, {
      method: "POST",
      headers,
      ...(body === undefined ? {} : {
        headers: { ...headers, "Content-Type": "application/json" },
        body: JSON.stringify(body),
      }),
    });
  }

  async function postPlainly<Schema extends z.ZodType>(
    schema: Schema,
    path: string,
    { headers, body }: {
      readonly headers: Readonly<Record<string, string>>;
      readonly body: unknown;
    },
  ): Answer<z.infer<Schema>> {
    try {
      const answer = await poster?.post(`${API_PATH}${path}`, headers, JSON.stringify(body));
      if (answer === undefined) return err(unreachable(url, undefined, timeoutMs));
      const { status, text } = answer;
      return status < 300 ? read(schema, text) : err(refusal(url, status, text));
    } catch (error) {
      return err(unreachable(url, error, timeoutMs));
    }
  }

  function close(): void {
    http?.close();
    poster?.close();
  }

  return { close, call, request, post };
}

/** Nobody else can listen: it is encrypted, or does not leave the machine. */
function isPrivate(url: string): boolean {
  const { protocol, hostname } = new URL(url);
  return protocol === "https:" || hostname === "localhost" || hostname === "[::1]" ||
    /^127(?:\.\d{1,3}){3}$/.test(hostname);
}

function tokenInClear(url: string): ClientError {
  return {
    kind: "unauthorised",
    code: "token-in-clear",
    message: `Cannot send the token to ${url}: got a way that others can listen to, wanted TLS ` +
      "(--ca, and --tls-cert at the node) or --allow-plain-token",
  };
}

function keyHeader(key: string | undefined): Record<string, string> {
  return key === undefined ? {} : { "Idempotency-Key": key };
}

function queryText(query: Readonly<Record<string, string | number | undefined>>): string {
  const pairs = Object.entries(query).filter(([, value]) => value !== undefined)
    .map(([name, value]) => [name, String(value)]);
  return pairs.length === 0 ? "" : `?${new URLSearchParams(pairs)}`;
}

function refusal(url: string, status: number, text: string): ClientError {
  const parsed = errorSchema.safeParse(parseJson(text));
  if (!parsed.success) return unexpected(url, `status ${status}`);
  const { code, message, evidence } = parsed.data.error;
  return status === 401
    ? { kind: "unauthorised", code, message }
    : { kind: "refused", code, message, evidence };
}

function unexpected(url: string, got: string): ClientError {
  return {
    kind: "unexpected",
    code: "answer-unexpected",
    message: `Cannot understand ${url}: got ${got}, wanted a node's answer`,
  };
}

function unreachable(url: string, error: unknown, timeoutMs: number): ClientError {
  const isTimeout = error instanceof DOMException && error.name === "TimeoutError";
  const got = isTimeout
    ? `no answer within ${timeoutMs / 1000} s`
    : tlsFailureOf(url, error) ?? "no connection";
  return {
    kind: "unreachable",
    code: isTimeout ? "node-timeout" : "node-unreachable",
    message: `Cannot reach the node at ${url}: got ${got}, wanted a running node`,
  };
}

/** Why an encrypted connection came to nothing, as far as the engine says. */
function tlsFailureOf(url: string, error: unknown): string | undefined {
  if (!url.startsWith("https:") || !(error instanceof Error)) return undefined;
  const cause = String(error.cause);
  const refused = /invalid peer certificate: (.+)$/.exec(cause)?.[1];
  if (refused !== undefined) return `a certificate that is not trusted (${refused})`;
  return cause.includes("InvalidContentType") ? "an answer that is not TLS" : undefined;
}

function timeoutError(): DOMException {
  return new DOMException("The time is over", "TimeoutError");
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
