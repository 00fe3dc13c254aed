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
import { refuse } from "./refuse.ts";

/** Refuses calls under a name that is not the node's. */
export function guardHost(hostNames: readonly string[]): MiddlewareHandler {
  const allowed = new Set(hostNames.map((name) => name.toLowerCase()));
  return async (c, next) => {
    const host = c.req.header("host") ?? new URL(c.req.url).host;
    const hostName = hostNameOf(host);
    if (hostName === undefined || !(isHarmless(hostName) || allowed.has(hostName))) {
      return refuse(c, { code: "host-forbidden", got: host });
    }
    await next();
  };
}

/** Refuses orders (whatever is no GET) that another site's page sends, and orders without the token. */
export function guardOrders(token: string): MiddlewareHandler {
  const wanted = sha256(utf8Bytes(token));
  return async (c, next) => {
    if (c.req.method === "GET" || c.req.method === "HEAD") return await next();
    const origin = c.req.header("origin");
    const host = c.req.header("host") ?? new URL(c.req.url).host;
    if (origin !== undefined && !isSameSite(origin, host)) {
      return refuse(c, { code: "origin-forbidden", got: origin });
    }

    const given = /^Bearer +([\x21-\x7e]+)$/i.exec(c.req.header("authorization") ?? "")?.[1];
    if (given === undefined) return refuse(c, { code: "token-missing" });
    if (!timingSafeEqual(sha256(utf8Bytes(given)), wanted)) {
      return refuse(c, { code: "token-wrong" });
    }
    await next();
  };
}

/** Refuses bodies that are larger than any request of the API. */
export const guardBody: MiddlewareHandler = bodyLimit({
  maxSize: API_BODY_SIZE_BYTES_MAX,
  onError: (c) => refuse(c, { code: "body-too-large", max: API_BODY_SIZE_BYTES_MAX }),
});

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
