import assert from "node:assert/strict";
import * as fc from "fast-check";
import { formatHex } from "../bytes.ts";
import { sha256Hex } from "../crypto/hash.ts";
import type { PublicKey } from "../crypto/keys.ts";
import type { Signature } from "../crypto/signature.ts";
import { FLAG_ROWS } from "../parameter_table.ts";
import { createParams } from "../params.ts";
import { type BlockHash, hashHeader, type Height } from "../primitives/header.ts";
import type { Txid } from "../primitives/outpoint.ts";
import type { Work } from "../primitives/target.ts";
import type { Transaction } from "../primitives/transaction.ts";
import {
  arbitraryBlock,
  arbitraryHeader,
  arbitraryHex,
  arbitraryParamsChoice,
  arbitraryTransaction,
} from "../testing/arbitraries.ts";
import { numberedKeyPair } from "../crypto/numbered_key_pair.ts";
import { testParams } from "../testing/test_params.ts";
import { decodeMessage, encodeMessage } from "./codec.ts";
import type { Message, MessageType, RefusalCode } from "./message.ts";
import { signRecord } from "./ring.ts";

const hash = arbitraryHex(32) as fc.Arbitrary<BlockHash>;
const txids = fc.array(arbitraryHex(32) as fc.Arbitrary<Txid>, { maxLength: 4 });
const hashes = fc.array(hash, { maxLength: 4 });
const transactions = fc.array(arbitraryTransaction(), { maxLength: 3 });
const u32 = fc.nat(0xffff_ffff);
const record = fc.record({
  publicKey: arbitraryHex(32) as fc.Arbitrary<PublicKey>,
  url: fc.string({ unit: "binary", maxLength: 20 }),
  sequence: fc.maxSafeNat(),
  signature: arbitraryHex(64) as fc.Arbitrary<Signature>,
});
const records = fc.array(record, { maxLength: 3 });

/** One generator for each type: a type without one does not compile. */
const MESSAGES: { readonly [T in MessageType]: fc.Arbitrary<Extract<Message, { type: T }>> } = {
  "join": fc.record({
    type: fc.constant("join"),
    protocolVersion: u32,
    record,
    observer: fc.boolean(),
    expectations: fc.tuple(
      arbitraryParamsChoice(),
      fc.subarray(FLAG_ROWS.map(([name]) => name)),
    ).map(([choice, names]) => Object.fromEntries(names.map((name) => [name, choice[name]]))),
  }),
  "welcome": fc.record({
    type: fc.constant("welcome"),
    params: arbitraryParamsChoice().map((choice) => {
      const params = createParams(choice);
      assert(params.ok);
      return params.value;
    }),
    id: fc.option(fc.nat(9_999), { nil: undefined }),
    joinedCount: fc.nat(10_000),
    records,
  }),
  "refusal": fc.record({
    type: fc.constant("refusal"),
    code: fc.constantFrom<RefusalCode>("ring-full", "not-bootstrap", "too-many-observers"),
    text: fc.string(),
  }),
  "ring": fc.record({
    type: fc.constant("ring"),
    ring: fc.record({
      publicKeys: fc.array(arbitraryHex(32) as fc.Arbitrary<PublicKey>, { maxLength: 3 }),
      signature: arbitraryHex(64) as fc.Arbitrary<Signature>,
    }),
    records,
  }),
  "records": fc.record({ type: fc.constant("records"), records }),
  "status": fc.record({
    type: fc.constant("status"),
    protocolVersion: u32,
    genesisHash: hash,
    hasRing: fc.boolean(),
    tipHash: hash,
    tipHeight: u32 as fc.Arbitrary<Height>,
    tipWork: fc.bigInt({ min: 0n, max: (1n << 256n) - 1n }) as fc.Arbitrary<Work>,
    poolSize: u32,
    poolDigest: fc.bigInt({ min: 0n, max: (1n << 64n) - 1n }),
    clockMs: fc.maxSafeNat(),
  }),
  "transactions": fc.record({ type: fc.constant("transactions"), transactions }),
  "compact-block": fc.tuple(arbitraryHeader(), txids, transactions).map((
    [header, others, prefilled],
  ) => ({
    type: "compact-block",
    hash: hashHeader(header),
    header,
    txids: [...others, ...prefilled.map(({ txid }) => txid)],
    prefilled,
  })),
  "get-block-transactions": fc.record({
    type: fc.constant("get-block-transactions"),
    hash,
    indexes: fc.uniqueArray(fc.nat(9_999), { maxLength: 5 })
      .map((indexes) => indexes.sort((a, b) => a - b)),
  }),
  "block-transactions": fc.record({
    type: fc.constant("block-transactions"),
    hash,
    transactions,
  }),
  "get-headers": fc.record({ type: fc.constant("get-headers"), locator: hashes }),
  "headers": fc.record({
    type: fc.constant("headers"),
    headers: fc.array(arbitraryHeader(), { maxLength: 3 }),
  }),
  "get-blocks": fc.record({ type: fc.constant("get-blocks"), hashes }),
  "blocks": fc.record({
    type: fc.constant("blocks"),
    blocks: fc.array(arbitraryBlock(), { maxLength: 2 }),
  }),
  "not-found": fc.record({ type: fc.constant("not-found"), hashes }),
  "get-pool": fc.record({ type: fc.constant("get-pool") }),
  "pool": fc.record({ type: fc.constant("pool"), txids }),
  "get-transactions": fc.record({ type: fc.constant("get-transactions"), txids }),
};

const anyMessage: fc.Arbitrary<Message> = fc.oneof(...Object.values(MESSAGES));

for (const [type, messages] of Object.entries(MESSAGES)) {
  Deno.test(`decodeMessage() undoes encodeMessage() for "${type}"`, () => {
    fc.assert(
      fc.property(messages as fc.Arbitrary<Message>, (message) => {
        assert.deepEqual(plain(decodeMessage(encodeMessage(message))), plain(message));
      }),
      { numRuns: 40 },
    );
  });
}

Deno.test("decodeMessage() refuses every truncation and every byte too many", () => {
  fc.assert(
    fc.property(anyMessage, fc.double({ min: 0, max: 1, maxExcluded: true }), (message, part) => {
      const bytes = encodeMessage(message);
      assert.equal(decodeMessage(bytes.subarray(0, Math.floor(part * bytes.length))), undefined);
      assert.equal(decodeMessage(new Uint8Array([...bytes, 0])), undefined);
    }),
    { numRuns: 200 },
  );
});

Deno.test("decodeMessage() wants the transactions of a compact block among its txids, in order", () => {
  const [first, second] = fc.sample(arbitraryTransaction(), { numRuns: 2, seed: 1 });
  const [header] = fc.sample(arbitraryHeader(), { numRuns: 1, seed: 1 });
  assert(first !== undefined && second !== undefined && header !== undefined);
  const compact = (txids: readonly Txid[], prefilled: readonly Transaction[]) =>
    decodeMessage(
      encodeMessage({ type: "compact-block", hash: hashHeader(header), header, txids, prefilled }),
    );
  assert(compact([first.txid, second.txid], [first, second]) !== undefined);
  assert(compact([first.txid, second.txid], [second]) !== undefined);
  assert.equal(compact([first.txid, second.txid], [second, first]), undefined);
  assert.equal(compact([first.txid, second.txid], [first, first]), undefined);
  assert.equal(compact([first.txid], [second]), undefined);
});

Deno.test("B09 decodeMessage() takes canonical bytes only: a changed message encodes as it came", () => {
  fc.assert(
    fc.property(anyMessage, fc.nat(), fc.integer({ min: 1, max: 255 }), (message, at, flip) => {
      const bytes = encodeMessage(message);
      const index = at % bytes.length;
      bytes[index] = (bytes[index] as number) ^ flip;
      const decoded = decodeMessage(bytes);
      if (decoded !== undefined) assert.deepEqual(encodeMessage(decoded), bytes);
    }),
    { numRuns: 500 },
  );
});

Deno.test("decodeMessage() survives random bytes", () => {
  fc.assert(
    fc.property(
      fc.uint8Array({ maxLength: 300 }),
      fc.integer({ min: 0, max: 20 }),
      (noise, tag) => {
        const bytes = new Uint8Array([tag, ...noise]);
        const decoded = decodeMessage(bytes);
        if (decoded !== undefined) assert.deepEqual(encodeMessage(decoded), bytes);
      },
    ),
    { numRuns: 500 },
  );
});

Deno.test("decodeMessage() refuses counts above their bounds before it reads on", () => {
  const countOf = (tag: number, count: number) => new Uint8Array([tag, count >> 8, count & 255]);
  const full = (tag: number, count: number, itemSizeBytes: number) => {
    const bytes = new Uint8Array(3 + count * itemSizeBytes);
    bytes.set(countOf(tag, count));
    return bytes;
  };
  assert.notEqual(decodeMessage(full(11, 64, 32)), undefined);
  assert.equal(decodeMessage(full(11, 65, 32)), undefined);
  assert.notEqual(decodeMessage(full(12, 2000, 116)), undefined);
  assert.equal(decodeMessage(full(12, 2001, 116)), undefined);
  assert.notEqual(decodeMessage(full(13, 64, 32)), undefined);
  assert.equal(decodeMessage(full(13, 65, 32)), undefined);
  assert.notEqual(decodeMessage(full(17, 20_000, 32)), undefined);
  assert.equal(decodeMessage(full(17, 20_001, 32)), undefined);
  assert.equal(decodeMessage(new Uint8Array(8 * 1024 * 1024 + 1).fill(17, 0, 1)), undefined);
});

Deno.test("decodeMessage() takes 10,000 records and 1,024 bytes of a refusal, and not one more", () => {
  const record = signRecord({ url: "http://a:1", sequence: 1 }, numberedKeyPair(1));
  // Told apart here: an assertion that fails would write all records down, in gigabytes.
  const isTaken = (count: number) =>
    decodeMessage(encodeMessage({ type: "records", records: Array(count).fill(record) })) !==
      undefined;
  assert.equal(isTaken(10_000), true);
  assert.equal(isTaken(10_001), false);
  const refusalOf = (length: number) =>
    decodeMessage(encodeMessage({ type: "refusal", code: "ring-full", text: "x".repeat(length) }));
  assert.notEqual(refusalOf(1_024), undefined);
  assert.equal(refusalOf(1_025), undefined);
});

Deno.test("decodeMessage() refuses indexes that do not ascend and flags that are none", () => {
  const indexes = new Uint8Array([9, ...new Uint8Array(32), 0, 2, 0, 5, 0, 5]);
  assert.equal(decodeMessage(indexes), undefined);
  indexes[indexes.length - 1] = 6;
  assert.deepEqual(
    decodeMessage(indexes),
    { type: "get-block-transactions", hash: "00".repeat(32), indexes: [5, 6] },
  );
  const record = signRecord({ url: "http://a:1", sequence: 1 }, numberedKeyPair(1));
  const join = encodeMessage({
    type: "join",
    protocolVersion: 1,
    record,
    observer: true,
    expectations: {},
  });
  const observerAt = 1 + 4 + 32 + 4 + 10 + 8 + 64;
  assert.equal(join[observerAt], 1);
  join[observerAt] = 2;
  assert.equal(decodeMessage(join), undefined);
});

Deno.test("encodeMessage() writes the pinned bytes", () => {
  const params = testParams();
  const status: Message = {
    type: "status",
    protocolVersion: 1,
    genesisHash: "11".repeat(32) as BlockHash,
    hasRing: true,
    tipHash: "22".repeat(32) as BlockHash,
    tipHeight: 258 as Height,
    tipWork: 65_536n as Work,
    poolSize: 3,
    poolDigest: 0x0102030405060708n,
    clockMs: 0x0a0b0c,
  };
  assert.equal(
    formatHex(encodeMessage(status)),
    "06" + "00000001" + "11".repeat(32) + "01" + "22".repeat(32) + "00000102" +
      "00".repeat(29) + "010000" + "00000003" + "0102030405060708" +
      "00000000000a0b0c",
  );
  assert.equal(
    formatHex(encodeMessage({ type: "refusal", code: "params-contradicted", text: "No" })),
    "03" + "01" + "00000002" + "4e6f",
  );
  assert.equal(
    formatHex(encodeMessage({ type: "get-headers", locator: ["33".repeat(32) as BlockHash] })),
    "0b" + "0001" + "33".repeat(32),
  );
  const join: Message = {
    type: "join",
    protocolVersion: 1,
    record: signRecord({ url: "http://127.0.0.1:5001", sequence: 7 }, numberedKeyPair(1)),
    observer: false,
    expectations: { nodes: 5, difficulty: 4.5 },
  };
  assert.equal(
    formatHex(encodeMessage(join)),
    "01" + "00000001" + numberedKeyPair(1).publicKey + "00000015" +
      "687474703a2f2f3132372e302e302e313a35303031" + "0000000000000007" +
      join.record.signature + "00" + "05" + "00000005" + "00001194",
  );
  const expectations = { capacity: 7, fee: 3, strict: true, forkChoice: "ghost" } as const;
  const others = encodeMessage({ ...join, expectations });
  assert.equal(
    formatHex(others.subarray(-18)),
    "00" + "0a" + "00000007" + "0054" + "0000000000000003" + "01" + "02",
  );
  // No flag among the others, one that there is not, no such word: nobody writes so.
  for (
    const [at, byte] of [[-11, 0x00], [-12, 0x04], [-1, 0x04], [-2, 0x02], [-17, 0x1a]] as const
  ) {
    const spoilt = others.slice();
    spoilt[spoilt.length + at] = byte;
    assert.equal(decodeMessage(spoilt), undefined, `byte ${at}`);
  }
  const blocks = encodeMessage({ type: "blocks", blocks: [params.genesis] });
  assert.equal(formatHex(blocks.subarray(0, 3)), "0e0001");
  assert.equal(
    sha256Hex(encodeMessage({ type: "welcome", params, id: 4, joinedCount: 5, records: [] })),
    "e1fd0624fee586f024651ebb294e7321df4c9737548fd47f411fc1e9a3bb34ed",
  );
});

/** Names parameters by their genesis, and gives the generators' objects the usual prototype. */
function plain(message: Message | undefined): unknown {
  const isWelcome = message?.type === "welcome";
  return structuredClone(
    isWelcome ? { ...message, params: message.params.genesis.hash } : message,
  );
}

Deno.test("encodeMessage() grows its buffer at any field", () => {
  const hash = "44".repeat(32) as BlockHash;
  for (let count = 0; count < 600; count++) {
    const indexes = Array.from({ length: count }, (_, index) => index);
    const message: Message = { type: "get-block-transactions", hash, indexes };
    assert.deepEqual(decodeMessage(encodeMessage(message)), message);
  }
});
