/**
 * The sandbox by itself: what a confined command sees, what it may do, which bound bites, and what is said
 * where this machine cannot have one.
 *
 * A machine without namespaces shows the last part only; the others say there that they were not run.
 */
import assert from "node:assert/strict";
import { join } from "node:path";
import {
  confine,
  type Confinement,
  DEFAULT_LIMITS,
  enterArguments,
  findSandbox,
  HIDDEN_FOLDERS,
  userOf,
  whyUnable,
} from "./sandbox.ts";

const { mode } = await findSandbox();
const isSandboxed = mode !== "none";
const USER = 77;

function confinement(more: Partial<Confinement> = {}): Confinement {
  return {
    mode,
    limits: DEFAULT_LIMITS,
    user: USER,
    writable: [],
    readable: [],
    cwd: "/",
    ...more,
  };
}

/** What a command says that runs as a node does: confined, within the grader's namespaces. */
function inside(script: string, more: Partial<Confinement> = {}) {
  return outcomeOf(enterArguments(mode, confine(confinement(more), ["sh", "-c", script])));
}

async function outcomeOf([file, ...args]: readonly string[]) {
  const { code, stdout, stderr } = await new Deno.Command(file as string, { args, stdin: "null" })
    .output();
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes).trim();
  return { code, said: text(stdout), errors: text(stderr) };
}

function sandboxed(name: string, fn: () => Promise<void>): void {
  Deno.test({ name, ignore: !isSandboxed, fn });
}

sandboxed("homes and temporary folders are empty, but for what is named", async () => {
  const home = Deno.makeTempDirSync({ dir: "/tmp", prefix: "noobcash-sandbox-" });
  try {
    for (const name of ["mine", "theirs", "secret"]) Deno.mkdirSync(join(home, name));
    Deno.chmodSync(home, 0o755);
    Deno.chmodSync(join(home, "mine"), 0o777);
    Deno.writeTextFileSync(join(home, "theirs", "note"), "read me");
    const { code, said, errors } = await inside(
      [
        // The `mount` that hides them leaves a folder of its own in /run.
        `for folder in ${
          HIDDEN_FOLDERS.join(" ")
        }; do echo "$folder:" $(ls -A -I mount $folder); done`,
        `echo kept: $(ls ${home}), $(cat ${home}/theirs/note)`,
        `echo x > ${home}/mine/file && echo wrote`,
        `echo x > ${home}/theirs/note || echo unchanged`,
      ].join("\n"),
      { writable: [join(home, "mine")], readable: [join(home, "theirs")], cwd: join(home, "mine") },
    );
    assert.equal(code, 0, errors);
    const lines = said.split("\n");
    const name = home.slice("/tmp/".length);
    for (const folder of HIDDEN_FOLDERS) {
      const wanted = folder === "/tmp" ? `/tmp: ${name}` : `${folder}:`;
      assert(lines.includes(wanted), `wanted "${wanted}", got ${said}`);
    }
    assert.deepEqual(lines.slice(-3), ["kept: mine theirs, read me", "wrote", "unchanged"]);
    assert.equal(Deno.readTextFileSync(join(home, "mine", "file")), "x\n");
    assert.equal(Deno.readTextFileSync(join(home, "theirs", "note")), "read me");
  } finally {
    Deno.removeSync(home, { recursive: true });
  }
});

sandboxed("the rest of the file system cannot be written", async () => {
  const { said } = await inside(
    "for folder in / /etc /usr /var /opt; do touch $folder/noobcash-x 2>&1 && echo WROTE; done",
  );
  assert.equal(said.split("\n").length, 5, said);
  for (const line of said.split("\n")) {
    assert.match(line, /Read-only file system|Permission denied/);
  }
});

sandboxed("there is no network but loopback, and this machine's ports are not on it", async () => {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  try {
    const { said } = await inside(
      `ip -o link | cut -d' ' -f2; ip route; (: < /dev/tcp/127.0.0.1/${listener.addr.port}) 2>&1 && echo REACHED`
        .replace("(:", "bash -c '(:").replace(") 2>&1", ")' 2>/dev/null"),
    );
    assert.equal(said, "lo:");
  } finally {
    listener.close();
  }
});

sandboxed("a build has this machine's network only when it says so", async () => {
  const linksOf = async (hasNetwork: boolean) => {
    const building = confinement({ build: { hasNetwork } });
    const { said } = await outcomeOf(confine(building, ["sh", "-c", "ip -o link | wc -l"]));
    return Number(said);
  };
  const { said } = await outcomeOf(["sh", "-c", "ip -o link | wc -l"]);
  assert.deepEqual([await linksOf(false), await linksOf(true)], [1, Number(said)]);
});

sandboxed("it sees its own processes only, and none of them has any right", async () => {
  const { said } = await inside(
    "ls /proc | grep -c '^[0-9]'; grep -E 'CapEff|CapBnd|NoNewPrivs' /proc/self/status",
  );
  const [processes, ...rights] = said.split("\n");
  assert(Number(processes) <= 4, said);
  assert.deepEqual(rights.map((line) => line.split(/\s+/)).sort(), [
    ["CapBnd:", "0000000000000000"],
    ["CapEff:", "0000000000000000"],
    ["NoNewPrivs:", "1"],
  ]);
});

sandboxed("every node has a user of its own where the grader is root", async () => {
  const own = async (user: number) => (await inside("id -u", { user })).said;
  const wanted = (user: number) => String(userOf({ mode, user }) ?? 0);
  assert.deepEqual([await own(1), await own(2)], [wanted(1), wanted(2)]);
  assert.equal(userOf({ mode: "user", user: 1 }), undefined);
  assert.notEqual(userOf({ mode: "root", user: 1 }), userOf({ mode: "root", user: 2 }));
});

sandboxed("the limits are those that were wished", async () => {
  const limits = { memoryBytes: 5e7, processes: 9, filesBytes: 70_000, outputBytes: 1_000 };
  const { said, errors } = await inside(
    "prlimit --noheadings --raw --output RESOURCE,HARD --data --fsize --core --nofile --nproc",
    { limits },
  );
  assert.deepEqual(
    Object.fromEntries(said.split("\n").map((line) => line.trim().split(/\s+/))),
    { DATA: "100000000", FSIZE: "70000", CORE: "0", NOFILE: "4096", NPROC: "36" },
    errors,
  );
});

sandboxed("a file, memory and processes beyond the limit are not to be had", async () => {
  const limits = { ...DEFAULT_LIMITS, memoryBytes: 5e7, processes: 9, filesBytes: 70_000 };
  const { said: size } = await inside("head -c 999999 /dev/zero > f; wc -c < f", {
    limits,
    cwd: "/tmp",
  });
  assert.equal(size, "70000");
  const { code, errors } = await inside("/usr/bin/env python3 -c 'x = bytearray(2 * 10**8)'", {
    limits,
  });
  assert.notEqual(code, 0);
  assert.match(errors, /MemoryError/);
  const { errors: refusal } = await inside(
    "i=0; while [ $i -lt 200 ]; do sleep 20 & i=$((i+1)); done; exit 0",
    { limits },
  );
  // Root of an ordinary user's namespace is that user, whose other processes count, too.
  assert.match(refusal, /[Cc]annot fork|Resource temporarily unavailable/);
});

sandboxed("what has ended leaves no trace among the grader's processes", async () => {
  // Each `sh` ends before the `sleep` that it started, which then has nobody but the first process.
  const script = `
    const run = (args) => new Deno.Command("sh", { args: ["-c", args] }).output();
    for (let turn = 0; turn < 3; turn++) await run("sleep 0.1 > /dev/null 2>&1 &");
    let left;
    for (let look = 0; look < 100 && left !== "0"; look++) {
      await new Promise((resolve) => setTimeout(resolve, 50));
      const { stdout } = await run("ps -eo comm= | grep -c sleep");
      left = new TextDecoder().decode(stdout).trim();
    }
    console.log(left);
  `;
  const { said, errors } = await outcomeOf(
    enterArguments(mode, [Deno.execPath(), "eval", "--no-config", script]),
  );
  assert.equal(said, "0", errors);
});

Deno.test("without a sandbox, a command stands in a session of its own, within the limits of processes", () => {
  const command = confine(confinement({ mode: "none", cwd: "/a b" }), ["run", "it"]);
  assert.deepEqual(command.slice(0, 3), ["setsid", "--wait", "prlimit"]);
  assert(command.includes("--fsize=1000000000"));
  // The user is the grader's own: its other processes must not count.
  assert(!command.some((word) => word.startsWith("--nproc")));
  assert.deepEqual(command.slice(-3), ["/a b", "run", "it"]);
  assert.deepEqual(enterArguments("none", ["run", "it"]), ["run", "it"]);
});

Deno.test({
  name: "what this machine lacks is named",
  ignore: Deno.build.os !== "linux",
  async fn(t) {
    for (const program of ["unshare", "setpriv", "nsenter", "ip"]) {
      await t.step(`${program}: no sandbox`, () =>
        withPrograms(program, async () => {
          const found = await findSandbox();
          assert.equal(found.mode, "none");
          assert.match(
            found.missing ?? "",
            new RegExp(`^namespaces: "${program}" is not installed`),
          );
          assert.equal(await whyUnable(), undefined);
        }));
    }
    for (const program of ["setsid", "prlimit", "ps", "du"]) {
      await t.step(`${program}: not even --unsafe`, () =>
        withPrograms(program, async () => {
          assert.match(await whyUnable() ?? "", new RegExp(`^"${program}" is not installed`));
        }));
    }
    await t.step("a kernel that refuses", () =>
      withPrograms("unshare", async (path) => {
        Deno.writeTextFileSync(join(path, "unshare"), "#!/bin/sh\nexit 1\n", { mode: 0o755 });
        const { mode, missing } = await findSandbox();
        assert.equal(mode, "none");
        const whom = Deno.uid() === 0 ? "root" : "ordinary users";
        assert.match(
          missing ?? "",
          new RegExp(`^namespaces: the kernel refuses them to ${whom} here`),
        );
      }));
  },
});

/** Does something with a PATH that has what the sandbox is made of, but for one program. */
async function withPrograms(lacking: string, work: (path: string) => Promise<void>): Promise<void> {
  const before = Deno.env.get("PATH") as string;
  const path = Deno.makeTempDirSync({ prefix: "noobcash-path-" });
  try {
    for (
      const name of ["sh", "unshare", "setpriv", "nsenter", "ip", "setsid", "prlimit", "ps", "du"]
    ) {
      if (name === lacking) continue;
      const { said } = await outcomeOf(["sh", "-c", `command -v ${name}`]);
      if (said !== "") Deno.symlinkSync(said, join(path, name));
    }
    Deno.env.set("PATH", path);
    await work(path);
  } finally {
    Deno.env.set("PATH", before);
    Deno.removeSync(path, { recursive: true });
  }
}
