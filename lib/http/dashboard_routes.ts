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

const PAGE = pageOf("dashboard");
const EXPLORER_PAGE = pageOf("explorer");

function pageOf(name: "dashboard" | "explorer"): string {
  return `<!doctype html>
<html lang="en">
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

export function dashboardRoutes() {
  return new Hono()
    .get("/", (c) => {
      c.header("Content-Security-Policy", PAGE_POLICY);
      return c.html(PAGE);
    })
    .get("/explorer", (c) => {
      c.header("Content-Security-Policy", PAGE_POLICY);
      return c.html(EXPLORER_PAGE);
    })
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
