import assert from "node:assert/strict";
import * as fc from "fast-check";
import { bytesOfHex, formatHex } from "./bytes.ts";
import type { PublicKey } from "./crypto/keys.ts";
import { NODES_MAX, PARAMS_SIZE_BYTES } from "./parameter_table.ts";
import {
  createParams,
  decodeParams,
  DEFAULT_PARAMS,
  encodeParams,
  FUTURE_TIME_MS_MAX,
  GENESIS_PREVIOUS_HASH,
  MEDIAN_TIME_BLOCKS,
  type ParamsChoice,
  type ParamsError,
  PROTOCOL_VERSION,
  startupHeight,
  supplyAt,
} from "./params.ts";
import { encodeHeader, type Height } from "./primitives/header.ts";
import vectors from "./primitives/testdata/ledger_vectors.json" with { type: "json" };
import { encodeTransaction } from "./primitives/transaction.ts";
import { arbitraryParamsChoice } from "./testing/arbitraries.ts";
import { testParams } from "./testing/test_params.ts";

const { encoded, ...numbers } = vectors.params;
const frozenChoice: ParamsChoice = {
  ...DEFAULT_PARAMS,
  ...numbers,
  bootstrapKey: vectors.publicKeys[0] as PublicKey,
};

Deno.test("protocol numbers are the ones that the documents name", () => {
  assert.equal(PROTOCOL_VERSION, 2);
  assert.equal(NODES_MAX, 10_000);
  assert.equal(MEDIAN_TIME_BLOCKS, 11);
  assert.equal(FUTURE_TIME_MS_MAX, 2 * 60 * 60 * 1000);
  assert.equal(PARAMS_SIZE_BYTES, 82);
  assert.equal(GENESIS_PREVIOUS_HASH, "1".padStart(64, "0"));
  assert.deepEqual(DEFAULT_PARAMS, {
    nodes: 5,
    capacity: 10,
    difficulty: 4,
    coinsPerNode: 100,
    reward: 0,
    fee: 0,
    blockWaitMs: 1000,
    strict: false,
    emptyBlocks: false,
    forkChoice: "most-work",
    difficultyAdjustment: "none",
    blockIntervalMs: 10_000,
    adjustmentWindow: 60,
  });
});

Deno.test("B06 B09 parameters and genesis are frozen", () => {
  const params = createParams(frozenChoice);
  assert(params.ok);
  assert.equal(formatHex(encodeParams(params.value)), encoded);
  const { genesis } = params.value;
  assert.equal(formatHex(encodeTransaction(genesis.transactions[0]!)), vectors.genesis.transaction);
  assert.equal(genesis.transactions[0]!.txid, vectors.genesis.txid);
  assert.equal(genesis.header.merkleRoot, vectors.genesis.merkleRoot);
  assert.equal(formatHex(encodeHeader(genesis.header)), vectors.genesis.header);
  assert.equal(genesis.hash, vectors.genesis.hash);
  assert.equal(formatHex(params.value.genesisHashBytes), vectors.genesis.hash);
});

Deno.test("genesis gives 100 n NBC to the bootstrap node, previous hash 1, nonce 0", () => {
  const params = testParams({ nodes: 7 });
  const { header, transactions } = params.genesis;
  assert.equal(transactions.length, 1);
  assert.deepEqual(transactions[0]!.outputs, [{ owner: params.bootstrapKey, amount: 700 }]);
  assert.equal(transactions[0]!.sender, "0".repeat(64));
  assert.deepEqual(transactions[0]!.inputs, []);
  assert.equal(BigInt("0x" + header.previousHash), 1n);
  assert.equal(header.nonce, 0);
  assert.equal(header.height, 0);
});

Deno.test("decodeParams() gives back what encodeParams() wrote", () => {
  fc.assert(fc.property(arbitraryParamsChoice(), (choice) => {
    const params = createParams(choice);
    assert(params.ok);
    const bytes = encodeParams(params.value);
    assert.equal(bytes.length, choice.difficultyAdjustment === "none" ? 82 : 90);
    assert.deepEqual(decodeParams(bytes), params.value);
  }));
});

Deno.test("decodeParams() takes damaged bytes only as what they encode", () => {
  const bytes = encodeParams(testParams());
  for (let sizeBytes = 0; sizeBytes < bytes.length; sizeBytes++) {
    assert.equal(decodeParams(bytes.subarray(0, sizeBytes)), undefined);
  }
  assert.equal(decodeParams(new Uint8Array([...bytes, 0])), undefined);
  fc.assert(fc.property(fc.nat(81), fc.nat(255), (place, value) => {
    const damaged = bytes.with(place, value);
    const decoded = decodeParams(damaged);
    if (decoded === undefined) return;
    assert.equal(formatHex(encodeParams(decoded)), formatHex(damaged));
  }));
});

Deno.test("N07 createParams() rounds a difficulty to the step that genesis names", () => {
  const params = createParams({ ...frozenChoice, difficulty: 0.1 + 0.2 });
  assert(params.ok);
  assert.equal(params.value.difficulty, 0.3);
  assert.deepEqual(decodeParams(encodeParams(params.value)), params.value);
});

Deno.test("B06 every parameter changes the genesis hash", () => {
  const other: { readonly [K in keyof ParamsChoice]: ParamsChoice[K] } = {
    nodes: 6,
    capacity: 11,
    difficulty: 1.001,
    coinsPerNode: 101,
    reward: 1,
    fee: 1,
    blockWaitMs: 1001,
    strict: true,
    emptyBlocks: true,
    forkChoice: "ghost",
    difficultyAdjustment: "lwma",
    blockIntervalMs: 9_000,
    adjustmentWindow: 61,
    genesisTimeMs: 1_704_067_200_001,
    bootstrapKey: vectors.publicKeys[1] as PublicKey,
  };
  const hashes = new Set([testParams({ difficulty: 1 }).genesis.hash]);
  for (const [field, value] of Object.entries(other)) {
    const isTail = field === "blockIntervalMs" || field === "adjustmentWindow";
    const rule = isTail ? { difficultyAdjustment: "lwma" as const } : {};
    hashes.add(testParams({ difficulty: 1, ...rule, [field]: value }).genesis.hash);
  }
  hashes.add(testParams({ difficulty: 1, difficultyAdjustment: "window" }).genesis.hash);
  assert.equal(hashes.size, 2 + Object.keys(other).length);
});

Deno.test("createParams() refuses what is out of range, for every field that has one", () => {
  const bad: Record<
    Exclude<
      keyof ParamsChoice,
      "strict" | "emptyBlocks" | "bootstrapKey" | "forkChoice" | "difficultyAdjustment"
    >,
    readonly number[]
  > = {
    nodes: [0, -1, 1.5, 10_001, NaN],
    capacity: [0, 20_001, 2.5],
    difficulty: [-1, 16.001, 4.0005, NaN, Infinity],
    coinsPerNode: [0, 1_000_000_001],
    reward: [-1, 1_000_001, 0.5],
    fee: [-1, 1_000_001],
    blockWaitMs: [-1, 3_600_001],
    blockIntervalMs: [0, 3_600_001],
    adjustmentWindow: [1, 2017],
    genesisTimeMs: [-1, 4_102_444_800_001],
  };
  const code: ParamsError["code"] = "params-out-of-range";
  for (const [field, values] of Object.entries(bad)) {
    for (const got of values) {
      const rule = { difficultyAdjustment: "lwma" } as const;
      const params = createParams({ ...frozenChoice, ...rule, [field]: got });
      assert(!params.ok, `${field} ${got}`);
      const { min, max, ...rest } = params.error;
      assert.deepEqual(rest, { code, field, got });
      assert(!(got >= min && got <= max) || !Number.isInteger(got));
    }
  }
});

Deno.test("a number that nothing uses is refused unless it is its default", () => {
  const unused = createParams({ ...frozenChoice, blockIntervalMs: 5_000 });
  const error = { code: "params-out-of-range", field: "blockIntervalMs", got: 5_000 };
  assert.deepEqual(unused, { ok: false, error: { ...error, min: 10_000, max: 10_000 } });
});

Deno.test("decodeParams() knows one encoding of a network", () => {
  const bytes = encodeParams(testParams({ difficultyAdjustment: "window" }));
  assert.equal(bytes[0], 2);
  assert.notEqual(decodeParams(bytes), undefined);
  const flags = 1 + 4 + 4 + 4 + 8 + 8 + 8 + 4;
  // Without the word the numbers behind it mean nothing; a fourth word has no name.
  for (const value of [0, 3 << 5, 7 << 2 | 1 << 5]) {
    assert.equal(decodeParams(bytes.with(flags, value)), undefined, String(value));
  }
  assert.equal(decodeParams(bytes.with(0, 1)), undefined);
  assert.equal(decodeParams(encodeParams(testParams()).with(flags, 1 << 5)), undefined);
});

Deno.test("supplyAt() counts what genesis made and what miners earned", () => {
  const params = testParams({ nodes: 5, reward: 3, fee: 2 });
  assert.equal(supplyAt(params, 0 as Height), 500);
  assert.equal(supplyAt(params, 7 as Height), 521);
});

Deno.test("N05 startupHeight() is the number of blocks that the payouts fill", () => {
  assert.equal(startupHeight(testParams({ nodes: 5, capacity: 10 })), 1);
  assert.equal(startupHeight(testParams({ nodes: 5, capacity: 1 })), 4);
  assert.equal(startupHeight(testParams({ nodes: 11, capacity: 5 })), 2);
  assert.equal(startupHeight(testParams({ nodes: 1, capacity: 5 })), 0);
});

Deno.test("B06 decodeParams() reads the frozen parameters and finds their genesis", () => {
  assert.deepEqual(decodeParams(bytesOfHex(encoded))?.genesis.hash, vectors.genesis.hash);
});

Deno.test("createParams() refuses a fee that the founder's own coins cannot pay for all payouts", () => {
  const at = (fee: number) => createParams({ ...frozenChoice, nodes: 3, coinsPerNode: 5, fee });
  assert(at(2).ok);
  const error = { code: "params-out-of-range", field: "fee", got: 3, min: 0, max: 2 };
  assert.deepEqual(at(3), { ok: false, error });
});
