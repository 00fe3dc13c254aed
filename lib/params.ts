/**
 * Chain parameters and genesis: every number that all nodes of one network must agree on, one frozen
 * value per network.
 *
 * Genesis is a pure function of the parameters. Its Merkle tree has two leaves, the transaction that
 * creates the coins and the encoded parameters, so that its hash names them all. Whoever joins adopts
 * them.
 *
 * Encoding of the parameters (integers big endian):
 *
 * | offset | size | field |
 * |---|---|---|
 * | 0 | 1 | version, 1 |
 * | 1 | 4 | nodes |
 * | 5 | 4 | capacity, transactions a block |
 * | 9 | 4 | difficulty in thousandths |
 * | 13 | 8 | coins per node, NBC |
 * | 21 | 8 | reward a block, NBC |
 * | 29 | 8 | fee a transaction, NBC |
 * | 37 | 4 | block wait, ms |
 * | 41 | 1 | flags: 1 strict, 2 empty blocks |
 * | 42 | 8 | genesis time, ms since 1970-01-01 UTC |
 * | 50 | 32 | bootstrap node's public key |
 *
 * @module
 */
import { ByteReader, bytesOfHex, ByteWriter, concatBytes } from "./bytes.ts";
import { sha256 } from "./crypto/hash.ts";
import { PUBLIC_KEY_SIZE_BYTES, type PublicKey } from "./crypto/keys.ts";
import { type Amount } from "./primitives/amount.ts";
import { assembleBlock, type Block, BLOCK_TRANSACTIONS_MAX } from "./primitives/block.ts";
import type { BlockHash, Height, TimestampMs } from "./primitives/header.ts";
import { merkleRoot } from "./primitives/merkle.ts";
import {
  type CompactTarget,
  compactTargetOfDifficulty,
  DIFFICULTY_MAX,
  DIFFICULTY_STEPS_PER_UNIT,
  formatTarget,
  type Target,
  targetOfCompact,
  type Work,
  workOfTarget,
} from "./primitives/target.ts";
import { NO_SIGNATURE, sealTransaction, WALLET_ZERO } from "./primitives/transaction.ts";
import { err, invariant, ok, type Result } from "./result.ts";

/** The version of the rules and of the messages between nodes. */
export const PROTOCOL_VERSION = 1;
/** The most nodes that a ring may have. */
export const NODES_MAX = 10_000;
/** A block's timestamp is later than the median of this many before it. */
export const MEDIAN_TIME_BLOCKS = 11;
/** A block's timestamp is at most this far ahead of the node's clock: two hours. */
export const FUTURE_TIME_MS_MAX = 7_200_000;
/** The hash that genesis names as its previous one. */
export const GENESIS_PREVIOUS_HASH = ("00".repeat(31) + "01") as BlockHash;
/** The size of encoded parameters in bytes. */
export const PARAMS_SIZE_BYTES = 82;

/** What a network's founder chooses. */
export interface ParamsChoice {
  /** How many nodes the ring has. */
  readonly nodes: number;
  /** How many transactions a block holds at most. */
  readonly capacity: number;
  /** Hex zeros that a block's hash begins with; steps of 0.001. */
  readonly difficulty: number;
  /** What each node starts with. */
  readonly coinsPerNode: number;
  /** What a block's miner gets. */
  readonly reward: number;
  /** What each transaction pays to the miner. */
  readonly fee: number;
  /** How long a transaction waits for others to fill its block. */
  readonly blockWaitMs: number;
  /** Full blocks only, as the assignment has it. */
  readonly strict: boolean;
  /** Mine without transactions, too, as Bitcoin does. */
  readonly emptyBlocks: boolean;
  readonly genesisTimeMs: number;
  readonly bootstrapKey: PublicKey;
}

/** The choice with everything that follows from it. */
export interface Params extends ParamsChoice {
  readonly coinsPerNode: Amount;
  readonly reward: Amount;
  readonly fee: Amount;
  readonly compactTarget: CompactTarget;
  readonly target: Target;
  /** The target as hex: a hash passes when its hex is not greater. */
  readonly targetHex: string;
  readonly workPerBlock: Work;
  readonly genesis: Block;
  /** The genesis hash as bytes: what signatures name the network by. */
  readonly genesisHashBytes: Uint8Array;
}

export interface ParamsError {
  readonly code: "params-out-of-range";
  readonly field: keyof ParamsChoice;
  readonly got: number;
  readonly min: number;
  readonly max: number;
}

/** What a founder gets who chooses nothing. */
export const DEFAULT_PARAMS = {
  nodes: 5,
  capacity: 10,
  difficulty: 4,
  coinsPerNode: 100,
  reward: 0,
  fee: 0,
  blockWaitMs: 1000,
  strict: false,
  emptyBlocks: false,
} as const;

const BOUNDS: readonly (readonly [keyof ParamsChoice, min: number, max: number])[] = [
  ["nodes", 1, NODES_MAX],
  ["capacity", 1, BLOCK_TRANSACTIONS_MAX],
  ["coinsPerNode", 1, 1_000_000_000],
  ["reward", 0, 1_000_000],
  ["fee", 0, 1_000_000],
  ["blockWaitMs", 0, 3_600_000],
  ["genesisTimeMs", 0, 4_102_444_800_000],
];

/**
 * Checks a founder's choice and computes what follows from it, genesis included.
 *
 * @example
 * ```ts
 * import { numberedKeyPair } from "./crypto/numbered_key_pair.ts";
 * import { createParams, decodeParams, DEFAULT_PARAMS, encodeParams } from "./params.ts";
 * import assert from "node:assert/strict";
 *
 * const founder = { genesisTimeMs: 1_704_067_200_000, bootstrapKey: numberedKeyPair(0).publicKey };
 * const params = createParams({ ...DEFAULT_PARAMS, ...founder });
 * assert(params.ok);
 * assert.equal(decodeParams(encodeParams(params.value))?.genesis.hash, params.value.genesis.hash);
 * assert.equal(createParams({ ...DEFAULT_PARAMS, ...founder, nodes: 0 }).ok, false);
 * ```
 */
export function createParams(choice: ParamsChoice): Result<Params, ParamsError> {
  for (const [field, min, max] of BOUNDS) {
    const got = choice[field] as number;
    if (!Number.isSafeInteger(got) || got < min || got > max) {
      return err({ code: "params-out-of-range", field, got, min, max });
    }
  }
  const steps = choice.difficulty * DIFFICULTY_STEPS_PER_UNIT;
  const { difficulty } = choice;
  if (
    !(difficulty >= 0 && difficulty <= DIFFICULTY_MAX) || Math.abs(steps - Math.round(steps)) > 1e-6
  ) {
    const got = choice.difficulty;
    return err({
      code: "params-out-of-range",
      field: "difficulty",
      got,
      min: 0,
      max: DIFFICULTY_MAX,
    });
  }

  // The founder pays the fees of the start-up payouts out of its own share.
  const { nodes, coinsPerNode, fee } = choice;
  const feeMax = nodes === 1 ? Infinity : Math.floor(coinsPerNode / (nodes - 1));
  if (fee > feeMax) {
    return err({ code: "params-out-of-range", field: "fee", got: fee, min: 0, max: feeMax });
  }

  const compactTarget = compactTargetOfDifficulty(difficulty);
  const target = targetOfCompact(compactTarget);
  invariant(target !== undefined, "A difficulty within bounds has a target");
  const genesis = createGenesis(choice, compactTarget);
  return ok(Object.freeze({
    ...choice,
    difficulty: Math.round(steps) / DIFFICULTY_STEPS_PER_UNIT,
    coinsPerNode: choice.coinsPerNode as Amount,
    reward: choice.reward as Amount,
    fee: choice.fee as Amount,
    compactTarget,
    target,
    targetHex: formatTarget(target),
    workPerBlock: workOfTarget(target),
    genesis,
    genesisHashBytes: bytesOfHex(genesis.hash),
  }));
}

/** The coins that exist once `height` blocks lie upon genesis. */
export function supplyAt(params: Params, height: Height): Amount {
  return (params.coinsPerNode * params.nodes + params.reward * height) as Amount;
}

/**
 * The height of the last block that carries start-up payouts, 0 when there are none. A block of this
 * height may be partly filled even in a strict network, so that everybody starts with confirmed coins
 * (N05).
 */
export function startupHeight(params: ParamsChoice): Height {
  return Math.ceil((params.nodes - 1) / params.capacity) as Height;
}

export function encodeParams(choice: ParamsChoice): Uint8Array<ArrayBuffer> {
  return new ByteWriter(PARAMS_SIZE_BYTES).u8(1).u32(choice.nodes).u32(choice.capacity)
    .u32(Math.round(choice.difficulty * DIFFICULTY_STEPS_PER_UNIT))
    .u64(choice.coinsPerNode).u64(choice.reward).u64(choice.fee).u32(choice.blockWaitMs)
    .u8((choice.strict ? 1 : 0) + (choice.emptyBlocks ? 2 : 0))
    .u64(choice.genesisTimeMs).hex(choice.bootstrapKey).finish();
}

/** Reads parameters; `undefined` when the bytes have another shape or a field is out of range. */
export function decodeParams(bytes: Uint8Array): Params | undefined {
  const reader = new ByteReader(bytes);
  if (reader.u8() !== 1) return undefined;
  const nodes = reader.u32();
  const capacity = reader.u32();
  const difficulty = reader.u32() / DIFFICULTY_STEPS_PER_UNIT;
  const coinsPerNode = reader.u64();
  const reward = reader.u64();
  const fee = reader.u64();
  const blockWaitMs = reader.u32();
  const flags = reader.u8();
  const genesisTimeMs = reader.u64();
  const bootstrapKey = reader.hex(PUBLIC_KEY_SIZE_BYTES) as PublicKey;
  if (!reader.finish() || flags > 3) return undefined;

  const params = createParams({
    nodes,
    capacity,
    difficulty,
    coinsPerNode,
    reward,
    fee,
    blockWaitMs,
    strict: (flags & 1) !== 0,
    emptyBlocks: (flags & 2) !== 0,
    genesisTimeMs,
    bootstrapKey,
  });
  return params.ok ? params.value : undefined;
}

function createGenesis(choice: ParamsChoice, compactTarget: CompactTarget): Block {
  const amount = (choice.coinsPerNode * choice.nodes) as Amount;
  const coins = sealTransaction({
    sender: WALLET_ZERO,
    inputs: [],
    outputs: [{ owner: choice.bootstrapKey, amount }],
  }, NO_SIGNATURE);
  const paramsLeafHash = sha256(concatBytes([new Uint8Array([0]), encodeParams(choice)]));
  return assembleBlock({
    previousHash: GENESIS_PREVIOUS_HASH,
    merkleRoot: merkleRoot([coins.leafHash, paramsLeafHash]),
    miner: choice.bootstrapKey,
    timestampMs: choice.genesisTimeMs as TimestampMs,
    height: 0 as Height,
    compactTarget,
    nonce: 0,
  }, [coins]);
}
