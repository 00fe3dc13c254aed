/** The protocol page is silent about no route and no code. */
import assert from "node:assert/strict";
import { Hono } from "hono";
import { createApiApp } from "../lib/http/api_app.ts";
import { labRoutes } from "../lib/http/lab_routes.ts";
import { createP2pRoutes } from "../lib/http/p2p_routes.ts";
import { createTestApi } from "../lib/testing/test_api.ts";
import { sourcesOf } from "./bounds.ts";

const PAGE = Deno.readTextFileSync(new URL("../docs/protocol.md", import.meta.url));
const CODE = "[a-z]+(?:-[a-z0-9]+)+";

/** Codes that stand in a list of types, or are given to a refusal. */
function codesOf(text: string): string[] {
  const lists = text.matchAll(/\bcode\??:((?:\s*\|?\s*"[a-z0-9-]+")+)/g);
  return [...lists].flatMap(([list]) =>
    [...list.matchAll(new RegExp(`"(${CODE})"`, "g"))].map(([, code]) => code as string)
  );
}

Deno.test("every route of a node stands in docs/protocol.md", () => {
  const { ports } = createTestApi({ isReady: false });
  const app = createApiApp(ports, {
    peerRoutes: createP2pRoutes({} as Parameters<typeof createP2pRoutes>[0]),
    labRoutes: labRoutes({ secret: "s".repeat(32) } as Parameters<typeof labRoutes>[0]),
    onInternalError: () => {},
  });
  const routes = missing(routesOf(app), PAGE);
  assert.deepEqual(routes, [], "write them down, or run deno run -A scripts/doc_tables.ts");
});

Deno.test("every code stands in docs/protocol.md", () => {
  const codes = sourcesOf("lib")
    .filter((file) => !file.startsWith("lib/testing/"))
    .flatMap((file) => codesOf(Deno.readTextFileSync(new URL(`../${file}`, import.meta.url))));
  assert(codes.length > 150, "the codes are found");
  assert.deepEqual(missing(codes, PAGE), []);
});

Deno.test("a route or a code that nobody has written down is found", () => {
  const app = new Hono().get("/nowhere/:what", (c) => c.text(""));
  assert.deepEqual(missing(routesOf(app), PAGE), ["GET /nowhere/{what}"]);
  const codes = codesOf(
    '{ code: "never-heard-of" } type A = { code: "tx-overspends" | "not-told" }',
  );
  assert.deepEqual(missing(codes, PAGE), ["never-heard-of", "not-told"]);
});

function routesOf({ routes }: Pick<Hono, "routes">): string[] {
  return routes.filter(({ method, path }) => method !== "ALL" && !path.includes("*"))
    .map(({ method, path }) => `${method} ${path.replaceAll(/:([a-z]+)/g, "{$1}")}`);
}

/** Those that the page does not name as they are, each once. */
function missing(names: readonly string[], page: string): string[] {
  // A path may be followed by its query, or by what the body is.
  const isNamed = (name: string) => page.includes(`\`${name}\``) || page.includes(`\`${name}?`);
  return [...new Set(names)].filter((name) => !isNamed(name)).sort();
}
