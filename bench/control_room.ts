/**
 * Measures the control room's page in Chromium: size, first paint, frames a second under load and the share
 * of the time in which its main thread works, and a chain of 100,000 blocks.
 *
 * The load is made here and goes through the room's server and its feed like that of a cluster: 10 nodes,
 * 100 blocks/s, 1,000 transactions/s of which nodes tell one in sixteen, each seen by all, and the messages
 * of it that a feed carries to a page that looks at them.
 *
 * Run: `deno run -A bench/control_room.ts [seconds]`
 *
 * @module
 */
import { type Browser, type CDPSession, chromium, type Page } from "playwright-core";
import { createRoomApp } from "../lib/control/room_app.ts";
import { Room } from "../lib/control/room.ts";
import { Sessions } from "../lib/control/session.ts";
import type { FeedEvent, FeedHead } from "../lib/page/feed.ts";
import { olderBlocksOf } from "../lib/page/older_blocks.ts";

const NODES = 10;
const BLOCKS_PER_SECOND = 100;
const TRANSACTIONS_PER_SECOND = 1_000;
/** What a feed tells of transactions and messages in such a crowd: the rest is counted. */
const TRANSACTIONS_PER_TOLD = 16;
const MESSAGES_PER_SECOND = 2_000;
const TICK_MS = 100;
const LONG_CHAIN = 100_000;
const seconds = Number(Deno.args[0] ?? 10);

const head: FeedHead = {
  origin: "cluster",
  title: "a benchmark",
  originMs: Date.now(),
  capacity: 10,
  difficulty: 3,
  nodes: NODES,
};

let browser: Browser;

async function main(): Promise<void> {
  browser = await chromium.launch({
    executablePath: "/usr/bin/chromium",
    args: ["--no-sandbox"],
  });
  try {
    const opening = await measureOpening();
    const underLoad = await measureLoad();
    const longChain = await measureLongChain();
    console.log(JSON.stringify({ ...opening, underLoad, longChain }, null, 2));
  } finally {
    await browser.close();
  }
}

/** A room with a server, and a page that follows it. */
async function withPage<T>(
  room: Room,
  use: (page: Page, url: string) => Promise<T>,
): Promise<T> {
  const sessions = new Sessions(() => Date.now());
  const app = createRoomApp({
    mode: "live",
    head,
    sessions,
    onInternalError: (thrown) => console.error(thrown),
    follow: (detail) => room.follow(detail),
    setDetail: (follower, detail) => room.setDetail(follower, detail),
    older: (from, to) => Promise.resolve(olderBlocksOf(room.view, from, to)),
  });
  const server = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen: () => {} }, app.fetch);
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 } });
  const page = await context.newPage();
  const url = `http://127.0.0.1:${server.addr.port}`;
  try {
    await page.goto(`${url}/#open=${sessions.createCode()}`);
    await page.waitForSelector(".state.live");
    return await use(page, url);
  } finally {
    await context.close();
    room.close();
    await server.shutdown();
  }
}

/** Bytes over the wire and the first paint, of a page that was never opened before. */
async function measureOpening() {
  return await withPage(new Room(head), async (page) => {
    await page.reload();
    await page.waitForSelector(".state.live");
    const timing = await page.evaluate(() => {
      const all = performance.getEntriesByType("resource") as unknown as {
        name: string;
        encodedBodySize: number;
      }[];
      const [document] = performance.getEntriesByType("navigation") as unknown as {
        encodedBodySize: number;
      }[];
      const files = all.filter(({ name }) => /\/room\/(?:app\.js|style\.css)$/.test(name));
      return {
        pageBytes: (document?.encodedBodySize ?? 0) +
          files.reduce((sum, { encodedBodySize }) => sum + encodedBodySize, 0),
        firstPaintMs: performance.getEntriesByName("first-contentful-paint")[0]?.startTime ?? null,
      };
    });
    return timing;
  });
}

/** Frames while the feed is at its busiest, on each of the pages that move. */
async function measureLoad() {
  const room = new Room(head);
  const load = new Load(room);
  load.start();
  try {
    return await withPage(room, async (page, url) => {
      const result: Record<string, unknown> = {};
      const session = await page.context().newCDPSession(page);
      await session.send("Performance.enable");
      for (const tab of ["overview", "messages", "charts"]) {
        await page.goto(`${url}/#/${tab}`);
        await page.waitForTimeout(2_000);
        const before = await mainThreadSeconds(session);
        const frames = await framesOf(page, seconds * 1000);
        const busy = (await mainThreadSeconds(session) - before) / seconds;
        result[tab] = { ...frames, mainThread: Number(busy.toFixed(2)) };
      }
      return { ...load.rates(), ...result };
    });
  } finally {
    load.stop();
  }
}

/** Seconds that the page's main thread has worked, as the browser counts them. */
async function mainThreadSeconds(session: CDPSession): Promise<number> {
  const { metrics } = await session.send("Performance.getMetrics");
  return metrics.find(({ name }) => name === "TaskDuration")?.value ?? NaN;
}

/** Frames while a long chain is scrolled from end to end. */
async function measureLongChain() {
  const room = new Room(head);
  const events: FeedEvent[] = [];
  for (let height = 0; height < LONG_CHAIN; height++) events.push(blockEvent(height, height, 0));
  events.push({ kind: "tip", at: LONG_CHAIN, node: 0, id: idOf(LONG_CHAIN - 1, 0), dropped: 0 });
  return await withPage(room, async (page) => {
    for (let first = 0; first < events.length; first += 20_000) {
      room.tell(events.slice(first, first + 20_000));
      await page.waitForTimeout(300);
    }
    await page.waitForFunction(
      (height) =>
        (globalThis as unknown as { document: { body: { innerText: string } } }).document.body
          .innerText.includes(String(height)),
      LONG_CHAIN - 1,
      { timeout: 60_000 },
    );
    // The tree stands there once a tip has been told, which comes last.
    await page.waitForSelector(".tree .block");
    await page.evaluate(() => {
      const { document } = globalThis as unknown as {
        document: { querySelector(selector: string): { scrollLeft: number; scrollWidth: number } };
      };
      const tree = document.querySelector(".tree");
      const step = tree.scrollWidth / 400;
      const timer = setInterval(() => {
        tree.scrollLeft -= step;
        if (tree.scrollLeft <= 0) clearInterval(timer);
      }, 16);
    });
    const frames = await framesOf(page, 6_000);
    const blocksInPage = await page.locator(".tree .block").count();
    return { blocks: LONG_CHAIN, blocksInPage, ...frames };
  });
}

/** Counts animation frames, and how long the worst took. */
async function framesOf(page: Page, forMs: number) {
  return await page.evaluate(async (forMs) => {
    const { requestAnimationFrame } = globalThis as unknown as {
      requestAnimationFrame(callback: (timeMs: number) => void): void;
    };
    const gaps: number[] = [];
    let last = performance.now();
    const endMs = last + forMs;
    await new Promise<void>((resolve) => {
      const frame = () => {
        const now = performance.now();
        gaps.push(now - last);
        last = now;
        if (now < endMs) requestAnimationFrame(frame);
        else resolve();
      };
      requestAnimationFrame(frame);
    });
    gaps.sort((a, b) => a - b);
    const at = (share: number) => Number((gaps[Math.floor(share * gaps.length)] ?? 0).toFixed(1));
    return {
      framesPerSecond: Number((1000 * gaps.length / forMs).toFixed(1)),
      medianMs: at(0.5),
      p95Ms: at(0.95),
      worstMs: at(0.9999),
    };
  }, forMs);
}

/** A network at full speed. */
class Load {
  readonly #room: Room;
  readonly #startMs = performance.now();
  #timer: ReturnType<typeof setInterval> | undefined;
  #height = 0;
  #transactions = 0;
  #events = 0;

  constructor(room: Room) {
    this.#room = room;
  }

  start(): void {
    this.#room.tell([blockEvent(0, 0, 0)]);
    this.#timer = setInterval(() => this.#tick(), TICK_MS);
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  rates() {
    const passed = (performance.now() - this.#startMs) / 1000;
    return {
      blocksPerSecond: Math.round(this.#height / passed),
      transactionsPerSecond: Math.round(this.#transactions / passed),
      eventsPerSecond: Math.round(this.#events / passed),
    };
  }

  #tick(): void {
    const at = performance.now() - this.#startMs;
    const due = (perSecond: number, done: number) => Math.floor(at * perSecond / 1000) - done;
    const events: FeedEvent[] = [];
    const counts: [string, number][] = [];
    for (let count = due(TRANSACTIONS_PER_SECOND, this.#transactions); count > 0; count--) {
      const id = (this.#transactions++).toString(16).padStart(16, "0");
      if (this.#transactions % TRANSACTIONS_PER_TOLD !== 0) continue;
      const node = this.#transactions % NODES;
      events.push({ kind: "tx", at, id, node, from: node, to: (node + 1) % NODES, amount: 1 });
      counts.push([id, NODES]);
    }
    events.push({ kind: "spread", at, counts });
    for (let count = due(BLOCKS_PER_SECOND, this.#height); count > 0; count--) {
      const height = ++this.#height;
      const miner = height % NODES;
      const hasRival = height % 20 === 0;
      events.push(blockEvent(height, at, 0, miner));
      if (hasRival) events.push(blockEvent(height, at, 1, (miner + 3) % NODES));
      for (let node = 0; node < NODES; node++) {
        events.push({ kind: "tip", at, node, id: idOf(height, 0), dropped: 0 });
      }
    }
    const messages = this.#room.areMessagesWanted ? MESSAGES_PER_SECOND : 0;
    for (let count = messages * TICK_MS / 1000; count > 0; count--) {
      const from = count % NODES;
      events.push({
        kind: "message",
        at,
        sentAt: at - 2 - count % 7,
        isLost: false,
        from,
        to: (from + 1 + count % (NODES - 1)) % NODES,
        type: count % 3 === 0 ? "compact-block" : "transactions",
        class: count % 3 === 0 ? "announce" : "transaction",
        detail: "0123abcd",
      });
    }
    events.push({
      kind: "gauges",
      at,
      nodes: Array.from({ length: NODES }, () => ({
        height: this.#height,
        pool: 100,
        hashRate: 1e6,
        peers: NODES - 1,
      })),
    });
    this.#events += events.length;
    this.#room.tell(events);
  }
}

function blockEvent(height: number, at: number, branch: number, miner = height % NODES): FeedEvent {
  return {
    kind: "block",
    at,
    id: idOf(height, branch),
    parent: height === 0 ? "0".repeat(24) : idOf(height - 1, 0),
    height,
    miner: height === 0 ? null : miner,
    transactions: 10,
    stamp: at,
  };
}

function idOf(height: number, branch: number): string {
  return height.toString(16).padStart(20, "0") + branch.toString(16).padStart(4, "0");
}

if (import.meta.main) await main();
