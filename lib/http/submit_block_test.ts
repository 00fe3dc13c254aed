/** The door for a block that was mined elsewhere: `POST /blocks`. */
import assert from "node:assert/strict";
import { formatHex } from "../bytes.ts";
import { solveTemplate, TemplateDraft } from "../mining/template.ts";
import { type Block, encodeBlock } from "../primitives/block.ts";
import { networkOf } from "../testing/test_world.ts";
import { assertRefused, createTestApi, ledgerStateOf, type TestApi } from "../testing/test_api.ts";
import { blockTakenSchema } from "../wire/api_chain.ts";

/** A block of what waits at a node, mined by a stranger. */
function minedElsewhere(api: TestApi): Block {
  const { chain, mempool, params } = networkOf(api.node);
  const draft = new TemplateDraft(chain.tip, params);
  draft.add(mempool.transactions());
  const miner = api.node.keyPair.publicKey;
  const template = draft.template({ miner, nowMs: api.world.nowMs });
  const { target } = params;
  for (let nonce = 0;; nonce++) {
    const block = solveTemplate(template, { timestampMs: template.header.timestampMs, nonce });
    if (BigInt(`0x${block.hash}`) <= target) return block;
  }
}

async function waitingPayment(): Promise<TestApi> {
  const api = createTestApi({ capacity: 5, blockWaitMs: 3_600_000 });
  assert.equal((await api.post("/payments", { to: 1, amount: 5 })).status, 202);
  return api;
}

Deno.test("POST /blocks takes in a block that was mined elsewhere", async () => {
  const api = await waitingPayment();
  const block = minedElsewhere(api);
  const response = await api.post("/blocks", { hex: formatHex(encodeBlock(block)) });
  assert.equal(response.status, 200);
  const taken = blockTakenSchema.parse(await response.json());
  assert.deepEqual(taken, { hash: block.hash, height: block.header.height });
  assert.equal(networkOf(api.node).chain.tip.hash, block.hash);

  const again = await api.post("/blocks", { hex: formatHex(encodeBlock(block)) });
  assert.equal(await assertRefused(again, 409), "block-already-known");
});

Deno.test("POST /blocks refuses what breaks a rule, and what is no block", async () => {
  const api = await waitingPayment();
  const before = ledgerStateOf(api);
  const { header, transactions } = minedElsewhere(api);
  const lame = solveTemplate({ header: { ...header, merkleRoot: "00".repeat(32) }, transactions }, {
    timestampMs: header.timestampMs,
    nonce: 0,
  });
  const refused = await api.post("/blocks", { hex: formatHex(encodeBlock(lame)) });
  assert.match(await assertRefused(refused, 422), /^block-bad-(work|merkle-root)$/);

  const malformed = await api.post("/blocks", { hex: "00" });
  assert.equal(await assertRefused(malformed, 400), "block-malformed");
  assert.deepEqual(ledgerStateOf(api), before);
});

Deno.test("POST /blocks wants the token", async () => {
  const api = await waitingPayment();
  const hex = formatHex(encodeBlock(minedElsewhere(api)));
  const response = await api.post("/blocks", { hex }, { Authorization: "" });
  assert.equal(response.status, 401);
});
