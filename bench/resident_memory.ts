/**
 * How much memory a node needs that keeps many unspent outputs: makes a data folder with a valid chain,
 * starts the real program on it, with its default settings and with `--no-mine`, and reads its resident
 * set and the most that it ever was: right after the start, a minute later, after a full audit through
 * the API, a minute after that. Linux only.
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
import { noChange, recordOfChange } from "../lib/consensus/chain_change.ts";
import { createTransactionVerifier } from "../lib/consensus/transaction_verifier.ts";
import { sha256 } from "../lib/crypto/hash.ts";
import { openSqliteStore } from "../lib/store/sqlite_store.ts";
import { longChain } from "../lib/testing/long_chain.ts";
import { NO_COMMIT } from "../lib/node/persistence.ts";
import { emptyMembership } from "../lib/testing/test_disk.ts";
import { numberedKeyPair } from "../lib/crypto/numbered_key_pair.ts";
import { testParams } from "../lib/testing/test_params.ts";
import { signRing } from "../lib/wire/ring.ts";

const ROOT = join(import.meta.dirname as string, "..");

/** After this the engine has given back what it does not need. */
const SETTLE_MS = 60_000;

if (import.meta.main) {
  const utxoCount = Number(Deno.args[0] ?? 100_000);
  const dataDir = Deno.makeTempDirSync({ prefix: "noobcash-memory-" });
  try {
    makeFolder(dataDir, utxoCount);
    await measure(dataDir, []);
    await measure(dataDir, ["--no-mine"]);
  } finally {
    Deno.removeSync(dataDir, { recursive: true });
  }
}

/** A one-node network's folder: each payment splits a coin, so that one more is unspent. */
function makeFolder(dataDir: string, utxoCount: number): void {
  const seed = sha256(utf8Bytes("noobcash/test-key/0"));
  Deno.writeTextFileSync(join(dataDir, "key"), `${formatHex(seed)}\n`, { mode: 0o600 });

  const params = testParams({ nodes: 1, capacity: 100, coinsPerNode: 1_000_000_000 });
  const owner = numberedKeyPair(0);
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
    store.commit({ ...NO_COMMIT, ...recordOfChange(change, chain), tip: block.hash });
    chain.releasePersisted();
  }
  store.end();
  store.close();
}

/** Starts the program and reads its resident set at each moment; in MB of 1,000,000 bytes. */
async function measure(dataDir: string, flags: readonly string[]): Promise<void> {
  const args = ["run", "-A", "main.ts", "node", "--bootstrap", "--nodes", "1", "--port", "0"];
  const startMs = performance.now();
  const node = new Deno.Command(Deno.execPath(), {
    args: [...args, "--data-dir", dataDir, "--json", ...flags],
    cwd: ROOT,
    stdout: "piped",
  }).spawn();
  try {
    const reader = node.stdout.pipeThrough(new TextDecoderStream()).getReader();
    const url = /"url":"(http:[^"]+)"/.exec((await reader.read()).value ?? "")?.[1];
    assert(url !== undefined, "A node says where it listens");
    const client = createApiClient({ url, timeoutMs: 60_000 });
    while (!(await client.ready()).ok) await new Promise((resolve) => setTimeout(resolve, 20));
    const readyMs = performance.now() - startMs;

    console.log(`\n${flags.join(" ") || "default settings, with mining threads"}:`);
    print(`ready after ${Math.round(readyMs)} ms`, node.pid);
    await new Promise((resolve) => setTimeout(resolve, SETTLE_MS));
    print("a minute later", node.pid);

    const audit = await client.audit();
    assert(audit.ok && audit.value.supply === audit.value.supplyExpected);
    print(`after an audit of ${audit.value.utxoCount} unspent outputs`, node.pid);
    await new Promise((resolve) => setTimeout(resolve, SETTLE_MS));
    print("a minute after that", node.pid);
    reader.releaseLock();
    await node.stdout.cancel().catch(() => {});
  } finally {
    node.kill("SIGTERM");
    await node.status;
  }
}

function print(moment: string, pid: number): void {
  const status = Deno.readTextFileSync(`/proc/${pid}/status`);
  const megabytes = (name: string) =>
    (Number(new RegExp(`${name}:\\s+(\\d+)`).exec(status)?.[1]) * 1024 / 1e6).toFixed(1);
  const [anonymous, file] = [megabytes("RssAnon"), megabytes("RssFile")];
  console.log(
    `${moment}: ${megabytes("VmRSS")} MB resident (${anonymous} its own, ${file} of files), ` +
      `at most ${megabytes("VmHWM")} MB`,
  );
}
