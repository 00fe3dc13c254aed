/**
 * What a payment costs a node, stage by stage, in microseconds of processor time a transaction: read from a message,
 * verified, taken into the pool, kept on disk, passed on, confirmed by a block. One process, no sockets.
 *
 * Run: `deno run -A bench/payment_path.ts [transactions a block] [blocks] [waiting in the pool before]`
 *
 * @module
 */
import { join } from "node:path";
import process from "node:process";
import { createTransactionVerifier } from "../lib/consensus/transaction_verifier.ts";
import { numberedKeyPair } from "../lib/crypto/numbered_key_pair.ts";
import type { NodeEffect } from "../lib/node/effect.ts";
import { createNode, step } from "../lib/node/node.ts";
import { DEFAULT_TIMING } from "../lib/node/state.ts";
import type { Transaction } from "../lib/primitives/transaction.ts";
import { invariant } from "../lib/result.ts";
import { openSqliteStore } from "../lib/store/sqlite_store.ts";
import { longChain } from "../lib/testing/long_chain.ts";
import { testParams } from "../lib/testing/test_params.ts";
import { decodeMessage, encodeMessage } from "../lib/wire/codec.ts";
import { signRecord } from "../lib/wire/ring.ts";

/** How many inputs share a disk transaction, as under load. */
const BATCH_INPUTS = 64;

/** What is done with a block of each stage. */
const STAGES: Readonly<Record<string, string>> = {
  stored: "held against the coins",
  checked: "connected",
  connected: "settled",
};

const perBlock = Number(Deno.args[0] ?? 2000);
const blockCount = Number(Deno.args[1] ?? 5);
const waitingBefore = Number(Deno.args[2] ?? 0);

const params = testParams({ nodes: 1, capacity: perBlock, coinsPerNode: 1_000_000_000 });
const keyPair = numberedKeyPair(0);
const transactions = longChain({
  params,
  transactionCount: perBlock * blockCount + waitingBefore,
}).flatMap((block) => block.transactions);

const totals = new Map<string, number>();
function measure<T>(stage: string, act: () => T): T {
  const before = process.cpuUsage();
  const value = act();
  const { user, system } = process.cpuUsage(before);
  totals.set(stage, (totals.get(stage) ?? 0) + user + system);
  return value;
}

const folder = Deno.makeTempDirSync({ prefix: "noobcash-bench-" });
const store = openSqliteStore(join(folder, "chain.db"));
const verifier = createTransactionVerifier(params);
const node = createNode(
  {
    keyPair,
    record: signRecord({ url: "http://127.0.0.1:1", sequence: 1 }, keyPair),
    role: { kind: "bootstrap", params },
    isMining: true,
    isFullMesh: true,
    timing: DEFAULT_TIMING,
  },
  store,
  { verifierOf: () => verifier },
);
const nowMs = params.genesisTimeMs + 1000;
let job: Extract<NodeEffect, { readonly type: "mine" }> | undefined;

/** Commits what the effects want kept, as one disk transaction. */
function commitAll(effects: readonly NodeEffect[], stage: string): void {
  for (const effect of effects) if (effect.type === "mine") job = effect;
  const commits = effects.filter((effect) => effect.type === "commit");
  if (commits.length === 0) return;
  measure(stage, () => {
    store.begin();
    for (const { commit } of commits) store.commit(commit);
    store.end();
  });
}

commitAll(step(node, { type: "start" }, nowMs), "start");
for (let first = 0, blocks = 0; blocks < blockCount; blocks++) {
  const isFirst = blocks === 0;
  const count = isFirst ? perBlock + waitingBefore : perBlock;
  const part = transactions.slice(first, first + count);
  first += count;
  const bytes = measure(
    "encode for a peer",
    () => encodeMessage({ type: "transactions", transactions: part.slice(0, perBlock) }),
  );
  const decoded = measure("decode", () => decodeMessage(bytes));
  invariant(decoded?.type === "transactions", "A message survives its encoding");
  const fresh: readonly Transaction[] = [...decoded.transactions, ...part.slice(perBlock)];
  measure("verify signatures", () => {
    for (const transaction of fresh.slice(0, perBlock)) verifier.verify(transaction);
  });
  for (const transaction of fresh.slice(perBlock)) verifier.verify(transaction);
  for (let start = 0; start < fresh.length; start += BATCH_INPUTS) {
    const effects: NodeEffect[] = [];
    const batch = fresh.slice(start, start + BATCH_INPUTS);
    const isCounted = start < perBlock;
    const act = () => {
      for (const transaction of batch) {
        effects.push(...step(node, { type: "submit", requestId: 1, transaction }, nowMs));
      }
    };
    if (isCounted) measure("into the pool", act);
    else act();
    commitAll(effects, isCounted ? "pool on disk" : "start");
  }
  invariant(job !== undefined, "A full block is mined");
  const { jobId, template: { header: { timestampMs } } } = job;
  const mined = { type: "mined", jobId, timestampMs, nonce: 1 } as const;
  let effects = measure("block found: step", () => step(node, mined, nowMs));
  commitAll(effects, "block found: disk");
  // A large block is taken in by stages.
  while (effects.some(({ type }) => type === "continue")) {
    const stage = STAGES[node.network?.staged?.stage ?? "connected"];
    effects = measure(`block ${stage}: step`, () => step(node, { type: "continue" }, nowMs));
    commitAll(effects, `block ${stage}: disk`);
  }
  invariant(node.network?.chain.height === blocks + 1, "The block is the tip");
}

const counted = perBlock * blockCount;
for (const [stage, us] of totals) {
  if (stage !== "start") {
    console.log(`${(us / counted).toFixed(1).padStart(8)} us  ${stage}`);
  }
}
console.log(`${node.network?.mempool.size} wait at the end`);
store.close();
Deno.removeSync(folder, { recursive: true });
