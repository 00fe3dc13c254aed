/**
 * What an open control room costs the nodes of a busy network: what a payment takes of them, with and
 * without it.
 *
 * Two clusters run side by side, one with its room and a reader that follows it as a page does, one without
 * (`--no-ui`). They are loaded in turn with so many payments until all are confirmed, in short loads of
 * changing order. What counts is the processor time of the node processes for a payment; the room's own
 * process is told apart. Prints the mean of the pairs' ratios and its 95 % interval (Student's t).
 *
 * Processor time depends on what else the machine does, so pairs scatter. `--profile` samples the open
 * cluster's nodes instead, and tells the share of their busy time in which they tell the room what happens:
 * what they lose of their throughput by it, within a tenth of a percent.
 *
 * Run: `deno run -A bench/open_room.ts [--pairs 20] [--payments 1500] [--nodes 5] [--tab none] [--profile]`
 * `--tab overview` opens the page in Chromium instead of the reader, on that tab (`messages` costs most).
 *
 * @module
 */
import { join } from "node:path";
import { parseArgs } from "node:util";
import { chromium } from "playwright-core";
import { createApiClient } from "../lib/client/api_client.ts";
import { findToken } from "../lib/client/token_file.ts";
import { TextLineStream } from "../lib/cluster/text_line_stream.ts";
import { estimate } from "../lib/statistics/estimate.ts";
import { SELF_VARIABLE } from "../lib/terminal/self_command.ts";
import { readProcessUsage } from "../scripts/process_usage.ts";
import { payOn } from "./network_load.ts";

const CONNECTIONS = 8;
const POLL_MS = 100;
/** The engine compiles the nodes' code while they run: so many loads of each side count for nothing. */
const LOADS_FIRST = 4;
const FUNCTIONS_SHOWN = 12;
/** What a node does because a room listens; and what it does through it, but for its own sake. */
const TELLING = /\/lib\/(?:runtime\/lab\/|http\/lab_routes\.ts|wire\/lab\.ts)/;
const SENDING = /\/lib\/peers\//;
const MAIN = new URL("../main.ts", import.meta.url).pathname;

interface Side {
  readonly name: string;
  readonly nodes: readonly {
    readonly url: string;
    readonly process: { readonly dataDir: string };
  }[];
  readonly nodePids: readonly number[];
  readonly roomPid: number;
  readonly link: string | null;
  close(): Promise<void>;
}

const { values: options } = parseArgs({
  options: {
    pairs: { type: "string", default: "20" },
    payments: { type: "string", default: "1500" },
    nodes: { type: "string", default: "5" },
    capacity: { type: "string", default: "500" },
    tab: { type: "string", default: "none" },
    profile: { type: "boolean", default: false },
  },
});

async function main(): Promise<void> {
  if (options.profile) return await profile();
  const open = await startSide("open", []);
  const closed = await startSide("closed", ["--no-ui"]);
  const reader = await readerOf(open);
  try {
    for (let count = 0; count < LOADS_FIRST; count++) {
      for (const side of [open, closed]) await loadOnce(side);
    }
    const ratios: number[] = [];
    const roomBefore = cpuMsOf([open.roomPid]);
    for (let pair = 0; pair < Number(options.pairs); pair++) {
      const costs = new Map<string, number>();
      for (const side of pair % 2 === 0 ? [closed, open] : [open, closed]) {
        costs.set(side.name, await loadOnce(side));
      }
      const [with_, without] = [costs.get("open") ?? NaN, costs.get("closed") ?? NaN];
      ratios.push(with_ / without);
      console.error(
        `pair ${pair + 1}: ${with_.toFixed(0)} us a payment open, ${without.toFixed(0)} closed`,
      );
    }
    const roomCpuMs = cpuMsOf([open.roomPid]) - roomBefore;
    const { mean, halfWidth } = estimate(ratios);
    console.log(JSON.stringify({
      pairs: ratios.length,
      ratio: round(mean),
      interval95: [round(mean - halfWidth), round(mean + halfWidth)],
      roomUsPayment: round(1000 * roomCpuMs / (ratios.length * Number(options.payments))),
      ...reader.figures(),
    }));
  } finally {
    await reader.close();
    await open.close();
    await closed.close();
  }
}

/** Samples nodes whose room is open, and tells how much of their busy time goes into telling. */
async function profile(): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "noobcash-open-room-" });
  const script = join(folder, "node.sh");
  const command = `${Deno.execPath()} run -A --quiet --cpu-prof --cpu-prof-dir=${folder} ${MAIN}`;
  await Deno.writeTextFile(script, `#!/bin/sh\nexec ${command} "$@"\n`, { mode: 0o700 });
  try {
    const open = await startSide("open", [], { [SELF_VARIABLE]: script });
    const reader = await readerOf(open);
    try {
      for (let count = 0; count < Number(options.pairs); count++) await loadOnce(open);
    } finally {
      await reader.close();
      await open.close();
    }
    // The threads that mine and verify have profiles of their own, without a frame of the telling.
    const mainThreads = [...Deno.readDirSync(folder)]
      .filter(({ name }) => name.endsWith(".cpuprofile"))
      .map(({ name }) => tellingOf(Deno.readTextFileSync(join(folder, name))))
      .filter(({ tellingMs }) => tellingMs > 0);
    const { mean, halfWidth } = estimate(
      mainThreads.map(({ busyMs, tellingMs }) => tellingMs / busyMs),
    );
    const byFunction = new Map<string, number>();
    for (const [name, ms] of mainThreads.flatMap((each) => [...each.byFunction])) {
      byFunction.set(name, (byFunction.get(name) ?? 0) + ms);
    }
    const dearest = [...byFunction].sort(([, a], [, b]) => b - a).slice(0, FUNCTIONS_SHOWN)
      .map(([name, ms]) => `${name} ${ms.toFixed(0)} ms`);
    console.log(JSON.stringify({
      nodes: mainThreads.length,
      busySeconds: round(mainThreads.reduce((sum, { busyMs }) => sum + busyMs, 0) / 1000),
      tellingShare: round(mean),
      interval95: [round(mean - halfWidth), round(mean + halfWidth)],
      dearest,
    }));
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

interface CpuProfile {
  readonly nodes: readonly {
    readonly id: number;
    readonly callFrame: {
      readonly functionName: string;
      readonly url: string;
      readonly lineNumber: number;
    };
    readonly children?: readonly number[];
  }[];
  readonly samples: readonly number[];
  readonly timeDeltas: readonly number[];
}

const UNKNOWN_FRAME = { functionName: "?", url: "", lineNumber: 0 };

/** Milliseconds in which the main thread worked, and those of them with a frame of the telling below. */
function tellingOf(text: string): {
  readonly busyMs: number;
  readonly tellingMs: number;
  /** Of the telling: the time of each function itself. */
  readonly byFunction: ReadonlyMap<string, number>;
} {
  const { nodes, samples, timeDeltas } = JSON.parse(text) as CpuProfile;
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const parents = new Map(
    nodes.flatMap(({ id, children = [] }) => children.map((child) => [child, id] as const)),
  );
  const isTelling = (id: number | undefined): boolean => {
    for (let next = id; next !== undefined; next = parents.get(next)) {
      const { url = "" } = byId.get(next)?.callFrame ?? {};
      if (SENDING.test(url)) return false;
      if (TELLING.test(url)) return true;
    }
    return false;
  };
  const telling = new Map(nodes.map(({ id }) => [id, isTelling(id)]));
  const byFunction = new Map<string, number>();
  let [busyMs, tellingMs] = [0, 0];
  samples.forEach((id, index) => {
    const { functionName, url, lineNumber } = byId.get(id)?.callFrame ?? UNKNOWN_FRAME;
    if (functionName === "(idle)") return;
    const ms = (timeDeltas[index] ?? 0) / 1000;
    busyMs += ms;
    if (telling.get(id) !== true) return;
    tellingMs += ms;
    const place = `${functionName} ${url.split("/").at(-1)}:${lineNumber + 1}`;
    byFunction.set(place, (byFunction.get(place) ?? 0) + ms);
  });
  return { busyMs, tellingMs, byFunction };
}

async function startSide(
  name: string,
  args: readonly string[],
  env: Record<string, string> = {},
): Promise<Side> {
  const child = new Deno.Command(Deno.execPath(), {
    args: [
      ...["run", "-A", "--quiet", MAIN, "cluster", "--json"],
      ...["--nodes", options.nodes, "--capacity", options.capacity, "--coins", "1000000"],
      // Blocks at the usual pace for little hashing, which would count as what a payment takes.
      ...["--difficulty", "3", "--hash-rate-limit", "3kH/s"],
      ...args,
    ],
    env,
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
      nodePids: ring.map(({ pid }) => pid),
      roomPid: child.pid,
      link: controlRoom,
      async close() {
        child.kill("SIGTERM");
        await child.status;
      },
    };
  }
  throw new Error(`Cannot start the cluster "${name}": got its end`);
}

/** Pays so often, waits until everything is in blocks, and tells the microseconds of the nodes a payment. */
async function loadOnce({ nodes, nodePids }: Side): Promise<number> {
  const payments = Number(options.payments);
  const before = cpuMsOf(nodePids);
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
  return 1000 * (cpuMsOf(nodePids) - before) / accepted;
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

function readerOf(side: Side): Promise<Reader> {
  return options.tab === "none" ? followRoom(side.link ?? "") : openPage(side);
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
