/**
 * Encodings and ids of transactions, headers and blocks: frozen vectors, and properties over any shape.
 *
 * @module
 */
import assert from "node:assert/strict";
import * as fc from "fast-check";
import { bytesOfHex, formatHex } from "../bytes.ts";
import { formatAddress } from "../crypto/address.ts";
import { keyPairOfSeed, type PublicKey } from "../crypto/keys.ts";
import { signMessage, verifySignature } from "../crypto/signature.ts";
import {
  arbitraryBlock,
  arbitraryHeader,
  arbitraryOutpoint,
  arbitraryTransaction,
} from "../testing/arbitraries.ts";
import {
  assembleBlock,
  decodeBlock,
  encodeBlock,
  merkleRootOfTransactions,
  sizeOfBlockBytes,
} from "./block.ts";
import {
  type BlockHash,
  encodeHeader,
  hashHeader,
  type Height,
  type TimestampMs,
} from "./header.ts";
import { indexOfOutpoint, outpointOf, type Txid, txidOfOutpoint } from "./outpoint.ts";
import { type Amount } from "./amount.ts";
import type { CompactTarget } from "./target.ts";
import vectors from "./testdata/ledger_vectors.json" with { type: "json" };
import {
  decodeTransaction,
  encodeTransaction,
  sealTransaction,
  signingMessage,
  sizeOfTransactionBytes,
  TRANSACTION_SIZE_BYTES_MAX,
  TRANSACTION_SIZE_BYTES_MIN,
  txidOf,
} from "./transaction.ts";

const [alice, bob] = vectors.secretKeys.map((hex) => keyPairOfSeed(bytesOfHex(hex)));
assert(alice !== undefined && bob !== undefined);
const genesisHash = bytesOfHex(vectors.genesis.hash);

Deno.test("keys and addresses are frozen", () => {
  assert.deepEqual([alice.publicKey, bob.publicKey], vectors.publicKeys);
  assert.deepEqual(
    vectors.publicKeys.map((key) => formatAddress(key as PublicKey)),
    vectors.addresses,
  );
});

Deno.test("B09 transaction encoding, txid, leaf hash and signing message are frozen", () => {
  const genesisTxid = vectors.genesis.txid as Txid;
  const first = {
    sender: alice.publicKey,
    inputs: [outpointOf(genesisTxid, 0)],
    outputs: [
      { owner: bob.publicKey, amount: 100 as Amount },
      { owner: alice.publicKey, amount: 400 as Amount },
    ],
  };
  const second = {
    sender: alice.publicKey,
    inputs: [outpointOf(txidOf(first), 1)],
    outputs: [{ owner: bob.publicKey, amount: 400 as Amount }],
  };
  for (const [index, unsigned] of [first, second].entries()) {
    const vector = vectors.transactions[index];
    assert(vector !== undefined);
    assert.equal(txidOf(unsigned), vector.txid);
    const message = signingMessage(genesisHash, bytesOfHex(vector.txid));
    assert.equal(formatHex(message), vector.signingMessage);
    const signature = signMessage(alice, message);
    assert.equal(signature, vector.signature);
    assert.equal(verifySignature(alice.publicKey, message, signature), true);

    const transaction = sealTransaction(unsigned, signature);
    assert.equal(transaction.txid, vector.txid);
    assert.equal(formatHex(transaction.leafHash), vector.leafHash);
    assert.equal(formatHex(encodeTransaction(transaction)), vector.encoded);
    assert.equal(vector.encoded, vector.unsigned + vector.signature);
    assert.deepEqual(decodeTransaction(bytesOfHex(vector.encoded)), transaction);
  }
});

Deno.test("B02 B05 B09 header encoding, block hash and block encoding are frozen", () => {
  const { block: vector } = vectors;
  const transactions = vectors.transactions.map(({ encoded }) =>
    decodeTransaction(bytesOfHex(encoded))!
  );
  const header = {
    previousHash: vectors.genesis.hash as BlockHash,
    merkleRoot: merkleRootOfTransactions(transactions),
    miner: bob.publicKey,
    timestampMs: vector.timestampMs as TimestampMs,
    height: vector.height as Height,
    compactTarget: vector.compactTarget as CompactTarget,
    nonce: vector.nonce,
  };
  assert.equal(header.merkleRoot, vector.merkleRoot);
  assert.equal(formatHex(encodeHeader(header)), vector.header);
  assert.equal(vector.header.length, 2 * 116);
  assert.equal(hashHeader(header), vector.hash);
  const block = assembleBlock(header, transactions);
  assert.equal(block.hash, vector.hash);
  assert.equal(formatHex(encodeBlock(block)), vector.encoded);
  assert.deepEqual(decodeBlock(bytesOfHex(vector.encoded)), block);
});

Deno.test("a transaction has 176 to 9,396 bytes", () => {
  assert.equal(TRANSACTION_SIZE_BYTES_MIN, 176);
  assert.equal(TRANSACTION_SIZE_BYTES_MAX, 9396);
});

Deno.test("txidOfOutpoint() and indexOfOutpoint() take an outpoint apart", () => {
  fc.assert(fc.property(arbitraryOutpoint(), (outpoint) => {
    assert.equal(outpointOf(txidOfOutpoint(outpoint), indexOfOutpoint(outpoint)), outpoint);
  }));
});

Deno.test("B09 decodeTransaction() gives back what encodeTransaction() wrote", () => {
  fc.assert(fc.property(arbitraryTransaction(), (transaction) => {
    const bytes = encodeTransaction(transaction);
    assert.equal(bytes.length, sizeOfTransactionBytes(transaction));
    assert.deepEqual(decodeTransaction(bytes), transaction);
  }));
});

Deno.test("B09 decodeBlock() gives back what encodeBlock() wrote", () => {
  fc.assert(fc.property(arbitraryBlock(), (block) => {
    const bytes = encodeBlock(block);
    assert.equal(bytes.length, sizeOfBlockBytes(block.transactions));
    assert.deepEqual(decodeBlock(bytes), block);
  }));
});

Deno.test("decodeTransaction() takes no truncation and nothing behind", () => {
  fc.assert(
    fc.property(arbitraryTransaction(), (transaction) => {
      const bytes = encodeTransaction(transaction);
      for (let sizeBytes = 0; sizeBytes < bytes.length; sizeBytes++) {
        assert.equal(decodeTransaction(bytes.subarray(0, sizeBytes)), undefined);
      }
      assert.equal(decodeTransaction(new Uint8Array([...bytes, 0])), undefined);
    }),
    { numRuns: 20 },
  );
});

Deno.test("decodeBlock() takes no truncation and nothing behind", () => {
  fc.assert(
    fc.property(arbitraryBlock(), (block) => {
      const bytes = encodeBlock(block);
      for (let sizeBytes = 0; sizeBytes < bytes.length; sizeBytes++) {
        assert.equal(decodeBlock(bytes.subarray(0, sizeBytes)), undefined);
      }
      assert.equal(decodeBlock(new Uint8Array([...bytes, 0])), undefined);
    }),
    { numRuns: 10 },
  );
});

Deno.test("B09 T13 what decodes from damaged bytes has those bytes as its only encoding", () => {
  fc.assert(fc.property(arbitraryBlock(), fc.nat(), fc.nat(255), (block, place, value) => {
    const bytes = encodeBlock(block);
    bytes[place % bytes.length] = value;
    const decoded = decodeBlock(bytes);
    if (decoded !== undefined) assert.equal(formatHex(encodeBlock(decoded)), formatHex(bytes));
  }));
  fc.assert(fc.property(arbitraryTransaction(), fc.nat(), fc.nat(255), (original, place, value) => {
    const bytes = encodeTransaction(original);
    bytes[place % bytes.length] = value;
    const decoded = decodeTransaction(bytes);
    if (decoded !== undefined) {
      assert.equal(formatHex(encodeTransaction(decoded)), formatHex(bytes));
    }
  }));
});

Deno.test("random bytes never crash a decoder", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 600 }), (bytes) => {
      const versioned = new Uint8Array([1, ...bytes]);
      for (const candidate of [bytes, versioned]) {
        const transaction = decodeTransaction(candidate);
        if (transaction !== undefined) {
          assert.equal(formatHex(encodeTransaction(transaction)), formatHex(candidate));
        }
        const block = decodeBlock(candidate);
        if (block !== undefined) {
          assert.equal(formatHex(encodeBlock(block)), formatHex(candidate));
        }
      }
    }),
    { numRuns: 500 },
  );
});

Deno.test("decodeTransaction() refuses other versions and lists that are too long", () => {
  const bytes = bytesOfHex(vectors.transactions[0]!.encoded);
  for (const version of [0, 2, 255]) {
    assert.equal(decodeTransaction(bytes.with(0, version)), undefined);
  }
  const inputs = Array.from(
    { length: 257 },
    (_, index) => outpointOf("ab".repeat(32) as Txid, index),
  );
  const { sender, outputs, signature } = decodeTransaction(bytes)!;
  const most = sealTransaction({ sender, inputs: inputs.slice(1), outputs }, signature);
  assert.notEqual(decodeTransaction(encodeTransaction(most)), undefined);
  const tooMany = sealTransaction({ sender, inputs, outputs }, signature);
  assert.equal(decodeTransaction(encodeTransaction(tooMany)), undefined);
  const three = sealTransaction(
    { sender, inputs: inputs.slice(0, 1), outputs: [...outputs, outputs[1]!] },
    signature,
  );
  assert.equal(decodeTransaction(encodeTransaction(three)), undefined);
});

Deno.test("decodeBlock() refuses more than 10,000 transactions before it reads them", () => {
  const bytes = bytesOfHex(vectors.block.encoded);
  assert.equal(decodeBlock(bytes.with(116, 0x27).with(117, 0x11)), undefined);
});

Deno.test("T13 the txid does not depend on the signature, the leaf hash does", () => {
  const transaction = decodeTransaction(bytesOfHex(vectors.transactions[0]!.encoded))!;
  const other = sealTransaction(transaction, signMessage(bob, new Uint8Array(1)));
  assert.equal(other.txid, transaction.txid);
  assert.notEqual(formatHex(other.leafHash), formatHex(transaction.leafHash));
});

Deno.test("B03 flipping any bit of a header changes its hash", () => {
  fc.assert(fc.property(arbitraryHeader(), fc.nat(116 * 8 - 1), (header, bit) => {
    const block = assembleBlock(header, []);
    const bytes = encodeBlock(block);
    bytes[bit >> 3] = (bytes[bit >> 3] as number) ^ (1 << (bit & 7));
    const flipped = decodeBlock(bytes);
    if (flipped !== undefined) assert.notEqual(flipped.hash, block.hash);
  }));
});
