/**
 * A store beside the ledger whose changes it gets, for tests of stores: everything that happens to the
 * ledger is committed, and at any time the two can be held against each other.
 *
 * Knows nothing of a particular store, and tests only what all of them promise.
 *
 * @module
 */
import assert from "node:assert/strict";
import { Chain } from "../consensus/chain.ts";
import type { ChainChange } from "../consensus/chain_change.ts";
import { createTransactionVerifier } from "../consensus/transaction_verifier.ts";
import { commitmentOf } from "../consensus/utxo_commitment.ts";
import { unpackUtxos } from "../consensus/packed_utxos.ts";
import type { NamedUtxo } from "../consensus/utxo.ts";
import { type Membership, NO_COMMIT, type Snapshot } from "../node/persistence.ts";
import type { Params } from "../params.ts";
import type { Block } from "../primitives/block.ts";
import { invariant } from "../result.ts";
import type { NodeStore } from "../store/node_store.ts";
import { TestLedger } from "./test_ledger.ts";
import { testParams } from "./test_params.ts";

/** How a suite gets at the stores under test. */
export interface StoreUnderTest {
  readonly name: string;
  /** Makes a new store. */
  readonly create: () => NodeStore;
  /** Ends a store's process and opens what it left. */
  readonly reopen: (store: NodeStore) => NodeStore;
  /** Ends a store for good. */
  readonly destroy: (store: NodeStore) => void;
}

/** Registers a test on an empty disk, which is taken away afterwards. */
export type OnDisk = (text: string, run: (disk: TestDisk) => void) => void;

/** A store that gets everything that happens to a ledger. */
export class TestDisk {
  readonly ledger: TestLedger;
  readonly #underTest: StoreUnderTest;
  store: NodeStore;

  constructor(underTest: StoreUnderTest, params: Params = testParams()) {
    this.#underTest = underTest;
    this.ledger = new TestLedger(params);
    this.store = underTest.create();
  }

  found(): void {
    this.store.commit({ ...NO_COMMIT, membership: emptyMembership(this.ledger.params) });
  }

  restart(): void {
    this.store = this.#underTest.reopen(this.store);
  }

  accept(block: Block): void {
    this.#commit(this.ledger.accept(block).change);
  }

  extend(transactions: Parameters<TestLedger["extend"]>[0]): Block {
    const block = this.ledger.mine(transactions);
    this.accept(block);
    assert.equal(this.ledger.chain.tip.hash, block.hash);
    return block;
  }

  apply(act: (change: ChainChange) => void): void {
    this.#commit(this.ledger.apply(act).change);
  }

  /** Demands that the store holds the ledger's chain, and that a chain can be built of it. */
  demandSame(): void {
    const { chain } = this.ledger;
    const snapshot = this.store.load();
    assert.deepEqual(contentOf(snapshot), {
      membership: snapshot?.membership,
      entries: [...chain.entries()].filter(({ parent }) => parent !== undefined)
        .map((entry) => chain.recordOf(entry)),
      tip: chain.tip.hash,
      utxos: sorted(chain.utxos.entries()),
      pool: [],
      failed: [],
      paid: [],
    });

    const restored = this.restore();
    assert.equal(restored.tip.work, chain.tip.work);
    assert.equal(commitmentOf(restored.utxos.entries()), commitmentOf(chain.utxos.entries()));
    for (const { hash, parent } of chain.entries()) {
      if (parent === undefined) continue;
      const entry = restored.entry(hash);
      invariant(entry !== undefined, "A stored block is in the tree");
      assert.deepEqual(this.store.readBlock(hash), chain.block(hash));
      const delta = restored.isOnMain(entry) ? this.ledger.archive.readDelta(hash) : undefined;
      assert.deepEqual(this.store.readDelta(hash), delta);
    }
  }

  /** The chain that a node would start with from the store. */
  restore(): Chain {
    const snapshot = this.store.load();
    invariant(snapshot !== undefined, "A store that was founded has a snapshot");
    const { params } = snapshot.membership;
    const context = { verifier: createTransactionVerifier(params), reader: this.store };
    return Chain.restore(params, context, snapshot);
  }

  #commit(change: ChainChange): void {
    this.store.commit({
      ...NO_COMMIT,
      ...this.ledger.recordOf(change),
      tip: this.ledger.chain.tip.hash,
    });
  }
}

/** What a node knows of its network before anybody joined. */
export function emptyMembership(params: Params): Membership {
  return {
    params,
    id: undefined,
    joined: [],
    ring: undefined,
    records: [],
    payoutsMade: false,
    startedUp: false,
  };
}

/** What a snapshot holds, in an order and a form that can be compared. */
export function contentOf(snapshot: Snapshot | undefined) {
  return snapshot === undefined
    ? undefined
    : { ...snapshot, utxos: sorted(unpackUtxos(snapshot.utxos)) };
}

function sorted(utxos: Iterable<NamedUtxo>): NamedUtxo[] {
  return [...utxos].sort(([a], [b]) => a < b ? -1 : 1);
}
