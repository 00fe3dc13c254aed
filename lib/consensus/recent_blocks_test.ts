/** The newest blocks lie in memory, bounded by number and by bytes; the reader has all that was let go. */
import assert from "node:assert/strict";
import { assembleBlock, type Block } from "../primitives/block.ts";
import type { BlockHash } from "../primitives/header.ts";
import { createSmallLedger } from "../testing/small_ledger.ts";
import {
  RECENT_BLOCKS_MAX,
  RECENT_BLOCKS_MIN,
  RECENT_BLOCKS_SIZE_BYTES_MAX,
  RecentBlocks,
  RESTING_BLOCKS_SIZE_BYTES_MAX,
} from "./recent_blocks.ts";

const { block: small, valid } = createSmallLedger();

function keepMany(count: number, transactionCount: number) {
  const kept = new Map<BlockHash, Block>();
  const blocks = new RecentBlocks({
    readBlock: (hash) => kept.get(hash),
    readDelta: () => undefined,
  });
  const transactions = Array.from({ length: transactionCount }, () => valid);
  for (let height = 0; height < count; height++) {
    const hash = height.toString(16).padStart(64, "0") as BlockHash;
    const block = assembleBlock(small.header, transactions, hash);
    kept.set(hash, block);
    blocks.keep(block);
    blocks.releasePersisted();
  }
  return { blocks, kept };
}

Deno.test("RecentBlocks keeps 32 small blocks, and all others are with the reader", () => {
  const { blocks, kept } = keepMany(50, 1);
  assert.equal(RECENT_BLOCKS_MAX, 32);
  assert.equal(blocks.size, 32);
  for (const [hash, block] of kept) assert.equal(blocks.block(hash), block);
});

Deno.test("RecentBlocks keeps as few large blocks as fit", () => {
  assert.equal(RECENT_BLOCKS_SIZE_BYTES_MAX, 4 * 1024 * 1024);
  // 2,000 payments are 0.43 MB: nine of them are under 4 MiB.
  assert.equal(keepMany(20, 2_000).blocks.size, 9);
  assert.equal(keepMany(10, 5_000).blocks.size, 3);
});

Deno.test("RecentBlocks keeps three blocks of any size", () => {
  assert.equal(RECENT_BLOCKS_MIN, 3);
  assert.equal(keepMany(10, 20_000).blocks.size, 3);
});

Deno.test("RecentBlocks keeps nothing that a reader has in memory, once it is persisted", () => {
  const kept = new Map<BlockHash, Block>();
  const blocks = new RecentBlocks({
    isInMemory: true,
    readBlock: (hash) => kept.get(hash),
    readDelta: () => undefined,
  });
  blocks.keep(small);
  assert.equal(blocks.size, 1);
  assert.equal(blocks.block(small.hash), small);
  kept.set(small.hash, small);
  blocks.releasePersisted();
  assert.equal(blocks.size, 0);
  assert.equal(blocks.block(small.hash), small);
});

Deno.test("RecentBlocks counts a block that comes again once", () => {
  const { blocks } = keepMany(3, 2_000);
  for (let count = 0; count < 10; count++) {
    const again = blocks.block("0".repeat(64) as BlockHash);
    assert(again !== undefined);
    blocks.keep(again);
  }
  blocks.releasePersisted();
  assert.equal(blocks.size, 3);
});

Deno.test("at rest RecentBlocks keeps a mebibyte of the newest blocks, and the reader has the others", () => {
  assert.equal(RESTING_BLOCKS_SIZE_BYTES_MAX, 1024 * 1024);
  const { blocks, kept } = keepMany(10, 2_000);
  assert.equal(blocks.size, 9);
  const sizeBytes = blocks.encodedBlock("0".repeat(64) as BlockHash)?.length ?? 0;
  blocks.releasePersisted(RESTING_BLOCKS_SIZE_BYTES_MAX, 0);
  assert.equal(blocks.size, Math.floor(RESTING_BLOCKS_SIZE_BYTES_MAX / sizeBytes));
  for (const hash of kept.keys()) assert.notEqual(blocks.block(hash), undefined);
});
