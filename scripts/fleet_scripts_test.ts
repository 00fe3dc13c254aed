/** The fleet's scripts without a fleet: form, inventory, and what a dry run says it would do. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const FOLDER = fileURLToPath(new URL(".", import.meta.url));

const SCRIPTS = [
  ...["copy.sh", "hosts.sh", "install.sh", "start.sh", "stop.sh", "status.sh", "logs.sh"],
  ...["experiment.sh", "sweep.sh", "uninstall.sh"],
];
const OTHER_SCRIPTS = [
  "pack_head.sh",
  "remote/host.sh",
  "slurm/sweep.sbatch",
  "testdata/fleet_host.sh",
];

interface Outcome {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

async function run(command: string, ...args: string[]): Promise<Outcome> {
  const output = await new Deno.Command(command, { args, cwd: FOLDER, stdin: "null" }).output();
  const decoder = new TextDecoder();
  return {
    code: output.code,
    stdout: decoder.decode(output.stdout),
    stderr: decoder.decode(output.stderr),
  };
}

/** Runs a script on an inventory with these lines, and nothing on any machine. */
async function dryRun(script: string, lines: readonly string[], ...args: string[]) {
  const path = await Deno.makeTempFile();
  try {
    await Deno.writeTextFile(path, lines.join("\n"));
    return await run(join(FOLDER, script), "--inventory", path, "--dry-run", ...args);
  } finally {
    await Deno.remove(path);
  }
}

const TWO_HOSTS = [
  "# a comment",
  "",
  "vm1 10.0.0.1 root 5000,5001\r",
  "vm2\tfd00::2  student 5000",
];

Deno.test("the scripts are POSIX shell that shellcheck has nothing to say about", async () => {
  const { code } = await run("sh", "-c", "command -v shellcheck");
  if (code !== 0) return console.log("no shellcheck: the scripts were not checked");

  for (const script of [...SCRIPTS, ...OTHER_SCRIPTS]) {
    const { stdout } = await run("shellcheck", "-x", "-P", "..", script);
    assert.equal(stdout, "", script);
  }
  const ci = await run("shellcheck", "../.ci/run");
  assert.equal(ci.stdout, "");
});

Deno.test("every script explains itself", async () => {
  for (const script of SCRIPTS) {
    const { code, stdout } = await run(join(FOLDER, script), "--help");
    assert.equal(code, 0, script);
    assert.ok(stdout.startsWith(`Usage: ${script} `), stdout);
    assert.match(stdout, /--inventory FILE/);
  }
});

Deno.test("a unit that systemd understands, and finds little to expose", async () => {
  const { code } = await run("sh", "-c", "command -v systemd-analyze");
  if (code !== 0) return console.log("no systemd-analyze: the unit was not checked");

  const unit = "remote/noobcash@.service";
  const verified = await run("systemd-analyze", "verify", `./${unit}`);
  const complaints = verified.stderr.split("\n")
    .filter((line) => line !== "" && !line.includes("noobcash is not executable"));
  assert.deepEqual(complaints, []);

  const security = await run("systemd-analyze", "security", "--offline=yes", `./${unit}`);
  const exposure = /Overall exposure level for .*: ([0-9.]+)/.exec(security.stdout)?.[1];
  assert.ok(Number(exposure) < 2, `${exposure}`);
});

Deno.test("start.sh gives every node its own options, from one inventory", async () => {
  const { code, stdout } = await dryRun("start.sh", TWO_HOSTS, "--new", "--capacity", "10");
  assert.equal(code, 0);

  const orders = stdout.split("\n").filter((line) => line.includes("'configure'"));
  assert.deepEqual(orders, [
    "vm1: ssh root@10.0.0.1 sh /usr/local/lib/noobcash/host.sh 'configure' '5000' " +
    "'--host 0.0.0.0 --port 5000 --nodes 3 --advertise 10.0.0.1:5000 --bootstrap --capacity 10' ",
    "vm1: ssh root@10.0.0.1 sh /usr/local/lib/noobcash/host.sh 'configure' '5001' " +
    "'--host 0.0.0.0 --port 5001 --nodes 3 --advertise 10.0.0.1:5001 " +
    "--bootstrap-url http://10.0.0.1:5000 --capacity 10' ",
    "vm2: ssh student@fd00::2 sudo -n sh /usr/local/lib/noobcash/host.sh 'configure' '5000' " +
    "'--host :: --port 5000 --nodes 3 --advertise [fd00::2]:5000 " +
    "--bootstrap-url http://10.0.0.1:5000 --capacity 10' ",
  ]);

  // All are set up before one starts.
  assert.ok(stdout.lastIndexOf("'configure'") < stdout.indexOf("'start'"));
});

Deno.test("--only chooses machines, and refuses names that are not there", async () => {
  const chosen = await dryRun("stop.sh", TWO_HOSTS, "--only", "vm2");
  assert.equal(chosen.stdout.match(/^vm[12]: /gm)?.join(), "vm2: ");

  const unknown = await dryRun("stop.sh", TWO_HOSTS, "--only", "vm2,vm7");
  assert.equal(unknown.code, 2);
  assert.match(unknown.stderr, /Cannot choose "vm7": got no such machine/);
});

Deno.test("a bad inventory is refused with the number of its line", async () => {
  const refused: Readonly<Record<string, RegExp>> = {
    "vm1 10.0.0.1 root": /line 1 .* got 3 fields/,
    "vm1 10.0.0.1 root 5000 x": /line 1 .* got 5 fields/,
    "vm1 10.0.0.1 root 70000": /port 70000, wanted 1 to 65535/,
    "vm1 10.0.0.1 root 5000,5000": /port 5000 of 10.0.0.1 a second time/,
    "vm1 10.0.0.1 root http": /ports "http"/,
    "vm;reboot 10.0.0.1 root 5000": /name "vm;reboot"/,
    "vm1 -oProxyCommand=x root 5000": /address "-oProxyCommand=x"/,
    "vm1 10.0.0.1 -x 5000": /user "-x"/,
    "vm1 10.0.0.1 root 5000\nvm1 10.0.0.2 root 5000": /line 2 .* name "vm1" a second time/,
    "# nothing": /got no machine/,
  };
  for (const [text, reason] of Object.entries(refused)) {
    const { code, stderr } = await dryRun("stop.sh", [text]);
    assert.equal(code, 2, text);
    assert.match(stderr, reason);
  }
});

Deno.test("start.sh refuses options that come from the inventory, and words that a shell would read", async () => {
  for (
    const [args, reason] of [
      [["--new", "--port", "80"], /"--port": it comes from the inventory/],
      [["--new", "--capacity", "$(reboot)"], /Cannot hand on "\$\(reboot\)"/],
      [["--capacity", "5"], /Cannot read "--capacity": wanted --wait or --new/],
      [["--wait", "soon"], /Cannot wait: got "soon"/],
      [["--only", "vm1", "--new"], /wanted --new without --only/],
    ] as const
  ) {
    const { code, stderr } = await dryRun("start.sh", TWO_HOSTS, ...args);
    assert.notEqual(code, 0, args.join(" "));
    assert.match(stderr, reason);
  }
});
