import assert from "node:assert/strict";
import { PERMISSION_FLAGS } from "../../scripts/program_permissions.ts";

Deno.test("isProcessAlive() knows who is there, with the program's permissions", async () => {
  const child = new Deno.Command("sleep", { args: ["60"] }).spawn();
  const gone = new Deno.Command("true").spawn();
  await gone.status;
  const folder = await Deno.makeTempDir();
  const module = new URL("process_alive.ts", import.meta.url).href;
  await Deno.writeTextFile(
    `${folder}/ask.ts`,
    `import { isProcessAlive } from "${module}";
    console.log(JSON.stringify(Deno.args.map((pid) => isProcessAlive(Number(pid)))));`,
  );
  const { stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [
      ...["run", "--quiet", "--no-config", ...PERMISSION_FLAGS, `${folder}/ask.ts`],
      ...[Deno.pid, child.pid, gone.pid].map(String),
    ],
  }).output();
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  assert.equal(text(stdout).trim(), "[true,true,false]", text(stderr));
  child.kill("SIGKILL");
  await child.status;
  await Deno.remove(folder, { recursive: true });
});
