/**
 * What an open control room costs a network that is busy: processor time a payment, with and without it.
 *
 * Two clusters run side by side, one with its room and a reader that follows it as a page does, one without
 * (`--no-ui`). They are loaded in turn, with so many payments at a time, until all are confirmed; what counts
 * is the processor time of all processes of a cluster, its command included, so that other work on the
 * machine does not. Prints the mean of the pairs' ratios and its 95 % interval (Student's t).
 *
 * Run: `deno run -A bench/open_room.ts [--pairs 8] [--payments 4000] [--nodes 5] [--tab none]`
 * `--tab overview` opens the page in Chromium instead, on that tab; its processor time is told apart.
 *
 * @module
 */
import { parseArgs } from "node:util";
import { chromium } from "playwright-core";
import { createApiClient } from "../lib/client/api_client.ts";
import { findToken } from "../lib/client/token_file.ts";
import { readProcessUsage } from "../scripts/process_usage.ts";
import { TextLineStream } from "../lib/cluster/text_line_stream.ts";
import { estimate } from "../lib/statistics/estimate.ts";
import { payOn } from "./network_load.ts";

const CONNECTIONS = 8;
const POLL_MS = 200;

interface Side {
  readonly name: string;
  readonly nodes: readonly {
    readonly url: string;
    readonly process: { readonly dataDir: string };
  }[];
  readonly pids: readonly number[];
  readonly link: string | null;
  close(): Promise<void>;
}

const { values: options } = parseArgs({
  options: {
    pairs: { type: "string", default: "8" },
    payments: { type: "string", default: "4000" },
    nodes: { type: "string", default: "5" },
    capacity: { type: "string", default: "500" },
    tab: { type: "string", default: "none" },
  },
});

async function main(): Promise<void> {
  const open = await startSide("open", []);
  const closed = await startSide("closed", ["--no-ui"]);
  const reader = options.tab === "none" ? await followRoom(open.link ?? "") : await openPage(open);
  try {
    // The engine compiles the nodes' code while they run: one load is not enough to warm them.
    for (const side of [open, closed, closed, open, open, closed]) await loadOnce(side);
    const ratios: number[] = [];
    const roomBefore = cpuMsOf(open.pids.slice(0, 1));
    for (let pair = 0; pair < Number(options.pairs); pair++) {
      const order = pair % 2 === 0 ? [closed, open] : [open, closed];
      const costs = new Map<string, number>();
      for (const side of order) costs.set(side.name, await loadOnce(side));
      const ratio = (costs.get("open") ?? NaN) / (costs.get("closed") ?? NaN);
      ratios.push(ratio);
      const [with_, without] = [costs.get("open"), costs.get("closed")].map((us) => us?.toFixed(0));
      console.log(
        `pair ${pair + 1}: ${with_} us a payment open, ${without} closed, ratio ${
          ratio.toFixed(4)
        }`,
      );
    }
    const { mean, halfWidth } = estimate(ratios);
    console.log(JSON.stringify({
      pairs: ratios.length,
      ratio: round(mean),
      interval95: [round(mean - halfWidth), round(mean + halfWidth)],
      roomUsPayment: round(
        1000 * (cpuMsOf(open.pids.slice(0, 1)) - roomBefore) /
          (ratios.length * Number(options.payments)),
      ),
      ...reader.figures(),
    }));
  } finally {
    await reader.close();
    await open.close();
    await closed.close();
  }
}

async function startSide(name: string, args: readonly string[]): Promise<Side> {
  const child = new Deno.Command(Deno.execPath(), {
    args: [
      ...["run", "-A", "--quiet", new URL("../main.ts", import.meta.url).pathname],
      ...["cluster", "--json", "--nodes", options.nodes, "--capacity", options.capacity],
      ...["--difficulty", "4", "--hash-rate-limit", "50kH/s", "--coins", "1000000"],
      ...args,
    ],
    stdout: "piped",
  }).spawn();
  const lines = child.stdout.pipeThrough(new TextDecoderStream()).pipeThrough(new TextLineStream());
  for await (const line of lines) {
    const { controlRoom, ring } = JSON.parse(line) as {
      controlRoom: string | null;
      ring: { url: string; dataDir: string; pid: number }[];
    };
    return {
      name,
      nodes: ring.map(({ url, dataDir }) => ({ url, process: { dataDir } })),
      pids: [child.pid, ...ring.map(({ pid }) => pid)],
      link: controlRoom,
      async close() {
        child.kill("SIGTERM");
        await child.status;
      },
    };
  }
  throw new Error(`Cannot start the cluster "${name}": got its end`);
}

/** Pays so often, waits until everything is in blocks, and tells the microseconds of all processes a payment. */
async function loadOnce({ nodes, pids }: Side): Promise<number> {
  const payments = Number(options.payments);
  const before = cpuMsOf(pids);
  let [begun, accepted] = [0, 0];
  await Promise.all(
    nodes.flatMap((node, index) =>
      Array.from({ length: CONNECTIONS }, () =>
        payOn(node, {
          body: JSON.stringify({ to: (index + 1) % nodes.length, amount: 1 }),
          until: () => begun++ >= payments,
          onAnswer: (status) => status === 202 && accepted++,
        }))
    ),
  );
  await Promise.all(nodes.map(waitUntilEmpty));
  return 1000 * (cpuMsOf(pids) - before) / accepted;
}

async function waitUntilEmpty({ url, process }: Side["nodes"][number]): Promise<void> {
  const { token } = findToken({ dataDir: process.dataDir, host: "127.0.0.1", port: 0 });
  const client = createApiClient({ url, token });
  for (;;) {
    const status = await client.status();
    if (status.ok && status.value.chain?.transactionsWaiting === 0) return;
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}

interface Reader {
  figures(): Record<string, number>;
  close(): Promise<void>;
}

/** Opens the link and follows the feed as a page does, without drawing. */
async function followRoom(link: string): Promise<Reader> {
  const { origin, hash } = new URL(link);
  const opened = await fetch(`${origin}/room/session`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ code: hash.replace("#open=", "") }),
  });
  const { token } = await opened.json() as { token: string };
  const closing = new AbortController();
  const feed = await fetch(`${origin}/room/feed`, {
    headers: { authorization: `Bearer ${token}` },
    signal: closing.signal,
  });
  let bytes = 0;
  const reading = (async () => {
    for await (const piece of feed.body ?? []) bytes += piece.byteLength;
  })().catch(() => {});
  return {
    figures: () => ({ feedBytes: bytes }),
    async close() {
      closing.abort();
      await reading;
    },
  };
}

/** The page itself, in a browser without a window. */
async function openPage({ link }: Side): Promise<Reader> {
  const before = childrenOf(Deno.pid);
  const browser = await chromium.launch({
    executablePath: "/usr/bin/chromium",
    args: ["--no-sandbox"],
  });
  const page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
  await page.goto(link ?? "");
  await page.waitForSelector(".state.live");
  await page.goto(`${new URL(link ?? "").origin}/#/${options.tab}`);
  const startedMs = performance.now();
  const pids = () => childrenOf(Deno.pid).filter((pid) => !before.includes(pid));
  const cpuBefore = cpuMsOf(pids());
  return {
    figures: () => ({
      browserCores: round((cpuMsOf(pids()) - cpuBefore) / (performance.now() - startedMs)),
    }),
    close: () => browser.close(),
  };
}

/** All processes below one, as Linux tells them. */
function childrenOf(pid: number): number[] {
  const output = new Deno.Command("ps", { args: ["-o", "pid=", "--ppid", String(pid)] })
    .outputSync();
  const own = new TextDecoder().decode(output.stdout).split("\n").map(Number).filter((each) =>
    each > 0
  );
  return own.flatMap((child) => [child, ...childrenOf(child)]);
}

function cpuMsOf(pids: readonly number[]): number {
  return pids.reduce((sum, pid) => sum + (readProcessUsage(pid).cpuMs ?? 0), 0);
}

function round(value: number): number {
  return Number(value.toFixed(4));
}

if (import.meta.main) await main();
