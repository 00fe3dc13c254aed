import assert from "node:assert/strict";
import { createTransactionVerifier } from "../../consensus/transaction_verifier.ts";
import type { PublicKey } from "../../crypto/keys.ts";
import type { Signature } from "../../crypto/signature.ts";
import { sealTransaction, type Transaction } from "../../primitives/transaction.ts";
import { longChain } from "../../testing/long_chain.ts";
import { testParams } from "../../testing/test_params.ts";
import { validateChain } from "./validate_chain.ts";
import { VerificationPool } from "./verification_pool.ts";

const params = testParams();
const good = longChain({ params, transactionCount: 200 }).flatMap((block) => block.transactions);

Deno.test("VerificationPool says yes to what the core says yes to, and to nothing else", async () => {
  const sample = good[0] as Transaction;
  const other = good[1] as Transaction;
  // 2^252 + …: the group's order, added to s, makes a second signature for lax verifiers.
  const order = 0x1000000000000000000000000000000014def9dea2f79cd65812631a5cf5d3edn;
  const bad = [
    withSignature(sample, other.signature),
    withSignature(sample, "00".repeat(64)),
    withSignature(sample, "ff".repeat(64)),
    withSignature(sample, plusOrder(sample.signature, order)),
    sealTransaction({ ...sample, sender: other.sender }, sample.signature),
    sealTransaction({ ...sample, sender: "ff".repeat(32) as PublicKey }, sample.signature),
    sealTransaction({ ...sample, sender: `01${"00".repeat(31)}` as PublicKey }, sample.signature),
  ];
  const pool = new VerificationPool({ threads: 2 });
  try {
    const verifier = createTransactionVerifier(params);
    const mixed = good.flatMap((transaction, index) =>
      index % 20 === 0
        ? [transaction, bad[(index / 20) % bad.length] as Transaction]
        : [transaction]
    );
    await pool.verify(mixed, { verifier, params });
    const core = createTransactionVerifier(params);
    for (const transaction of mixed) {
      assert.equal(verifier.isVerified(transaction), core.verify(transaction));
      assert.equal(core.verify(transaction), !bad.includes(transaction));
    }
  } finally {
    pool.close();
  }
});

Deno.test("VerificationPool keeps networks apart (T09)", async () => {
  const foreign = testParams({ genesisTimeMs: params.genesisTimeMs + 1 });
  const [here, there] = [createTransactionVerifier(params), createTransactionVerifier(foreign)];
  const pool = new VerificationPool({ threads: 1 });
  try {
    await pool.verify(good, { verifier: createTransactionVerifier(params), params });
    await Promise.all([
      pool.verify(good.slice(0, 50), { verifier: there, params: foreign }),
      pool.verify(good.slice(0, 50), { verifier: here, params }),
    ]);
    assert(good.slice(0, 50).every((transaction) => here.isVerified(transaction)));
    assert(!good.slice(0, 50).some((transaction) => there.isVerified(transaction)));
  } finally {
    pool.close();
  }
});

Deno.test("VerificationPool answers everybody when it is closed, and leaves the rest to the core", async () => {
  const verifier = createTransactionVerifier(params);
  const pool = new VerificationPool({ threads: 2 });
  const asked = pool.verify(good, { verifier, params });
  pool.close();
  await asked;
  await pool.verify(good, { verifier, params });
  assert(good.every((transaction) => verifier.verify(transaction)));
});

Deno.test("VerificationPool ends its threads in silence and starts them again", async () => {
  const pool = new VerificationPool({ threads: 2, idleMs: 0 });
  try {
    for (let round = 0; round < 2; round++) {
      const verifier = createTransactionVerifier(params);
      await pool.verify(good, { verifier, params });
      assert(good.every((transaction) => verifier.isVerified(transaction)));
      await new Promise((resolve) => setTimeout(resolve));
    }
  } finally {
    pool.close();
  }
});

Deno.test("VerificationPool lets nobody with few transactions wait for a thread to start", async () => {
  const pool = new VerificationPool({ threads: 2 });
  const few = good.slice(0, 20);
  try {
    const verifier = createTransactionVerifier(params);
    await pool.verify(few, { verifier, params });
    assert(!few.some((transaction) => verifier.isVerified(transaction)), "left to the core");

    await pool.verify(good.slice(20), { verifier, params });
    await pool.verify(few, { verifier, params });
    assert(good.every((transaction) => verifier.isVerified(transaction)));
  } finally {
    pool.close();
  }
});

Deno.test("VerificationPool has a second thread when the first is full, and no more than it may", async () => {
  const pool = new VerificationPool({ threads: 2 });
  const verifyAll = async () => {
    const verifier = createTransactionVerifier(params);
    await pool.verify(good, { verifier, params });
    assert(good.every((transaction) => verifier.isVerified(transaction)));
  };
  try {
    await verifyAll();
    await verifyAll();
    assert.equal(pool.liveThreads, 1, "200 fit into two orders");
    await Promise.all([verifyAll(), verifyAll(), verifyAll(), verifyAll()]);
    assert.equal(pool.liveThreads, 2);
    await Promise.all([verifyAll(), verifyAll(), verifyAll(), verifyAll()]);
    assert.equal(pool.liveThreads, 2);
  } finally {
    pool.close();
  }
});

Deno.test("VerificationPool starts no thread for a few transactions, unless few come again and again", async () => {
  const pool = new VerificationPool({ threads: 2 });
  const verifyFew = () => {
    const verifier = createTransactionVerifier(params);
    return pool.verify(good.slice(0, 32), { verifier, params });
  };
  try {
    for (let count = 1; count <= 3; count++) await verifyFew();
    assert.equal(pool.liveThreads, 0, "96 in a moment");
    // Whatever the machine does meanwhile, some second has four of these.
    while (pool.liveThreads === 0) for (let count = 0; count < 4; count++) await verifyFew();
    assert.equal(pool.liveThreads, 1);
  } finally {
    pool.close();
  }
});

Deno.test("validateChain() names the block and the rule, and stops there", async () => {
  const blocks = longChain({ params, transactionCount: 60 });
  const spoiled = blocks.map((block, index) =>
    index !== 3 ? block : {
      ...block,
      transactions: [
        withSignature(block.transactions[0] as Transaction, "00".repeat(64)),
        ...block.transactions.slice(1),
      ],
    }
  );
  const pool = new VerificationPool({ threads: 2 });
  const heights: number[] = [];
  try {
    const result = await validateChain(spoiled, {
      params,
      pool,
      nowMs: Date.now(),
      onProgress: (height) => heights.push(height),
    });
    assert(!result.ok && result.error.code === "chain-bad-block");
    assert.equal(result.error.height, 4);
    assert.deepEqual(heights, [1, 2, 3]);
  } finally {
    pool.close();
  }
});

function withSignature(transaction: Transaction, signature: string): Transaction {
  return sealTransaction(transaction, signature as Signature);
}

/** The signature with the group's order added to its second half, a little-endian number. */
function plusOrder(signature: Signature, order: bigint): string {
  const bytes = Uint8Array.fromHex(signature);
  let s = order;
  for (let index = 63; index >= 32; index--) s += BigInt(bytes[index]!) << BigInt(8 * (index - 32));
  for (let index = 32; index < 64; index++, s >>= 8n) bytes[index] = Number(s & 0xffn);
  return bytes.toHex();
}
