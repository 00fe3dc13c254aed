/** The API's description and its page. */
import assert from "node:assert/strict";
import { gunzipSync } from "node:zlib";
import { createTestApi } from "../testing/test_api.ts";

Deno.test("GET /openapi.json describes every route and every refusal", async () => {
  const api = createTestApi();
  const document = await (await api.get("/openapi.json")).json();
  assert.equal(document.openapi, "3.1.0");
  const undocumented = new Set(["/metrics", "/openapi.json", "/docs"]);
  const routes = new Set(
    api.app.routes
      .filter(({ method, path }) =>
        (method === "GET" || method === "POST") && path.startsWith("/api/v1/")
      )
      .map(({ path }) => path.replace("/api/v1", "").replaceAll(/:(\w+)/g, "{$1}"))
      .filter((path) => !undocumented.has(path) && !path.startsWith("/docs/")),
  );
  assert(routes.size >= 24);
  for (const path of routes) assert(document.paths[`/api/v1${path}`], path);

  for (const [path, methods] of Object.entries(document.paths)) {
    for (const [method, operation] of Object.entries(methods as Record<string, never>)) {
      const { responses, security, summary } = operation as Record<string, unknown>;
      assert(summary, path);
      assert.equal(method === "post", security !== undefined, `${path} tells who may call it`);
      for (const status of ["400", "404", "503"]) {
        assert((responses as Record<string, unknown>)[status], `${path} ${status}`);
      }
    }
  }
  const { components } = document;
  assert.equal(components.securitySchemes.token.scheme, "bearer");
  assert.equal(components.schemas.PaymentRequest.additionalProperties, false);
});

Deno.test("GET /openapi.json has no dangling reference", async () => {
  const api = createTestApi();
  const document = await (await api.get("/openapi.json")).json();
  const references = [...JSON.stringify(document).matchAll(/"\$ref":"#\/([^"]+)"/g)];
  assert(references.length > 20);
  for (const [, path] of references) {
    let value = document;
    for (const part of (path as string).split("/")) value = value?.[part];
    assert(value !== undefined, path);
  }
});

Deno.test("GET /docs loads nothing from anywhere else", async () => {
  const api = createTestApi();
  const page = await api.get("/docs");
  const policy = page.headers.get("content-security-policy") ?? "";
  assert.match(policy, /default-src 'none'/);
  const html = await page.text();
  assert.doesNotMatch(html, /https?:\/\//);
  const files = [...html.matchAll(/(?:src|href)="(\/[^"]+)"/g)].map((match) => match[1] as string);
  assert.equal(files.length, 3);
  for (const file of files) {
    const response = await api.app.request(file);
    assert.equal(response.status, 200, file);
    assert((await response.arrayBuffer()).byteLength > 100, file);
  }
});

Deno.test("GET /docs/swagger-ui.css comes gzipped to whoever can read that", async () => {
  const api = createTestApi();
  const plain = await (await api.get("/docs/swagger-ui.css")).text();
  const zipped = await api.get("/docs/swagger-ui.css", { "Accept-Encoding": "gzip, br" });
  assert.equal(zipped.headers.get("content-encoding"), "gzip");
  const bytes = new Uint8Array(await zipped.arrayBuffer());
  assert.equal(gunzipSync(bytes).toString(), plain);
  assert.match(plain, /\.swagger-ui/);
});
