/**
 * Every page that a browser can be shown, with something on it: a node's page and explorer, the player on
 * a recording full of forks, one page of its own, result folders, a report, a score sheet.
 *
 * The control room of a network that runs needs one, and is looked at in its own test.
 *
 * @module
 */
import assert from "node:assert/strict";
import { join } from "node:path";
import { scoreSheetHtml } from "../conform/score_sheet.ts";
import type { RunResult } from "../conform/result.ts";
import { type OpenPlayer, openPlayer } from "../control/open_player.ts";
import { encodeRecording, type Recording } from "../control/recording.ts";
import { sharedPage } from "../control/share_page.ts";
import { withMarks } from "../commands/simulate_replay.ts";
import { writeExperiment, writeRun } from "../experiment/experiment_folder.ts";
import { planFuzz } from "../fuzz/fuzz_plan.ts";
import { runFuzz } from "../fuzz/fuzz_run.ts";
import { handMadeExperiment, handMadeRun } from "../measure/hand_made_run.ts";
import { renderReport } from "../report/render_report.ts";
import { createServeApp } from "../serve/serve_app.ts";
import { FeedRecorder, simulatedHead } from "../simulation/feed_recorder.ts";
import { formatAddress } from "../crypto/address.ts";
import { forkOnce } from "./fork_once.ts";
import { gradedResult, gradedRun } from "./graded_run.ts";
import type { FeedEvent } from "../page/feed.ts";
import type { View } from "./page_tour.ts";
import { createTestApi } from "./test_api.ts";
import { networkOf, type TestNode } from "./test_world.ts";

/** A seed whose network forks often and far. */
const SEED = 12;

export async function withSamplePages(
  test: (views: readonly View[]) => Promise<void>,
): Promise<void> {
  const cleanUps: (() => Promise<void> | void)[] = [];
  try {
    const views = [
      ...nodeViews(cleanUps),
      ...await playerViews(cleanUps),
      ...await resultViews(cleanUps),
    ];
    await test(views);
  } finally {
    for (const cleanUp of cleanUps.reverse()) await cleanUp();
  }
}

type CleanUps = (() => Promise<void> | void)[];

function serve(cleanUps: CleanUps, handler: (request: Request) => Response | Promise<Response>) {
  const server = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen: () => {} }, handler);
  cleanUps.push(() => server.shutdown());
  return `http://127.0.0.1:${server.addr.port}`;
}

/** A node's page and its explorer, after a fork and with a payment that waits. */
function nodeViews(cleanUps: CleanUps): readonly View[] {
  const api = createTestApi({ nodes: 3, minersMax: 2 });
  forkOnce(api);
  const [payer] = api.world.nodes as [TestNode];
  assert(api.world.pay(payer, (api.world.nodes[1] as TestNode).keyPair.publicKey, 4).ok);
  const url = serve(cleanUps, api.app.fetch);
  const waiting = createTestApi({ nodes: 3, isReady: false });
  const waitingUrl = serve(cleanUps, waiting.app.fetch);
  const sick = createTestApi({ nodes: 2 });
  Object.assign(sick.ports, { sickness: () => "store-failed" });
  const sickUrl = serve(cleanUps, sick.app.fetch);
  cleanUps.push(() => [api, waiting, sick].forEach((each) => each.stop()));

  const { chain, mempool } = networkOf(api.node);
  const hash = chain.tip.hash;
  const [waitingId] = mempool.entries().map(({ transaction }) => transaction.txid);
  const address = formatAddress(api.node.keyPair.publicKey);
  const explorer = (name: string, route: string, shows = "main h2"): View => ({
    name: `explorer-${name}`,
    url: `${url}/explorer#/explorer${route}`,
    shows,
  });
  const views: readonly View[] = [
    { name: "node", url: `${url}/`, shows: ".bars li:nth-child(3)" },
    {
      name: "node-block",
      url: `${url}/`,
      shows: ".bars li:nth-child(3)",
      prepare: async (page) => {
        await page.locator(".block").first().click();
        await page.waitForSelector(".content table");
      },
    },
    { name: "node-waiting", url: `${waitingUrl}/`, shows: ".state:not(.lost)", expects: /503/ },
    { name: "node-sick", url: `${sickUrl}/`, shows: "[role=alert]" },
    // The page of the API is a library's, in English and light alone.
    { name: "node-api", url: `${url}/api/v1/docs`, shows: ".opblock", languages: ["en"] },
    explorer("newest", "", "td a"),
    explorer("block", `/block/${hash}`),
    explorer("transaction", `/tx/${waitingId}`),
    explorer("wallet", `/wallet/${address}`),
    explorer("pool", "/mempool"),
    explorer("rules", "/rules"),
    { ...explorer("search", "/search/77x", "[role=status]"), expects: /40[04]/ },
  ];
  return views;
}

/** A simulated network that was cut and mended: forks, messages, lost ones, marks. */
function sampleRecording(): Recording {
  const plan = planFuzz(SEED, { preset: "usual" });
  let recorder: FeedRecorder | undefined;
  const outcome = runFuzz(plan, { watch: (nowMs) => recorder = new FeedRecorder(nowMs) });
  const head = simulatedHead(plan.params, { title: `seed ${SEED}`, nodes: plan.nodes.length });
  const events = withMarks(recorder?.events ?? [], plan, outcome);
  return { head, events: [...events], isFull: false } as unknown as Recording;
}

/** Two rivals or three at every other height, now and then a branch that goes on: more forks than any network has. */
function forestRecording(): Recording {
  const nodes = 6;
  const id = (height: number, branch: number) => `${height}${branch}`.padEnd(24, "f");
  const events: FeedEvent[] = [];
  for (let height = 0; height < 60; height++) {
    const branches = height === 0 || height % 2 === 1 ? 1 : 2 + height % 3;
    for (let branch = 0; branch < branches + (height % 10 === 1 && height > 1 ? 1 : 0); branch++) {
      const isLonger = branch === branches;
      events.push({
        kind: "block",
        at: 1000 * height + 10 * branch,
        id: id(height, isLonger ? 9 : branch),
        parent: height === 0 ? "0".repeat(24) : id(height - 1, isLonger ? 1 : 0),
        height,
        miner: height === 0 ? null : (height + branch) % nodes,
        transactions: branch + 1,
        txids: [`${branch}${height}`.padStart(16, "c"), "d".repeat(16)],
        stamp: 1000 * height,
      });
    }
    for (let node = 0; node < nodes; node++) {
      const tip = id(height, node % branches);
      events.push({ kind: "tip", at: 1000 * height + 100, node, id: tip, dropped: node % 2 });
    }
  }
  return {
    head: { origin: "cluster", title: "forest", originMs: 0, capacity: 5, difficulty: 3, nodes },
    events,
    isFull: false,
  };
}

async function playerViews(cleanUps: CleanUps): Promise<readonly View[]> {
  const recording = sampleRecording();
  const bytes = await encodeRecording(recording, "0.0.0");
  const forest = forestRecording();
  const forestBytes = await encodeRecording(forest, "0.0.0");
  const [player, locked, forks] = [recording, recording, forest].map((recording) =>
    openPlayer({
      recording,
      bytes: recording === forest ? forestBytes : bytes,
      onInternalError: (thrown) => {
        throw thrown;
      },
    })
  ) as [OpenPlayer, OpenPlayer, OpenPlayer];
  cleanUps.push(() => player.close(), () => locked.close(), () => forks.close());
  const folder = await Deno.makeTempDir();
  cleanUps.push(() => Deno.remove(folder, { recursive: true }));
  const page = await sharedPage(recording);
  assert(page.ok);
  await Deno.writeTextFile(join(folder, "shared.html"), page.value);

  const viewsOf = (name: string, urlOf: () => string): readonly View[] => {
    const view = (tab: string, shows: string, prepare?: View["prepare"]): View => ({
      name: `${name}-${tab.replaceAll("/", "-")}`,
      get url() {
        return urlOf();
      },
      shows: ".player",
      prepare: async (page) => {
        await page.locator(".player input[type=range]").press("End");
        await page.evaluate((to) => {
          (globalThis as unknown as { location: { hash: string } }).location.hash = to;
        }, `#/${tab}`);
        await page.waitForSelector(shows);
        await prepare?.(page);
      },
    });
    return [
      view("overview", ".tree .block", async (page) => {
        const lost = page.locator(".tree .block.stale");
        await (await lost.count() > 0 ? lost : page.locator(".tree .block")).first().click();
      }),
      view("messages", ".message-list, summary", async (page) => {
        await page.locator("summary").first().click();
        await page.locator(".message-list button").first().focus();
      }),
      view("explorer", "main td"),
      view("explorer/node/0", "main h2"),
      view("explorer/mempool", "main h2"),
      view("explorer/rules", "main h2"),
      view("wallets", "main .panel"),
      view("charts", ".chart canvas"),
    ];
  };
  return [
    ...viewsOf("player", () => player.createLink()),
    ...viewsOf("forks", () => forks.createLink()).slice(0, 1),
    ...viewsOf("shared", () => `file://${folder}/shared.html`),
    { name: "player-locked", url: `${locked.url}/`, shows: ".locked", expects: /401/ },
  ];
}

/** Result folders as `serve` shows them, a report, and a score sheet. */
async function resultViews(cleanUps: CleanUps): Promise<readonly View[]> {
  const root = Deno.realPathSync(await Deno.makeTempDir());
  cleanUps.push(() => Deno.remove(root, { recursive: true }));
  for (const name of ["a1", "b2"]) {
    const folder = join(root, name);
    writeExperiment(folder, sampleExperiment());
    const data = handMadeRun();
    for (const repeat of [0, 1]) {
      writeRun(folder, { ...data, run: { ...data.run, repeat, startedAtMs: repeat * 60_000 } });
    }
    const spoilt = { code: "not-converged", text: "Ended on 2 tips" };
    writeRun(folder, { ...data, run: { ...data.run, repeat: 2, invalid: [spoilt] } });
    const report = await renderReport(folder);
    assert(report.ok);
  }
  const reports = await Deno.makeTempDir();
  cleanUps.push(() => Deno.remove(reports, { recursive: true }));
  writeExperiment(reports, sampleExperiment());
  for (const repeat of [0, 1]) {
    const data = handMadeRun();
    writeRun(reports, { ...data, run: { ...data.run, repeat } });
  }
  for (const language of ["en", "el"] as const) {
    const report = await renderReport(reports, language);
    assert(report.ok);
    await Deno.rename(report.value, join(reports, `report-${language}.html`));
  }
  await Deno.writeTextFile(join(reports, "score.html"), scoreSheetHtml(everyVerdict(), {}));

  const url = serve(
    cleanUps,
    createServeApp({
      root,
      folder: "r5",
      onInternalError: (thrown) => {
        throw thrown;
      },
      play: () => Promise.resolve({ ok: true, link: "http://127.0.0.1:1/#open=code" }),
    }).fetch,
  );
  const empty = await Deno.makeTempDir();
  cleanUps.push(() => Deno.remove(empty, { recursive: true }));
  const emptyUrl = serve(
    cleanUps,
    createServeApp({
      root: Deno.realPathSync(empty),
      folder: "r5",
      onInternalError: (thrown) => {
        throw thrown;
      },
      play: () => Promise.resolve({ ok: false, message: "" }),
    }).fetch,
  );
  return [
    { name: "serve-list", url: `${url}/`, shows: ".result" },
    { name: "serve-empty", url: `${emptyUrl}/`, shows: "main p" },
    { name: "serve-result", url: `${url}/view/a1`, shows: ".plots" },
    { name: "serve-compare", url: `${url}/compare?with=a1&with=b2`, shows: "td" },
    { name: "serve-missing", url: `${url}/view/none`, shows: "main p", expects: /404/ },
    ...(["en", "el"] as const).map((language): View => ({
      name: `report-${language}`,
      url: `file://${reports}/report-${language}.html`,
      shows: "h2",
      languages: [language],
    })),
    { name: "score", url: `file://${reports}/score.html`, shows: "h2", languages: ["en"] },
  ];
}

/** On a machine and with a workload whose names are no words of English. */
function sampleExperiment(): ReturnType<typeof handMadeExperiment> {
  const experiment = handMadeExperiment();
  return {
    ...experiment,
    environment: { ...experiment.environment, processor: "C7", os: "os7" },
    plan: { ...experiment.plan, workload: "w5" },
  };
}

/** A run of the grader with one test of every verdict. */
function everyVerdict(): RunResult {
  const verdicts = ["passed", "failed", "flaky", "not-applicable"] as const;
  const results = verdicts.map((verdict, index) =>
    gradedResult(`L10${index + 1}`, verdict, {
      title: "a payment more than the wallet has is refused",
      why: "Nobody may spend what he does not have.",
      basis: verdict === "flaky" ? "beyond the assignment" : "assignment",
    })
  );
  return gradedRun("team 7", results);
}
