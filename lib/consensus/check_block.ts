/**
 * The rules of a block that need no unspent outputs: alone, and against its parent.
 *
 * Pure. Headers are checked by the same functions before their blocks are fetched.
 *
 * @module
 */
import { HexMap } from "../hex_map.ts";
import { FUTURE_TIME_MS_MAX, MEDIAN_TIME_BLOCKS, type Params, startupHeight } from "../params.ts";
import {
  type Block,
  BLOCK_SIZE_BYTES_MAX,
  merkleRootOfTransactions,
  sizeOfBlockBytes,
} from "../primitives/block.ts";
import type { BlockHash, Header } from "../primitives/header.ts";
import type { Txid } from "../primitives/outpoint.ts";
import {
  type CompactTarget,
  DIFFICULTY_STEPS_PER_UNIT,
  difficultyOfTarget,
  formatTarget,
  isTargetInBounds,
  targetOfCompact,
} from "../primitives/target.ts";
import { err, invariant, ok, type Result } from "../result.ts";
import type { Ancestor } from "./ancestor.ts";
import { checkTransactionAlone } from "./check_transaction.ts";
import { nextCompactTarget } from "./difficulty/next_target.ts";
import type { BlockError } from "./rule_table.ts";

/**
 * Checks a header's target and work: what makes a block expensive comes first. Where the difficulty is
 * adjusted, the target must be one that a network may come to; whether it is the right one, its parent says.
 */
export function checkHeaderWork(
  header: Header,
  hash: BlockHash,
  params: Params,
): Result<void, BlockError> {
  const { compactTarget } = header;
  if (compactTarget !== params.compactTarget) {
    const isPossible = params.difficultyAdjustment !== "none" && isTargetInBounds(compactTarget);
    if (!isPossible) {
      return err({ code: "block-bad-target", got: compactTarget, want: params.compactTarget });
    }
  }
  const target = targetHexOf(compactTarget, params);
  if (hash > target) return err({ code: "block-bad-work", hash, target });
  return ok(undefined);
}

/** The target of a header as hex: a hash passes when its hex is not greater. */
export function targetHexOf(compactTarget: CompactTarget, params: Params): string {
  if (compactTarget === params.compactTarget) return params.targetHex;
  const target = targetOfCompact(compactTarget);
  invariant(target !== undefined, "A target that was looked at is one");
  return formatTarget(target);
}

/** The difficulty of a header's target in hex zeros, to a thousandth: what people read. */
export function difficultyOf(compactTarget: CompactTarget, params: Params): number {
  if (compactTarget === params.compactTarget) return params.difficulty;
  const target = targetOfCompact(compactTarget);
  invariant(target !== undefined, "A target that was looked at is one");
  return Math.round(difficultyOfTarget(target) * DIFFICULTY_STEPS_PER_UNIT) /
    DIFFICULTY_STEPS_PER_UNIT;
}

/** How a chain looks into a block before it asks what the block stands on. */
export type BlockCheck = (block: Block, params: Params) => Result<void, BlockError>;

/**
 * Checks what needs nothing but the block and the network's parameters: target, work, number and size
 * of transactions, no transaction twice, the Merkle root, and each transaction alone.
 */
export function checkBlockAlone(block: Block, params: Params): Result<void, BlockError> {
  const { header, hash, transactions } = block;
  const work = checkHeaderWork(header, hash, params);
  if (!work.ok) return work;

  const count = transactions.length;
  if (count > params.capacity) {
    return err({ code: "block-over-capacity", got: count, max: params.capacity });
  }
  if (count === 0 && !params.emptyBlocks) return err({ code: "block-empty" });
  if (params.strict && count < params.capacity && header.height !== startupHeight(params)) {
    return err({ code: "block-underfull", got: count, want: params.capacity });
  }
  const sizeBytes = sizeOfBlockBytes(transactions);
  if (sizeBytes > BLOCK_SIZE_BYTES_MAX) {
    return err({ code: "block-oversized", sizeBytes, max: BLOCK_SIZE_BYTES_MAX });
  }

  if (count > 1) {
    const seen = new HexMap<Txid, true>(count);
    for (const { txid } of transactions) {
      if (seen.has(txid)) return err({ code: "block-duplicate-transaction", txid });
      seen.set(txid, true);
    }
  }
  const root = merkleRootOfTransactions(transactions);
  if (root !== header.merkleRoot) {
    return err({ code: "block-bad-merkle-root", got: header.merkleRoot, want: root });
  }

  for (const [index, transaction] of transactions.entries()) {
    const alone = checkTransactionAlone(transaction);
    if (!alone.ok) {
      const { txid } = transaction;
      return err({ code: "block-bad-transaction", txid, index, cause: alone.error });
    }
  }
  return ok(undefined);
}

/**
 * Checks a header against its parent: height + 1, the target that the blocks below demand, later than the
 * median of the last eleven, and at most two hours ahead of the node's clock. Only the last one can heal by
 * waiting.
 */
export function checkHeaderAgainstParent(
  header: Header,
  parent: Ancestor,
  nowMs: number,
  params: Params,
): Result<void, BlockError> {
  const wantedHeight = parent.header.height + 1;
  if (header.height !== wantedHeight) {
    return err({ code: "block-bad-height", got: header.height, want: wantedHeight });
  }
  const want = nextCompactTarget(parent, params);
  if (header.compactTarget !== want) {
    return err({ code: "block-bad-target", got: header.compactTarget, want });
  }
  const minMs = medianTimePast(parent) + 1;
  if (header.timestampMs < minMs) {
    return err({ code: "block-time-too-old", got: header.timestampMs, min: minMs });
  }
  const maxMs = nowMs + FUTURE_TIME_MS_MAX;
  if (header.timestampMs > maxMs) {
    return err({ code: "block-time-too-new", got: header.timestampMs, max: maxMs });
  }
  return ok(undefined);
}

/** The median timestamp of a block and the ten before it, in milliseconds. */
export function medianTimePast(tip: Ancestor): number {
  return tip.medianMs ??= computeMedian(tip);
}

/** The median that was computed last, and for which block. */
let latest:
  | { readonly header: Header; readonly below: Header | undefined; medianMs: number }
  | undefined;

/**
 * Where many nodes share their headers, all ask for the same block's in a row. A header names what lies
 * below it by its hash, so the same two headers have the same median.
 */
function computeMedian(tip: Ancestor): number {
  const { header, parent } = tip;
  const below = parent?.header;
  if (latest?.header === header && latest.below === below) return latest.medianMs;
  latest = { header, below, medianMs: walkToMedian(tip) };
  return latest.medianMs;
}

function walkToMedian(tip: Ancestor): number {
  // Newest first; blocks mostly stand in the order of their times, so each finds its place at the end.
  const timestampsMs: number[] = [];
  for (
    let ancestor: Ancestor | undefined = tip;
    ancestor !== undefined && timestampsMs.length < MEDIAN_TIME_BLOCKS;
    ancestor = ancestor.parent
  ) {
    const { timestampMs } = ancestor.header;
    let place = timestampsMs.length;
    for (; place > 0 && (timestampsMs[place - 1] as number) < timestampMs; place--) {
      timestampsMs[place] = timestampsMs[place - 1] as number;
    }
    timestampsMs[place] = timestampMs;
  }
  return timestampsMs[(timestampsMs.length - 1) >> 1] ?? 0;
}
