/** `noobcash report trace` on the recording of a real cluster. */
import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { testEnvironment } from "../testing/test_environment.ts";
import { SHIVIZ_PATTERN } from "../traces/shiviz.ts";
import { PERMISSION_FLAGS } from "../../scripts/program_permissions.ts";

const MAIN = fileURLToPath(new URL("../../main.ts", import.meta.url));

async function run(args: readonly string[], env: Record<string, string>) {
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "--quiet", ...PERMISSION_FLAGS, MAIN, ...args],
    env,
    clearEnv: true,
  }).output();
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  assert.equal(code, 0, text(stderr));
  return text(stdout);
}

Deno.test("a recorded cluster becomes traces for Perfetto and ShiViz, and a tree of each block", async () => {
  const folder = Deno.makeTempDirSync({ prefix: "noobcash-trace-" });
  const env = testEnvironment({ XDG_RUNTIME_DIR: folder });
  try {
    const workload = `${folder}/workload`;
    Deno.mkdirSync(workload);
    for (const node of [0, 1, 2]) {
      const lines = [1, 2].map((step) => `id${(node + step) % 3} 2\n`).join("");
      Deno.writeTextFileSync(`${workload}/transactions${node}.txt`, lines);
    }
    const recording = `${folder}/run.recording`;
    await run([
      ...["cluster", "--nodes", "3", "--capacity", "2", "--difficulty", "3"],
      ...["--replay", workload, "--exit", "--record", recording, "--json"],
    ], env);

    const perfetto = JSON.parse(await run(["report", "trace", recording, "--as", "perfetto"], env));
    const events: { ph: string; name: string; id?: number; tid: number }[] = perfetto.traceEvents;
    assert.equal(events.filter(({ name }) => name === "thread_name").length, 3);
    const [sent, got] = ["s", "f"].map((ph) => events.filter((event) => event.ph === ph));
    // Each arrow has both of its ends, on two tracks.
    assert(sent !== undefined && got !== undefined && sent.length > 10);
    const tracks = new Map(sent.map(({ id, tid }) => [id, tid]));
    assert.equal(got.length, sent.length);
    for (const { id, tid } of got) assert.notEqual(tracks.get(id), tid);

    const log = await run(["report", "trace", recording, "--as", "shiviz"], env);
    const parsed = [...log.matchAll(new RegExp(SHIVIZ_PATTERN, "g"))];
    const hosts = new Set(parsed.map(({ groups }) => groups?.host));
    assert.deepEqual([...hosts].sort(), ["n0", "n1", "n2"]);
    // A clock that knows of another node has heard of it by a message.
    const clocks = parsed.map(({ groups }) => JSON.parse(groups?.clock ?? "{}"));
    assert(clocks.some((clock) => Object.keys(clock).length === 3));

    const tree = JSON.parse(
      await run(["report", "trace", recording, "--tree", "0", "--json"], env),
    );
    // The id of a transaction may begin so, too, and one that came with its block was heard by nobody.
    const { hearings }: { hearings: { node: number }[] } = tree.trees.find(
      ({ what }: { what: string }) => what === "block",
    );
    assert.equal(new Set(hearings.map(({ node }) => node)).size, hearings.length);
    assert(hearings.length > 1);
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
});
