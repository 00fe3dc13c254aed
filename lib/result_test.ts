import assert from "node:assert/strict";
import { err, invariant, InvariantError, ok, unreachable } from "./result.ts";

Deno.test("ok() and err() tell success and refusal apart", () => {
  assert.deepEqual(ok(5), { ok: true, value: 5 });
  assert.deepEqual(err({ code: "x" }), { ok: false, error: { code: "x" } });
});

Deno.test("invariant() throws where something is not true", () => {
  invariant(1 < 2, "One is less than two");
  assert.throws(() => invariant(0, "Zero holds"), new InvariantError("Zero holds"));
});

Deno.test("unreachable() throws with the value that should not be", () => {
  assert.throws(() => unreachable("x" as never), /got "x"/);
});
