/**
 * How much memory, disk and time to start a node needs once it has confirmed very many payments: starts
 * the real program as a network of one, pays in lists, reads its resident set on the way, at rest and
 * after a restart. Nothing that was confirmed may stay in memory but its unspent outputs. Linux only.
 *
 * Run: `deno run -A bench/confirmed_history.ts [payments] [unspent outputs]` (1,000,000 and 100,000 when
 * not given)
 *
 * @module
 */
import assert from "node:assert/strict";
import { join } from "node:path";
import { type ApiClient, createApiClient } from "../lib/client/api_client.ts";
import { formatAddress } from "../lib/crypto/address.ts";
import { numberedKeyPair } from "../lib/crypto/numbered_key_pair.ts";
import { NODE_ENVIRONMENT } from "../lib/cluster/node_process.ts";
import { PAYMENT_LIST_MAX } from "../lib/wire/api_wallet.ts";

const ROOT = join(import.meta.dirname as string, "..");
const LANES = 2;
const MEGABYTE = 1e6;
const REST_MS = 30_000;

const paymentCount = Number(Deno.args[0] ?? 1_000_000);
const utxoCount = Number(Deno.args[1] ?? 100_000);
/** Each list leaves so many coins with somebody else; the other payments go round in the wallet. */
const leftPerList = Math.ceil(PAYMENT_LIST_MAX * utxoCount / paymentCount);

const dataDir = Deno.makeTempDirSync({ prefix: "noobcash-history-" });
try {
  await withNode("first start", async (client, pid) => {
    const startMs = performance.now();
    let given = 0;
    let told = 0;
    await Promise.all(Array.from({ length: LANES }, async () => {
      while (given < paymentCount) {
        given += PAYMENT_LIST_MAX;
        await payList(client);
        if (given - told < paymentCount / 10) continue;
        told = given;
        print(`after ${given} payments, ${seconds(startMs)} s`, pid);
      }
    }));
    await untilConfirmed(client);
    print(`all confirmed after ${seconds(startMs)} s`, pid);
    await pause(REST_MS);
    print(`at rest ${REST_MS / 1000} s later`, pid);
    await check(client);
  });
  console.log(`on disk: ${(folderSizeBytes(dataDir) / MEGABYTE).toFixed(0)} MB`);
  await withNode("restart", async (client, pid) => {
    await pause(REST_MS);
    print(`at rest ${REST_MS / 1000} s later`, pid);
    await check(client);
    print("after an audit", pid);
  });
} finally {
  Deno.removeSync(dataDir, { recursive: true });
}

async function payList(client: ApiClient): Promise<void> {
  const stranger = formatAddress(numberedKeyPair(1).publicKey);
  let left = Array.from(
    { length: PAYMENT_LIST_MAX },
    (_, index) => ({ to: index < leftPerList ? stranger : 0, amount: 1 }),
  );
  for (;;) {
    const answer = await client.payAll(left);
    if (answer.ok) {
      const { answers } = answer.value;
      // A pool that is full has room again once blocks have taken some.
      left = left.filter((_, index) => {
        const each = answers[index];
        assert(each !== undefined);
        if ("txid" in each) return false;
        assert.equal(each.error.code, "mempool-full", each.error.message);
        return true;
      });
      if (left.length === 0) return;
    } else assert.match(answer.error.code, /busy|full/, answer.error.message);
    await pause(100);
  }
}

async function untilConfirmed(client: ApiClient): Promise<void> {
  for (;;) {
    const status = await client.status();
    if (status.ok && status.value.chain?.transactionsWaiting === 0) return;
    await pause(200);
  }
}

/** Every coin is there, and so many are unspent as were left over. */
async function check(client: ApiClient): Promise<void> {
  const audit = await client.audit();
  assert(audit.ok && audit.value.supply === audit.value.supplyExpected);
  console.log(`  ${audit.value.utxoCount} unspent outputs at height ${audit.value.height}`);
}

/** Starts the program on the folder; stops it when the work is done. */
async function withNode(
  name: string,
  act: (client: ApiClient, pid: number) => Promise<void>,
): Promise<void> {
  const chain = ["--nodes", "1", "--capacity", "2000", "--difficulty", "4"];
  const startMs = performance.now();
  const node = new Deno.Command(Deno.execPath(), {
    args: [
      ...["run", "-A", "main.ts", "node", "--bootstrap", "--port", "0", "--threads", "1"],
      ...[...chain, "--coins", "100000000", "--hash-rate-limit", "500kH/s"],
      ...["--data-dir", dataDir, "--json", "--exit-with-parent"],
    ],
    // As everything that starts a node sets it.
    env: NODE_ENVIRONMENT,
    cwd: ROOT,
    stdin: "piped",
    stdout: "piped",
  }).spawn();
  try {
    const reader = node.stdout.pipeThrough(new TextDecoderStream()).getReader();
    const url = /"url":"(http:[^"]+)"/.exec((await reader.read()).value ?? "")?.[1];
    assert(url !== undefined, "A node says where it listens");
    const token = Deno.readTextFileSync(join(dataDir, "token")).trim();
    const client = createApiClient({ url, token, timeoutMs: 120_000 });
    while (!(await client.ready()).ok) await pause(20);
    print(`${name}: ready after ${seconds(startMs)} s`, node.pid);
    await act(client, node.pid);
    reader.releaseLock();
    await node.stdout.cancel().catch(() => {});
  } finally {
    node.kill("SIGTERM");
    await node.stdin.close().catch(() => {});
    await node.status;
  }
}

function print(moment: string, pid: number): void {
  const status = Deno.readTextFileSync(`/proc/${pid}/status`);
  const megabytes = (name: string) =>
    (Number(new RegExp(`${name}:\\s+(\\d+)`).exec(status)?.[1]) * 1024 / MEGABYTE).toFixed(0);
  console.log(
    `${moment}: ${megabytes("VmRSS")} MB resident (${megabytes("RssAnon")} its own), ` +
      `at most ${megabytes("VmHWM")}`,
  );
}

function folderSizeBytes(folder: string): number {
  let sizeBytes = 0;
  for (const { name, isFile } of Deno.readDirSync(folder)) {
    if (isFile) sizeBytes += Deno.statSync(join(folder, name)).size;
  }
  return sizeBytes;
}

function seconds(sinceMs: number): string {
  return ((performance.now() - sinceMs) / 1000).toFixed(1);
}

function pause(delayMs: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, delayMs));
}
