/**
 * Sweeps on batch systems: the manifest by schema and by what its shell makes of it, the array on a Slurm
 * that runs on this machine alone. GNU parallel over a fleet is tried in `fleet_test.ts`.
 */
import assert from "node:assert/strict";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseAllDocuments } from "yaml";
import { Job } from "kubernetes-models/batch/v1/Job";
import { PersistentVolumeClaim } from "kubernetes-models/v1/PersistentVolumeClaim";
import { freePort } from "../lib/testing/free_port.ts";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const SBATCH = join(ROOT, "scripts/slurm/sweep.sbatch");

async function output(command: string, args: readonly string[], env: Record<string, string> = {}) {
  const { code, stdout, stderr } = await new Deno.Command(command, { args: [...args], env })
    .output();
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  return { code, stdout: text(stdout), stderr: text(stderr) };
}

/** A program by the name of noobcash: the one of this folder. */
async function writeProgram(folder: string): Promise<string> {
  const path = join(folder, "noobcash");
  const run = `exec ${Deno.execPath()} run -A --no-check ${join(ROOT, "main.ts")} "$@"`;
  await Deno.writeTextFile(path, `#!/bin/sh\n${run}\n`);
  await Deno.chmod(path, 0o755);
  return path;
}

Deno.test("the Indexed Job fits the API's schemas and names every shard once", async () => {
  const text = await Deno.readTextFile(join(ROOT, "scripts/kubernetes/sweep.yaml"));
  const documents = parseAllDocuments(text).map((document) => document.toJS());
  const kinds = { Job, PersistentVolumeClaim };
  assert.deepEqual(documents.map(({ kind }) => kind).sort(), Object.keys(kinds).sort());
  for (const document of documents) {
    new kinds[document.kind as keyof typeof kinds](document).validate();
  }
  const job = documents.find(({ kind }) => kind === "Job");
  const { spec } = job;
  assert.equal(spec.completionMode, "Indexed");
  assert.equal(spec.backoffLimitPerIndex, 2);
  const [container] = spec.template.spec.containers;
  assert.deepEqual(container.env, [{ name: "NOOBCASH_SHARDS", value: String(spec.completions) }]);

  const spoiled = structuredClone(job);
  spoiled.spec.backoffLimitPerIndex = "often";
  assert.throws(() => new Job(spoiled).validate());

  const folder = await Deno.makeTempDir();
  try {
    await Deno.writeTextFile(join(folder, "noobcash"), '#!/bin/sh\necho "$*"\n');
    await Deno.chmod(join(folder, "noobcash"), 0o755);
    const { stdout } = await output(container.command[0], [
      ...container.command.slice(1),
      ...container.args,
    ], { JOB_COMPLETION_INDEX: "5", PATH: `${folder}:/usr/bin:/bin` });
    assert.match(stdout, /^simulate attack selfish .* --out \/sweep\/shard-5 --resume\n$/);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("sweep.sbatch refuses to run outside of an array", async () => {
  const alone = await output("sh", [SBATCH, "/tmp/out", "simulate"], { SLURM_ARRAY_TASK_ID: "" });
  assert.equal(alone.code, 2);
  assert.match(alone.stderr, /wanted sbatch --array/);
});

Deno.test("a Slurm array of three runs a sweep, and its shards make one result", async () => {
  for (const command of ["slurmctld", "slurmd", "munged", "sbatch"]) {
    const { code } = await output("sh", ["-c", `PATH=$PATH:/usr/sbin command -v ${command}`]);
    if (code !== 0) return console.log(`no Slurm: got no ${command}, wanted it installed`);
  }
  if (Deno.uid() !== 0) return console.log("no Slurm: got an ordinary user, wanted root");
  const folder = await Deno.makeTempDir({ prefix: "noobcash-slurm-" });
  const daemons: Deno.ChildProcess[] = [];
  const start = (command: string, args: readonly string[]) => {
    const env = { SLURM_CONF: join(folder, "slurm.conf") };
    const stdio = { stdin: "null", stdout: "null", stderr: "null" } as const;
    daemons.push(new Deno.Command(command, { args: [...args], env, ...stdio }).spawn());
  };
  try {
    await writeSlurm(folder);
    const munge = ["--foreground", "--force", `--key-file=${join(folder, "munge.key")}`];
    start("/usr/sbin/munged", [
      ...munge,
      `--socket=${join(folder, "munge.socket")}`,
      `--pid-file=${join(folder, "munged.pid")}`,
      `--log-file=${join(folder, "munged.log")}`,
      `--seed-file=${join(folder, "munged.seed")}`,
    ]);
    await until(async () => (await statOf(join(folder, "munge.socket"))) !== undefined);
    start("/usr/sbin/slurmctld", ["-D", "-i"]);
    start("/usr/sbin/slurmd", ["-D", "-N", "trial"]);

    const env = { SLURM_CONF: join(folder, "slurm.conf") };
    await until(async () =>
      (await output("sinfo", ["-h", "-o", "%t"], env)).stdout.trim() === "idle"
    );
    const program = await writeProgram(folder);
    const sweep = ["simulate", "attack", "majority", "--share", "0.6,0.8", "--trials", "4"];
    const submitted = await output("sbatch", [
      ...["--wait", "--array=1-3", `--chdir=${folder}`, SBATCH, join(folder, "out")],
      ...sweep,
    ], { ...env, NOOBCASH: program });
    const logs = [...Deno.readDirSync(folder)].filter(({ name }) => name.endsWith(".log"))
      .map(({ name }) => `${name}: ${Deno.readTextFileSync(join(folder, name))}`).join("\n");
    assert.equal(submitted.code, 0, `${submitted.stderr}\n${logs}`);

    const shards = [1, 2, 3].map((index) => join(folder, "out", `shard-${index}`));
    const merged = await output(program, ["report", "merge", ...shards, "-o", join(folder, "all")]);
    assert.equal(merged.code, 0, merged.stderr);
    const whole = await output(program, [...sweep, "--jobs", "1", "--out", join(folder, "whole")]);
    assert.equal(whole.code, 0, whole.stderr);
    for (const name of ["figures.json", "figures.csv", "runs.parquet", "majority.svg"]) {
      const [a, b] = ["all", "whole"].map((path) => Deno.readFileSync(join(folder, path, name)));
      assert.deepEqual(a, b, name);
    }
  } finally {
    for (const daemon of daemons.toReversed()) {
      try {
        daemon.kill("SIGTERM");
      } catch { /* ended already */ }
      await daemon.status;
    }
    await Deno.remove(folder, { recursive: true });
  }
});

async function writeSlurm(folder: string): Promise<void> {
  await Deno.writeFile(join(folder, "munge.key"), crypto.getRandomValues(new Uint8Array(128)));
  await Deno.chmod(join(folder, "munge.key"), 0o400);
  await Deno.chmod(folder, 0o755);
  for (const name of ["state", "spool"]) await Deno.mkdir(join(folder, name));
  const [controller, daemon] = [freePort(), freePort()];
  await Deno.writeTextFile(
    join(folder, "slurm.conf"),
    [
      "ClusterName=trial",
      `SlurmctldHost=${Deno.hostname()}(127.0.0.1)`,
      `SlurmctldPort=${controller}`,
      `SlurmdPort=${daemon}`,
      "SlurmUser=root",
      "SlurmdUser=root",
      "AuthType=auth/munge",
      `AuthInfo=socket=${join(folder, "munge.socket")}`,
      "CredType=cred/munge",
      `StateSaveLocation=${join(folder, "state")}`,
      `SlurmdSpoolDir=${join(folder, "spool")}`,
      `SlurmctldPidFile=${join(folder, "slurmctld.pid")}`,
      `SlurmdPidFile=${join(folder, "slurmd.pid")}`,
      `SlurmctldLogFile=${join(folder, "slurmctld.log")}`,
      `SlurmdLogFile=${join(folder, "slurmd.log")}`,
      "ProctrackType=proctrack/linuxproc",
      "TaskPlugin=task/none",
      "MpiDefault=none",
      "SelectType=select/cons_tres",
      "SelectTypeParameters=CR_CPU",
      "ReturnToService=2",
      `NodeName=trial NodeHostname=${Deno.hostname()} NodeAddr=127.0.0.1 CPUs=${navigator.hardwareConcurrency} State=UNKNOWN`,
      "PartitionName=all Nodes=trial Default=YES MaxTime=10 State=UP",
      "",
    ].join("\n"),
  );
}

async function statOf(path: string): Promise<Deno.FileInfo | undefined> {
  return await Deno.stat(path).catch(() => undefined);
}

/** Looks again until a condition holds; a minute and a half is far more than any of this takes. */
async function until(condition: () => Promise<boolean>): Promise<void> {
  for (let attempt = 0; attempt < 450; attempt++) {
    if (await condition()) return;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  assert.fail("Slurm did not come up");
}
