/** The control room in a real browser, on a cluster of real nodes: each thing that can be clicked. */
import assert from "node:assert/strict";
import axe from "axe-core";
import { type Browser, type BrowserContext, chromium, type Page } from "playwright-core";
import { type Cluster, startCluster } from "../cluster/start_cluster.ts";
import { DEFAULT_PARAMS } from "../params.ts";
import { type OpenRoom, openRoom } from "./open_room.ts";
import { openPlayer } from "./open_player.ts";
import { decodeRecording } from "./recording.ts";

/** What takes a second alone may take a minute on a machine that does ten other things. */
const WAIT_MS_MAX = 120_000;
const NODES = 3;
const EXECUTABLE_PATH = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"]
  .find((path) => {
    try {
      return Deno.statSync(path).isFile;
    } catch {
      return false;
    }
  });
if (EXECUTABLE_PATH === undefined) {
  console.log("Skips the control room's browser tests: no chromium here");
}

interface Opened {
  readonly room: OpenRoom;
  readonly cluster: Cluster;
  readonly context: BrowserContext;
  readonly page: Page;
  /** Errors on the console, and requests to anywhere else. */
  readonly problems: string[];
}

async function withRoom(test: (opened: Opened) => Promise<void>): Promise<void> {
  const room = openRoom({
    network: { title: "a test", nodes: NODES, capacity: 2, difficulty: 3 },
    onInternalError: (thrown) => console.error(thrown),
  });
  let cluster: Cluster | undefined;
  let browser: Browser | undefined;
  try {
    cluster = await startCluster({
      ...DEFAULT_PARAMS,
      nodes: NODES,
      capacity: 2,
      difficulty: 3,
      blockWaitMs: 200,
      host: "127.0.0.1",
      threads: 1,
      hashRateLimit: 20_000,
      linkLatencyMs: 0,
      linkLoss: 0,
      startMsMax: WAIT_MS_MAX,
      signal: new AbortController().signal,
      labSecret: room.secret,
    });
    await room.attach(cluster);
    browser = await launch();
    const context = await browser.newContext({ viewport: { width: 1440, height: 1000 } });
    const { page, problems } = await openPage(context, room.url);
    await page.goto(room.createLink());
    await page.waitForSelector(".state.live");
    await page.waitForSelector(".tree .block");
    await test({ room, cluster, context, page, problems });
  } finally {
    await browser?.close();
    await room.close();
    await cluster?.stop();
  }
}

function launch(): Promise<Browser> {
  return chromium.launch({
    executablePath: EXECUTABLE_PATH as string,
    args: ["--no-sandbox"],
    timeout: WAIT_MS_MAX,
  });
}

async function openPage(
  context: BrowserContext,
  origin: string,
): Promise<{ page: Page; problems: string[] }> {
  const page = await context.newPage();
  page.setDefaultTimeout(WAIT_MS_MAX);
  const problems: string[] = [];
  page.on("pageerror", (error) => problems.push(error.message));
  page.on("console", (message) => {
    if (message.type() === "error") problems.push(message.text());
  });
  page.on("request", (request) => {
    const url = request.url();
    if (!url.startsWith(`${origin}/`) && !/^(?:data|blob):/.test(url)) problems.push(url);
  });
  return { page, problems };
}

/** What a checker of accessibility finds on the page. */
async function violationsOf(page: Page): Promise<string[]> {
  await page.evaluate(axe.source);
  const found = await page.evaluate(async () => {
    const { axe } = globalThis as unknown as {
      axe: {
        run(options: unknown): Promise<{
          violations: { id: string; nodes: { html: string; failureSummary: string }[] }[];
        }>;
      };
    };
    const { violations } = await axe.run({
      runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"],
    });
    return violations.flatMap(({ id, nodes }) =>
      nodes.slice(0, 2).map(({ html, failureSummary }) =>
        `${id}: ${html.slice(0, 160)} ${failureSummary.slice(0, 300)}`
      )
    );
  });
  return found;
}

/** The most animations and transitions that run at once while something is done. */
async function animationsDuring(page: Page, act: () => Promise<void>): Promise<number> {
  await page.evaluate(() => {
    const scope = globalThis as unknown as {
      animationsSeen: number;
      document: { getAnimations(): unknown[] };
      requestAnimationFrame(callback: () => void): void;
    };
    scope.animationsSeen = 0;
    const look = () => {
      scope.animationsSeen = Math.max(scope.animationsSeen, scope.document.getAnimations().length);
      scope.requestAnimationFrame(look);
    };
    look();
  });
  await act();
  // The frames in which it would still move.
  await page.waitForTimeout(600);
  return await page.evaluate(() =>
    (globalThis as unknown as { animationsSeen: number }).animationsSeen
  );
}

async function until(condition: () => boolean | Promise<boolean>, what: string): Promise<void> {
  const endMs = performance.now() + WAIT_MS_MAX;
  while (!await condition()) {
    if (performance.now() > endMs) throw new Error(`Waited in vain for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

function tipsOf(room: OpenRoom): (string | undefined)[] {
  return room.room.view.nodes.map(({ tip }) => tip);
}

const browserTest = {
  ignore: EXECUTABLE_PATH === undefined,
  sanitizeOps: false,
  sanitizeResources: false,
};

Deno.test("the control room, clicked through on real nodes", browserTest, async (t) => {
  await withRoom(async ({ room, cluster, context, page, problems }) => {
    await t.step("the link's code is gone from the address, and opens nothing twice", async () => {
      assert.doesNotMatch(page.url(), /open=/);
      const other = await (await page.context().browser() as Browser).newContext();
      const { page: second } = await openPage(other, room.url);
      await second.goto(`${room.url}/`);
      await second.waitForSelector("text=This page wants its key");
      await other.close();
    });

    await t.step("a payment is made, seen live, confirmed, and found in the explorer", async () => {
      await page.goto(`${room.url}/#/wallets`);
      await page.selectOption("select[name=from]", "0");
      await page.fill("input[name=to]", "id2");
      await page.fill("input[name=amount]", "7");
      await page.click(".pay button[type=submit]");
      await page.waitForSelector("text=/Accepted: [0-9a-f]{64}/");
      const txid = /[0-9a-f]{64}/.exec(await page.innerText(".outcome"))?.[0] ?? "";
      await page.waitForSelector("td:text-is('107')");
      await page.waitForSelector(".event-list >> text=/in block/");

      await page.goto(`${room.url}/#/explorer`);
      await page.fill("input[name=search]", txid.slice(0, 10));
      await page.press("input[name=search]", "Enter");
      await page.waitForSelector(".life >> text=/made at node 0/");
      await page.waitForSelector(".life >> text=/seen by 3 of 3 nodes/");
      await page.waitForSelector(".life >> text=/confirmed/");
      await page.waitForSelector(`code:text-is('${txid}')`);
      await page.click("dd a:text-matches('^Block')");
      await page.waitForSelector("h2:text-matches('^Block [0-9]+$')");
      await page.waitForSelector(`a[href$='${txid}']`);
      for (const [word, shown] of [["id1", "Wallet"], ["0", "Block 0"], ["rules", "Rules"]]) {
        await page.fill("input[name=search]", word as string);
        await page.press("input[name=search]", "Enter");
        await page.waitForSelector(`h2:text-matches('^${shown}')`);
      }
      await page.fill("input[name=search]", "<b>nothing</b>");
      await page.press("input[name=search]", "Enter");
      await page.waitForSelector("text=Nothing is called “<b>nothing</b>”");
    });

    await t.step("a refused payment tells its rule, which is counted", async () => {
      await page.goto(`${room.url}/#/wallets`);
      await page.fill("input[name=amount]", "100000");
      await page.click(".pay button[type=submit]");
      await page.waitForSelector(".outcome.bad");
      await page.goto(`${room.url}/#/explorer/rules`);
      await page.waitForSelector("tr:has-text('insufficient-funds') >> td:text-is('1')");
      problems.length = 0; // A refusal is an answer with status 409, which the console tells.
    });

    await t.step("a node is dragged into another group, and the network is cut so", async () => {
      await page.goto(`${room.url}/#/overview`);
      const groups = page.locator("input[name=groups]");
      for (const node of [1, 2]) {
        await page.locator(`.member:text-is('${node}')`).dragTo(page.locator(".group").nth(1));
      }
      await page.locator(".member:text-is('2')").dragTo(page.locator(".group.new"));
      assert.equal(await groups.inputValue(), "0 / 1 / 2");
      await page.locator(".member:text-is('1')").dragTo(page.locator(".group").nth(0));
      assert.equal(await groups.inputValue(), "0,1 / 2");
      await page.click("button:text-is('Cut')");
      await page.waitForSelector("text=/Done: partition 0,1\\/2/");
      await until(() => room.room.view.links.length === 4, "four cut links");
      const cut = room.room.view.links.map(({ from, to, isCut }) => `${from}${to}${isCut}`);
      assert.deepEqual(cut, ["02true", "12true", "20true", "21true"]);
      await page.click("button:text-is('Heal everything')");
      await until(() => room.room.view.links.length === 0, "healed links");
    });

    await t.step("nothing moves for those who want no motion", async () => {
      const mineOne = async () => {
        const height = room.room.view.highestHeight;
        const paid = await cluster.nodes[0]?.client.pay(1, 1);
        assert(paid?.ok === true);
        await page.waitForSelector(`.tree .block[aria-label^='Block ${height + 1} ']`);
      };
      await page.emulateMedia({ reducedMotion: "no-preference" });
      assert(await animationsDuring(page, mineOne) > 0);
      await page.emulateMedia({ reducedMotion: "reduce" });
      assert.equal(await animationsDuring(page, mineOne), 0);
      await page.emulateMedia({ reducedMotion: null });
    });

    await t.step(
      "what is printed is what is to be seen, dark on white, without controls",
      async () => {
        await page.emulateMedia({ media: "print", colorScheme: "dark" });
        assert(await page.locator(".tree .block").first().isVisible());
        assert.equal(await page.locator(".faults").isVisible(), false);
        assert.equal(await page.locator("header nav").isVisible(), false);
        const [text, ground] = await page.evaluate(() => {
          const { document, getComputedStyle } = globalThis as unknown as {
            document: { body: object };
            getComputedStyle(element: object): { color: string; backgroundColor: string };
          };
          const { color, backgroundColor } = getComputedStyle(document.body);
          return [color, backgroundColor];
        });
        assert.equal(ground, "rgba(0, 0, 0, 0)");
        const light = [...(text ?? "").matchAll(/\d+/g)].map(Number).slice(0, 3);
        assert(light.every((part) => part < 100), text);
        const pdf = await page.pdf({ format: "A4", landscape: true });
        assert.equal(new TextDecoder().decode(pdf.subarray(0, 5)), "%PDF-");
        await page.emulateMedia({ media: null, colorScheme: null });
      },
    );

    await t.step(
      "a partition makes a fork, whose branches can be compared; heal ends it",
      async () => {
        await page.goto(`${room.url}/#/overview`);
        await page.fill("input[name=groups]", "0 / 1,2");
        await page.click("button:text-is('Cut')");
        await page.waitForSelector("text=/Done: partition 0\\/1,2/");
        for (const node of [0, 1]) {
          const paid = await cluster.nodes[node]?.client.pay(2, 1);
          assert(paid?.ok === true);
        }
        await until(() => {
          const [a, b, c] = tipsOf(room);
          const [own, theirs] = [a, b].map((id) => room.room.view.blocks.get(id ?? "")?.height);
          return a !== b && b === c && own === theirs;
        }, "a fork");
        const branches = tipsOf(room);
        await page.waitForSelector("text=the nodes disagree");
        await page.click("button:text-is('Heal everything')");
        await page.waitForSelector("text=Done: heal");
        // Nobody pays before the tie has settled: such a payment could be mined on both branches at
        // once, and whoever loses then leaves two blocks.
        await until(() => new Set(tipsOf(room)).size === 1, "one tip");
        const lost = branches.find((id) => room.room.view.blocks.get(id ?? "")?.isMain === false);
        await page.waitForSelector(`#block-${lost}.stale`);
        await page.click(`#block-${lost}`);
        await page.waitForSelector("text=/It lost/");
        await page.waitForSelector("text=Only in this block");
        await page.waitForSelector(".event-list >> text=/left 1 block/");
      },
    );

    await t.step("the tree is walked by keyboard", async () => {
      await page.focus(".tree .block[tabindex='0']");
      await page.keyboard.press("Home");
      await page.waitForFunction(() =>
        (globalThis as unknown as { document: { activeElement: { ariaLabel: string } } })
          .document.activeElement.ariaLabel.startsWith("Block 0 ")
      );
      await page.keyboard.press("ArrowRight");
      await page.waitForFunction(() =>
        (globalThis as unknown as { document: { activeElement: { ariaLabel: string } } })
          .document.activeElement.ariaLabel.startsWith("Block 1 ")
      );
    });

    await t.step("a node is killed, and comes back", async () => {
      const row = page.locator(".nodes tbody tr").nth(2);
      await row.locator("button:text-is('Kill')").click();
      await row.locator(".chip:text-is('down')").waitFor();
      await row.locator("button:text-is('Restart')").click();
      await row.locator(".chip:text-is('up')").waitFor();
    });

    await t.step("a node is frozen, and goes on", async () => {
      const row = page.locator(".nodes tbody tr").nth(1);
      await row.locator("button:text-is('Freeze')").click();
      await row.locator(".chip:text-is('frozen')").waitFor();
      await row.locator("button:text-is('Continue')").click();
      await row.locator(".chip:text-is('up')").waitFor();
    });

    await t.step("mining is paused, limited; a clock is skewed; blocks are withheld", async () => {
      const row = page.locator(".nodes tbody tr").nth(0);
      await row.locator("button:text-is('More')").click();
      await row.locator("button:text-is('Pause mining')").click();
      await row.locator(".chip:text-is('mining paused')").waitFor();
      await row.locator("button:text-is('Resume mining')").click();
      await row.locator(".chip:text-is('mining paused')").waitFor({ state: "detached" });
      await row.locator(".more input").nth(0).fill("5kH/s");
      await row.locator(".more button:text-is('Set')").nth(0).click();
      await row.locator(".chip:text-is('limit 5.0 kH/s')").waitFor();
      await row.locator(".more input").nth(1).fill("-90s");
      await row.locator(".more button:text-is('Set')").nth(1).click();
      await row.locator(".chip:text-is('clock −90 s')").waitFor();
      await until(
        () => Math.abs((room.room.view.nodes[0]?.clock?.[0] ?? 0) + 90_000) < 2_000,
        "the clock to be measured",
      );
      await row.locator("button:text-is('Withhold')").click();
      await row.locator(".chip:text-is('withholds')").waitFor();
      await row.locator("button:text-is('Release')").click();
      await row.locator(".chip:text-is('withholds')").waitFor({ state: "detached" });
    });

    await t.step("a link is made slow, and messages show it", async () => {
      const form = page.locator(".link-form");
      await form.locator("select[name=from]").selectOption("1");
      await form.locator("select[name=to]").selectOption("2");
      await form.locator("input[name=latency]").fill("300");
      await form.locator("button:text-is('Apply')").click();
      await page.waitForSelector("text=1 → 2 300 ms");
      // Messages are told while somebody looks at them.
      await until(() => !room.room.areMessagesWanted, "nobody to look at messages");
      await page.goto(`${room.url}/#/messages`);
      await until(() => room.room.areMessagesWanted, "somebody to look at messages");
      const paid = await cluster.nodes[1]?.client.pay(0, 1);
      assert(paid?.ok === true);
      await until(
        () =>
          room.room.view.messages.some(({ from, to, at, sentAt }) =>
            from === 1 && to === 2 && at - sentAt > 250
          ),
        "a slow message",
      );
      await page.click("summary");
      await page.waitForSelector("text=/transactions from 1 to 2/");
      await page.click("button:text-is('Pause')");
      await page.locator(".message-list button").first().focus();
      await page.waitForSelector(".picked:not(:has(.hint))");
      await page.waitForSelector("text=/Clocks aligned by measured offsets/");
      await page.click("button:text-is('transactions')");
    });

    await t.step("charts are drawn", async () => {
      await page.goto(`${room.url}/#/charts`);
      await until(async () => await page.locator(".chart canvas").count() === 6, "six charts");
    });

    await t.step("a run is recorded from the page, saved, shared, and played", async () => {
      await page.goto(`${room.url}/#/overview`);
      await page.click("button:text-is('Record')");
      await page.waitForSelector("text=/recording, [0-9]+ events/");
      await page.click("button:text-is('Bookmark')");
      const paid = await cluster.nodes[2]?.client.pay(0, 1);
      assert(paid?.ok === true);
      const height = room.room.view.highestHeight;
      await until(() => room.room.view.highestHeight > height, "a block");
      await page.waitForSelector(".event-list >> text=/Bookmark at/");
      const [download] = await Promise.all([
        page.waitForEvent("download"),
        page.click("button:text-is('Save the recording')"),
      ]);
      const bytes = await Deno.readFile(await download.path());
      const recording = await decodeRecording(bytes);
      assert(recording.ok, recording.ok ? "" : recording.error.message);
      const [shared] = await Promise.all([
        page.waitForEvent("download"),
        page.click("button:text-is('Save as one HTML file')"),
      ]);
      const html = await Deno.makeTempFile({ suffix: ".html" });
      await shared.saveAs(html);
      assert((await Deno.stat(html)).size < 2_000_000);
      await page.click("button:text-is('Stop recording')");

      const player = openPlayer({
        recording: recording.value,
        bytes,
        onInternalError: (thrown) => console.error(thrown),
      });
      const { page: playing, problems: playProblems } = await openPage(context, player.url);
      await playing.goto(player.createLink());
      await playThrough(playing, room.room.view.highestHeight);
      await exploreRecording(playing);
      assert.deepEqual(await violationsOf(playing), []);
      assert.deepEqual(playProblems, []);
      await playing.goto(`file://${html}`);
      await playThrough(playing, room.room.view.highestHeight);
      await playing.close();
      await player.close();
      await Deno.remove(html);
    });

    await t.step(
      "nothing is wrong for those who cannot see, in both schemes and on a phone",
      async () => {
        for (const colorScheme of ["light", "dark"] as const) {
          await page.emulateMedia({ colorScheme });
          for (
            const tab of ["overview", "messages", "explorer", "explorer/rules", "wallets", "charts"]
          ) {
            await page.goto(`${room.url}/#/${tab}`);
            await page.waitForSelector("main .panel");
            assert.deepEqual(await violationsOf(page), [], `${tab} in ${colorScheme}`);
          }
        }
        for (const width of [390, 2560]) {
          await page.setViewportSize({ width, height: 844 });
          for (const tab of ["overview", "messages", "explorer", "wallets", "charts"]) {
            await page.goto(`${room.url}/#/${tab}`);
            await page.waitForSelector("main .panel");
            const wide = await page.evaluate(() => {
              const { document } = globalThis as unknown as {
                document: { documentElement: { scrollWidth: number; clientWidth: number } };
              };
              return document.documentElement.scrollWidth - document.documentElement.clientWidth;
            });
            assert(wide <= 0, `${tab} is ${wide} px wider than ${width}`);
          }
        }
        await page.setViewportSize({ width: 1440, height: 1000 });
      },
    );
    assert.deepEqual(problems, []);

    await t.step("when the cluster is gone the page says so, and what was seen stays", async () => {
      await page.goto(`${room.url}/#/overview`);
      await page.waitForSelector(".tree .block");
      await room.close();
      await page.waitForSelector("text=The network does not answer any more");
      await page.click("button:text-is('To genesis')");
      await page.waitForSelector(".block >> text=genesis");
    });
  });
});

/** Looks at a recording's block, transaction, node and rules, with no node behind it. */
async function exploreRecording(page: Page): Promise<void> {
  await page.click("nav a:text-is('Explorer')");
  for (
    const [word, shown] of [["1", "Block 1"], ["id2", "node 2"], ["rules", "Rules"]] as const
  ) {
    await page.fill("input[name=search]", word);
    await page.press("input[name=search]", "Enter");
    await page.waitForSelector(`h2:text-matches('^${shown}')`);
  }
  await page.fill("input[name=search]", "id2");
  await page.press("input[name=search]", "Enter");
  await page.click("td a.mono >> nth=0");
  await page.waitForSelector(".life >> text=/made at node/");
}

/** Plays to the end, steps, jumps. */
async function playThrough(page: Page, height: number): Promise<void> {
  await page.waitForSelector(".player");
  await page.selectOption(".player select", "50");
  await page.click(".player button:text-is('Play')");
  await until(async () => {
    const [at, total] = (await page.innerText(".moment")).split(" of ");
    return at === total;
  }, "the end");
  await page.waitForSelector(`.tile strong:text-is('${height}')`);
  const position = () => page.getAttribute(".moment", "data-position").then(Number);
  const atEnd = await position();
  await page.click(".player button:text-is('Step back')");
  await until(async () => await position() < atEnd, "a step back");
  const before = await position();
  await page.click(".player button:text-is('Step')");
  await until(async () => await position() > before, "a step");
  await page.locator(".tick.bookmark").first().click();
}
