/**
 * The small world that the rule suites spoil: three owners, one block of history, one valid payment and
 * one valid block.
 *
 * @module
 */
import type { KeyPair } from "../crypto/keys.ts";
import type { Params, ParamsChoice } from "../params.ts";
import type { Block } from "../primitives/block.ts";
import type { Transaction } from "../primitives/transaction.ts";
import { invariant } from "../result.ts";
import { LedgerSteps } from "./ledger_steps.ts";
import { numberedKeyPair } from "../crypto/numbered_key_pair.ts";
import { TestLedger } from "./test_ledger.ts";
import { testParams } from "./test_params.ts";

export const alice: KeyPair = numberedKeyPair(0);
export const bob: KeyPair = numberedKeyPair(1);
export const carol: KeyPair = numberedKeyPair(2);

/** A ledger at height 1 with what could come next. */
export interface SmallLedger {
  readonly params: Params;
  readonly ledger: TestLedger;
  readonly steps: LedgerSteps;
  /** Alice pays Bob 30 of her 200, 170 come back. */
  readonly valid: Transaction;
  /** A valid block on the tip that carries it. */
  readonly block: Block;
}

/** Four nodes' coins: Alice has 200 in one coin, Bob and Carol 100 each; block 1 paid them. */
export function createSmallLedger(choice: Partial<ParamsChoice> = {}): SmallLedger {
  const params = testParams({ nodes: 4, difficulty: 1, capacity: 3, ...choice });
  const ledger = new TestLedger(params);
  for (const receiver of [bob, carol]) {
    const payout = ledger.submit(ledger.pay(alice, receiver.publicKey, 100));
    invariant(payout.ok, "A payout is valid");
  }
  ledger.extend([...ledger.mempool.entries()].map(({ transaction }) => transaction));
  const valid = ledger.pay(alice, bob.publicKey, 30);
  return { params, ledger, steps: new LedgerSteps(ledger), valid, block: ledger.mine([valid]) };
}
