import assert from "node:assert/strict";
import { collectGarbage, TRIM_VARIABLE } from "./collect_garbage.ts";

Deno.test("collectGarbage() frees what nothing refers to, and nothing else", async () => {
  const kept = { bytes: new Uint8Array(1000) };
  const refs = { kept: new WeakRef(kept), lost: lostObject() };
  // What was made in this turn is held until its end.
  await new Promise((resolve) => setTimeout(resolve, 0));

  collectGarbage();
  assert.equal(refs.lost.deref(), undefined);
  assert.equal(refs.kept.deref(), kept);
  assert.equal("gc" in globalThis, false);
});

function lostObject(): WeakRef<object> {
  return new WeakRef({ bytes: new Uint8Array(1000) });
}

Deno.test("createTrimmer() gives back holes between buffers that live on", {
  ignore: Deno.build.os !== "linux",
}, async () => {
  const script = `
    import { collectGarbage, createTrimmer } from "${new URL(
    "./collect_garbage.ts",
    import.meta.url,
  )}";
    const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
    let kept = Array.from({ length: 20_000 }, () => new Uint8Array(8_000).fill(1));
    const full = Deno.memoryUsage().rss;
    kept = kept.filter((_, index) => index % 100 === 0);
    await pause(0);
    collectGarbage();
    const trimmer = createTrimmer();
    trimmer?.trim();
    for (let look = trimmer === undefined ? 350 : 0; look < 400 && Deno.memoryUsage().rss > full - 100e6; look++) {
      await pause(10);
      if (look % 100 === 99) trimmer?.trim();
    }
    console.log(JSON.stringify({
      canTrim: trimmer !== undefined,
      freed: full - Deno.memoryUsage().rss,
      kept: kept.length,
    }));
    trimmer?.close();
  `;
  const measured = async (env: Record<string, string>) => {
    const { stdout, stderr } = await new Deno.Command(Deno.execPath(), {
      args: ["eval", "--ext=ts", script],
      env: { ...env, NO_COLOR: "1" },
      stdout: "piped",
      stderr: "piped",
    }).output();
    return JSON.parse(new TextDecoder().decode(stdout) || new TextDecoder().decode(stderr));
  };
  const able = await measured({ [TRIM_VARIABLE]: "1" });
  assert.equal(able.canTrim, true);
  assert(able.freed > 100e6, `${able.freed}`);
  const unable = await measured({ [TRIM_VARIABLE]: "" });
  assert.equal(unable.canTrim, false);
  assert(unable.freed < 100e6, `A collection alone freed ${unable.freed}`);
});
