/** The dashboard in a browser: what it shows, that it follows the node, that it loads nothing else. */
import assert from "node:assert/strict";
import { type Browser, chromium, type Page } from "playwright-core";
import { accessibilityProblems } from "../testing/accessibility.ts";
import { forkOnce } from "../testing/fork_once.ts";
import { createTestApi, TEST_TOKEN, type TestApi } from "../testing/test_api.ts";
import { translationProblems } from "../translation.ts";
import { dashboardRoutes } from "./dashboard_routes.ts";
import { ENGLISH } from "./dashboard/texts_english.ts";
import { GREEK } from "./dashboard/texts_greek.ts";

/** What takes a second alone may take a minute on a machine that does ten other things. */
const WAIT_MS_MAX = 180_000;
const BROWSER_PATHS = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];

function browserPath(): string | undefined {
  return BROWSER_PATHS.find((path) => {
    try {
      return Deno.statSync(path).isFile;
    } catch {
      return false;
    }
  });
}

const executablePath = browserPath();
if (executablePath === undefined) {
  console.log("Skips the dashboard's browser tests: no chromium here");
}

/** A page that shows a node, and everything that went wrong in it. */
async function withPage(
  { locale = "en", width = 1280, ...options }: Parameters<typeof createTestApi>[0] & {
    readonly locale?: string;
    readonly width?: number;
  },
  test: (page: Page, api: TestApi, problems: string[]) => Promise<void>,
): Promise<void> {
  const api = createTestApi(options);
  const server = Deno.serve(
    { port: 0, hostname: "127.0.0.1", onListen: () => {} },
    api.app.fetch,
  );
  const browser: Browser = await chromium.launch({
    executablePath: executablePath as string,
    args: ["--no-sandbox"],
    timeout: WAIT_MS_MAX,
  });
  try {
    const page = await browser.newPage({ locale, viewport: { width, height: 900 } });
    page.setDefaultTimeout(WAIT_MS_MAX);
    const origin = `http://127.0.0.1:${server.addr.port}`;
    const problems: string[] = [];
    page.on("pageerror", (error) => problems.push(error.message));
    page.on("console", (message) => {
      if (message.type() === "error" && !message.text().includes("503")) {
        problems.push(message.text());
      }
    });
    page.on("request", (request) => {
      const url = request.url();
      if (!url.startsWith(`${origin}/`) && !url.startsWith("data:")) problems.push(url);
    });
    await page.goto(`${origin}/`);
    await test(page, api, problems);
  } finally {
    await browser.close();
    api.stop();
    await server.shutdown();
  }
}

/** Tells the page what happened since. */
function tell(api: TestApi, from: number): void {
  for (const event of api.node.events.slice(from)) api.emit(event);
}

const browserTest = {
  ignore: executablePath === undefined,
  sanitizeOps: false,
  sanitizeResources: false,
};

Deno.test("the dashboard shows the chain, the ring and the balances", browserTest, async () => {
  await withPage({ nodes: 3 }, async (page, _api, problems) => {
    await page.waitForSelector(".bars li:nth-child(3)");
    const heights = await page.locator(".block .height").allTextContents();
    assert.deepEqual(heights, ["1", "0"]);
    assert.deepEqual(await page.locator(".bars li > span:nth-child(3)").allTextContents(), [
      "100",
      "100",
      "100",
    ]);
    assert.equal(await page.locator(".ring li.connected").count(), 2);
    assert.match(await page.locator("header").innerText(), /id0 bootstrap/);
    assert.equal((await page.locator(".state").innerText()).trim(), "ready");

    // What was before the page was opened is told; genesis is nobody's; how to pay is said.
    await page.waitForSelector("text=Block 1 by id0, 2 transactions");
    assert.equal(await page.locator(".block.genesis.colour-none").count(), 1);
    assert.match(
      await page.locator(".command code").innerText(),
      /^noobcash client --port \d+ send/,
    );
    await page.waitForSelector("text=No fork has been seen");
    assert.equal(await page.locator(".ring .link").count(), 2);
    for (const colorScheme of ["light", "dark"] as const) {
      await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
      assert.deepEqual(await accessibilityProblems(page), []);
    }
    assert.deepEqual(problems, []);
  });
});

Deno.test(
  "the dashboard speaks Greek to a Greek browser, and what is chosen to anybody",
  browserTest,
  async () => {
    await withPage({ nodes: 3, locale: "el-GR" }, async (page, _api, problems) => {
      await page.waitForSelector("text=Υπόλοιπα");
      assert.equal((await page.locator(".state").innerText()).trim(), "έτοιμος");
      assert.equal(await page.evaluate("document.documentElement.lang"), "el");
      await page.locator(".languages button[lang=en]").click();
      await page.waitForSelector("text=Balances");
      assert.equal(await page.evaluate("document.documentElement.lang"), "en");
      await page.reload();
      await page.waitForSelector("text=Balances");
      assert.deepEqual(problems, []);
    });
  },
);

Deno.test("the dashboard tells a fork so that a beginner reads it", browserTest, async () => {
  await withPage({ nodes: 3, minersMax: 2 }, async (page, api, problems) => {
    await page.waitForSelector(".bars li:nth-child(3)");
    const from = api.node.events.length;
    forkOnce(api);
    tell(api, from);
    await page.waitForSelector("text=/Height 2: id[0-2] found a block too/");
    const [title, value] = await page.locator(".tile").nth(2).locator("h2, strong")
      .allInnerTexts();
    assert.deepEqual([title?.toUpperCase(), value], ["LOST BLOCKS", "1"]);
    assert.deepEqual(problems, []);
  });
});

Deno.test(
  "the dashboard fits a phone: nothing wider than it, the state beside the name",
  browserTest,
  async () => {
    await withPage({ nodes: 3, width: 390 }, async (page) => {
      await page.waitForSelector(".bars li:nth-child(3)");
      assert.equal(await page.evaluate("document.documentElement.scrollWidth"), 390);
      const [name, state] = await Promise.all(
        ["h1", ".state"].map((each) => page.locator(each).boundingBox()),
      );
      assert(name && state && Math.abs(name.y + name.height / 2 - state.y - state.height / 2) < 8);
    });
  },
);

Deno.test("every text of the dashboard is there in every language", () => {
  assert.deepEqual(
    translationProblems({ en: ENGLISH, el: GREEK }, ["api", "nbc", "pays", "block.facts"]),
    [],
  );
});

Deno.test("the dashboard follows the node without being reloaded", browserTest, async () => {
  await withPage({ nodes: 3 }, async (page, api, problems) => {
    await page.waitForSelector(".bars li:nth-child(3)");
    const from = api.node.events.length;
    await (await api.post("/payments", { to: 1, amount: 42 })).body?.cancel();
    tell(api, from);
    await page.waitForSelector("text=id0 → id1");
    const before = api.node.events.length;
    api.world.run(1_000);
    tell(api, before);
    await page.waitForSelector(".block .height:text-is('2')");
    await page.waitForSelector(".bars >> text=142");
    await page.waitForSelector("text=No transaction waits");

    await page.locator(".block", { hasText: "id0" }).first().click();
    await page.waitForSelector(".content table td:text-is('42')");
    assert.deepEqual(problems, []);
  });
});

Deno.test("the dashboard of a node that waits for others says so", browserTest, async () => {
  await withPage({ nodes: 3, isReady: false }, async (page, _api, problems) => {
    await page.waitForSelector("text=1 of 3 joined");
    assert.equal((await page.locator(".state").innerText()).trim(), "waiting for nodes");
    assert.deepEqual(problems, []);
  });
});

Deno.test(
  "R11 the dashboard says that the disk cannot be written, and that it can again",
  browserTest,
  async () => {
    await withPage({ nodes: 3 }, async (page, api) => {
      await page.waitForSelector(".bars li:nth-child(3)");
      assert.equal(await page.locator("[role=alert]").count(), 0);
      let sickness: string | undefined = "store-failed";
      Object.assign(api.ports, { sickness: () => sickness });
      api.emit({ type: "phase", phase: "ready" });
      const alert = page.locator("[role=alert]");
      await alert.waitFor();
      assert.equal(await alert.innerText(), ENGLISH["warning.store-failed"]);
      assert.deepEqual(await accessibilityProblems(page), []);
      await page.locator(".languages button[lang=el]").click();
      await page.waitForSelector(`text=${GREEK["warning.store-failed"]}`);
      sickness = undefined;
      api.emit({ type: "phase", phase: "ready" });
      await alert.waitFor({ state: "detached" });
    });
  },
);

Deno.test("the dashboard says when the node is gone", browserTest, async () => {
  await withPage({ nodes: 1 }, async (page, api) => {
    await page.waitForSelector(".state.ready");
    api.stop();
    await page.waitForSelector(".state.lost");
    assert.equal((await page.locator(".state").innerText()).trim(), "no connection");
  });
});

Deno.test("GET / allows the page nothing but its own node", async () => {
  const api = createTestApi();
  const response = await api.app.request("/");
  assert.match(
    response.headers.get("content-security-policy") ?? "",
    /^default-src 'none'; script-src 'self'; style-src 'self';/,
  );
  const text = await response.text();
  assert.doesNotMatch(text, /https?:\/\/|<script>|style=/);
  assert(!text.includes(TEST_TOKEN));
});

Deno.test("the page names the command that talks to its node, the folder on this machine alone", async () => {
  const app = dashboardRoutes(`deno task noobcash client --port 7 --data-dir '/a "b"'`);
  const hintFor = async (remoteAddress: string) => {
    const text = await (await app.request("/", {}, { remoteAddress })).text();
    return /data-client="([^"]*)"/.exec(text)?.[1];
  };
  for (const address of ["127.0.0.1", "::1", "::ffff:127.0.0.1"]) {
    const hint = "deno task noobcash client --port 7 --data-dir '/a &quot;b&quot;'";
    assert.equal(await hintFor(address), hint);
  }
  for (const address of ["", "10.0.0.7", "128.0.0.1"]) {
    assert.equal(await hintFor(address), "noobcash client");
  }
});
