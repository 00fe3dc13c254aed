/**
 * Chain parameters and genesis: every number that all nodes of one network must agree on, one frozen
 * value per network.
 *
 * Genesis is a pure function of the parameters. Its Merkle tree has two leaves, the transaction that
 * creates the coins and the encoded parameters, so that its hash names them all. Whoever joins adopts
 * them.
 *
 * What a founder chooses, with its bounds and its bytes, stands in `parameter_table.ts`; the encoding is
 * a version and then that table's fields in its order, integers big endian (docs/protocol.md shows it).
 *
 * @module
 */
import { ByteReader, bytesOfHex, ByteWriter, concatBytes } from "./bytes.ts";
import { sha256 } from "./crypto/hash.ts";
import { PUBLIC_KEY_SIZE_BYTES, type PublicKey } from "./crypto/keys.ts";
import { type Amount } from "./primitives/amount.ts";
import {
  bitsOf,
  ENCODED_FIELDS,
  EXTENDED_ENCODING_VERSION,
  EXTENDED_PARAMS_SIZE_BYTES,
  FLAGS_MASK,
  isUsed,
  PARAMETER_ROWS,
  type ParameterName,
  PARAMETERS,
  PARAMS_ENCODING_VERSION,
  PARAMS_SIZE_BYTES,
  stepsOf,
} from "./parameter_table.ts";
import { assembleBlock, type Block } from "./primitives/block.ts";
import type { BlockHash, Height, TimestampMs } from "./primitives/header.ts";
import { merkleRoot } from "./primitives/merkle.ts";
import {
  type CompactTarget,
  compactTargetOfDifficulty,
  formatTarget,
  type Target,
  targetOfCompact,
  type Work,
  workOfTarget,
} from "./primitives/target.ts";
import { NO_SIGNATURE, sealTransaction, WALLET_ZERO } from "./primitives/transaction.ts";
import { err, invariant, ok, type Result } from "./result.ts";

/** The version of the rules and of the messages between nodes. */
export const PROTOCOL_VERSION = 2;
/** A block's timestamp is later than the median of this many before it. */
export const MEDIAN_TIME_BLOCKS = 11;
/** A block's timestamp is at most this far ahead of the node's clock: two hours. */
export const FUTURE_TIME_MS_MAX = 7_200_000;
/** The hash that genesis names as its previous one. */
export const GENESIS_PREVIOUS_HASH = ("00".repeat(31) + "01") as BlockHash;

/** What a value of each kind is. */
type ValueOf<Row> = Row extends { kind: "switch" } ? boolean
  : Row extends { kind: "word"; words: readonly (infer Word)[] } ? Word
  : Row extends { kind: "key" } ? PublicKey
  : number;

/** What a network's founder chooses: a value for each row of the table. */
export type ParamsChoice = {
  readonly [Name in ParameterName]: ValueOf<(typeof PARAMETERS)[Name]>;
};

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
  readonly field: ParameterName;
  readonly got: number;
  readonly min: number;
  readonly max: number;
}

/** The parameters that have a default: all but when and by whom a network was founded. */
type DefaultName = {
  [Name in ParameterName]: (typeof PARAMETERS)[Name] extends { default: unknown } ? Name : never;
}[ParameterName];

/** What a founder gets who chooses nothing. */
export const DEFAULT_PARAMS = Object.fromEntries(
  PARAMETER_ROWS.flatMap(([name, row]) => "default" in row ? [[name, row.default]] : []),
) as Pick<ParamsChoice, DefaultName>;

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
  const outOfRange = findOutOfRange(choice);
  if (outOfRange !== undefined) return err(outOfRange);

  // The founder pays the fees of the start-up payouts out of its own share.
  const { nodes, coinsPerNode, fee } = choice;
  const feeMax = nodes === 1 ? Infinity : Math.floor(coinsPerNode / (nodes - 1));
  if (fee > feeMax) {
    return err({ code: "params-out-of-range", field: "fee", got: fee, min: 0, max: feeMax });
  }

  const steps = stepsOf(PARAMETERS.difficulty);
  const difficulty = Math.round(choice.difficulty * steps) / steps;
  const compactTarget = compactTargetOfDifficulty(difficulty);
  const target = targetOfCompact(compactTarget);
  invariant(target !== undefined, "A difficulty within bounds has a target");
  const genesis = createGenesis(choice, compactTarget);
  return ok(Object.freeze({
    ...choice,
    difficulty,
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

/**
 * The first number that lies outside its bounds or between two of its steps, or that was chosen although
 * nothing uses it.
 */
function findOutOfRange(choice: ParamsChoice): ParamsError | undefined {
  for (const [field, row] of PARAMETER_ROWS) {
    if (!("bits" in row)) continue;
    const { min, max } = isUsed(row, choice)
      ? row
      : { min: row.default ?? row.min, max: row.default ?? row.max };
    const got = choice[field] as number;
    const steps = got * stepsOf(row);
    const isWhole = Math.abs(steps - Math.round(steps)) <= (row.kind === "thousandths" ? 1e-6 : 0);
    if (got >= min && got <= max && isWhole) continue;
    return { code: "params-out-of-range", field, got, min, max };
  }
  return undefined;
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

/** What the founder chose, without what follows from it. */
export function choiceOf(params: ParamsChoice): ParamsChoice {
  return Object.fromEntries(
    PARAMETER_ROWS.map(([name]) => [name, params[name]]),
  ) as unknown as ParamsChoice;
}

export function encodeParams(choice: ParamsChoice): Uint8Array<ArrayBuffer> {
  const isExtended = choice.difficultyAdjustment !== "none";
  const writer = new ByteWriter(isExtended ? EXTENDED_PARAMS_SIZE_BYTES : PARAMS_SIZE_BYTES)
    .u8(isExtended ? EXTENDED_ENCODING_VERSION : PARAMS_ENCODING_VERSION);
  for (const { names: [first], isExtension } of ENCODED_FIELDS) {
    invariant(first !== undefined, "A field has a parameter");
    if (isExtension && !isExtended) continue;
    const row = PARAMETERS[first];
    if (row.kind === "key") writer.hex(choice[first] as PublicKey);
    else if (!("bits" in row)) writer.u8(flagsOf(choice));
    else {
      const steps = Math.round((choice[first] as number) * stepsOf(row));
      if (row.bits === 32) writer.u32(steps);
      else writer.u64(steps);
    }
  }
  return writer.finish();
}

/** Reads parameters; `undefined` when the bytes have another shape or a field is out of range. */
export function decodeParams(bytes: Uint8Array): Params | undefined {
  const reader = new ByteReader(bytes);
  const params = readParams(reader);
  return reader.finish() ? params : undefined;
}

/** Reads parameters in front of other bytes: their first one says how many there are. */
export function readParams(reader: ByteReader): Params | undefined {
  const version = reader.u8();
  const isExtended = version === EXTENDED_ENCODING_VERSION;
  if (version !== PARAMS_ENCODING_VERSION && !isExtended) return undefined;
  const choice: Partial<Record<ParameterName, unknown>> = { ...DEFAULT_PARAMS };
  for (const { names: [first], isExtension } of ENCODED_FIELDS) {
    invariant(first !== undefined, "A field has a parameter");
    if (isExtension && !isExtended) continue;
    const row = PARAMETERS[first];
    if (row.kind === "key") choice[first] = reader.hex(PUBLIC_KEY_SIZE_BYTES);
    else if ("bits" in row) {
      choice[first] = (row.bits === 32 ? reader.u32() : reader.u64()) / stepsOf(row);
    } else if (!readFlags(reader.u8(), choice)) return undefined;
  }
  // One network has one encoding.
  if (isExtended !== (choice.difficultyAdjustment !== "none")) return undefined;
  const params = createParams(choice as ParamsChoice);
  return params.ok ? params.value : undefined;
}

/** All switches and words in one byte. */
function flagsOf(choice: ParamsChoice): number {
  let flags = 0;
  for (const [name, row] of PARAMETER_ROWS) {
    const value: unknown = choice[name];
    if (row.kind === "switch") flags |= value === true ? 1 << row.shift : 0;
    if (row.kind !== "word") continue;
    const place = row.words.findIndex((word) => word === value);
    invariant(place >= 0, `A parameter is one of its words: ${name} ${value}`);
    flags |= place << row.shift;
  }
  return flags;
}

/** False when a bit has no meaning, or a word no name. */
function readFlags(flags: number, choice: Partial<Record<ParameterName, unknown>>): boolean {
  if ((flags & ~FLAGS_MASK) !== 0) return false;
  for (const [name, row] of PARAMETER_ROWS) {
    if (row.kind === "switch") choice[name] = (flags & bitsOf(row)) !== 0;
    if (row.kind !== "word") continue;
    const word = row.words[(flags & bitsOf(row)) >> row.shift];
    if (word === undefined) return false;
    choice[name] = word;
  }
  return true;
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
