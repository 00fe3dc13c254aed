/** What a node's process is started with. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { startNodeProcess } from "./node_process.ts";

Deno.test("startNodeProcess() adds what a node asks of engine and runtime to what there is", async () => {
  const folder = Deno.makeTempDirSync({ prefix: "noobcash-test-" });
  const program = join(folder, "program");
  const said = `{"flags":"$DENO_V8_FLAGS","trim":"$DENO_USR2_MEMORY_TRIM","port":"$NOOBCASH_PORT"}`;
  Deno.writeTextFileSync(program, `#!/bin/sh\ncat <<END\n${said}\nEND\n`, { mode: 0o700 });
  const before = Deno.env.toObject();
  Deno.env.set("NOOBCASH_SELF", program);
  Deno.env.set("NOOBCASH_PORT", "5000");
  Deno.env.set("DENO_V8_FLAGS", "--no-predictable");
  try {
    const child = startNodeProcess([], { dataDir: join(folder, "node") });
    const line = await child.waitFor((each) => "flags" in each) as unknown;
    assert.deepEqual(line, {
      flags: "--no-predictable,--max-semi-space-size=8",
      trim: "1",
      port: "",
    });
    await child.exited;
  } finally {
    Deno.removeSync(folder, { recursive: true });
    for (const name of ["NOOBCASH_SELF", "NOOBCASH_PORT", "DENO_V8_FLAGS"]) {
      const value = before[name];
      if (value === undefined) Deno.env.delete(name);
      else Deno.env.set(name, value);
    }
  }
});
