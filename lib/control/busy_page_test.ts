/** A control room's page on a slow machine, while much happens: what a reader types and clicks is not lost. */
import assert from "node:assert/strict";
import { chromium, type Page } from "playwright-core";
import { type FeedEvent, type FeedHead, NO_NODE_FAULTS } from "../page/feed.ts";
import { type Follower, Room } from "./room.ts";
import { createRoomApp } from "./room_app.ts";
import { Sessions } from "./session.ts";

const WAIT_MS_MAX = 120_000;
/** The browser has a sixth of a processor. */
const THROTTLING_RATE = 6;
const HEAD: FeedHead = {
  origin: "cluster",
  title: "a busy network",
  originMs: 0,
  capacity: 1,
  difficulty: 1,
  nodes: 3,
};
const EXECUTABLE_PATH = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"]
  .find((path) => {
    try {
      return Deno.statSync(path).isFile;
    } catch {
      return false;
    }
  });

const idOf = (number: number, length: number) => number.toString(16).padStart(length, "0");

interface Opened {
  readonly page: Page;
  readonly room: Room;
  readonly paid: { readonly from: number; readonly to: string | number; readonly amount: number }[];
  /** The paths that the page has read of a node. */
  readonly readPaths: string[];
  /** Tells of another payment. */
  readonly tellPayment: () => string;
  /** Ends every feed, and takes nobody in while this is so. */
  readonly setDown: (isDown: boolean) => void;
  /** Answers of this path wait until they are let go. */
  readonly holdBack: (path: string) => () => void;
}

/** A page with a feed that never rests, and a node that answers whatever it is asked. */
async function withBusyPage(test: (opened: Opened) => Promise<void>): Promise<void> {
  const room = new Room(HEAD);
  const followers = new Set<Follower>();
  let at = 1;
  let isDown = false;
  const tell = (...events: FeedEvent[]) => room.tell(events);
  tell(
    ...[0, 1, 2].map((node): FeedEvent => ({
      kind: "node",
      at: 0,
      node,
      run: "up",
      faults: NO_NODE_FAULTS,
    })),
    {
      kind: "block",
      at: 0,
      id: idOf(0, 24),
      parent: "",
      height: 0,
      miner: null,
      transactions: 0,
      stamp: 0,
    },
    { kind: "tip", at: 0, node: 0, id: idOf(0, 24), dropped: 0 },
  );
  const tellPayment = () => {
    const id = idOf(++at, 16);
    tell({ kind: "tx", at, id, node: 0, from: 0, to: 1, amount: 1 });
    return id;
  };

  const readPaths: string[] = [];
  const held = new Map<string, Promise<void>>();
  const node = Deno.serve(
    { port: 0, hostname: "127.0.0.1", onListen: () => {} },
    async (request) => {
      const path = new URL(request.url).pathname.replace("/api/v1", "");
      readPaths.push(path);
      await held.get(path);
      if (path.startsWith("/balances")) return Response.json({ balances: [], supply: 0 });
      return Response.json({ error: { code: "not-found", message: "Not here" } }, { status: 404 });
    },
  );
  const sessions = new Sessions(() => 0);
  const paid: Opened["paid"] = [];
  const app = createRoomApp({
    mode: "live",
    head: HEAD,
    sessions,
    onInternalError: (thrown) => console.error(thrown),
    follow: (detail) => {
      const follower = isDown ? undefined : room.follow(detail);
      if (follower !== undefined) followers.add(follower);
      return follower;
    },
    nodeUrl: () => `http://127.0.0.1:${node.addr.port}`,
    pay: (payment) => {
      paid.push(payment);
      return Promise.resolve({ ok: true, value: { txid: idOf(paid.length, 64) } });
    },
  });
  const server = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen: () => {} }, app.fetch);
  const browser = await chromium.launch({
    executablePath: EXECUTABLE_PATH as string,
    args: ["--no-sandbox"],
    timeout: WAIT_MS_MAX,
  });
  const stream = setInterval(
    () => tell({ kind: "gauges", at: ++at, nodes: [null, null, null] }),
    20,
  );
  try {
    const page = await (await browser.newContext({ locale: "en" })).newPage();
    page.setDefaultTimeout(WAIT_MS_MAX);
    await page.goto(`http://127.0.0.1:${server.addr.port}/#open=${sessions.createCode()}`);
    await page.waitForSelector(".tree .block");
    const devtools = await page.context().newCDPSession(page);
    await devtools.send("Emulation.setCPUThrottlingRate", { rate: THROTTLING_RATE });
    await test({
      page,
      room,
      paid,
      readPaths,
      tellPayment,
      setDown: (down) => {
        isDown = down;
        for (const follower of followers) follower.close();
        followers.clear();
      },
      holdBack: (path) => {
        const { promise, resolve } = Promise.withResolvers<void>();
        held.set(path, promise);
        return resolve;
      },
    });
  } finally {
    clearInterval(stream);
    await browser.close();
    room.close();
    await server.shutdown();
    await node.shutdown();
  }
}

/** Goes to an address within the page. */
async function goTo(page: Page, hash: string): Promise<void> {
  await page.evaluate((to) => {
    (globalThis as unknown as { location: { hash: string } }).location.hash = to;
  }, hash);
}

function hashOf(page: Page): string {
  return new URL(page.url()).hash;
}

/** Lets the page draw a few times. */
async function frames(page: Page, count: number): Promise<void> {
  await page.evaluate(async (count) => {
    const { requestAnimationFrame } = globalThis as unknown as {
      requestAnimationFrame(callback: () => void): void;
    };
    for (let frame = 0; frame < count; frame++) {
      await new Promise<void>((resolve) => requestAnimationFrame(resolve));
    }
  }, count);
}

Deno.test("on a slow machine a busy page loses nothing that is typed or clicked", {
  ignore: EXECUTABLE_PATH === undefined,
  sanitizeOps: false,
  sanitizeResources: false,
}, async (t) => {
  await withBusyPage(async (opened) => {
    const { page, paid, readPaths, tellPayment, setDown, holdBack } = opened;

    await t.step("a payment is the one that was typed", async () => {
      await goTo(page, "#/wallets");
      for (let round = 1; round <= 10; round++) {
        await page.fill("input[name=to]", "");
        await page.type("input[name=to]", `id${round % 3}`);
        await page.fill("input[name=amount]", String(round));
        await page.click(".pay button[type=submit]");
        await page.waitForSelector(`.outcome:has-text('${idOf(round, 64)}')`);
        assert.deepEqual(paid.at(-1), { from: 0, to: `id${round % 3}`, amount: round });
      }
      assert.equal(paid.length, 10);
    });

    await t.step("what was typed stays when the feed breaks and comes back", async () => {
      await page.fill("input[name=to]", "id2");
      await page.fill("input[name=amount]", "77");
      await page.selectOption("select[name=from]", "1");
      setDown(true);
      await page.waitForSelector(".state.lost");
      await page.waitForSelector(".pay button[type=submit]:disabled");
      setDown(false);
      await page.waitForSelector(".state.live");
      await page.click(".pay button[type=submit]");
      await page.waitForSelector(`.outcome:has-text('${idOf(11, 64)}')`);
      assert.deepEqual(paid.at(-1), { from: 1, to: "id2", amount: 77 });

      await goTo(page, "#/overview");
      await page.fill("input[name=groups]", "2 / 0,1");
      await page.fill("input[name=latency]", "250");
      await page.locator(".nodes tbody tr").nth(1).locator("button:text-is('More')").click();
      await page.locator(".more input").nth(0).fill("5kH/s");
      setDown(true);
      await page.waitForSelector(".state.lost");
      setDown(false);
      await page.waitForSelector(".state.live");
      assert.equal(await page.inputValue("input[name=groups]"), "2 / 0,1");
      assert.equal(await page.inputValue("input[name=latency]"), "250");
      assert.equal(await page.locator(".more input").nth(0).inputValue(), "5kH/s");
    });

    await t.step("a list that grows does not slip away under a click", async () => {
      await goTo(page, "#/wallets");
      const id = tellPayment();
      const link = page.locator(`a[href='#/explorer/tx/${id}']`);
      await link.hover();
      await page.mouse.down();
      for (let count = 0; count < 5; count++) tellPayment();
      // Time in which they would be drawn.
      await frames(page, 30);
      await page.mouse.up();
      await page.waitForURL(`**#/explorer/tx/${id}`);
    });

    await t.step("a name is searched once", async () => {
      await goTo(page, "#/explorer");
      readPaths.length = 0;
      for (let round = 1; round <= 12; round++) {
        const name = `abcdef${idOf(round, 2)}`;
        await page.fill("input[name=search]", name);
        await page.press("input[name=search]", "Enter");
        await page.waitForSelector(`text=Nothing is called “${name}”`);
      }
      await frames(page, 5);
      const wanted = Array.from({ length: 12 }, (_, index) => `abcdef${idOf(index + 1, 2)}`)
        .flatMap((name) => [`/transactions/${name}`, `/blocks/${name}`]);
      assert.deepEqual(readPaths.filter((path) => path.includes("/abcdef")), wanted);
    });

    await t.step("an answer that comes late moves nobody who has gone on", async () => {
      await goTo(page, "#/explorer");
      const letGo = holdBack("/balances/id1");
      await page.fill("input[name=search]", "id1");
      await page.press("input[name=search]", "Enter");
      while (!readPaths.includes("/balances/id1")) await frames(page, 1);
      await goTo(page, "#/explorer/rules");
      await page.waitForSelector("h2:text-matches('^Rules')");
      const answered = page.waitForResponse((response) => response.url().endsWith("/balances/id1"));
      letGo();
      await (await answered).finished();
      await frames(page, 5);
      assert.equal(hashOf(page), "#/explorer/rules");
    });

    await t.step("the way back does not lead through the search", async () => {
      await goTo(page, "#/explorer/mempool");
      await page.fill("input[name=search]", "rules");
      await page.press("input[name=search]", "Enter");
      await page.waitForURL("**#/explorer/rules");
      await page.goBack();
      await frames(page, 5);
      assert.equal(hashOf(page), "#/explorer/mempool");
    });
  });
});
