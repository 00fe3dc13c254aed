/**
 * The dashboard's page: what a browser gets at the node's own URL.
 *
 * The page reads the API like any other client; it has no token and cannot spend. Everything it needs
 * comes from the node, and its policy allows nothing else.
 *
 * @module
 */
import { type Context, Hono } from "hono";

const PAGE_POLICY = "default-src 'none'; script-src 'self'; style-src 'self'; img-src data:; " +
  "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/** What the page says where nothing else is known. */
const CLIENT_HINT = "noobcash client";

/** @param clientHint how one talks to this node in a terminal of its machine */
function pageOf(name: "dashboard" | "explorer", clientHint: string): string {
  return `<!doctype html>
<html lang="en" data-client="${escapeHtml(clientHint)}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Noobcash</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="/${name}/style.css">
</head>
<body>
<div id="app"><noscript>This page wants JavaScript; the API at /api/v1 does not.</noscript></div>
<script type="module" src="/${name}/app.js"></script>
</body>
</html>
`;
}

export function dashboardRoutes(clientHint = CLIENT_HINT) {
  const send = (c: Context, name: "dashboard" | "explorer") => {
    c.header("Content-Security-Policy", PAGE_POLICY);
    // Where the node keeps its data concerns nobody on another machine.
    return c.html(pageOf(name, isFromHere(c) ? clientHint : CLIENT_HINT));
  };
  return new Hono()
    .get("/", (c) => send(c, "dashboard"))
    .get("/explorer", (c) => send(c, "explorer"))
    .get("/explorer/app.js", async (c) => {
      const { SCRIPT } = await import("../../build/explorer_assets.ts");
      return asset(c, SCRIPT, "text/javascript; charset=utf-8");
    })
    .get("/explorer/style.css", async (c) => {
      const { STYLE } = await import("../../build/explorer_assets.ts");
      return asset(c, STYLE, "text/css; charset=utf-8");
    })
    .get("/dashboard/app.js", async (c) => {
      const { SCRIPT } = await import("../../build/dashboard_assets.ts");
      return asset(c, SCRIPT, "text/javascript; charset=utf-8");
    })
    .get("/dashboard/style.css", async (c) => {
      const { STYLE } = await import("../../build/dashboard_assets.ts");
      return asset(c, STYLE, "text/css; charset=utf-8");
    });
}

function asset(c: Context, text: string, contentType: string): Response {
  c.header("Content-Type", contentType);
  c.header("Cache-Control", "no-cache");
  return c.body(text);
}

/** Whether a request comes from this machine; where nobody says whence, it does not. */
function isFromHere(c: Context): boolean {
  const { remoteAddress = "" } = (c.env ?? {}) as { readonly remoteAddress?: string };
  return /^(?:::ffff:)?127\.|^::1$/.test(remoteAddress);
}

function escapeHtml(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll('"', "&quot;").replaceAll("<", "&lt;");
}
