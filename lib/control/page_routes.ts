/**
 * The room's page and its two files. Whoever opens it sees an empty page until it has a token.
 *
 * @module
 */
import type { Context, Hono } from "hono";
import { pageHtml, type PageMode } from "./page_html.ts";

export function addPageRoutes(
  app: Hono,
  page: { readonly mode: PageMode; readonly language?: string | undefined },
): void {
  app.get("/", (c) => {
    const { html, policy } = pageHtml(page);
    c.header("Content-Security-Policy", policy);
    c.header("Cache-Control", "no-store");
    return c.html(html);
  });
  app.get("/room/app.js", async (c) => {
    const { SCRIPT } = await import("../../build/control_assets.ts");
    return await asset(c, SCRIPT, "text/javascript; charset=utf-8");
  });
  app.get("/room/style.css", async (c) => {
    const { STYLE } = await import("../../build/control_assets.ts");
    return await asset(c, STYLE, "text/css; charset=utf-8");
  });
}

const compressed = new Map<string, Uint8Array<ArrayBuffer>>();

/** Sends a file of the page, compressed if the browser takes that. */
async function asset(c: Context, text: string, contentType: string): Promise<Response> {
  c.header("Content-Type", contentType);
  c.header("Cache-Control", "no-cache");
  c.header("Vary", "Accept-Encoding");
  if (!/\bgzip\b/.test(c.req.header("accept-encoding") ?? "")) return c.body(text);
  let bytes = compressed.get(contentType);
  if (bytes === undefined) {
    const packed = new Blob([text]).stream().pipeThrough(new CompressionStream("gzip"));
    bytes = new Uint8Array(await new Response(packed).arrayBuffer());
    compressed.set(contentType, bytes);
  }
  c.header("Content-Encoding", "gzip");
  return c.body(bytes);
}
