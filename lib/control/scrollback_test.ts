/** A long chain in the page of a control room: opened late, scrolled to genesis, with few blocks in the page. */
import assert from "node:assert/strict";
import { chromium } from "playwright-core";
import type { FeedEvent, FeedHead } from "../page/feed.ts";
import { readOlderBlocks } from "./older_blocks.ts";
import { createRoomApp } from "./room_app.ts";
import { Room } from "./room.ts";
import { Sessions } from "./session.ts";

const HEIGHTS = 100_000;
const WAIT_MS_MAX = 120_000;
const HEAD: FeedHead = {
  origin: "cluster",
  title: "a long chain",
  originMs: 0,
  capacity: 1,
  difficulty: 1,
  nodes: 1,
};
const EXECUTABLE_PATH = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"]
  .find((path) => {
    try {
      return Deno.statSync(path).isFile;
    } catch {
      return false;
    }
  });

const idOf = (height: number, branch = 0) => `${height.toString(16).padStart(22, "0")}0${branch}`;

function blockEvent(height: number, branch = 0): FeedEvent {
  return {
    kind: "block",
    at: height,
    id: idOf(height, branch),
    parent: idOf(height - 1),
    height,
    miner: height === 0 ? null : 0,
    transactions: 1,
    stamp: height,
  };
}

Deno.test("a page that opens on 100,000 blocks scrolls to genesis and back", {
  ignore: EXECUTABLE_PATH === undefined,
  sanitizeOps: false,
  sanitizeResources: false,
}, async () => {
  const room = new Room(HEAD);
  for (let height = 0; height < HEIGHTS; height++) room.tell([blockEvent(height)]);
  room.tell([blockEvent(50_000, 1), {
    kind: "tip",
    at: HEIGHTS,
    node: 0,
    id: idOf(HEIGHTS - 1),
    dropped: 0,
  }]);
  const sessions = new Sessions(() => 0);
  let asked = 0;
  const app = createRoomApp({
    mode: "live",
    head: HEAD,
    sessions,
    onInternalError: (thrown) => console.error(thrown),
    follow: (detail) => room.follow(detail),
    older: (from, to) => {
      asked++;
      return readOlderBlocks(room.view, { from, to, source: { urls: [], secret: "" } });
    },
  });
  const server = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen: () => {} }, app.fetch);
  const browser = await chromium.launch({
    executablePath: EXECUTABLE_PATH as string,
    args: ["--no-sandbox"],
    timeout: WAIT_MS_MAX,
  });
  try {
    const page = await (await browser.newContext({ locale: "en" })).newPage();
    page.setDefaultTimeout(WAIT_MS_MAX);
    await page.goto(`http://127.0.0.1:${server.addr.port}/#open=${sessions.createCode()}`);
    const block = (height: number) => page.locator(`.tree .block[aria-label^='Block ${height} ']`);
    await block(HEIGHTS - 1).waitFor();
    // The tip is told to everybody; a page may look at its beginning once, before it has moved to the end.
    assert(asked <= 1, `${asked} ranges were read`);
    await page.click("button:text-is('To genesis')");
    await block(0).waitFor();
    await block(1).click();
    await page.waitForSelector("h2:text-is('Block 1')");
    assert.equal(
      await block(1).getAttribute("class").then((name) => /main/.test(name ?? "")),
      true,
    );

    // The middle of the chain, by the scroll bar: what is looked at is read, and little else.
    await page.locator(".tree").evaluate((tree, share) => {
      const place = tree as unknown as { scrollLeft: number; scrollWidth: number };
      place.scrollLeft = share * place.scrollWidth;
    }, 0.5);
    await page.waitForSelector(".tree .block[aria-label^='Block 500']");
    assert(asked < 10, `${asked} ranges were read`);
    assert(await page.locator(".tree .block").count() < 60);
    await page.click("button:text-is('Follow the tip')");
    await block(HEIGHTS - 1).waitFor();
  } finally {
    await browser.close();
    room.close();
    await server.shutdown();
  }
});

Deno.test("what the room has no more is asked of a node, and the main chain found in it", async () => {
  const room = new Room(HEAD);
  for (let height = 700; height < 720; height++) room.tell([blockEvent(height)]);
  room.tell([{ kind: "tip", at: 720, node: 0, id: idOf(719), dropped: 0 }]);
  const asked: string[] = [];
  const node = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen: () => {} }, (request) => {
    const url = new URL(request.url);
    asked.push(`${request.headers.get("authorization")} ${url.pathname}${url.search}`);
    const blocks = [];
    for (let height = 500; height < 700; height++) {
      for (const branch of height === 600 ? [1, 0] : [0]) {
        blocks.push({
          hash: idOf(height, branch).padEnd(64, "f"),
          parent: idOf(height - 1).padEnd(64, "f"),
          height,
          miner: 0,
          transactions: 1,
          stampMs: 0,
        });
      }
    }
    return Response.json({ blocks });
  });
  const down = "http://127.0.0.1:9";
  const urls = [down, `http://127.0.0.1:${node.addr.port}`];
  const older = await readOlderBlocks(room.view, {
    from: 500,
    to: 999,
    source: { urls, secret: "s" },
  });
  assert.deepEqual(asked, ["Bearer s /lab/v1/blocks?from=500&to=999"]);
  assert.equal(older.blocks.length, 221);
  assert.equal(older.main.length, 220);
  assert(!older.main.includes(idOf(600, 1)));
  assert.equal(room.view.main[500], idOf(500));
  await node.shutdown();
});
