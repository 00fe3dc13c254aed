/** What a node's process is started with. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { startNodeProcess } from "./node_process.ts";

/** What a node's program finds in its environment, when that of this process has these besides. */
async function environmentOfNode(ours: Readonly<Record<string, string>>): Promise<unknown> {
  const folder = Deno.makeTempDirSync({ prefix: "noobcash-test-" });
  const program = join(folder, "program");
  const said = '{"flags":"$DENO_V8_FLAGS","trim":"$DENO_USR2_MEMORY_TRIM",' +
    '"arenas":"$MALLOC_ARENA_MAX","port":"$NOOBCASH_PORT"}';
  Deno.writeTextFileSync(program, `#!/bin/sh\ncat <<END\n${said}\nEND\n`, { mode: 0o700 });
  const set: Readonly<Record<string, string>> = { ...ours, NOOBCASH_SELF: program };
  const before = Deno.env.toObject();
  for (const [name, value] of Object.entries(set)) Deno.env.set(name, value);
  try {
    const child = startNodeProcess([], { dataDir: join(folder, "node") });
    const line = await child.waitFor((each) => "flags" in each) as unknown;
    await child.exited;
    return line;
  } finally {
    Deno.removeSync(folder, { recursive: true });
    for (const name of Object.keys(set)) {
      const value = before[name];
      if (value === undefined) Deno.env.delete(name);
      else Deno.env.set(name, value);
    }
  }
}

Deno.test("startNodeProcess() adds to the environment what a node asks for, and leaves what is said there", async () => {
  const flags = "--no-predictable,--max-semi-space-size=8";
  const ours = { NOOBCASH_PORT: "5000", DENO_V8_FLAGS: "--no-predictable" };
  const plain = await environmentOfNode(ours);
  assert.deepEqual(plain, { flags, trim: "1", arenas: "1", port: "" });
  const said = await environmentOfNode({ ...ours, MALLOC_ARENA_MAX: "4" });
  assert.deepEqual(said, { flags, trim: "1", arenas: "4", port: "" });
});
