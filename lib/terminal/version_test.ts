import assert from "node:assert/strict";
import { programVersion, versionLine } from "./version.ts";

Deno.test("programVersion() says what was built and what runs it", async () => {
  const { version } = JSON.parse(
    await Deno.readTextFile(new URL("../../deno.json", import.meta.url)),
  );
  const told = await programVersion();

  assert.equal(told.version, version);
  assert.match(told.commit, /^([0-9a-f]{12}(-changed)?|unknown)$/);
  assert.equal(told.deno, Deno.version.deno);
  assert.match(told.kernel, /^(simd|scalar)$/);
  assert.equal(
    await versionLine(),
    `noobcash ${version} (commit ${told.commit}, deno ${told.deno}, ${told.target}, ${told.kernel} kernel)`,
  );
});
