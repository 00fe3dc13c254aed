/**
 * Links that let a node's own page pay: a code that is good once becomes the node's token in that page.
 *
 * ```
 * client dashboard → POST /api/v1/page-links (token) → code → link with the code in its fragment
 * page → POST /page/session (code) → token, kept for the tab's life
 * ```
 *
 * A fragment is sent to nobody and written to no log; the page takes it out of the address at once, and
 * what may be left in a history is worth nothing any more. The token is given on loopback or over TLS only.
 *
 * @module
 */
import { createHash, randomBytes, timingSafeEqual } from "node:crypto";
import { createRoute, z } from "@hono/zod-openapi";
import { Hono } from "hono";
import { bodyLimit } from "hono/body-limit";
import { pageLinkSchema } from "../wire/api_network.ts";
import { createRoutes, responses } from "./context.ts";
import type { ApiPorts } from "./ports.ts";

/** The most links that wait to be opened, and for how long one does. */
export const PAGE_LINKS_MAX = 16;
export const PAGE_LINK_AGE_MS_MAX = 10 * 60_000;

export class PageLinks {
  readonly #codes: { readonly digest: Uint8Array; readonly bornMs: number }[] = [];

  create(nowMs: number): string {
    const code = randomBytes(32).toString("base64url");
    this.#codes.push({ digest: digestOf(code), bornMs: nowMs });
    if (this.#codes.length > PAGE_LINKS_MAX) this.#codes.shift();
    return code;
  }

  /** Whether a code is good; it is not a second time. */
  take(code: string, nowMs: number): boolean {
    const digest = digestOf(code);
    const index = this.#codes.findIndex((each) => timingSafeEqual(each.digest, digest));
    const found = this.#codes[index];
    if (found === undefined) return false;
    this.#codes.splice(index, 1);
    return nowMs - found.bornMs <= PAGE_LINK_AGE_MS_MAX;
  }
}

const linkRoute = createRoute({
  method: "post",
  path: "/page-links",
  tags: ["node"],
  summary: "Makes a code with which the node's own page may pay, once opened",
  security: [{ token: [] }],
  responses: responses(pageLinkSchema, "The code belongs behind `/explorer#open=`"),
});

export function pageLinkRoutes(ports: ApiPorts, links: PageLinks) {
  return createRoutes().openapi(
    linkRoute,
    (c) => c.json({ code: links.create(ports.nowMs()) }, 200),
  );
}

const sessionSchema = z.strictObject({ code: z.string().max(200) });

/** Where the page changes its code; behind no token, since it has none. */
export function pageSessionRoutes(ports: ApiPorts, links: PageLinks): Hono {
  const app = new Hono();
  app.post("/page/session", bodyLimit({ maxSize: 1024 }), async (c) => {
    const { protocol } = new URL(c.req.url);
    const host = c.req.header("host") ?? new URL(c.req.url).host;
    const origin = c.req.header("origin");
    const isForeign = origin !== undefined && origin !== `${protocol}//${host}`;
    const isClear = protocol !== "https:" && !isLoopbackName(host);
    const parsed = sessionSchema.safeParse(await c.req.json().catch(() => undefined));
    const isGood = !isForeign && !isClear && parsed.success &&
      links.take(parsed.data.code, ports.nowMs());
    if (!isGood) {
      return c.json({ error: { code: "link-used", message: REFUSAL, evidence: {} } }, 401);
    }
    c.header("Cache-Control", "no-store");
    return c.json({ token: ports.token });
  });
  return app;
}

const REFUSAL = "Cannot open: the link is used or too old; make a new one with client dashboard";

function isLoopbackName(host: string): boolean {
  const { hostname } = new URL(`http://${host}/`);
  return hostname === "localhost" || hostname === "[::1]" || /^127(?:\.\d{1,3}){3}$/.test(hostname);
}

function digestOf(text: string): Uint8Array {
  return createHash("sha256").update(text).digest();
}
