/** Results in a browser: what is listed, what is refused, and a real browser that clicks through it. */
import assert from "node:assert/strict";
import { dirname, join } from "node:path";
import { type Browser, chromium, type Page } from "playwright-core";
import { encodeRecording } from "../control/recording.ts";
import { handMadeExperiment } from "../measure/hand_made_run.ts";
import { accessibilityProblems } from "../testing/accessibility.ts";
import { testEnvironment } from "../testing/test_environment.ts";
import { translationProblems } from "../translation.ts";
import { FIND_BOUNDS, findResults } from "./find_results.ts";
import { resolveInside } from "./result_path.ts";
import { createServeApp, SERVE_TEXTS } from "./serve_app.ts";
import { PERMISSION_FLAGS } from "../../scripts/program_permissions.ts";

const MAIN = new URL("../../main.ts", import.meta.url).href;
const CHROMIUM = "/usr/bin/chromium";
const WAIT_MS_MAX = 120_000;

/** A folder with two experiments, a simulation and a recording, and one file that nobody may see. */
async function withResults(
  test: (root: string, app: ReturnType<typeof createServeApp>) => Promise<void> | void,
): Promise<void> {
  const outside = Deno.realPathSync(await Deno.makeTempDir());
  const root = join(outside, "results");
  try {
    Deno.mkdirSync(root);
    Deno.writeTextFileSync(join(outside, "secret.txt"), "the secret");
    Deno.symlinkSync(join(outside, "secret.txt"), join(root, "link.txt"));
    Deno.writeTextFileSync(join(root, ".hidden"), "the secret");
    for (const [index, name] of ["first", "deep/second"].entries()) {
      writeExperiment(join(root, name), { txPerSecond: [100 + 50 * index, 102 + 50 * index] });
    }
    writeFiles(join(root, "simulated"), {
      "figures.json": JSON.stringify({
        kind: "attack",
        program: "noobcash 1",
        verdict: "Theory <b>holds</b>",
        points: [{ alpha: 0.3, share: 0.31 }, { alpha: 0.4, share: 0.48 }],
      }),
      "plot.svg": "<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>",
      "<img onerror=x>.csv": "a,b",
    });
    const recording = await encodeRecording({
      head: {
        origin: "cluster",
        title: "two nodes",
        originMs: 1_700_000_000_000,
        capacity: 5,
        difficulty: 3,
        nodes: 2,
      },
      events: [],
    }, "1.0.0");
    Deno.writeFileSync(join(root, "demo.noobcash"), recording);
    Deno.writeFileSync(join(root, "broken.noobcash"), recording.subarray(0, recording.length - 9));
    const dates = [
      "simulated/figures.json",
      "first/experiment.json",
      "deep/second/experiment.json",
    ];
    for (const [index, name] of dates.entries()) {
      Deno.utimeSync(join(root, name), 1_000 * index, 1_700_000_000 + 1_000 * index);
    }
    const app = createServeApp({
      root,
      folder: "results",
      onInternalError: (thrown) => {
        throw thrown;
      },
      play: () => Promise.resolve({ ok: true, link: "http://127.0.0.1:1/#open=code" }),
    });
    await test(root, app);
  } finally {
    await Deno.remove(outside, { recursive: true });
  }
}

function writeFiles(folder: string, files: Readonly<Record<string, string>>): void {
  for (const [name, text] of Object.entries(files)) {
    const path = join(folder, name);
    Deno.mkdirSync(dirname(path), { recursive: true });
    Deno.writeTextFileSync(path, text);
  }
}

function writeExperiment(
  folder: string,
  { txPerSecond: values }: { readonly txPerSecond: readonly number[] },
): void {
  const cell = { nodes: 5, capacity: 10, difficulty: 4 };
  const mean = values.reduce((a, b) => a + b) / values.length;
  writeFiles(folder, {
    "experiment.json": JSON.stringify({
      ...handMadeExperiment(),
      command: "noobcash experiment --preset quick",
    }),
    "results.json": JSON.stringify({
      cells: [{
        cell,
        validRuns: 2,
        invalidRuns: 0,
        metrics: { txPerSecond: { mean, deviation: 1, halfWidth: 1, values } },
      }],
      runs: values.map((_, repeat) => ({
        cell,
        repeat,
        metrics: { hashRateSigmas: null },
        invalid: [],
        warnings: [],
        generatorLimitPerSecond: null,
      })),
    }),
    "report.html": "<!doctype html><title>Report</title><h1>The report</h1>",
    "plots/throughput.svg": "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 9 9'/>",
  });
}

Deno.test("findResults() lists the newest first and says when a bound bites", async () => {
  await withResults((root) => {
    const { results, isCut } = findResults(root);
    assert.equal(isCut, false);
    assert.deepEqual(results.map(({ kind, name }) => `${kind} ${name}`).slice(2), [
      "experiment deep/second",
      "experiment first",
      "simulation simulated",
    ]);
    assert.deepEqual(new Set(results.slice(0, 2).map(({ kind }) => kind)), new Set(["recording"]));
    assert.equal(findResults(root, { ...FIND_BOUNDS, depthMax: 0 }).isCut, true);
    assert.equal(findResults(root, { ...FIND_BOUNDS, entriesMax: 2 }).isCut, true);
    const few = findResults(root, { ...FIND_BOUNDS, resultsMax: 1 });
    assert.deepEqual([few.results.length, few.isCut], [1, true]);
  });
});

Deno.test("a spoilt file of a result is named with the place where it is wrong", async () => {
  await withResults(async (root, app) => {
    const path = join(root, "first/results.json");
    const results = JSON.parse(Deno.readTextFileSync(path));
    results.cells[0].metrics.txPerSecond.mean = "fast";
    const spoilt = [
      [
        path,
        JSON.stringify(results),
        /results\.json: &quot;cells\.0\.metrics\.txPerSecond\.mean&quot;: /,
      ],
      [
        join(root, "first/experiment.json"),
        '{"version":',
        /experiment\.json: a text that is not JSON/,
      ],
      [join(root, "simulated/figures.json"), '{"points":5}', /figures\.json: &quot;points&quot;: /],
    ] as const;
    for (const [file, text, said] of spoilt) {
      Deno.writeTextFileSync(file, text);
      const name = file.includes("simulated") ? "simulated" : "first";
      const response = await app.request(`/view/${name}`);
      assert.equal(response.status, 200);
      assert.match(await response.text(), said);
    }
  });
});

Deno.test("resolveInside() gives nothing outside of the folder", async () => {
  await withResults((root) => {
    assert.equal(resolveInside(root, "first/report.html"), join(root, "first", "report.html"));
    const names = ["../secret.txt", "first/../../secret.txt", "/etc/passwd", "link.txt", ".hidden"];
    for (const name of [...names, "", ".", "first//report.html", "a\0b", "first\\x", "none"]) {
      assert.equal(resolveInside(root, name), undefined, JSON.stringify(name));
    }
  });
});

Deno.test("no request reads what lies outside, whatever it is written like", async () => {
  await withResults(async (_root, app) => {
    const paths = [
      "/raw/../secret.txt",
      "/raw/%2e%2e/secret.txt",
      "/raw/..%2fsecret.txt",
      "/raw/first/..%2f..%2fsecret.txt",
      "/raw/link.txt",
      "/raw/.hidden",
      "/raw/%2fetc%2fpasswd",
      "/raw/%",
      "/raw/first",
      "/view/nothing",
    ];
    for (const path of paths) {
      const response = await app.request(path);
      assert.equal(response.status, 404, path);
      assert(!(await response.text()).includes("the secret"), path);
    }
  });
});

Deno.test("other hosts, other sites and scripts get nowhere", async () => {
  await withResults(async (_root, app) => {
    const foreign = await app.request("/", { headers: { host: "evil.example" } });
    assert.equal(foreign.status, 421);
    const form = new URLSearchParams({ recording: "demo.noobcash" });
    const post = (headers: Record<string, string>) =>
      app.request("http://127.0.0.1:5/play", {
        method: "POST",
        body: form,
        headers: { host: "127.0.0.1:5", ...headers },
      });
    assert.equal((await post({})).status, 403);
    assert.equal((await post({ origin: "http://evil.example" })).status, 403);
    assert.equal((await post({ origin: "null" })).status, 403);
    const played = await post({ origin: "http://127.0.0.1:5" });
    assert.deepEqual([played.status, played.headers.get("location")], [
      303,
      "http://127.0.0.1:1/#open=code",
    ]);
    assert.equal((await app.request("/", { method: "DELETE" })).status, 403);

    for (
      const path of ["/", "/view/simulated", "/raw/simulated/plot.svg", "/raw/first/report.html"]
    ) {
      const response = await app.request(path);
      assert.equal(response.status, 200, path);
      const policy = response.headers.get("content-security-policy") ?? "";
      assert.match(policy, /^default-src 'none'; style-src/);
      assert(!policy.includes("script-src"), "Nothing may run");
      assert.equal(response.headers.get("x-content-type-options"), "nosniff");
      await response.body?.cancel();
    }
    const page = await (await app.request("/view/simulated")).text();
    assert(page.includes("Theory &lt;b&gt;holds&lt;/b&gt;"));
    assert(!page.includes("<img onerror"), "A name is never markup");
  });
});

Deno.test("two results are compared, and no more and no fewer", async () => {
  await withResults(async (_root, app) => {
    const page = await (await app.request("/compare?with=first&with=deep/second")).text();
    assert.match(page, /throughput, tx\/s/);
    assert.match(page, /<td class="left better">\s*better\s*<\/td>/);
    assert.match(page, />1\.5</);
    assert.equal((await app.request("/compare?with=first")).status, 400);
    assert.equal((await app.request("/compare?with=first&with=nothing")).status, 404);
    const unlike = await (await app.request("/compare?with=first&with=simulated")).text();
    assert.match(unlike, /cannot be compared/);
    const same = await (await app.request("/compare?with=simulated&with=simulated")).text();
    assert.match(same, /alpha/);
  });
});

Deno.test("pages speak the browser's language, and the one that is chosen", async () => {
  await withResults(async (_root, app) => {
    const greek = await app.request("/", { headers: { "accept-language": "fr, el;q=0.8" } });
    assert.match(await greek.text(), /<html lang="el">[\s\S]*Αποτελέσματα/);
    const choice = await app.request("/language/el");
    const cookie = choice.headers.get("set-cookie")?.split(";")[0] ?? "";
    const chosen = await app.request("/", { headers: { cookie, "accept-language": "en" } });
    assert.match(await chosen.text(), /Αποτελέσματα/);
  });
});

Deno.test("every text of the pages of results is there in every language", () => {
  assert.deepEqual(translationProblems(SERVE_TEXTS), []);
});

const browserTest = {
  ignore: !isFile(CHROMIUM),
  sanitizeOps: false,
  sanitizeResources: false,
};

Deno.test(
  "noobcash serve in a browser: list, view, compare, report, play",
  browserTest,
  async () => {
    await withResults(async (root) => {
      const child = new Deno.Command(Deno.execPath(), {
        args: ["run", ...PERMISSION_FLAGS, "--quiet", "--no-check", MAIN, "serve", root, "--json"],
        env: testEnvironment(),
        clearEnv: true,
        stdin: "null",
        stdout: "piped",
        stderr: "inherit",
      }).spawn();
      let browser: Browser | undefined;
      try {
        const url = await urlOf(child);
        browser = await chromium.launch({
          executablePath: CHROMIUM,
          args: ["--no-sandbox"],
          timeout: WAIT_MS_MAX,
        });
        const page: Page = await browser.newPage({
          locale: "en",
          viewport: { width: 390, height: 800 },
        });
        page.setDefaultTimeout(WAIT_MS_MAX);
        const problems: string[] = [];
        page.on("console", (message) => {
          if (message.type() === "error" && !message.text().includes("422")) {
            problems.push(message.text());
          }
        });
        page.on("request", (request) => {
          if (!/^(?:http:\/\/127\.0\.0\.1:|data:)/.test(request.url())) {
            problems.push(request.url());
          }
        });

        await page.goto(url);
        assert.equal(await page.locator(".result").count(), 5);
        assert.deepEqual(await accessibilityProblems(page), []);
        assert.equal(await page.evaluate("document.documentElement.scrollWidth"), 390);
        await page.locator("input[value='first']").check();
        await page.locator("input[value='deep/second']").check();
        await page.getByRole("button", { name: "Compare two" }).click();
        await page.waitForSelector("td.better");
        assert.deepEqual(await accessibilityProblems(page), []);
        await page.getByRole("link", { name: "All results" }).click();
        await page.getByRole("link", { name: "first" }).click();
        await page.waitForSelector("text=noobcash experiment --preset quick");
        assert.deepEqual(await accessibilityProblems(page), []);
        await page.getByRole("link", { name: "Report", exact: true }).click();
        await page.waitForSelector("text=The report");

        await page.goto(url);
        const broken = page.locator(".result", { hasText: "broken.noobcash" });
        await broken.getByRole("button", { name: "Play" }).click();
        await page.waitForSelector("text=This recording cannot be played");
        await page.goto(url);
        const whole = page.locator(".result", { hasText: "demo.noobcash" });
        await whole.getByRole("button", { name: "Play" }).click();
        await page.waitForURL((to) => to.port !== new URL(url).port);
        await page.waitForSelector("[data-mode=play]");
        assert.deepEqual(problems, []);
      } finally {
        await browser?.close();
        child.kill("SIGTERM");
        await child.status;
      }
    });
  },
);

Deno.test("noobcash serve refuses what is no folder, and a port that is taken", async () => {
  const run = async (args: readonly string[]) => {
    const { code, stderr } = await new Deno.Command(Deno.execPath(), {
      args: ["run", ...PERMISSION_FLAGS, "--quiet", "--no-check", MAIN, "serve", ...args],
      env: testEnvironment(),
      clearEnv: true,
      stdin: "null",
    }).output();
    return [code, new TextDecoder().decode(stderr)] as const;
  };
  const [code, stderr] = await run(["/no/such/folder"]);
  assert.equal(code, 2);
  assert.match(
    stderr,
    /^Cannot serve "\/no\/such\/folder": there is no such folder, wanted one with results/,
  );
  const server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    () => new Response(),
  );
  try {
    const taken = await run([Deno.makeTempDirSync(), "--port", String(server.addr.port)]);
    assert.equal(taken[0], 1);
    assert.match(taken[1], /which is in use/);
  } finally {
    await server.shutdown();
  }
});

async function urlOf(child: Deno.ChildProcess): Promise<string> {
  let text = "";
  for await (const part of child.stdout.pipeThrough(new TextDecoderStream())) {
    text += part;
    if (text.includes("\n")) break;
  }
  return JSON.parse(text).url;
}

function isFile(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch {
    return false;
  }
}
