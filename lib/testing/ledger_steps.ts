/**
 * Named steps of a scenario: what goes in, and what must become of it.
 *
 * Every refusal also proves that nothing changed: same tip, same coins, same pool. A step's name is in
 * the message of its failure.
 *
 * @module
 */
import assert from "node:assert/strict";
import type { BlockError, TransactionError } from "../consensus/rule_table.ts";
import { commitmentOf } from "../consensus/utxo_commitment.ts";
import type { PolicyError } from "../mempool/policy_error.ts";
import { supplyAt } from "../params.ts";
import type { Block } from "../primitives/block.ts";
import type { Transaction } from "../primitives/transaction.ts";
import type { Result } from "../result.ts";
import type { LedgerStep, TestLedger } from "./test_ledger.ts";

/** A fingerprint of tip, coins and pool. */
export function fingerprintOf(ledger: TestLedger): string {
  const { chain, mempool } = ledger;
  const commitment = commitmentOf(chain.utxos.entries()).toString(16);
  return `${chain.tip.hash} ${commitment} ${[...mempool.txids()].join(",")}`;
}

export class LedgerSteps {
  readonly ledger: TestLedger;

  constructor(ledger: TestLedger) {
    this.ledger = ledger;
  }

  /** The block goes in and becomes the tip. */
  accepted(name: string, block: Block): LedgerStep {
    const step = this.ledger.accept(block);
    assert(step.result.ok, `${name}: ${outcomeOf(step.result)}`);
    this.tipIsNow(name, block);
    return step;
  }

  /** The block goes in and the tip stays what it was. */
  side(name: string, block: Block): LedgerStep {
    const before = fingerprintOf(this.ledger);
    const step = this.ledger.accept(block);
    assert(step.result.ok, `${name}: ${outcomeOf(step.result)}`);
    assert.equal(step.result.value.outcome, "side", name);
    assert.equal(fingerprintOf(this.ledger), before, name);
    return step;
  }

  /** The block is refused with this code, and nothing changed. */
  rejected(name: string, block: Block, code: BlockError["code"]): BlockError {
    const before = fingerprintOf(this.ledger);
    const { result } = this.ledger.accept(block);
    assert(!result.ok, `${name}: was accepted`);
    assert.equal(result.error.code, code, name);
    assert.equal(fingerprintOf(this.ledger), before, name);
    return result.error;
  }

  /** The block's parent is unknown; the block can wait for it. */
  orphan(name: string, block: Block): void {
    this.rejected(name, block, "block-parent-unknown");
  }

  /** The pool takes the transaction. */
  waits(name: string, transaction: Transaction): void {
    const result = this.ledger.submit(transaction);
    assert(result.ok, `${name}: ${outcomeOf(result)}`);
  }

  /** The pool refuses the transaction with this code, and nothing changed. */
  refused(
    name: string,
    transaction: Transaction,
    code: (TransactionError | PolicyError)["code"],
  ): TransactionError | PolicyError {
    const before = fingerprintOf(this.ledger);
    const result = this.ledger.submit(transaction);
    assert(!result.ok, `${name}: was accepted`);
    assert.equal(result.error.code, code, name);
    assert.equal(fingerprintOf(this.ledger), before, name);
    return result.error;
  }

  /** This block is the tip, and every coin is accounted for. */
  tipIsNow(name: string, block: Block): void {
    const { chain, params } = this.ledger;
    assert.equal(chain.tip.hash, block.hash, name);
    assert.equal(chain.utxos.supply, supplyAt(params, chain.height), name);
  }
}

function outcomeOf(result: Result<unknown, { readonly code: string }>): string {
  return result.ok ? "was accepted" : `was refused: ${JSON.stringify(result.error)}`;
}
