import assert from "node:assert/strict";
import { createTestApi } from "../testing/test_api.ts";
import { statusSchema } from "../wire/api_network.ts";
import { statusText } from "./client_views.ts";

Deno.test("the status shows the tip's difficulty, and beside it the founder's where it is adjusted", async () => {
  const api = createTestApi({ difficulty: 0.5 });
  const status = statusSchema.parse(await (await api.get("/status")).json());
  assert(status.chain !== null && status.params !== null);
  assert.equal(status.chain.tipDifficulty, 0.5);
  assert.match(statusText(status), /difficulty 0\.5\s*\n/);

  const adjusted = statusText({
    ...status,
    chain: { ...status.chain, tipDifficulty: 2.25 },
    params: { ...status.params, difficultyAdjustment: "lwma" },
  });
  assert(adjusted.includes("difficulty 2.25 (began with 0.5)"), adjusted);
});
