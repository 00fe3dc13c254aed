/**
 * The packed program alone in an empty environment: no variable set, no Deno and no Node on PATH, and,
 * where this machine allows it, no network but loopback. All of its commands are the real ones.
 */
import assert from "node:assert/strict";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { freePort } from "../lib/testing/free_port.ts";
import { packProgram } from "./pack_program.ts";

const ROOT = fileURLToPath(new URL("..", import.meta.url));

/** All commands that the packed file may need, beside itself. */
const COMMANDS = [
  ...["awk", "cat", "chmod", "find", "gzip", "head", "id", "ls", "mkdir", "mv", "ps", "rm", "sh"],
  ...["sleep", "sync", "tail", "uname"],
];

const folder = await Deno.makeTempDir({ prefix: "noobcash-packed-" });
globalThis.addEventListener("unload", () => Deno.removeSync(folder, { recursive: true }));

const programPath = join(folder, "noobcash");
await packProgram({ entryPath: join(ROOT, "main.ts"), outputPath: programPath });
await Deno.mkdir(join(folder, "bin"));
for (const name of COMMANDS) {
  const { stdout } = await new Deno.Command("sh", { args: ["-c", `command -v ${name}`] }).output();
  await Deno.symlink(new TextDecoder().decode(stdout).trim(), join(folder, "bin", name));
}

/** Runs the program with a network of loopback alone, where that can be had. */
const isolation = await canIsolate()
  ? ["unshare", "--net", "sh", "-c", 'ip link set lo up && exec "$@"', "sh"]
  : [];
if (isolation.length === 0) {
  console.log("no network namespaces: tested with this machine's network");
}

const EMPTY_ENVIRONMENT = ["env", "-i", `PATH=${join(folder, "bin")}`, `HOME=${folder}`];

function command(...args: string[]): Deno.Command {
  const [first, ...rest] = [...isolation, ...EMPTY_ENVIRONMENT, programPath, ...args];
  return new Deno.Command(first as string, {
    args: rest,
    cwd: folder,
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  });
}

async function run(...args: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  const { code, stdout, stderr } = await command(...args).output();
  const decoder = new TextDecoder();
  return { code, stdout: decoder.decode(stdout), stderr: decoder.decode(stderr) };
}

Deno.test("the packed program tells its version and generates a workload", async () => {
  const version = await run("version", "--json");
  assert.equal(version.code, 0, version.stderr);
  assert.equal(JSON.parse(version.stdout).deno, Deno.version.deno);

  const options = ["--nodes", "3", "--lines", "20", "--impossible", "0"];
  const workload = await run("workload", "generate", "workload", ...options);
  assert.equal(workload.code, 0, workload.stderr);
});

Deno.test("the packed program is a node, and its client", async () => {
  // Both in one network: a shell starts them, as a person would.
  const port = freePort();
  const script = `
    noobcash node --bootstrap --nodes 1 --capacity 1 --difficulty 2 --port ${port} --json >node.out &
    node=$!
    until noobcash client --port ${port} balance --json >balance.out 2>&1; do
      kill -0 $node || exit 1
      sleep 0.1
    done
    noobcash client --port ${port} send 0 5 --wait --json >send.out
    echo "sent $?"
    kill -TERM $node
    wait $node
    echo "ended $?"
  `.replaceAll("noobcash ", `${programPath} `);
  const [first, ...rest] = [...isolation, ...EMPTY_ENVIRONMENT, "sh", "-c", script];
  const { stdout, stderr } = await new Deno.Command(first as string, { args: rest, cwd: folder })
    .output();

  assert.equal(
    new TextDecoder().decode(stdout),
    "sent 0\nended 0\n",
    new TextDecoder().decode(stderr),
  );
  const sent = JSON.parse(await Deno.readTextFile(join(folder, "send.out")));
  assert.equal(sent.state, "confirmed");
  assert.equal(sent.transaction.amount, 5);
});

Deno.test("the packed program is a cluster that replays a workload", async () => {
  const matrix = ["--nodes", "3", "--capacity", "5", "--difficulty", "3"];
  const result = await run("cluster", ...matrix, "--replay", "workload", "--exit", "--json");
  assert.equal(result.code, 0, result.stderr);

  const outcome = JSON.parse(result.stdout);
  assert.equal(outcome.converged, true);
  assert.equal(outcome.offered, 60);
  assert.equal(outcome.confirmed, outcome.accepted);
  assert.deepEqual(outcome.supply, [300, 300, 300]);
  assert.deepEqual(await runningNodes(), []);
});

Deno.test("the packed program runs a quick experiment and renders its report", async () => {
  const matrix = ["--preset", "quick", "--nodes", "2", "--difficulty", "3", "--capacity", "1,10"];
  const size = ["--lines", "10", "--repeat", "1"];
  const result = await run("experiment", ...matrix, ...size, "--out", "results", "--json");
  assert.equal(result.code, 0, result.stderr);

  const html = await Deno.readTextFile(join(folder, "results/report.html"));
  assert.match(html, /<svg/);
  assert.deepEqual(await runningNodes(), []);
});

Deno.test("the packed program stops cleanly when it is interrupted", async () => {
  const child = command("cluster", "--nodes", "3", "--difficulty", "3").spawn();
  const errors = new Response(child.stderr).text();
  const reader = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
  let text = "";
  while (!/Ctrl-C/i.test(text)) {
    const { value, done } = await reader.read();
    if (done) throw new Error(`Cannot start: got "${text}" and "${await errors}"`);
    text += value;
  }
  assert.equal((await runningNodes()).length, 4);

  child.kill("SIGINT");
  const { code } = await child.status;
  assert.ok(code === 0 || code === 130, `ended with ${code}`);
  await reader.cancel();
  await errors;
  assert.deepEqual(await runningNodes(), []);
});

/** Processes of the packed program that live, by command line. */
async function runningNodes(): Promise<string[]> {
  const { stdout } = await new Deno.Command("ps", { args: ["-A", "-o", "args="] }).output();
  return new TextDecoder().decode(stdout).split("\n")
    .filter((line) => line.startsWith(join(folder, ".cache/noobcash")));
}

async function canIsolate(): Promise<boolean> {
  if (Deno.build.os !== "linux") return false;
  try {
    const { code } = await new Deno.Command("unshare", {
      args: ["--net", "ip", "link", "set", "lo", "up"],
      stderr: "null",
    }).output();
    return code === 0;
  } catch {
    return false;
  }
}
