/**
 * Who may call what: the checks that stand in front of every route of the API.
 *
 * - The `Host` must be an IP address, `localhost` or a name of this node: a page of another site cannot
 *   have its own name point here and read the answers (DNS rebinding).
 * - What changes anything is a POST, wants the node's token, and refuses the `Origin` of another site. No
 *   CORS header is ever sent.
 * - Bodies are bounded before they are read.
 *
 * @module
 */
import { timingSafeEqual } from "node:crypto";
import type { MiddlewareHandler } from "hono";
import { bodyLimit } from "hono/body-limit";
import { utf8Bytes } from "../bytes.ts";
import { sha256 } from "../crypto/hash.ts";
import { API_BODY_SIZE_BYTES_MAX } from "../wire/api_basics.ts";
import type { HttpError } from "./api_error.ts";
import type { Asked } from "./plain_request.ts";
import { refuse } from "./refuse.ts";

/** Decides who may call; says why not, `undefined` when nothing speaks against it. */
export interface Gate {
  /** Whether the node is called by a name of its own. */
  hostProblem(request: Asked): HttpError | undefined;
  /** Whether an order may be given: by no other site's page, and with the token. */
  orderProblem(request: Asked): HttpError | undefined;
}

/** @param hostNames its own names, beside addresses and `localhost` */
export function createHostGate(hostNames: readonly string[]): Pick<Gate, "hostProblem"> {
  const names = new Set(hostNames.map((name) => name.toLowerCase()));
  // Whoever calls does so under one name, again and again; parsing it costs 5 us.
  let allowedHost: string | undefined;

  return {
    hostProblem(request) {
      const host = hostOf(request);
      if (host === allowedHost) return undefined;
      const hostName = hostNameOf(host);
      if (hostName === undefined || !(isHarmless(hostName) || names.has(hostName))) {
        return { code: "host-forbidden", got: host };
      }
      allowedHost = host;
      return undefined;
    },
  };
}

export function createGate(
  { hostNames, token }: { readonly hostNames: readonly string[]; readonly token: string },
): Gate {
  const wanted = utf8Bytes(`Bearer ${token}`);
  const wantedDigest = sha256(utf8Bytes(token));
  return {
    ...createHostGate(hostNames),
    orderProblem(request) {
      const origin = request.headers.get("origin");
      if (origin !== null && !isSameSite(origin, hostOf(request))) {
        return { code: "origin-forbidden", got: origin };
      }
      const authorization = request.headers.get("authorization") ?? "";
      if (authorization.length === wanted.length) {
        const bytes = utf8Bytes(authorization);
        if (bytes.length === wanted.length && timingSafeEqual(bytes, wanted)) return undefined;
      }
      const given = /^Bearer +([\x21-\x7e]+)$/i.exec(authorization)?.[1];
      if (given === undefined) return { code: "token-missing" };
      return timingSafeEqual(sha256(utf8Bytes(given)), wantedDigest)
        ? undefined
        : { code: "token-wrong" };
    },
  };
}

/** Refuses calls under a name that is not the node's. */
export function guardHost(gate: Pick<Gate, "hostProblem">): MiddlewareHandler {
  return async (c, next) => {
    const problem = gate.hostProblem(c.req.raw);
    if (problem !== undefined) return refuse(c, problem);
    await next();
  };
}

/** Refuses orders (whatever is no GET) that another site's page sends, and orders without the token. */
export function guardOrders(gate: Pick<Gate, "orderProblem">): MiddlewareHandler {
  return async (c, next) => {
    if (c.req.method === "GET" || c.req.method === "HEAD") return await next();
    const problem = gate.orderProblem(c.req.raw);
    if (problem !== undefined) return refuse(c, problem);
    await next();
  };
}

/** Refuses bodies that are larger than any request of the API. */
export const guardBody: MiddlewareHandler = bodyLimit({
  maxSize: API_BODY_SIZE_BYTES_MAX,
  onError: (c) => refuse(c, { code: "body-too-large", max: API_BODY_SIZE_BYTES_MAX }),
});

function hostOf(request: Asked): string {
  return request.headers.get("host") ?? new URL(request.url).host;
}

/** The name of a `Host` header without its port, in lower case; `undefined` when it is none. */
function hostNameOf(host: string): string | undefined {
  if (!/^[A-Za-z0-9._:[\]-]+$/.test(host) || !URL.canParse(`http://${host}/`)) return undefined;
  return new URL(`http://${host}/`).hostname;
}

/** An address cannot be rebound, and `localhost` is resolved by the machine itself. */
function isHarmless(hostName: string): boolean {
  return hostName === "localhost" || hostName.endsWith(".localhost") ||
    hostName.startsWith("[") || /^\d{1,3}(?:\.\d{1,3}){3}$/.test(hostName);
}

function isSameSite(origin: string, host: string): boolean {
  return URL.canParse(origin) && new URL(origin).host === new URL(`http://${host}/`).host;
}
