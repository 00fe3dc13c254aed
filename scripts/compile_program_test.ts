/**
 * What goes into a compiled program, held against what must be inside. The runtime that `deno compile`
 * wants is not everywhere: where `DENORT_BIN` names one, the executable is started, too; elsewhere a
 * stand-in takes its place, so that all but the start is driven.
 */
import assert from "node:assert/strict";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { bundleProgram, missingAssets, outsideImports } from "./bundle_program.ts";
import { compileProgram } from "./compile_program.ts";
import { PERMISSION_FLAGS } from "./program_permissions.ts";
import { writeChecksums } from "./write_checksums.ts";

const ROOT = fileURLToPath(new URL("..", import.meta.url));

Deno.test("the bundle holds workers, kernels and pages, and imports nothing from outside", async () => {
  const bundle = new TextDecoder().decode(await bundleProgram(join(ROOT, "main.ts")));

  assert.deepEqual(outsideImports(bundle), []);
  assert.deepEqual(await missingAssets(bundle), []);
  assert.ok((await missingAssets(bundle.slice(0, 1000))).length >= 4);
});

Deno.test("outsideImports() finds what a bundle would look for", () => {
  const bundle =
    'import a from"node:fs";import{b}from"npm:b@1";await import("./c.js");x("./d.js");' +
    'import "https://e.example/e.js"; throw Error("cannot import from \\"f\\"")';
  assert.deepEqual(outsideImports(bundle), ["npm:b@1", "./c.js", "https://e.example/e.js"]);
});

Deno.test("compileProgram() puts the bundle inside, and nothing else", async () => {
  const folder = await Deno.makeTempDir();
  const outputPath = join(folder, "noobcash");
  const realRuntime = Deno.env.get("DENORT_BIN");
  if (realRuntime === undefined) Deno.env.set("DENORT_BIN", Deno.execPath());

  try {
    const entryPath = join(ROOT, "main.ts");
    const compiled = await compileProgram({ entryPath, outputPath, target: Deno.build.target });
    assert.deepEqual(compiled.embeddedFiles, ["noobcash.js"]);

    const bundle = Buffer.from(await bundleProgram(entryPath));
    assert.ok(Buffer.from(await Deno.readFile(outputPath)).includes(bundle.subarray(0, 4096)));

    await writeChecksums(folder);
    const { success } = await new Deno.Command("sha256sum", {
      args: ["-c", "SHA256SUMS"],
      cwd: folder,
      stdout: "null",
    }).output();
    assert.ok(success);

    if (realRuntime !== undefined) {
      const { code, stdout } = await new Deno.Command(outputPath, {
        args: ["version", "--json"],
        clearEnv: true,
      }).output();
      assert.equal(code, 0);
      assert.equal(JSON.parse(new TextDecoder().decode(stdout)).deno, Deno.version.deno);
    } else {
      console.log("no DENORT_BIN: the compiled program was not started");
    }
  } finally {
    if (realRuntime === undefined) Deno.env.delete("DENORT_BIN");
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("compileProgram() says what is missing where there is no runtime", async () => {
  await assert.rejects(
    compileProgram({ entryPath: "main.ts", outputPath: "x", target: "riscv-unknown-none" }),
    /^Error: Cannot compile: got target "riscv-unknown-none", wanted one of /,
  );
});

Deno.test("source runs with the permissions that the packed and the compiled file have", async () => {
  const { tasks } = JSON.parse(await Deno.readTextFile(join(ROOT, "deno.json")));
  assert.ok(tasks.noobcash.includes(` deno run ${PERMISSION_FLAGS.join(" ")} main.ts`));
});
