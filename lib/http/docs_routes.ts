/**
 * The API's description: `/openapi.json`, made from the routes' own schemas, and a page to read and try
 * it at `/docs`.
 *
 * Everything the page needs comes from the node itself; it works without a network.
 *
 * @module
 */
import type { OpenAPIHono } from "@hono/zod-openapi";
import { type Context, Hono } from "hono";
import { API_PATH } from "../wire/api_basics.ts";
import type { ApiPorts } from "./ports.ts";

/** What the page may do: nothing but talk to the node it came from. */
const PAGE_POLICY = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; " +
  "img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; " +
  "frame-ancestors 'none'";

/** What the library writes too faintly for WCAG AA. */
const CONTRAST_STYLE = `.swagger-ui .info .title small { background: #4a5160; }
.swagger-ui .info .title small.version-stamp { background: #3f6b00; }
.swagger-ui .info a .url, .swagger-ui .info .base-url { color: #3b4151; }
.swagger-ui .opblock.opblock-get .opblock-summary-method { background: #1b5fa8; }
.swagger-ui .opblock.opblock-post .opblock-summary-method { background: #1d7a4d; }
.swagger-ui .btn.authorize { color: #1d6b45; border-color: #1d6b45; }
.swagger-ui .json-schema-2020-12-expand-deep-button { color: #5a5a5a; }
.swagger-ui .json-schema-2020-12__attribute--primary { color: #3f3f9e; }
.swagger-ui .json-schema-2020-12-keyword__value--const { background: #5b3da8; }
.swagger-ui .renderedMarkdown code, .swagger-ui .info code { color: #6d1f8c; }`;

const PAGE = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Noobcash API</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="${API_PATH}/docs/swagger-ui.css">
<style>${CONTRAST_STYLE}</style>
</head>
<body>
<main id="page"></main>
<script src="${API_PATH}/docs/swagger-ui.js"></script>
<script src="${API_PATH}/docs/start.js"></script>
</body>
</html>
`;

const START_SCRIPT = `SwaggerUIBundle({
  url: "${API_PATH}/openapi.json",
  dom_id: "#page",
  // With links of their own in them, the buttons of operations cannot be told from links by ear.
  deepLinking: false,
  validatorUrl: null,
  presets: [SwaggerUIBundle.presets.apis],
});
`;

/** @param described gives the application whose routes are described */
export function docsRoutes(ports: ApiPorts, described: () => OpenAPIHono) {
  let document: ReturnType<typeof documentOf> | undefined;
  return new Hono()
    .get("/openapi.json", (c) => c.json(document ??= documentOf(described(), ports.version)))
    .get("/docs", (c) => {
      c.header("Content-Security-Policy", PAGE_POLICY);
      return c.html(PAGE);
    })
    .get("/docs/start.js", (c) => {
      c.header("Content-Type", "text/javascript; charset=utf-8");
      return c.body(START_SCRIPT);
    })
    .get("/docs/swagger-ui.js", async (c) => {
      const { SCRIPT_GZIP_BASE64 } = await import("../../build/swagger_ui_assets.ts");
      return asset(c, SCRIPT_GZIP_BASE64, "text/javascript; charset=utf-8");
    })
    .get("/docs/swagger-ui.css", async (c) => {
      const { STYLE_GZIP_BASE64 } = await import("../../build/swagger_ui_assets.ts");
      return asset(c, STYLE_GZIP_BASE64, "text/css; charset=utf-8");
    });
}

/** The OpenAPI document of an application's routes. */
function documentOf(app: OpenAPIHono, version: string) {
  app.openAPIRegistry.registerComponent("securitySchemes", "token", {
    type: "http",
    scheme: "bearer",
    description: "The content of the file `token` in the node's data folder",
  });
  return app.getOpenAPI31Document({
    openapi: "3.1.0",
    info: {
      title: "Noobcash node",
      version,
      description: "What a node tells and what it can be told. Refusals have one shape; their " +
        "`code` is stable, their `message` is for people.",
    },
    tags: [
      { name: "node", description: "The node itself and its network" },
      { name: "chain", description: "Blocks, transactions, the pool" },
      { name: "wallets", description: "Balances, history, payments" },
      { name: "control", description: "Steering a running node" },
    ],
  });
}

/** Sends a gzipped file; unpacked for the rare client that cannot do it. */
function asset(c: Context, gzipBase64: string, contentType: string): Response {
  const bytes = Uint8Array.fromBase64(gzipBase64);
  c.header("Content-Type", contentType);
  c.header("Cache-Control", "max-age=86400");
  c.header("Vary", "Accept-Encoding");
  if (/\bgzip\b/.test(c.req.header("accept-encoding") ?? "")) {
    c.header("Content-Encoding", "gzip");
    return c.body(bytes);
  }
  const unpacked = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
  return c.body(unpacked);
}
