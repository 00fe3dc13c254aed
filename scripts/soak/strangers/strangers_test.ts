import assert from "node:assert/strict";
import { ATTACKS } from "./attacks.ts";
import { runStrangers } from "./strangers_run.ts";

Deno.test("X01 X02 X03 all attacks at once: no member loses its link, one comes back, nobody outside is called", async () => {
  const attacks = ["joins", "openings", "streams"];
  for (const name of attacks) assert(ATTACKS[name] !== undefined, name);
  const plan = { attacks, addresses: 8, seconds: 4, perSecond: 20, coins: 0 };
  const { attacked, outsideCalls, counts } = await runStrangers(plan);
  assert.equal(attacked.linksLost, 0);
  assert(attacked.backAfterMs < Infinity);
  assert.equal(
    attacked.load.accepted,
    attacked.load.offered,
    JSON.stringify(attacked.load.refused),
  );
  assert.equal(outsideCalls, 0);
  assert(counts["openings"]?.["sent"] as number > 0 && counts["streams"]?.["opened"] as number > 0);
});
