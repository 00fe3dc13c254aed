/** `noobcash cluster control` against a cluster that runs, and a node that is in none. */
import assert from "node:assert/strict";
import { TextLineStream } from "../cluster/text_line_stream.ts";
import { findControlFile, writeControlFile } from "../control/control_file.ts";
import { PERMISSION_FLAGS } from "../../scripts/program_permissions.ts";
import { LAB_PATH } from "../wire/lab.ts";

const MAIN = new URL("../../main.ts", import.meta.url).pathname;

async function run(
  args: readonly string[],
  env: Record<string, string>,
): Promise<{ code: number; out: string; err: string }> {
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "--quiet", ...PERMISSION_FLAGS, MAIN, ...args],
    env,
  }).output();
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes).trim();
  return { code, out: text(stdout), err: text(stderr) };
}

Deno.test("cluster control breaks and mends a cluster that runs; play shows the recording", async () => {
  const folder = await Deno.makeTempDir();
  const env = { XDG_RUNTIME_DIR: folder, NOOBCASH_JOIN_TOKEN: "" };
  const recording = `${folder}/run.recording`;
  const control = (...args: string[]) => run(["cluster", "control", ...args], env);
  const lonely = await control("status");
  assert.equal(lonely.code, 3);
  assert.match(lonely.err, /^Cannot find the cluster: there is no cluster on this machine/);

  const child = new Deno.Command(Deno.execPath(), {
    args: [
      ...["run", "--quiet", ...PERMISSION_FLAGS, MAIN],
      ...["cluster", "--nodes", "2", "--difficulty", "3"],
      ...["--capacity", "1", "--hash-rate-limit", "20kH/s", "--record", recording, "--json"],
    ],
    env,
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  const lines = child.stdout.pipeThrough(new TextDecoderStream()).pipeThrough(new TextLineStream())
    .getReader();
  const { value } = await lines.read();
  const ready = JSON.parse(value ?? "{}");
  assert.match(ready.controlRoom, /^http:\/\/127\.0\.0\.1:\d+\/#open=[A-Za-z0-9_-]{43}$/);

  // The secret is nowhere that another user could see it.
  for (const { pid } of ready.ring) {
    const argv = await Deno.readTextFile(`/proc/${pid}/cmdline`);
    assert.doesNotMatch(argv, /secret|NOOBCASH_LAB/);
  }
  const file = [...Deno.readDirSync(`${folder}/noobcash-${Deno.uid()}`)][0]?.name ?? "";
  const { mode } = Deno.statSync(`${folder}/noobcash-${Deno.uid()}/${file}`);
  assert.equal((mode ?? 0) & 0o777, 0o600);

  // A node takes faults from its cluster alone.
  const { url } = ready.ring[0];
  for (const path of ["/faults", "/feed", "/clock", "/blocks"]) {
    const response = await fetch(`${url}${LAB_PATH}${path}`);
    assert.equal(response.status, 401);
    await response.body?.cancel();
  }

  assert.equal((await control("partition", "0/1")).out, "Done: partition 0/1");
  const cut = JSON.parse((await control("status", "--json")).out);
  assert.deepEqual(
    cut.links.map((
      { from, to, isCut }: { from: number; to: number; isCut: boolean },
    ) => [from, to, isCut]),
    [[0, 1, true], [1, 0, true]],
  );
  assert.equal((await control("heal")).code, 0);
  assert.equal((await control("link", "0", "all", "--latency", "20ms", "--loss", "1%")).code, 0);
  assert.equal((await control("skew", "1", "-30s")).out, "Done: skew 1 -30s");
  assert.equal((await control("limit", "0", "10kH/s")).code, 0);
  assert.match((await control("pay", "0", "1", "5")).out, /^Accepted: [0-9a-f]{64}$/);
  assert.equal((await control("bookmark", "here")).code, 0);
  assert.match((await control("open")).out, /^http:\/\/127\.0\.0\.1:\d+\/#open=/);
  assert.equal((await control("kill", "1")).code, 0);
  const twice = await control("kill", "1");
  assert.equal(twice.code, 1);
  assert.match(twice.err, /\(node-down\)$/);
  assert.equal((await control("kill", "7", "--json")).code, 1);
  assert.equal((await control("restart", "1")).code, 0);
  assert.equal((await control("explode", "1")).code, 2);
  assert.equal((await control("partition", "0//1")).code, 2);

  // What is killed behind the cluster's back is down, and comes back by order.
  const { nodes } = JSON.parse((await control("status", "--json")).out);
  assert.equal(nodes[0].run, "up");
  Deno.kill(ready.ring[0].pid, "SIGKILL");
  for (let run = "up"; run !== "down";) {
    run = JSON.parse((await control("status", "--json")).out).nodes[0].run;
  }
  assert.equal((await control("restart", "0")).code, 0);

  const second = `${folder}/second.recording`;
  assert.equal((await control("record", "save")).code, 2);
  assert.equal((await control("record", "start", second)).code, 2);
  assert.equal((await control("record", "stop", second)).code, 0);
  assert.equal((await control("record", "start")).out, "Recording");
  assert.match((await control("record", "save", second)).out, /^Recorded: /);
  assert.equal((await control("record", "save", `${folder}/no/where`)).code, 1);
  assert.equal((await run(["play", second, "--check"], env)).code, 0);

  child.kill("SIGINT");
  assert.equal((await child.status).code, 0);
  await lines.cancel();
  const check = await run(["play", recording, "--check", "--json"], env);
  assert.equal(check.code, 0, check.err);
  assert.equal(JSON.parse(check.out).nodes, 2);
  const bytes = Deno.readFileSync(recording);
  Deno.writeFileSync(recording, bytes.subarray(0, bytes.length - 20));
  const broken = await run(["play", recording], env);
  assert.equal(broken.code, 1);
  assert.match(broken.err, /^Cannot play the recording: line \d+: got .*\(recording-cut-off\)$/);
  assert.equal((await run(["play", `${folder}/none`], env)).code, 2);
  await Deno.remove(folder, { recursive: true });
});

Deno.test("a control file that others could have written is not believed", async () => {
  const folder = await Deno.makeTempDir();
  const control = {
    pid: Deno.pid,
    url: "http://127.0.0.1:5000",
    token: "t".repeat(43),
    nodes: 2,
    startedAtMs: 0,
  };
  const path = writeControlFile(control, folder);
  assert.deepEqual(findControlFile({}, folder), { ok: true, value: control });
  Deno.chmodSync(path, 0o644);
  const loose = findControlFile({}, folder);
  assert(!loose.ok && loose.error.code === "control-file-unsafe");
  Deno.chmodSync(path, 0o600);
  Deno.writeTextFileSync(path, '{"pid":1}');
  const malformed = findControlFile({ file: path });
  assert(!malformed.ok && malformed.error.code === "control-file-malformed");
  Deno.removeSync(path);
  const none = findControlFile({}, folder);
  assert(!none.ok && none.error.code === "no-cluster");
  writeControlFile(control, folder);
  Deno.writeTextFileSync(`${folder}/cluster-1.json`, JSON.stringify({ ...control, pid: 1 }), {
    mode: 0o600,
  });
  const many = findControlFile({}, folder);
  assert(!many.ok && many.error.code === "many-clusters");
  assert(findControlFile({ pid: 1 }, folder).ok);
  Deno.chmodSync(folder, 0o777);
  assert.throws(() => writeControlFile(control, folder), /with mode 777, wanted 700/);
  await Deno.remove(folder, { recursive: true });
});

Deno.test("an order's help is short, and options of cluster are not swallowed", async () => {
  const help = await run(["cluster", "control", "kill", "--help"], {});
  assert.equal(help.code, 0);
  assert(help.out.split("\n").length < 20, help.out);
  assert.match(help.out, /Global Options:[^]*--cluster <pid>[^]*--json/);
  assert.doesNotMatch(help.out, /--capacity|--version/);

  const swallowed = await run(["cluster", "control", "kill", "1", "--nodes", "3"], {});
  assert.equal(swallowed.code, 2);
  assert.match(
    swallowed.err,
    /option '--nodes' belongs to "cluster", and "cluster control kill" does not take it/,
  );
});
