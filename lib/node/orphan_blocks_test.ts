import assert from "node:assert/strict";
import { assembleBlock, type Block, sizeOfBlockBytes } from "../primitives/block.ts";
import type { BlockHash, Header } from "../primitives/header.ts";
import { outpointOf, type Txid } from "../primitives/outpoint.ts";
import { NO_SIGNATURE, sealTransaction, type Transaction } from "../primitives/transaction.ts";
import type { Amount } from "../primitives/amount.ts";
import { testParams } from "../testing/test_params.ts";
import { OrphanBlocks } from "./orphan_blocks.ts";

const { genesis, bootstrapKey: sender } = testParams();

function hashOf(number: number): BlockHash {
  return number.toString(16).padStart(64, "0") as BlockHash;
}

/** A block of which nothing is looked at but name, parent and size. */
function blockOf(number: number, transactions: readonly Transaction[] = []): Block {
  const header: Header = { ...genesis.header, previousHash: hashOf(1_000_000 + number) };
  return assembleBlock(header, transactions, hashOf(number));
}

Deno.test("X03 512 blocks without their parents are held, the oldest is forgotten", () => {
  const orphans = new OrphanBlocks();
  for (let number = 0; number < 512; number++) orphans.hold(blockOf(number));
  assert.equal(orphans.size, 512);
  orphans.hold(blockOf(511));
  assert(orphans.has(hashOf(0)), "one that is held already takes no place");
  orphans.hold(blockOf(512));
  assert.equal(orphans.size, 512);
  assert.deepEqual([0, 1, 512].map((number) => orphans.has(hashOf(number))), [false, true, true]);
  assert.deepEqual(orphans.takeChildrenOf(hashOf(1_000_000)), []);
  assert.deepEqual(orphans.takeChildrenOf(hashOf(1_000_001)).map(({ hash }) => hash), [hashOf(1)]);
});

Deno.test("X03 64 MiB of blocks without their parents are held", () => {
  const inputs = Array.from(
    { length: 256 },
    (_, index) => outpointOf(hashOf(1) as string as Txid, index),
  );
  const outputs = [{ owner: sender, amount: 1 as Amount }];
  const large = sealTransaction({ sender, inputs, outputs }, NO_SIGNATURE);
  const transactions = Array.from({ length: 500 }, () => large);
  const fitting = Math.floor(64 * 1024 * 1024 / sizeOfBlockBytes(transactions));
  assert(fitting > 10 && fitting < 100);
  const orphans = new OrphanBlocks();
  for (let number = 0; number < fitting; number++) orphans.hold(blockOf(number, transactions));
  assert.equal(orphans.size, fitting);
  orphans.hold(blockOf(fitting, transactions));
  assert.equal(orphans.size, fitting);
  assert(!orphans.has(hashOf(0)));
});
