/**
 * How much memory a node needs that keeps many unspent outputs: makes a data folder with a valid chain,
 * starts the real program on it and reads its resident set, at rest and after a full audit through the
 * API. Linux only.
 *
 * Run: `deno run -A bench/resident_memory.ts [unspent outputs]` (100,000 when not given)
 *
 * @module
 */
import assert from "node:assert/strict";
import { join } from "node:path";
import { formatHex, utf8Bytes } from "../lib/bytes.ts";
import { createApiClient } from "../lib/client/api_client.ts";
import { Chain } from "../lib/consensus/chain.ts";
import { noChange } from "../lib/consensus/chain_change.ts";
import { createTransactionVerifier } from "../lib/consensus/transaction_verifier.ts";
import { sha256 } from "../lib/crypto/hash.ts";
import { openSqliteStore } from "../lib/store/sqlite_store.ts";
import { longChain } from "../lib/testing/long_chain.ts";
import { emptyMembership, NO_COMMIT } from "../lib/testing/test_disk.ts";
import { testKeyPair } from "../lib/testing/test_key_pair.ts";
import { testParams } from "../lib/testing/test_params.ts";
import { signRing } from "../lib/wire/ring.ts";

const ROOT = join(import.meta.dirname as string, "..");

if (import.meta.main) {
  const utxoCount = Number(Deno.args[0] ?? 100_000);
  const dataDir = Deno.makeTempDirSync({ prefix: "noobcash-memory-" });
  try {
    makeFolder(dataDir, utxoCount);
    await measure(dataDir);
  } finally {
    Deno.removeSync(dataDir, { recursive: true });
  }
}

/** A one-node network's folder: each payment splits a coin, so that one more is unspent. */
function makeFolder(dataDir: string, utxoCount: number): void {
  const seed = sha256(utf8Bytes("noobcash/test-key/0"));
  Deno.writeTextFileSync(join(dataDir, "key"), `${formatHex(seed)}\n`, { mode: 0o600 });

  const params = testParams({ nodes: 1, capacity: 100, coinsPerNode: 1_000_000_000 });
  const owner = testKeyPair(0);
  const publicKeys = [owner.publicKey];
  const store = openSqliteStore(join(dataDir, "chain.db"));
  const verifier = createTransactionVerifier(params);
  const chain = new Chain(params, { verifier, reader: store });
  store.begin();
  store.commit({
    ...NO_COMMIT,
    membership: {
      ...emptyMembership(params),
      id: 0,
      joined: publicKeys,
      ring: signRing(publicKeys, owner, params),
      payoutsMade: true,
      startedUp: true,
    },
  });
  for (const block of longChain({ params, transactionCount: utxoCount - 1 })) {
    for (const transaction of block.transactions) verifier.remember(transaction);
    const change = noChange();
    assert(chain.accept(block, Date.now(), change).ok);
    store.commit({ ...NO_COMMIT, ...change, tip: block.hash });
    chain.releasePersisted();
  }
  store.end();
  store.close();
}

async function measure(dataDir: string): Promise<void> {
  const args = ["run", "-A", "main.ts", "node", "--bootstrap", "--nodes", "1", "--port", "0"];
  const startMs = performance.now();
  const node = new Deno.Command(Deno.execPath(), {
    args: [...args, "--data-dir", dataDir, "--json", "--no-mine"],
    cwd: ROOT,
    stdout: "piped",
  }).spawn();
  try {
    const reader = node.stdout.pipeThrough(new TextDecoderStream()).getReader();
    const url = /"url":"(http:[^"]+)"/.exec((await reader.read()).value ?? "")?.[1];
    assert(url !== undefined, "A node says where it listens");
    const client = createApiClient({ url, timeoutMs: 60_000 });
    while (!(await client.ready()).ok) await new Promise((resolve) => setTimeout(resolve, 50));
    const readyMs = performance.now() - startMs;
    print(`ready after ${Math.round(readyMs)} ms`, node.pid);

    const audit = await client.audit();
    assert(audit.ok && audit.value.supply === audit.value.supplyExpected);
    print(`after an audit of ${audit.value.utxoCount} unspent outputs`, node.pid);
    await new Promise((resolve) => setTimeout(resolve, 60_000));
    print("a minute later", node.pid);
    reader.releaseLock();
    await node.stdout.cancel().catch(() => {});
  } finally {
    node.kill("SIGTERM");
    await node.status;
  }
}

function print(moment: string, pid: number): void {
  const status = Deno.readTextFileSync(`/proc/${pid}/status`);
  const mebibytes = (name: string) =>
    Math.round(Number(new RegExp(`${name}:\\s+(\\d+)`).exec(status)?.[1]) / 1024);
  console.log(`${moment}: ${mebibytes("VmRSS")} MiB resident, at most ${mebibytes("VmHWM")} MiB`);
}
