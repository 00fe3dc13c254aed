import assert from "node:assert/strict";
import { createTestApi } from "../testing/test_api.ts";
import { statusSchema } from "../wire/api_network.ts";
import { forkOnce } from "../testing/fork_once.ts";
import type { BlockJson, BlockListJson, TipsJson } from "../wire/api_chain.ts";
import {
  blocksText,
  blockText,
  lastTransactionsText,
  paidListText,
  statusText,
  tipsText,
} from "./client_views.ts";

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

Deno.test("a hash rate stands in the status only while something is searched", async () => {
  const api = createTestApi();
  const status = statusSchema.parse(await (await api.get("/status")).json());
  const miningOf = (mining: Partial<typeof status.mining>) =>
    /mining +(.*)/.exec(statusText({ ...status, mining: { ...status.mining, ...mining } }))?.[1];
  const rate = { enabled: true, hashesPerSecond: 99_700 };
  assert.equal(miningOf({ ...rate, active: true }), "searching, 99.7 kH/s");
  assert.equal(miningOf({ ...rate, active: false }), "nothing to mine; up to 99.7 kH/s");
  assert.equal(miningOf({ enabled: false }), "off");
});

Deno.test("genesis has no miner, wherever it is shown", async () => {
  const api = createTestApi({ nodes: 2 });
  const genesis: BlockJson = await (await api.get("/blocks/0")).json();
  assert.match(blockText(genesis), /miner +nobody: genesis/);
  const list: BlockListJson = await (await api.get("/blocks")).json();
  const rows = blocksText(list).split("\n");
  assert.match(rows.at(-1) ?? "", /^ +0 .*nobody: genesis/);
  assert.doesNotMatch(rows[1] ?? "", /nobody/);
  const { transactions, ...block } = genesis;
  assert.match(
    lastTransactionsText({ block, transactions }),
    /^Genesis, made at .*nobody mined it/,
  );
});

Deno.test("branches that lost are told in a sentence", async () => {
  const api = createTestApi({ nodes: 3, minersMax: 2 });
  const tips = async (): Promise<TipsJson> => await (await api.get("/tips")).json();
  assert.doesNotMatch(tipsText(await tips()), /side branch/);
  forkOnce(api);
  assert.match(tipsText(await tips()), /\n\n1 side branch: found, but another branch came first/);
});

Deno.test("a list tells which payments were refused, ten of them at most", () => {
  const txid = "00".repeat(32);
  const paid = (refused: number) =>
    paidListText({
      offered: 1 + refused,
      accepted: 1,
      refused: refused === 0 ? {} : { "wallet-unknown": refused },
      payments: [
        { to: 1, amount: 2, txid, code: null },
        ...Array.from({ length: refused }, (_, index) => ({
          to: `id${9 + index}`,
          amount: 5,
          txid: null,
          code: "wallet-unknown",
        })),
      ],
    }).split("\n");
  assert.deepEqual(paid(0), ["1 of 1 payments accepted"]);
  assert.deepEqual(paid(1), [
    "1 of 2 payments accepted; 1 wallet-unknown",
    "  id9 5: wallet-unknown",
  ]);
  const many = paid(12);
  assert.equal(many.length, 12);
  assert.equal(many.at(-1), "  and 2 more (--json)");
});
