/** A node's explorer in a browser: it looks at everything, and pays only through the printed link. */
import assert from "node:assert/strict";
import axe from "axe-core";
import { chromium } from "playwright-core";
import { createTestApi } from "../testing/test_api.ts";
import { PAGE_LINK_AGE_MS_MAX, PAGE_LINKS_MAX, PageLinks } from "./page_links.ts";

const WAIT_MS_MAX = 180_000;
const EXECUTABLE_PATH = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"]
  .find((path) => {
    try {
      return Deno.statSync(path).isFile;
    } catch {
      return false;
    }
  });

Deno.test("the explorer shows blocks, and pays once it is opened by a link", {
  ignore: EXECUTABLE_PATH === undefined,
  sanitizeOps: false,
  sanitizeResources: false,
}, async () => {
  const api = createTestApi({ nodes: 2 });
  const server = Deno.serve(
    { port: 0, hostname: "127.0.0.1", onListen: () => {} },
    api.app.fetch,
  );
  const browser = await chromium.launch({
    executablePath: EXECUTABLE_PATH as string,
    args: ["--no-sandbox"],
    timeout: WAIT_MS_MAX,
  });
  try {
    const origin = `http://127.0.0.1:${server.addr.port}`;
    const page = await (await browser.newContext({ locale: "en" })).newPage();
    page.setDefaultTimeout(WAIT_MS_MAX);
    const problems: string[] = [];
    page.on("pageerror", (error) => problems.push(error.message));
    page.on("console", (message) => {
      if (message.type() === "error") problems.push(message.text());
    });
    page.on("request", (request) => {
      if (!request.url().startsWith(`${origin}/`) && !request.url().startsWith("data:")) {
        problems.push(request.url());
      }
      if (/open=|token=/.test(request.url())) problems.push(request.url());
    });

    await page.goto(`${origin}/explorer`);
    await page.waitForSelector("text=This page may look but not pay");
    await page.click("td a:text-is('1')");
    await page.waitForSelector("h2:text-is('Block 1')");
    await page.waitForSelector("text=/^main chain$/");

    const { code } = await (await api.post("/page-links", {})).json();
    const link = `${origin}/explorer#open=${code}`;
    await page.goto("about:blank");
    await page.goto(link);
    await page.waitForSelector("text=This page may pay");
    assert.doesNotMatch(page.url(), /open=/);
    await page.fill("input[name=to]", "id1");
    await page.fill("input[name=amount]", "3");
    await page.click("button:text-is('Pay')");
    await page.waitForSelector("text=/Accepted: [0-9a-f]{64}/");
    await page.click("a:text-is('Pool')");
    await page.waitForSelector("td.number:text-is('3')");

    await page.evaluate(axe.source);
    const violations = await page.evaluate(async () => {
      const { axe } = globalThis as unknown as {
        axe: { run(options: unknown): Promise<{ violations: { id: string }[] }> };
      };
      return (await axe.run({ runOnly: ["wcag2a", "wcag2aa"] })).violations.map(({ id }) => id);
    });
    assert.deepEqual(violations, []);
    assert.deepEqual(problems, []);

    // What a rule, a policy or the node's state stopped is counted, and told in the reader's language.
    await page.click("a:text-is('Rules')");
    await page.waitForSelector("tr:has-text('tx-overspends') >> td:text-is('4')");
    await page.waitForSelector("tr:has-text('the signature does not verify') >> td:text-is('0')");
    const greek = await (await browser.newContext({ locale: "el-GR" })).newPage();
    await greek.goto(
      `${origin}/explorer#open=${(await (await api.post("/page-links", {})).json()).code}`,
    );
    await greek.fill("input[name=to]", "id1");
    await greek.fill("input[name=amount]", "100000");
    await greek.click(".pay button[type=submit]");
    await greek.waitForSelector("text=/το πορτοφόλι δεν έχει τόσα νομίσματα.*insufficient-funds/");
    await greek.goto(`${origin}/explorer#/explorer/rules`);
    await greek.waitForSelector("text=η υπογραφή δεν επαληθεύεται");

    // The same link again, in another browser, opens nothing.
    const other = await (await browser.newContext({ locale: "en" })).newPage();
    await other.goto(link);
    await other.waitForSelector("text=This page may look but not pay");
  } finally {
    await browser.close();
    api.stop();
    await server.shutdown();
  }
});

Deno.test("POST /page/session gives the token once, on loopback, to no other site", async () => {
  const api = createTestApi();
  const codeOf = async () => (await (await api.post("/page-links", {})).json()).code as string;
  const open = async (
    code: string,
    headers: Record<string, string> = {},
    host = "127.0.0.1:5000",
  ) => {
    const response = await api.app.request(`http://${host}/page/session`, {
      method: "POST",
      body: JSON.stringify({ code }),
      headers: { host, "content-type": "application/json", ...headers },
    });
    await response.body?.cancel();
    return response.status;
  };
  const code = await codeOf();
  assert.equal(await open(code, { origin: "http://evil.example" }), 401);
  assert.equal(await open(code, {}, "192.0.2.1:5000"), 401);
  assert.equal(await open(code, { origin: "http://127.0.0.1:5000" }), 200);
  assert.equal(await open(code), 401);
  assert.equal((await api.app.request("/api/v1/page-links", { method: "POST" })).status, 401);
});

Deno.test("PageLinks are bounded in number and age", () => {
  const links = new PageLinks();
  const first = links.create(0);
  for (let count = 0; count < PAGE_LINKS_MAX; count++) links.create(0);
  assert.equal(links.take(first, 0), false);
  const late = links.create(0);
  assert.equal(links.take(late, PAGE_LINK_AGE_MS_MAX + 1), false);
});
