/**
 * Generators for property tests (fast-check): bytes, shapes of transactions, headers, blocks and
 * parameters. Shapes only: what they give is encodable, not valid.
 *
 * @module
 */
import * as fc from "fast-check";
import { formatHex } from "../bytes.ts";
import type { PublicKey } from "../crypto/keys.ts";
import type { Signature } from "../crypto/signature.ts";
import { type Parameter, PARAMETER_ROWS, type ParameterName, stepsOf } from "../parameter_table.ts";
import { DEFAULT_PARAMS, type ParamsChoice } from "../params.ts";
import type { Amount } from "../primitives/amount.ts";
import { assembleBlock, type Block } from "../primitives/block.ts";
import type { BlockHash, Header, Height, TimestampMs } from "../primitives/header.ts";
import { type Outpoint, outpointOf, type Txid } from "../primitives/outpoint.ts";
import type { CompactTarget } from "../primitives/target.ts";
import { sealTransaction, type Transaction } from "../primitives/transaction.ts";

const U32_MAX = 0xffff_ffff;

/** Plain objects, as the decoders make them. */
const PLAIN = { noNullPrototype: true } as const;

/** Lowercase hex of a size. */
export function arbitraryHex(sizeBytes: number): fc.Arbitrary<string> {
  return fc.uint8Array({ minLength: sizeBytes, maxLength: sizeBytes }).map(formatHex);
}

export function arbitraryOutpoint(): fc.Arbitrary<Outpoint> {
  return fc.tuple(arbitraryHex(32), fc.nat(U32_MAX))
    .map(([txid, index]) => outpointOf(txid as Txid, index));
}

export function arbitraryTransaction(): fc.Arbitrary<Transaction> {
  const output = fc.record({
    owner: arbitraryHex(32) as fc.Arbitrary<PublicKey>,
    amount: fc.maxSafeNat() as fc.Arbitrary<Amount>,
  }, PLAIN);
  return fc.tuple(
    fc.record({
      sender: arbitraryHex(32) as fc.Arbitrary<PublicKey>,
      inputs: fc.array(arbitraryOutpoint(), { maxLength: 4 }),
      outputs: fc.array(output, { maxLength: 2 }),
    }, PLAIN),
    arbitraryHex(64) as fc.Arbitrary<Signature>,
  ).map(([unsigned, signature]) => sealTransaction(unsigned, signature));
}

export function arbitraryHeader(): fc.Arbitrary<Header> {
  return fc.record({
    previousHash: arbitraryHex(32) as fc.Arbitrary<BlockHash>,
    merkleRoot: arbitraryHex(32),
    miner: arbitraryHex(32) as fc.Arbitrary<PublicKey>,
    timestampMs: fc.maxSafeNat() as fc.Arbitrary<TimestampMs>,
    height: fc.nat(U32_MAX) as fc.Arbitrary<Height>,
    compactTarget: fc.nat(U32_MAX) as fc.Arbitrary<CompactTarget>,
    nonce: fc.nat(U32_MAX),
  }, PLAIN);
}

export function arbitraryBlock(): fc.Arbitrary<Block> {
  return fc.tuple(arbitraryHeader(), fc.array(arbitraryTransaction(), { maxLength: 4 }))
    .map(([header, transactions]) => assembleBlock(header, transactions));
}

function arbitraryValue(row: Parameter): fc.Arbitrary<unknown> {
  switch (row.kind) {
    case "switch":
      return fc.boolean();
    case "word":
      return fc.constantFrom(...row.words);
    case "key":
      return arbitraryHex(32);
    default: {
      const steps = stepsOf(row);
      return fc.integer({ min: row.min * steps, max: row.max * steps }).map((value) =>
        value / steps
      );
    }
  }
}

/** Choices within all bounds. */
export function arbitraryParamsChoice(): fc.Arbitrary<ParamsChoice> {
  const choices = Object.fromEntries(
    PARAMETER_ROWS.map(([name, row]) => [name, arbitraryValue(row)]),
  ) as unknown as { [Name in ParameterName]: fc.Arbitrary<ParamsChoice[Name]> };
  return fc.record(choices, PLAIN).map(({ fee, ...choice }) => {
    const feeMax = Math.floor(choice.coinsPerNode / Math.max(choice.nodes - 1, 1));
    // What nothing uses is at its default.
    const { blockIntervalMs, adjustmentWindow } = choice.difficultyAdjustment === "none"
      ? DEFAULT_PARAMS
      : choice;
    return { ...choice, blockIntervalMs, adjustmentWindow, fee: Math.min(fee, feeMax) };
  });
}
