/**
 * The fleet's scripts on five test machines, each with an address, files, processes and an ssh server of
 * its own: from copying the program to taking it off again, with a crash in between.
 */
import assert from "node:assert/strict";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { packProgram } from "./pack_program.ts";
import { type Outcome, startTestHosts, type TestHosts, whyNoHosts } from "./testing_hosts.ts";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const NODES = 5;

/** One line of status.sh. */
const STATUS_LINE =
  /^(vm\d): port (\d+): id (\d+), (\S+), (\d+) peers, height (\d+), tip ([0-9a-f]+)$/gm;

interface NodeStatus {
  readonly host: string;
  readonly id: number;
  readonly phase: string;
  readonly peers: number;
  readonly height: number;
  readonly tip: string;
}

Deno.test("a fleet of five: install, ring, replay, crash, results, removal", async (t) => {
  const missing = await whyNoHosts();
  if (missing !== undefined) return console.log(`no test machines: ${missing}`);

  const folder = await Deno.makeTempDir({ prefix: "noobcash-fleet-" });
  const fleet = await startTestHosts({ count: NODES, folder });
  try {
    const programPath = join(folder, "noobcash");
    await packProgram({ entryPath: join(ROOT, "main.ts"), outputPath: programPath });
    const lastUser = await addStudent(fleet);
    await writeInventory(folder, fleet, { ipv6: false, ports: "5000", lastUser });
    await runSteps(t, { fleet, folder, programPath, lastUser });
  } finally {
    await fleet.close();
    await Deno.remove(folder, { recursive: true });
  }
});

async function runSteps(
  t: Deno.TestContext,
  { fleet, folder, programPath, lastUser }: {
    readonly fleet: TestHosts;
    readonly folder: string;
    readonly programPath: string;
    readonly lastUser: string;
  },
): Promise<void> {
  const env = { NOOBCASH_HOSTS: join(folder, "hosts.txt"), NOOBCASH: programPath };
  const script = (name: string, ...args: string[]): Promise<Outcome> =>
    fleet.run(join(ROOT, "scripts", name), args, env);
  const done = async (name: string, ...args: string[]): Promise<string> => {
    const { code, stdout, stderr } = await script(name, ...args);
    assert.equal(code, 0, `${name}: ${stdout}${stderr}`);
    return stdout;
  };
  const third = fleet.hosts[2] as (typeof fleet.hosts)[number];

  await t.step("hosts.sh writes names once, and takes them away", async () => {
    const before = await fleet.ssh(third, "cat /etc/hosts");
    await done("hosts.sh");
    await done("hosts.sh");
    const written = await fleet.ssh(third, "cat /etc/hosts");
    assert.equal(written.match(/^10\.77\.0\.\d\tvm\d$/gm)?.length, NODES);
    assert.ok(written.startsWith(before));
    await fleet.ssh(third, "getent hosts vm5 | grep -q 10.77.0.5");

    await done("hosts.sh", "--remove");
    assert.equal(await fleet.ssh(third, "cat /etc/hosts"), before);
    await done("hosts.sh");
  });

  await t.step("copy.sh copies a folder to every machine", async () => {
    await done("copy.sh", join(ROOT, "transactions"), "/tmp/with blanks");
    for (const host of fleet.hosts) {
      await fleet.ssh(host, "test -s '/tmp/with blanks/transactions/5nodes/transactions0.txt'");
    }
  });

  await t.step("install.sh installs for a service user, without Deno or Node", async () => {
    const said = await done("install.sh", programPath);
    assert.equal(said.match(/installed noobcash [0-9.]+ \(commit /g)?.length, NODES);
    const source = join(ROOT, "main.ts");
    await fleet.ssh(third, `! command -v deno && ! command -v node && ! test -e '${source}'`);
    assert.equal((await Deno.stat(join(folder, "join-token"))).mode! & 0o777, 0o600);

    // Again, as an upgrade is.
    await done("install.sh", programPath);
  });

  await t.step(
    "sweep.sh runs a shard on every machine, and the same bytes come of it",
    async () => {
      const found = await new Deno.Command("sh", { args: ["-c", "command -v parallel"] }).output();
      if (!found.success) return console.log("no sweep: got no GNU parallel, wanted it on PATH");
      const words = ["simulate", "attack", "majority", "--share", "0.6,0.8", "--trials", "4"];
      const out = join(folder, "sweep");
      await done("sweep.sh", out, ...words);
      const whole = await fleet.run(programPath, [...words, "--out", join(folder, "whole")], env);
      assert.equal(whole.code, 0, whole.stderr);
      for (const name of ["figures.csv", "runs.parquet", "majority.svg"]) {
        const [a, b] = [join(out, "merged"), join(folder, "whole")]
          .map((path) => Deno.readFileSync(join(path, name)));
        assert.deepEqual(a, b, name);
      }
    },
  );

  await t.step("start.sh --new brings up one ring, with the secret hidden", async () => {
    await done("start.sh", "--wait", "300", "--new", "--capacity", "5", "--difficulty", "3");
    const nodes = await untilMeshed(script, NODES);
    assert.deepEqual(nodes.map(({ id }) => id).sort(), [0, 1, 2, 3, 4]);
    assert.ok(nodes.every(({ phase }) => phase === "ready"));

    const token = await Deno.readTextFile(join(folder, "join-token"));
    const seen = await fleet.ssh(third, "ps -eo args; cat /var/log/noobcash/5000.log");
    assert.ok(!seen.includes(token));
    const user = await fleet.ssh(third, "ps -o user= -C noobcash");
    assert.match(user.trim(), /^noobcash$/);
    const mode = await fleet.ssh(third, "stat -c '%a %U' /etc/noobcash/5000.env");
    assert.equal(mode.trim(), "600 root");
  });

  await t.step(
    "the API is paid through over TLS from another machine, and in clear it is not",
    async () => {
      await done("copy.sh", join(folder, "certificates/ca.pem"), "/tmp/authority");
      const [first] = fleet.hosts as unknown as [(typeof fleet.hosts)[number]];
      const token = await fleet.ssh(first, "cat /var/lib/noobcash/5000/token");
      await fleet.ssh(third, `umask 077; printf %s '${token.trim()}' > /tmp/token-of-first`);
      const client = (call: string) =>
        fleet.ssh(
          third,
          `NOOBCASH_CACHE_DIR=/tmp/stranger noobcash client --host 10.77.0.1 ${call} ` +
            "--token-file /tmp/token-of-first send id1 1 2>&1; echo ended $?",
        );
      assert.match(await client("--port 5443 --ca /tmp/authority/ca.pem"), /ended 0/);
      assert.match(await client("--port 5000"), /clear[\s\S]*ended [12]/);
      const mode = await fleet.ssh(first, "stat -c '%a %U' /var/lib/noobcash/tls/node-key.pem");
      assert.equal(mode.trim(), "400 noobcash");
    },
  );

  await t.step("a stranger without the join token gets no place", async () => {
    const stranger = await fleet.ssh(
      third,
      "NOOBCASH_CACHE_DIR=/tmp/stranger timeout 300 noobcash node --port 6100 --host 0.0.0.0 " +
        "--advertise 10.77.0.3:6100 --bootstrap-url http://10.77.0.1:5000 " +
        "--data-dir /tmp/stranger-data 2>&1; echo ended $?",
    );
    assert.match(stranger, /ended [1-9]/);
    assert.match(stranger, /token/i);
  });

  await t.step("a crashed machine comes back as who it was", async () => {
    const before = (await statusOf(script)).find(({ host }) => host === third.name);
    await fleet.crash(third);
    const without = await script("status.sh", "--only", "vm1,vm2");
    assert.equal(without.code, 0, without.stdout);

    await fleet.boot(third);
    const down = await script("status.sh");
    assert.equal(down.code, 1);
    assert.match(down.stdout, /^vm3: port 5000: does not answer$/m);
    assert.match(down.stderr, /failed on vm3/);

    await done("start.sh", "--only", "vm3", "--wait", "300");
    const after = (await statusOf(script)).find(({ host }) => host === third.name);
    assert.equal(after?.id, before?.id);
  });

  await t.step("experiment.sh replays on all at once and renders the report", async () => {
    const out = join(folder, "results");
    await done("experiment.sh", join(ROOT, "transactions/5nodes"), out);
    const html = await Deno.readTextFile(join(out, "report.html"));
    assert.match(html, /<svg/);

    const [run] = await recordsOf(out);
    assert.deepEqual(run.cell, { nodes: 5, capacity: 5, difficulty: 3 });
    assert.deepEqual(run.invalid, []);
    assert.equal(run.nodes.length, NODES);
    assert.equal(new Set(run.nodes.map(({ tipHash }) => tipHash)).size, 1);
    assert.ok(run.nodes.every(({ supply }) => supply === 500));
  });

  await t.step("logs.sh and stop.sh; a node that was stopped goes on", async () => {
    await done("logs.sh", "5");
    const tip = (await statusOf(script))[0]?.tip;
    await done("stop.sh");
    assert.equal((await fleet.ssh(third, "ps -C noobcash -o pid= || true")).trim(), "");
    await done("start.sh", "--wait", "300");
    assert.ok((await statusOf(script)).every((node) => node.tip === tip));
  });

  await t.step("ten nodes, two on each machine, over IPv6", async () => {
    await writeInventory(folder, fleet, { ipv6: true, ports: "5000,5001", lastUser });
    await done("start.sh", "--wait", "300", "--new", "--difficulty", "3", "--threads", "1");
    const nodes = await untilMeshed(script, 10);
    assert.equal(new Set(nodes.map(({ id }) => id)).size, 10);
  });

  await t.step("uninstall.sh --purge leaves nothing", async () => {
    await done("uninstall.sh", "--purge");
    await done("hosts.sh", "--remove");
    const left = await fleet.ssh(
      third,
      "find /etc /usr/local/bin /usr/local/lib /var/lib /var/cache /var/log /run -maxdepth 2 " +
        "-name '*noobcash*'; " +
        "id noobcash 2>&1; grep vm1 /etc/hosts; true",
    );
    assert.match(left, /^id: .*no such user\n$/);
    assert.equal((await script("uninstall.sh")).code, 0);
  });
}

interface StoredRun {
  readonly cell: unknown;
  readonly invalid: readonly unknown[];
  readonly nodes: readonly { readonly tipHash: string; readonly supply: number }[];
}

async function recordsOf(out: string): Promise<[StoredRun]> {
  return [JSON.parse(await Deno.readTextFile(join(out, "runs/n5-c5-d3/0/run.json")))];
}

/** The status of all nodes, as soon as each is connected to each: ready they are a moment before. */
async function untilMeshed(
  script: (name: string) => Promise<Outcome>,
  count: number,
): Promise<NodeStatus[]> {
  const deadlineMs = performance.now() + 180_000;
  for (;;) {
    const nodes = await statusOf(script);
    assert.equal(nodes.length, count);
    if (nodes.every(({ peers }) => peers === count - 1)) return nodes;
    assert.ok(performance.now() < deadlineMs, nodes.map(({ peers }) => peers).join());
  }
}

async function statusOf(script: (name: string) => Promise<Outcome>): Promise<NodeStatus[]> {
  const { code, stdout, stderr } = await script("status.sh");
  assert.equal(code, 0, stdout + stderr);
  return [...stdout.matchAll(STATUS_LINE)].map(([, host, , id, phase, peers, height, tip]) => ({
    host: host as string,
    id: Number(id),
    phase: phase as string,
    peers: Number(peers),
    height: Number(height),
    tip: tip as string,
  }));
}

/** Makes a user on the last machine who is not root, but may use sudo; "root" where there is no sudo. */
async function addStudent(fleet: TestHosts): Promise<string> {
  const last = fleet.hosts.at(-1) as (typeof fleet.hosts)[number];
  if ((await fleet.ssh(last, "command -v sudo || true")) === "") return "root";
  await fleet.ssh(
    last,
    "useradd --create-home student && usermod -p '*' student && " +
      "echo 'student ALL=(ALL) NOPASSWD: ALL' >/etc/sudoers.d/student",
  );
  return "student";
}

async function writeInventory(
  folder: string,
  fleet: TestHosts,
  { ipv6, ports, lastUser }: {
    readonly ipv6: boolean;
    readonly ports: string;
    readonly lastUser: string;
  },
): Promise<void> {
  const lines = fleet.hosts.map((host) => {
    const user = host === fleet.hosts.at(-1) ? lastUser : "root";
    return `${host.name} ${ipv6 ? host.address6 : host.address} ${user} ${ports}\n`;
  });
  await Deno.writeTextFile(join(folder, "hosts.txt"), lines.join(""));
}
