/**
 * What every store must keep of the pool, of payments that failed, and of payments with a key.
 *
 * @module
 */
import assert from "node:assert/strict";
import { type Commit, NO_COMMIT } from "../node/persistence.ts";
import { invariant } from "../result.ts";
import { numberedKeyPair } from "../crypto/numbered_key_pair.ts";
import type { Amount } from "../primitives/amount.ts";
import type { Txid } from "../primitives/outpoint.ts";
import { NO_SIGNATURE, sealTransaction } from "../primitives/transaction.ts";
import type { OnDisk } from "./test_disk.ts";

const [alice, bob] = [numberedKeyPair(0), numberedKeyPair(1)];

export function testPool(contract: OnDisk): void {
  contract("keeps the pool in the order of adding", (disk) => {
    disk.found();
    const [a, b, c] = [1, 2, 3].map((amount) => ({
      transaction: disk.ledger.pay(alice, bob.publicKey, amount),
      arrivedAtMs: 1_704_067_200_000.5 + amount,
    }));
    invariant(a && b && c, "Three payments");
    const commit = (changes: Partial<Commit>) => disk.store.commit({ ...NO_COMMIT, ...changes });

    commit({ poolAdded: [c, a] });
    commit({ poolAdded: [b] });
    disk.restart();
    assert.deepEqual(disk.store.load()?.pool, [c, a, b]);

    commit({ poolRemoved: [a.transaction.txid, c.transaction.txid], poolAdded: [a] });
    commit({ poolAdded: [b], poolRemoved: [c.transaction.txid] });
    disk.restart();
    assert.deepEqual(disk.store.load()?.pool, [a, b]);
  });

  contract("keeps a large pool of which some have left, whatever came in together", (disk) => {
    disk.found();
    const { sender, inputs } = disk.ledger.pay(alice, bob.publicKey, 1);
    const entries = Array.from({ length: 600 }, (_, index) => ({
      transaction: sealTransaction(
        { sender, inputs, outputs: [{ owner: sender, amount: index + 1 as Amount }] },
        NO_SIGNATURE,
      ),
      arrivedAtMs: 1_704_067_200_000 + index,
    }));
    const leaves = (index: number) => index % 7 === 0 || (index > 250 && index < 520);
    const poolRemoved = entries.filter((_, index) => leaves(index))
      .map(({ transaction }) => transaction.txid);
    const rest = entries.filter((_, index) => !leaves(index));

    disk.store.commit({ ...NO_COMMIT, poolAdded: entries });
    disk.restart();
    assert.deepEqual(disk.store.load()?.pool, entries);
    disk.store.commit({ ...NO_COMMIT, poolRemoved });
    disk.restart();
    assert.deepEqual(disk.store.load()?.pool, rest);
    disk.store.commit({
      ...NO_COMMIT,
      poolRemoved: rest.slice(1).map(({ transaction }) => transaction.txid),
    });
    disk.restart();
    assert.deepEqual(disk.store.load()?.pool, rest.slice(0, 1));
  });

  contract("keeps failed payments with their reasons", (disk) => {
    disk.found();
    const failed = [1, 2].map((amount) => ({
      transaction: disk.ledger.pay(alice, bob.publicKey, amount),
      reasonCode: "conflict",
      failedAtMs: 1_704_067_200_000 + amount,
    }));
    disk.store.commit({ ...NO_COMMIT, failed });
    disk.restart();
    assert.deepEqual(disk.store.load()?.failed, failed);
  });

  contract("R12 keeps the keys under which was paid, and forgets the oldest", (disk) => {
    disk.found();
    const paid = Array.from({ length: 10_002 }, (_, index) => ({
      key: `key-${index}`,
      txid: index.toString(16).padStart(64, "0") as Txid,
      receiver: bob.publicKey,
      amount: 1 + index as Amount,
    }));
    disk.store.commit({ ...NO_COMMIT, paid: paid.slice(0, 5_000) });
    disk.store.commit({ ...NO_COMMIT, paid: paid.slice(5_000) });
    disk.restart();
    assert.deepEqual(disk.store.load()?.paid, paid.slice(2));
  });

  contract("R10 forgets the oldest failed payments above their bound", (disk) => {
    disk.found();
    const { sender, inputs } = disk.ledger.pay(alice, bob.publicKey, 1);
    const failedOf = (failedAtMs: number) => ({
      transaction: sealTransaction(
        { sender, inputs, outputs: [{ owner: sender, amount: failedAtMs as Amount }] },
        NO_SIGNATURE,
      ),
      reasonCode: "conflict",
      failedAtMs,
    });
    const failed = Array.from({ length: 10_002 }, (_, index) => failedOf(index + 1));
    disk.store.commit({ ...NO_COMMIT, failed: failed.slice(0, 5_000) });
    disk.store.commit({ ...NO_COMMIT, failed: failed.slice(5_000) });
    disk.restart();
    const kept = disk.store.load()?.failed ?? [];
    assert.equal(kept.length, 10_000);
    assert.deepEqual([kept[0], kept.at(-1)], [failed[2], failed.at(-1)]);
  });
}
