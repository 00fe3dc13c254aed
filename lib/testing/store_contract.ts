/**
 * What every store must do, as one suite: SQLite and memory run it.
 *
 * Commits come from a real chain ({@link TestDisk}), so that what is stored is what a node stores, and
 * the answers are compared with the ledger's own state. Says nothing of crashes and broken machines:
 * those differ from store to store. Pools and payments are in `store_contract_pool.ts`, chains of any shape
 * in `store_contract_trees.ts`.
 *
 * @module
 */
import assert from "node:assert/strict";
import { equalBytes } from "../bytes.ts";
import { type Commit, type Membership, NO_COMMIT } from "../node/persistence.ts";
import { encodeBlock } from "../primitives/block.ts";
import { invariant } from "../result.ts";
import { signRecord, signRing } from "../wire/ring.ts";
import {
  contentOf,
  emptyMembership,
  type OnDisk,
  type StoreUnderTest,
  TestDisk,
} from "./test_disk.ts";
import { numberedKeyPair } from "../crypto/numbered_key_pair.ts";
import { TestLedger } from "./test_ledger.ts";
import { testParams } from "./test_params.ts";
import { testPool } from "./store_contract_pool.ts";
import { testTrees } from "./store_contract_trees.ts";

const [alice, bob] = [numberedKeyPair(0), numberedKeyPair(1)];

/** Registers the suite's tests for one kind of store. */
export function testStoreContract(underTest: StoreUnderTest): void {
  const contract: OnDisk = (text, run) =>
    Deno.test(`${underTest.name} ${text}`, () => {
      const disk = new TestDisk(underTest);
      try {
        run(disk);
      } finally {
        underTest.destroy(disk.store);
      }
    });
  testBeginning(contract);
  testChain(contract);
  testPool(contract);
  testCommits(contract);
  testTrees(underTest);
}

function testBeginning(contract: OnDisk): void {
  contract("has nothing to load before the first commit", (disk) => {
    assert.equal(disk.store.load(), undefined);
    disk.restart();
    assert.equal(disk.store.load(), undefined);
  });

  contract("begins with genesis and its coins", (disk) => {
    const { genesis } = disk.ledger.params;
    disk.found();
    disk.restart();
    disk.demandSame();

    assert.deepEqual(disk.store.readBlock(genesis.hash), genesis);
    const txid = genesis.transactions[0]?.txid;
    invariant(txid !== undefined, "Genesis creates coins");
    const location = { blockHash: genesis.hash, index: 0 };
    assert.deepEqual(disk.store.findTransaction(txid), location);
    for (const size of [1, 6, 7, 64]) {
      const found = disk.store.txidsWithPrefix(txid.slice(0, size), 1000);
      assert(found.includes(txid));
      assert(found.every((each) => each.startsWith(txid.slice(0, size))));
    }
    assert.deepEqual(disk.store.transactionsOf(alice.publicKey, 10), [location]);
  });

  contract("keeps every field of the membership, and the newest of each", (disk) => {
    const { params } = disk.ledger;
    const keyPairs = [0, 1, 2, 3, 4].map(numberedKeyPair);
    const publicKeys = keyPairs.map((keyPair) => keyPair.publicKey);
    const records = keyPairs.map((keyPair, index) =>
      signRecord({ url: `http://127.0.0.1:${5000 + index}`, sequence: 1 }, keyPair)
    );
    const moved = signRecord({ url: "http://[::1]:6000", sequence: 1_704_067_200_000 }, bob);
    const ring = signRing(publicKeys, alice, params);

    const steps: Partial<Membership>[] = [
      { joined: publicKeys.slice(0, 1), id: 0 },
      { joined: publicKeys.slice(0, 3), records: records.slice(0, 3) },
      { joined: publicKeys, records, ring },
      { records: [...records.slice(0, 1), moved, ...records.slice(2)], payoutsMade: true },
      { startedUp: true },
      { joined: publicKeys.slice(1, 3), records: records.slice(3), ring: undefined, id: undefined },
    ];
    let membership = emptyMembership(params);
    for (const step of steps) {
      membership = { ...membership, ...step } as Membership;
      disk.store.commit({ ...NO_COMMIT, membership });
      assert.deepEqual(disk.store.load()?.membership, membership);
      disk.restart();
      assert.deepEqual(disk.store.load()?.membership, membership);
    }
  });
}

function testChain(contract: OnDisk): void {
  contract("keeps blocks, undo data, unspent outputs and both indexes", (disk) => {
    disk.found();
    const first = disk.ledger.pay(alice, bob.publicKey, 30);
    disk.extend([first]);
    const second = disk.ledger.pay(alice, bob.publicKey, 20);
    const block = disk.extend([second]);
    disk.restart();
    disk.demandSame();

    assert.deepEqual(disk.store.readBlock(block.hash), block);
    const encoded = disk.store.readEncodedBlock?.(block.hash);
    assert(encoded === undefined || equalBytes(encoded, encodeBlock(block)));
    const extent = { transactionCount: 1, sizeBytes: encodeBlock(block).length };
    assert.deepEqual(disk.store.readExtent?.(block.hash) ?? extent, extent);
    assert.deepEqual(disk.ledger.chain.extent(block.hash), extent);
    assert.deepEqual(
      disk.store.findTransaction(second.txid),
      { blockHash: block.hash, index: 0 },
    );
    assert.equal(disk.store.findTransaction(block.hash as string as typeof second.txid), undefined);
    const locations = disk.store.transactionsOf(alice.publicKey, 2);
    assert.deepEqual(
      locations.map(({ blockHash }) => disk.store.readBlock(blockHash)?.header.height),
      [
        2,
        1,
      ],
    );
    assert.equal(disk.store.transactionsOf(bob.publicKey, 10).length, 2);
    assert.deepEqual(disk.store.transactionsOf(numberedKeyPair(9).publicKey, 10), []);
  });

  contract("lists several transactions of one block with the last one first", (disk) => {
    disk.found();
    disk.extend([disk.ledger.pay(alice, bob.publicKey, 30)]);
    const toBob = disk.ledger.pay(alice, bob.publicKey, 5);
    const toAlice = disk.ledger.pay(bob, alice.publicKey, 7);
    const toSelf = disk.ledger.pay(numberedKeyPair(0), alice.publicKey, 1);
    assert.equal(toSelf.inputs[0], toBob.inputs[0], "A conflict, which no block takes");
    const { hash } = disk.extend([toBob, toAlice]);
    disk.restart();

    assert.deepEqual(disk.store.transactionsOf(alice.publicKey, 2), [
      { blockHash: hash, index: 1 },
      { blockHash: hash, index: 0 },
    ]);
  });

  contract("lists a wallet's transactions from any place on", (disk) => {
    disk.found();
    disk.extend([disk.ledger.pay(alice, bob.publicKey, 30)]);
    for (let count = 1; count <= 3; count++) {
      const toBob = disk.ledger.pay(alice, bob.publicKey, 5);
      disk.extend([toBob, disk.ledger.pay(bob, alice.publicKey, count)]);
    }
    disk.restart();

    for (const { publicKey } of [alice, bob]) {
      const whole = disk.store.transactionsOf(publicKey, 100);
      assert(whole.length >= 6);
      for (const [index, location] of whole.entries()) {
        const rest = disk.store.transactionsOf(publicKey, 2, location);
        assert.deepEqual(rest, whole.slice(index + 1, index + 3));
      }
    }
  });

  for (const depth of [1, 2, 5]) {
    contract(`follows a reorganisation of depth ${depth}`, (disk) => {
      disk.found();
      const fork = disk.extend([disk.ledger.pay(alice, bob.publicKey, 50)]);
      const rivals = new TestLedger(disk.ledger.params);
      rivals.accept(fork);
      const losing = disk.ledger.pay(alice, bob.publicKey, 1);
      disk.extend([losing]);
      for (let index = 1; index < depth; index++) {
        disk.extend([disk.ledger.pay(bob, alice.publicKey, 1 + index)]);
      }

      for (let index = 0; index <= depth; index++) {
        const block = rivals.mine([rivals.pay(bob, alice.publicKey, 2)], { firstNonce: 1_000_000 });
        assert(rivals.accept(block).result.ok);
        disk.accept(block);
      }
      disk.restart();
      disk.demandSame();
      assert.equal(disk.store.load()?.tip, rivals.chain.tip.hash);
      assert.equal(disk.store.findTransaction(losing.txid), undefined);
      const sent = disk.store.transactionsOf(bob.publicKey, 100);
      assert.equal(sent.length, depth + 2);
    });
  }

  contract("keeps the marks of invalid blocks, and their lifting", (disk) => {
    disk.found();
    const low = disk.extend([disk.ledger.pay(alice, bob.publicKey, 3)]);
    disk.extend([disk.ledger.pay(alice, bob.publicKey, 4)]);
    disk.apply((change) => disk.ledger.chain.invalidate(low.hash, change));
    disk.restart();
    disk.demandSame();
    assert.deepEqual(disk.store.load()?.entries.map(({ status }) => status), [
      "invalid",
      "invalid",
    ]);

    disk.apply((change) => disk.ledger.chain.reconsider(low.hash, change));
    disk.restart();
    disk.demandSame();
    assert.equal(disk.store.load()?.tip, disk.ledger.chain.tip.hash);
    assert.equal(disk.ledger.chain.height, 2);
  });

  contract("keeps an entry as it was when it was committed", (disk) => {
    disk.found();
    const block = disk.extend([disk.ledger.pay(alice, bob.publicKey, 3)]);
    disk.ledger.apply((change) => disk.ledger.chain.invalidate(block.hash, change));
    assert.deepEqual(disk.store.load()?.entries.map(({ status }) => status), ["valid"]);
  });
}

function testCommits(contract: OnDisk): void {
  contract("shows a batch's commits at once and keeps them all", (disk) => {
    disk.found();
    disk.store.begin();
    const first = disk.extend([disk.ledger.pay(alice, bob.publicKey, 30)]);
    assert.deepEqual(disk.store.readBlock(first.hash), first);
    disk.extend([disk.ledger.pay(bob, alice.publicKey, 10)]);
    disk.demandSame();
    disk.store.end();
    disk.restart();
    disk.demandSame();
  });

  contract("refuses a commit that does not fit upon the tip, and changes nothing", (disk) => {
    disk.found();
    disk.extend([disk.ledger.pay(alice, bob.publicKey, 30)]);
    const before = contentOf(disk.store.load());
    const change = disk.ledger.apply((filled) => {
      const block = disk.ledger.mine([disk.ledger.pay(alice, bob.publicKey, 1)]);
      disk.ledger.chain.accept(block, Date.now(), filled);
    }).change;

    const record = disk.ledger.recordOf(change);
    const { stored, connected } = record;
    const unfit: Partial<Commit>[] = [
      { stored, connected: [...connected, ...connected] },
      { stored, disconnected: connected },
      { stored, connected, tip: disk.ledger.params.genesis.hash },
      { membership: emptyMembership(testParams({ nodes: 2 })) },
    ];
    for (const commit of unfit) {
      assert.throws(() => disk.store.commit({ ...NO_COMMIT, ...commit }), {
        name: "InvariantError",
      });
      assert.deepEqual(contentOf(disk.store.load()), before);
    }
    disk.store.commit({ ...NO_COMMIT, ...record });
    disk.restart();
    disk.demandSame();
  });

  contract("refuses a first commit that names no network", (disk) => {
    assert.throws(() => disk.store.commit(NO_COMMIT), { name: "InvariantError" });
  });
}
