/** A grader that is killed leaves nothing behind, with a sandbox and without one. */
import assert from "node:assert/strict";
import { findSandbox, type SandboxMode } from "./sandbox.ts";

const HELPER = new URL("./testdata/grade_until_killed.ts", import.meta.url).pathname;
const CONFIG = new URL("../../deno.json", import.meta.url).pathname;
const WAIT_MS_MAX = 60_000;
const LOOK_MS = 100;

for (const mode of [(await findSandbox()).mode, "none" as const]) {
  Deno.test({
    name: `nothing survives a grader that is killed (sandbox: ${mode})`,
    ignore: Deno.build.os !== "linux",
    fn: () => killAndLook(mode),
  });
}

async function killAndLook(mode: SandboxMode): Promise<void> {
  // No other process sleeps for so long.
  const seconds = `${100_000 + Math.floor(Math.random() * 1e8)}.${mode === "none" ? 1 : 2}`;
  // One in the background, one in a session of its own, one as the command itself.
  const command = `sleep ${seconds} & setsid sleep ${seconds} & exec sleep ${seconds}`;
  const grader = new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--config", CONFIG, HELPER, mode, command],
    stdin: "null",
    stdout: "null",
    stderr: "piped",
  }).spawn();
  const said = new Response(grader.stderr).text();
  try {
    const isUp = await until(async () => (await sleepersOf(seconds)).length >= 3);
    assert(isUp, "the implementation was not started");
  } finally {
    grader.kill("SIGKILL");
    await grader.status;
  }
  const isGone = await until(async () => (await sleepersOf(seconds)).length === 0);
  for (const pid of await sleepersOf(seconds)) Deno.kill(pid, "SIGKILL");
  assert(isGone, `something lived on; ${await said}`);
  await said;
}

/** The processes that were started with this very argument. */
async function sleepersOf(seconds: string): Promise<readonly number[]> {
  const { stdout } = await new Deno.Command("ps", { args: ["-eo", "pid=,args="] }).output();
  return new TextDecoder().decode(stdout).split("\n")
    .filter((line) => line.trim().endsWith(` sleep ${seconds}`))
    .map((line) => Number.parseInt(line));
}

async function until(condition: () => Promise<boolean>): Promise<boolean> {
  const startedAtMs = performance.now();
  while (performance.now() - startedAtMs < WAIT_MS_MAX) {
    if (await condition()) return true;
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  }
  return false;
}
