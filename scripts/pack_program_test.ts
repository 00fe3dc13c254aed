/** The packed file by itself: what its head does at a first start, at later ones, and when things are in its way. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { packProgram } from "./pack_program.ts";

const ENTRY_PATH = fileURLToPath(new URL("testdata/trial_program.ts", import.meta.url));

/** What fits where an executable is copied over a slow line. */
const SIZE_BYTES_MAX = 45_000_000;

const folder = await Deno.makeTempDir({ prefix: "noobcash-pack-" });
globalThis.addEventListener("unload", () => Deno.removeSync(folder, { recursive: true }));
const packed = await packProgram({ entryPath: ENTRY_PATH, outputPath: join(folder, "noobcash") });

interface Run {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the packed file with nothing in its environment but what is given. */
async function start(
  args: readonly string[],
  env: Readonly<Record<string, string>>,
  path = join(folder, "noobcash"),
): Promise<Run> {
  const output = await new Deno.Command(path, {
    args: [...args],
    clearEnv: true,
    env: { PATH: "/usr/bin:/bin", ...env },
    cwd: folder,
  }).output();
  const decoder = new TextDecoder();
  return {
    code: output.code,
    stdout: decoder.decode(output.stdout),
    stderr: decoder.decode(output.stderr),
  };
}

function firstLine(run: Run): { nonce: number; args: string[]; execPath: string; pid: number } {
  assert.equal(run.stderr, "");
  return JSON.parse(run.stdout.split("\n")[0] ?? "");
}

function cacheOf(name: string): string {
  return join(folder, name);
}

Deno.test("packProgram() makes one file under 45 MB, the same twice", async () => {
  assert.ok(packed.sizeBytes < SIZE_BYTES_MAX, `${packed.sizeBytes} bytes`);

  const again = await packProgram({ entryPath: ENTRY_PATH, outputPath: join(folder, "again") });
  assert.equal(again.id, packed.id);
  assert.deepEqual(
    await Deno.readFile(join(folder, "again")),
    await Deno.readFile(join(folder, "noobcash")),
  );
});

Deno.test("a packed file unpacks into the user's cache, mines, and keeps arguments and exit code", async () => {
  const home = cacheOf("a home with blanks");
  const run = await start(["exit", "3", "", "a  b", "$(touch x)", "--flag"], { HOME: home });

  const line = firstLine(run);
  assert.equal(run.code, 3);
  assert.equal(line.nonce, 55_905);
  assert.deepEqual(line.args, ["exit", "3", "", "a  b", "$(touch x)", "--flag"]);
  assert.equal(line.execPath, join(home, ".cache/noobcash", packed.id, "noobcash"));
});

Deno.test("a packed file starts itself again by NOOBCASH_SELF, and through PATH", async () => {
  const env = { NOOBCASH_CACHE_DIR: cacheOf("self"), PATH: `${folder}:/usr/bin:/bin` };
  const run = await start(["-c", "noobcash child"], env, "/bin/sh");

  const [parent, child] = run.stdout.trim().split("\n").map((line) => JSON.parse(line).args);
  assert.deepEqual([parent, child], [["child"], ["grown"]]);
});

Deno.test("a packed file that is unpacked starts about as fast as its runtime does", async () => {
  const cache = cacheOf("fast");
  const env = { NOOBCASH_CACHE_DIR: cache };
  await start([], env);
  const unpacked = join(cache, packed.id);

  // Side by side and the least of each, because tests share the machine: 75 ms and 70 ms when alone. What
  // others take of it falls out of the least of enough runs; what the head takes does not.
  let packedMsMin = Infinity;
  let directMsMin = Infinity;
  for (let run = 0; run < 8 || (run < 80 && packedMsMin >= 2 * directMsMin + 20); run++) {
    packedMsMin = Math.min(packedMsMin, await elapsedMs(() => start([], env)));
    directMsMin = Math.min(
      directMsMin,
      await elapsedMs(() =>
        start(
          ["run", "-A", join(unpacked, "noobcash.js")],
          { ...env, DENO_DIR: join(unpacked, "deno") },
          join(unpacked, "noobcash"),
        )
      ),
    );
  }
  assert.ok(
    packedMsMin < 2 * directMsMin + 20,
    `${packedMsMin} ms, without head ${directMsMin} ms`,
  );
});

Deno.test("a packed file is the process that was started: signals and ps see it", async () => {
  const child = new Deno.Command(join(folder, "noobcash"), {
    args: ["wait"],
    clearEnv: true,
    env: { PATH: "/usr/bin:/bin", NOOBCASH_CACHE_DIR: cacheOf("signals") },
    stdout: "piped",
  }).spawn();

  const reader = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
  let text = "";
  while (!text.includes("waiting")) text += (await reader.read()).value ?? "";
  assert.equal(JSON.parse(text.split("\n")[0] ?? "").pid, child.pid);
  if (Deno.build.os === "linux") {
    assert.equal((await Deno.readTextFile(`/proc/${child.pid}/comm`)).trim(), "noobcash");
  }

  child.kill("SIGTERM");
  assert.equal((await child.status).code, 7);
  await reader.cancel();
});

Deno.test("concurrent first starts unpack once and all run", async () => {
  const env = { NOOBCASH_CACHE_DIR: cacheOf("concurrent") };
  const runs = await Promise.all(Array.from({ length: 6 }, (_, index) => start([`${index}`], env)));

  runs.forEach((run, index) => assert.deepEqual(firstLine(run).args, [`${index}`]));
  assert.deepEqual(await namesIn(cacheOf("concurrent")), [packed.id]);
  assert.ok(
    !(await namesIn(join(cacheOf("concurrent"), packed.id))).some((n) => n.startsWith(".")),
  );
});

Deno.test("a damaged cache is unpacked anew", async () => {
  const cache = cacheOf("damaged");
  const unpacked = join(cache, packed.id);
  const spoilings: Readonly<Record<string, () => Promise<void>>> = {
    "runtime cut short": () => Deno.truncate(join(unpacked, "noobcash"), 1_000_000),
    "program cut short": () => Deno.truncate(join(unpacked, "noobcash.js"), 100),
    "program gone": () => Deno.remove(join(unpacked, "noobcash.js")),
    "mark gone": () => Deno.remove(join(unpacked, "complete")),
    "same size, other bytes": () => overwrite(join(unpacked, "noobcash.js")),
    "a file in the folder's place": async () => {
      await Deno.remove(unpacked, { recursive: true });
      await Deno.writeTextFile(unpacked, "");
    },
  };

  await start([], { NOOBCASH_CACHE_DIR: cache });
  for (const [name, spoil] of Object.entries(spoilings)) {
    await spoil();
    const run = await start([name], { NOOBCASH_CACHE_DIR: cache });
    assert.deepEqual(firstLine(run).args, [name]);
  }
});

Deno.test("a lock whose holder died does not stop a start", async () => {
  const cache = cacheOf("stale");
  await Deno.mkdir(join(cache, `.lock-${packed.id}`), { recursive: true });
  await Deno.writeTextFile(join(cache, `.lock-${packed.id}`, "pid"), "4194303\n");

  assert.equal(firstLine(await start([], { NOOBCASH_CACHE_DIR: cache })).nonce, 55_905);
  assert.deepEqual(await namesIn(cache), [packed.id]);
});

Deno.test("without HOME, or with a cache that cannot be written, a private folder serves", async () => {
  const temporary = cacheOf("tmp");
  await Deno.mkdir(temporary);
  await Deno.writeTextFile(cacheOf("no-folder"), "");
  const uid = Deno.uid();

  for (const env of [{}, { HOME: cacheOf("no-folder") }, { NOOBCASH_CACHE_DIR: "/proc/x" }]) {
    const line = firstLine(await start([], { ...env, TMPDIR: temporary }));
    assert.equal(line.execPath, join(temporary, `noobcash-${uid}`, packed.id, "noobcash"));
    const { mode } = await Deno.stat(join(temporary, `noobcash-${uid}`));
    assert.equal((mode ?? 0) & 0o777, 0o700);
  }
});

Deno.test("a folder in /tmp that others can write to is not run from", async () => {
  const temporary = cacheOf("open-tmp");
  const trap = join(temporary, `noobcash-${Deno.uid()}`);
  await Deno.mkdir(trap, { recursive: true });
  await Deno.chmod(trap, 0o777);

  const run = await start([], { TMPDIR: temporary });
  assert.equal(run.code, 4);
  assert.match(run.stderr, /^noobcash: Cannot unpack: got no folder that can be written, wanted /);
  assert.deepEqual(await namesIn(trap), []);
});

Deno.test("a cache that was unpacked and then made read-only still serves", async () => {
  const cache = cacheOf("read-only");
  await start([], { NOOBCASH_CACHE_DIR: cache });
  await run("chmod", ["-R", "a-w", cache]);

  try {
    const line = firstLine(await start([], { NOOBCASH_CACHE_DIR: cache }));
    assert.equal(line.execPath, join(cache, packed.id, "noobcash"));
  } finally {
    await run("chmod", ["-R", "u+w", cache]);
  }
});

Deno.test("a file that was cut short on its way is refused", async () => {
  const broken = join(folder, "broken");
  await Deno.copyFile(join(folder, "noobcash"), broken);
  await Deno.truncate(broken, packed.sizeBytes - 20_000_000);

  const result = await start(
    [],
    { NOOBCASH_CACHE_DIR: cacheOf("broken-cache"), TMPDIR: "/proc" },
    broken,
  );
  assert.equal(result.code, 4);
  assert.match(result.stderr, /damaged file ".*broken"/);
  assert.deepEqual(await namesIn(cacheOf("broken-cache")), []);
});

Deno.test("old versions are pruned: the last one stays, and those that run", async () => {
  const cache = cacheOf("prune");
  for (const [index, name] of ["noobcash-0-a", "noobcash-0-b", "noobcash-0-c"].entries()) {
    await Deno.mkdir(join(cache, name), { recursive: true });
    await Deno.writeTextFile(join(cache, name, "used"), "");
    await Deno.utime(join(cache, name, "used"), 1_000 + index, 1_000 + index);
  }
  await Deno.copyFile("/bin/sleep", join(cache, "noobcash-0-a", "noobcash"));
  const running = new Deno.Command(join(cache, "noobcash-0-a", "noobcash"), { args: ["60"] })
    .spawn();

  try {
    await start([], { NOOBCASH_CACHE_DIR: cache });
    assert.deepEqual(await namesIn(cache), [packed.id, "noobcash-0-a", "noobcash-0-c"].sort());
  } finally {
    running.kill("SIGKILL");
    await running.status;
  }
});

Deno.test("packProgram() refuses a machine that it does not know", async () => {
  const outputPath = join(folder, "other");
  await assert.rejects(
    packProgram({ entryPath: ENTRY_PATH, outputPath, target: "linux-riscv" }),
    /^Error: Cannot pack: got target "linux-riscv", wanted one of linux-x64, /,
  );
});

async function elapsedMs(work: () => Promise<unknown>): Promise<number> {
  const startMs = performance.now();
  await work();
  return performance.now() - startMs;
}

async function overwrite(path: string): Promise<void> {
  const size = (await Deno.stat(path)).size;
  await Deno.writeFile(path, new Uint8Array(size));
}

async function namesIn(path: string): Promise<string[]> {
  return (await Array.fromAsync(Deno.readDir(path))).map((entry) => entry.name).sort();
}

async function run(command: string, args: readonly string[]): Promise<void> {
  const { success } = await new Deno.Command(command, { args: [...args] }).output();
  assert.ok(success, `${command} ${args.join(" ")}`);
}
