/**
 * A machine without a sandbox: the grader says what is missing and runs nothing, unless `--unsafe` is said.
 *
 * Such a machine is made by a PATH that lacks a program of the sandbox's.
 */
import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { PERMISSION_FLAGS } from "../../scripts/program_permissions.ts";

const ROOT = new URL("../../", import.meta.url).pathname;
const PROJECT = join(ROOT, "scripts/testdata/assignment_node");

Deno.test({
  name: "without a sandbox, nothing is run but with --unsafe, and the results say so",
  ignore: Deno.build.os !== "linux",
  async fn(t) {
    await withoutProgram("unshare", async (path) => {
      await t.step("refused, with what is missing and what helps", async () => {
        const { code, stdout, stderr } = await conform(path, ["--only", "L101"]);
        assert.equal(code, 1);
        assert.equal(stdout, "");
        assert.match(stderr, /^Cannot sandbox .*"unshare" is not installed.*--unsafe/);
      });

      await t.step(
        "--unsafe grades right: right passes, wrong fails, what wants a sandbox is not judged",
        async () => {
          const asked = ["L101", "L105", "L201", "L217", "L502", "L505"];
          const { code, stdout, stderr } = await conform(path, [
            ...["--unsafe", "--runs", "1", "--only", asked.join(",")],
          ]);
          assert.equal(code, 1, stderr);
          assert.match(stderr, /^No sandbox: .*Strangers' code runs with your rights/);
          const run = JSON.parse(stdout);
          assert.match(run.sandbox, /^none \(--unsafe\)/);
          assert.match(run.command, / --unsafe/);
          const verdicts = Object.fromEntries(
            run.results.map(({ code, verdict }: { code: string; verdict: string }) => [
              code,
              verdict,
            ]),
          );
          // Any web page can pay with this implementation, on purpose.
          assert.deepEqual(verdicts, {
            L101: "passed",
            L105: "passed",
            L201: "passed",
            L217: "failed",
            L502: "passed",
            L505: "not-applicable",
          });
        },
      );
    });

    await withoutProgram("setsid", async (path) => {
      await t.step("refused even then where not even limits can be had", async () => {
        const { code, stderr } = await conform(path, ["--unsafe", "--only", "L101"]);
        assert.equal(code, 1);
        assert.match(stderr, /"setsid" is not installed/);
        assert.doesNotMatch(stderr, /runs with your rights/);
      });
    });
  },
});

async function conform(path: string, args: readonly string[]) {
  const adapter = join(path, "..", "adapter.yaml");
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      ...PERMISSION_FLAGS,
      join(ROOT, "main.ts"),
      "conform",
      "--adapter",
      adapter,
      "--json",
      ...args,
    ],
    env: { PATH: path },
    stdin: "null",
  }).output();
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  return { code, stdout: text(stdout), stderr: text(stderr) };
}

/** Does something with a PATH on which everything is but one program; an adapter lies beside it. */
async function withoutProgram(
  program: string,
  work: (path: string) => Promise<void>,
): Promise<void> {
  const home = Deno.makeTempDirSync({ prefix: "noobcash-unsafe-" });
  const path = join(home, "bin");
  try {
    // Easier blocks: what is graded here does not depend on how long they take.
    const adapter = Deno.readTextFileSync(join(PROJECT, "adapter.yaml"))
      .replace("usual: 4", "usual: 2").replace("project: .", `project: ${PROJECT}`);
    Deno.writeTextFileSync(join(home, "adapter.yaml"), adapter);
    Deno.mkdirSync(path);
    for (const place of (Deno.env.get("PATH") ?? "").split(":")) {
      for (const name of namesIn(place)) {
        if (name === program) continue;
        try {
          Deno.symlinkSync(join(place, name), join(path, name));
        } catch (error) {
          // The first on the PATH is the one that is meant.
          if (!(error instanceof Deno.errors.AlreadyExists)) throw error;
        }
      }
    }
    await work(path);
  } finally {
    Deno.removeSync(home, { recursive: true });
  }
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch (error) {
    if ((error as { code?: string }).code === "ENOENT") return [];
    throw error;
  }
}
