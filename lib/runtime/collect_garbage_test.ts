import assert from "node:assert/strict";
import { collectGarbage } from "./collect_garbage.ts";

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
