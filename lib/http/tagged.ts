/**
 * Entity tags: whoever shows that it has an answer already gets 304 and no body.
 *
 * The framework's own middleware reads each answer bit by bit, twice, and leaves a copy of every bit: more than
 * what made the answer. Here it is read once, and what is sent is these very bytes.
 *
 * @module
 */
import type { MiddlewareHandler } from "hono";
import { sha256 } from "../crypto/hash.ts";
import { plainAnswer } from "./plain_answer.ts";

/** Of an answer that is not cut short: the headers that a 304 repeats. */
const KEPT_HEADERS = ["cache-control", "content-location", "vary"];

/** Tags what is answered with 200. */
export const tagged: MiddlewareHandler = async (c, next) => {
  await next();
  if (!/^(?:GET|HEAD)$/.test(c.req.method) || c.res.status !== 200) return;
  const body = new Uint8Array(await c.res.arrayBuffer());
  const tag = `"${sha256(body).toHex()}"`;
  const headers = { ...Object.fromEntries(c.res.headers), etag: tag };
  const answer = hasTag(c.req.header("if-none-match"), tag)
    ? new Response(null, { status: 304, headers: keptOf(headers) })
    : plainAnswer({ status: 200, headers, body });
  // What was answered before would be merged into it.
  c.res = undefined;
  c.res = answer;
};

/** Tells whether a caller has the answer of that tag, or any. */
function hasTag(ifNoneMatch: string | undefined, tag: string): boolean {
  if (ifNoneMatch === undefined) return false;
  if (ifNoneMatch.trim() === "*") return true;
  return ifNoneMatch.match(/"[^"]*"/g)?.some((known) => known === tag) ?? false;
}

function keptOf(headers: Readonly<Record<string, string>>): Record<string, string> {
  const isKept = (name: string) =>
    name === "etag" || KEPT_HEADERS.includes(name) || name.startsWith("x-noobcash-");
  return Object.fromEntries(Object.entries(headers).filter(([name]) => isKept(name)));
}
