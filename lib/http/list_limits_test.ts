/** How long the lists of the API get: each has a bound, and here it bites. */
import assert from "node:assert/strict";
import { formatHex } from "../bytes.ts";
import { numberedKeyPair } from "../crypto/numbered_key_pair.ts";
import type { PublicKey } from "../crypto/keys.ts";
import { auditOf, finish } from "../testing/audit_at_once.ts";
import type { Amount } from "../primitives/amount.ts";
import { solveTemplate, TemplateDraft } from "../mining/template.ts";
import { encodeBlock } from "../primitives/block.ts";
import { createTestApi, type TestApi } from "../testing/test_api.ts";
import { networkOf } from "../testing/test_world.ts";
import { LIST_LIMIT_MAX, TRANSACTION_LIST_MAX } from "../wire/api_basics.ts";
import { RAW_BLOCKS_MAX } from "../wire/api_chain.ts";
import { AUDIT_BALANCES_MAX, auditJson, BLOCK_LIST_MAX } from "./chain_routes.ts";

/** Mines blocks of the node's own until the chain is so high. */
function growTo(api: TestApi, height: number): void {
  const { chain } = networkOf(api.node);
  const { publicKey } = numberedKeyPair(9);
  while (chain.height < height) {
    api.world.pay(api.node, publicKey, 1);
    api.world.run(100);
  }
}

/** So many blocks beside the tip, mined elsewhere. */
async function growBush(api: TestApi, count: number): Promise<void> {
  const { chain, params } = networkOf(api.node);
  api.world.pay(api.node, numberedKeyPair(9).publicKey, 1);
  const draft = new TemplateDraft(chain.tip, params);
  draft.add(networkOf(api.node).mempool.transactions());
  const miner = api.node.keyPair.publicKey;
  const template = draft.template({ miner, nowMs: api.world.nowMs });
  const { timestampMs } = template.header;
  for (let nonce = 0, made = 0; made < count; nonce++) {
    const block = solveTemplate(template, { timestampMs, nonce });
    if (BigInt(`0x${block.hash}`) > params.target) continue;
    const response = await api.post("/blocks", { hex: formatHex(encodeBlock(block)) });
    await response.body?.cancel();
    made++;
  }
}

Deno.test(`X04 GET /blocks gives ${BLOCK_LIST_MAX} blocks at most, however many are asked for`, async () => {
  const api = createTestApi({ nodes: 1, capacity: 1, coinsPerNode: 1_000 });
  growTo(api, BLOCK_LIST_MAX + 5);
  const { blocks } = await (await api.get(`/blocks?limit=${LIST_LIMIT_MAX}`)).json();
  assert.equal(blocks.length, BLOCK_LIST_MAX);
  const raw = new Uint8Array(await (await api.get("/blocks/raw?limit=3")).arrayBuffer());
  const sizes = [];
  for (let at = 0; at < raw.length; at += 4 + (sizes.at(-1) ?? 0)) {
    sizes.push(new DataView(raw.buffer).getUint32(at));
  }
  assert.equal(sizes.length, 3);
  api.stop();
});

Deno.test(`X04 a page has ${TRANSACTION_LIST_MAX} whole transactions at most, and the next ones have the rest`, async () => {
  const api = createTestApi({
    nodes: 1,
    capacity: 1_000,
    blockWaitMs: 3_600_000,
    coinsPerNode: 1_000,
  });
  const { publicKey } = numberedKeyPair(9);
  const count = TRANSACTION_LIST_MAX + 5;
  for (let number = 0; number < count; number++) assert(api.world.pay(api.node, publicKey, 1).ok);
  const txids = [...networkOf(api.node).mempool.transactions()].map(({ txid }) => txid);
  assert.equal(txids.length, count);

  const lists = [["/mempool?", "transactions"], ["/history?wallet=self&", "entries"]] as const;
  for (const [list, name] of lists) {
    const page = `${list}limit=${LIST_LIMIT_MAX}`;
    const first = await (await api.get(page)).json();
    assert.equal(first[name].length, TRANSACTION_LIST_MAX, list);
    const second = await (await api.get(`${page}&after=${first.next}`)).json();
    const listed = [...first[name], ...second[name]].map(({ transaction }) => transaction.txid);
    assert.deepEqual(new Set(listed).size, listed.length, list);
    for (const txid of txids) assert(listed.includes(txid), list);
  }
  api.stop();
});

Deno.test("X04 no list takes a longer page than it has", async () => {
  const api = createTestApi({ nodes: 2 });
  const lists = ["/blocks?", "/mempool?", "/balances?", "/history?wallet=self&"];
  for (const list of lists) {
    assert.equal((await api.get(`${list}limit=${LIST_LIMIT_MAX}`)).status, 200, list);
    assert.equal((await api.get(`${list}limit=${LIST_LIMIT_MAX + 1}`)).status, 400, list);
  }
  assert.equal((await api.get(`/blocks/raw?limit=${RAW_BLOCKS_MAX}`)).status, 200);
  assert.equal((await api.get(`/blocks/raw?limit=${RAW_BLOCKS_MAX + 1}`)).status, 400);
  assert.equal((await api.get(`/history?wallet=${"a".repeat(101)}`)).status, 400);
  api.stop();
});

Deno.test(`X04 GET /tips gives ${LIST_LIMIT_MAX} tips at most`, async () => {
  const api = createTestApi({ nodes: 1, capacity: 5, blockWaitMs: 3_600_000 });
  await growBush(api, LIST_LIMIT_MAX + 3);
  assert(networkOf(api.node).chain.size > LIST_LIMIT_MAX + 3);
  const { tips } = await (await api.get("/tips")).json();
  assert.equal(tips.length, LIST_LIMIT_MAX);
  assert(tips.some(({ status }: { status: string }) => status === "active"));
  api.stop();
});

Deno.test(`X04 an audit lists ${AUDIT_BALANCES_MAX} wallets at most`, () => {
  const api = createTestApi({ nodes: 1 });
  const audit = auditOf(networkOf(api.node));
  const owners = Array.from({ length: AUDIT_BALANCES_MAX + 1 }, (_, index) => String(index));
  const confirmed = new Map(owners.map((owner) => [owner as PublicKey, 1 as Amount]));
  const ring = [owners.at(-1) as PublicKey];
  const walletOf = (owner: string) => ({ address: owner, nodeId: null });
  const json = finish(auditJson({ ...audit, confirmed }, { ring, walletOf }));
  const listed = json.balances.map(({ wallet }) => wallet.address);
  assert.deepEqual(listed, [...ring, ...owners.slice(0, -1).sort().slice(0, -1)]);
  assert.equal(listed.length, AUDIT_BALANCES_MAX);
  api.stop();
});
