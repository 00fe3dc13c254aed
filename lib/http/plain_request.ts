/**
 * Requests in the plain form that programs send, read without any of a server's machinery: one POST to one
 * path, its head in one piece, a body whose length is said.
 *
 * What is taken in is a narrow part of HTTP/1.1: lines that end with CR LF, names of tokens, values of
 * visible ASCII, no header twice that decides anything, none that asks for another way (a body in chunks, an
 * upgrade, an answer in between, the connection's end). Everything else is for the whole server to read, so
 * there is nothing that two readers of one request could take for two different requests.
 *
 * Pure: knows no sockets. Called by `first_look.ts` in the runtime.
 *
 * @module
 */

/** What guards look at of a request, whoever has read it. */
export interface Asked {
  readonly url: string;
  readonly headers: { get(name: string): string | null };
}

/** The head of a plain request. */
export interface PlainHead {
  readonly headers: ReadonlyMap<string, string>;
  /** How many bytes of the piece the head takes, the empty line included. */
  readonly headSizeBytes: number;
  readonly bodySizeBytes: number;
}

/** A longer head is for the whole server to refuse. */
export const PLAIN_HEAD_SIZE_BYTES_MAX = 8_192;

const HEADER =
  /^([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*([\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?)[ \t]*$/;
/** What no reader of a URL takes for anything else than a host and a port. */
const HOST = /^[A-Za-z0-9._:[\]-]+$/;
const SIZE = /^(?:0|[1-9][0-9]{0,8})$/;

/** What decides how a request is read or whether it is allowed: said once at most. */
const DECIDING: ReadonlySet<string> = new Set([
  "host",
  "authorization",
  "origin",
  "content-type",
  "content-length",
  "idempotency-key",
]);
/** Whoever sends one of these wants something that a plain answer does not give. */
const UNUSUAL: ReadonlySet<string> = new Set([
  "transfer-encoding",
  "content-encoding",
  "expect",
  "proxy-connection",
  "upgrade",
  "http2-settings",
  "te",
  "trailer",
]);

/**
 * Reads the head of a POST to this path from the beginning of a piece of bytes, given as one character a
 * byte; `undefined` for anything that is not plain.
 *
 * @example
 * ```ts
 * import { readPlainHead } from "./plain_request.ts";
 * import assert from "node:assert/strict";
 *
 * const text = "POST /p HTTP/1.1\r\nHost: here\r\nContent-Length: 2\r\n\r\n{}";
 * assert.equal(readPlainHead(text, "/p")?.bodySizeBytes, 2);
 * assert.equal(readPlainHead(text.replace("2", "+2"), "/p"), undefined);
 * ```
 */
export function readPlainHead(text: string, path: string): PlainHead | undefined {
  const first = `POST ${path} HTTP/1.1\r\n`;
  if (!text.startsWith(first)) return undefined;
  const end = text.indexOf("\r\n\r\n", first.length - 2);
  if (end < 0 || end > PLAIN_HEAD_SIZE_BYTES_MAX) return undefined;

  const headers = new Map<string, string>();
  for (let at = first.length; at < end;) {
    const lineEnd = text.indexOf("\r\n", at);
    const match = HEADER.exec(text.slice(at, lineEnd));
    if (match === null) return undefined;
    const name = (match[1] as string).toLowerCase();
    const value = match[2] as string;
    if (UNUSUAL.has(name)) return undefined;
    if (name === "connection" && value.toLowerCase() !== "keep-alive") return undefined;
    if (DECIDING.has(name)) {
      if (headers.has(name)) return undefined;
      headers.set(name, value);
    }
    at = lineEnd + 2;
  }
  const size = headers.get("content-length");
  if (size === undefined || !SIZE.test(size) || !HOST.test(headers.get("host") ?? "")) {
    return undefined;
  }
  return { headers, headSizeBytes: end + 4, bodySizeBytes: Number(size) };
}
