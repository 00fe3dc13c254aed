/**
 * How fast a whole chain is validated: structure, work, every signature, every coin, from encoded
 * blocks, as in initial sync and `noobcash chain verify`.
 *
 * Run: `deno bench -A bench/validation_bench.ts`. `TRANSACTIONS=5000` in the environment makes it short.
 * Making the chain takes longer than validating it. Transactions a second are the number of transactions
 * over the time of one iteration.
 *
 * @module
 */
import assert from "node:assert/strict";
import { verify } from "node:crypto";
import { Buffer } from "node:buffer";
import { bytesOfHex } from "../lib/bytes.ts";
import { Chain } from "../lib/consensus/chain.ts";
import { noChange } from "../lib/consensus/chain_change.ts";
import { createTransactionVerifier } from "../lib/consensus/transaction_verifier.ts";
import { importPublicKey } from "../lib/crypto/keys.ts";
import { type Block, decodeBlock, encodeBlock } from "../lib/primitives/block.ts";
import { signingMessage } from "../lib/primitives/transaction.ts";
import { validateChain } from "../lib/runtime/verification/validate_chain.ts";
import { VerificationPool } from "../lib/runtime/verification/verification_pool.ts";
import { longChain } from "../lib/testing/long_chain.ts";
import { testParams } from "../lib/testing/test_params.ts";

const TRANSACTIONS = Number(Deno.env.get("TRANSACTIONS") ?? 50_000);
const CORES = navigator.hardwareConcurrency;

const params = testParams({ capacity: 10, coinsPerNode: 1_000_000 });
const encoded = longChain({ params, transactionCount: TRANSACTIONS }).map(encodeBlock);
const name = `${TRANSACTIONS} transactions`;

function* decoded(): Generator<Block> {
  for (const bytes of encoded) yield decodeBlock(bytes) as Block;
}

Deno.bench({
  name: `${name}: one thread, no pool`,
  group: "chain",
  baseline: true,
  n: 3,
  warmup: 1,
  fn() {
    const verifier = createTransactionVerifier(params);
    const reader = { readBlock: () => undefined, readDelta: () => undefined };
    const chain = new Chain(params, { verifier, reader });
    for (const block of decoded()) {
      assert(chain.accept(block, Date.now(), noChange()).ok);
      chain.releasePersisted();
    }
  },
});

for (const threads of new Set([1, CORES])) {
  Deno.bench({
    name: `${name}: pool of ${threads}`,
    group: "chain",
    n: 3,
    warmup: 1,
    async fn() {
      const pool = new VerificationPool({ threads });
      const audit = await validateChain(decoded(), { params, pool, nowMs: Date.now() });
      pool.close();
      assert(audit.ok && audit.value.transactionCount === TRANSACTIONS);
    },
  });
}

Deno.bench({ name: `${name}: decoding alone`, group: "chain", n: 3, warmup: 1 }, () => {
  for (const block of decoded()) assert(block.transactions.length > 0);
});

const signed = [...decoded()].flatMap(({ transactions }) => transactions).slice(0, 2_000).map((
  transaction,
) => ({
  publicKey: transaction.sender,
  message: signingMessage(params.genesisHashBytes, bytesOfHex(transaction.txid)),
  signature: bytesOfHex(transaction.signature),
}));
const publicKeys = [...new Set(signed.map(({ publicKey }) => publicKey))];
const nodeKeys = new Map(publicKeys.map((publicKey) => [publicKey, importPublicKey(publicKey)]));
const webKeys = new Map(
  await Promise.all(publicKeys.map(async (publicKey) =>
    [
      publicKey,
      await crypto.subtle.importKey("raw", bytesOfHex(publicKey), "Ed25519", false, ["verify"]),
    ] as const
  )),
);

Deno.bench({
  name: "2,000 signatures: node:crypto, one after the other",
  group: "signatures",
  baseline: true,
}, () => {
  for (const { publicKey, message, signature } of signed) {
    const key = nodeKeys.get(publicKey) as unknown as string;
    assert(verify(null, Buffer.from(message), key, Buffer.from(signature)));
  }
});

Deno.bench({ name: "2,000 signatures: WebCrypto, all at once", group: "signatures" }, async () => {
  const verdicts = await Promise.all(signed.map(({ publicKey, message, signature }) => {
    const key = webKeys.get(publicKey);
    assert(key !== undefined);
    return crypto.subtle.verify("Ed25519", key, signature, message);
  }));
  assert(verdicts.every((verdict) => verdict));
});
