/**
 * The one table of the rules that a transaction or a block can break.
 *
 * A row is a rule: its code, when it refuses, what that says of the peer that sent the thing, the HTTP
 * status of its refusal, and the sentence for people, whose argument is the rule's evidence. The types of
 * `rule_table.ts`, the API's texts and statuses and the tables of `docs/protocol.md` follow from it. The
 * codes are the stable names that the API, the logs, the tests and the documents use.
 *
 * @module
 */
import type { PublicKey } from "../crypto/keys.ts";
import type { BlockHash } from "../primitives/header.ts";
import type { Outpoint, Txid } from "../primitives/outpoint.ts";
import { quoteValue } from "../bytes.ts";

/**
 * What a broken rule says of the peer that sent the thing.
 *
 * - `reject`: an honest node never sends this; it counts against the peer.
 * - `ignore`: it happens among honest nodes; drop the thing.
 * - `retry-later`: it may become valid; keep or ask again.
 */
export type PeerVerdict = "reject" | "ignore" | "retry-later";

/** What is known when a rule is checked, and so where it stands in the documents. */
export type RuleStage =
  | "transaction-alone"
  | "transaction-against-outputs"
  | "block-alone"
  | "block-against-parent";

/** A rule; the sentence says what was got and what was wanted. */
interface Rule {
  readonly stage: RuleStage;
  /** When it refuses, for the documents. */
  readonly when: string;
  readonly verdict: PeerVerdict;
  /** 409: the state of the ledger does not allow it; 422: it is wrong in itself. */
  readonly status: 409 | 422;
  // deno-lint-ignore no-explicit-any -- each row names its own evidence, and the types follow from it
  readonly sentence: (evidence: any) => string;
}

/** Outputs and inputs that do not match. */
interface Sums {
  readonly inputSum: number;
  readonly outputSum: number;
  readonly fee: number;
}

export const TRANSACTION_RULES = {
  "tx-sender-reserved": {
    stage: "transaction-alone",
    when: "the sender is wallet 0",
    verdict: "reject",
    status: 422,
    sentence: (_: { readonly sender: PublicKey }) =>
      "wallet 0 as the sender, wanted a wallet with a key",
  },
  "tx-no-inputs": {
    stage: "transaction-alone",
    when: "there are no inputs",
    verdict: "reject",
    status: 422,
    sentence: () => "no inputs, wanted at least one",
  },
  "tx-duplicate-input": {
    stage: "transaction-alone",
    when: "an output is spent twice",
    verdict: "reject",
    status: 422,
    sentence: ({ outpoint }: { readonly outpoint: Outpoint }) =>
      `input ${quoteValue(outpoint)} twice, wanted it once`,
  },
  "tx-output-count": {
    stage: "transaction-alone",
    when: "not 1 or 2 outputs",
    verdict: "reject",
    status: 422,
    sentence: ({ got, max }: { readonly got: number; readonly max: number }) =>
      `${got} outputs, wanted 1 to ${max}`,
  },
  "tx-amount-invalid": {
    stage: "transaction-alone",
    when: "an output is 0 or no safe integer",
    verdict: "reject",
    status: 422,
    sentence: ({ amount }: { readonly index: number; readonly amount: number }) =>
      `an output of ${amount}, wanted a whole number of NBC from 1 on`,
  },
  "tx-change-misdirected": {
    stage: "transaction-alone",
    when: "the second output is not the sender's",
    verdict: "reject",
    status: 422,
    sentence: (_: { readonly owner: PublicKey }) =>
      "change for another wallet, wanted the sender's own",
  },
  "tx-outputs-overflow": {
    stage: "transaction-alone",
    when: "the outputs' sum is no safe integer",
    verdict: "reject",
    status: 422,
    sentence: () => `outputs that sum to more than ${Number.MAX_SAFE_INTEGER}, wanted less`,
  },
  "tx-input-missing": {
    stage: "transaction-against-outputs",
    when: "an input is unknown or spent",
    verdict: "retry-later",
    status: 409,
    sentence: ({ outpoint }: { readonly outpoint: Outpoint }) =>
      `input ${quoteValue(outpoint)} that is spent or unknown, wanted an unspent output`,
  },
  "tx-input-foreign": {
    stage: "transaction-against-outputs",
    when: "an input belongs to somebody else",
    verdict: "reject",
    status: 422,
    sentence: ({ outpoint }: { readonly outpoint: Outpoint; readonly owner: PublicKey }) =>
      `input ${quoteValue(outpoint)} of another wallet, wanted the sender's own`,
  },
  "tx-overspends": {
    stage: "transaction-against-outputs",
    when: "inputs < outputs + the network's fee",
    verdict: "reject",
    status: 422,
    sentence: sumsText,
  },
  "tx-underspends": {
    stage: "transaction-against-outputs",
    when: "inputs > outputs + the network's fee",
    verdict: "reject",
    status: 422,
    sentence: sumsText,
  },
  "tx-bad-signature": {
    stage: "transaction-against-outputs",
    when: "the signature does not verify",
    verdict: "reject",
    status: 422,
    sentence: (_: { readonly txid: Txid }) =>
      "a signature that does not verify, wanted the sender's own for this network",
  },
} as const satisfies Readonly<Record<`tx-${string}`, Rule>>;

/** The errors of a table: each code with the evidence that its sentence takes. */
type ErrorsOf<Rules extends Readonly<Record<string, Rule>>> = {
  [Code in keyof Rules]:
    & { readonly code: Code }
    & (Parameters<Rules[Code]["sentence"]>[0] extends infer Evidence extends object ? Evidence
      : unknown);
}[keyof Rules];

/** A rule of consensus that a transaction breaks. */
export type TransactionError = ErrorsOf<typeof TRANSACTION_RULES>;

export const BLOCK_RULES = {
  "block-bad-target": {
    stage: "block-alone",
    when: "another compact target than the network's, or than the blocks below it demand",
    verdict: "reject",
    status: 422,
    sentence: ({ got, want }: { readonly got: number; readonly want: number }) =>
      `target ${got}, wanted ${want}`,
  },
  "block-bad-work": {
    stage: "block-alone",
    when: "the hash is above the target",
    verdict: "reject",
    status: 422,
    sentence: ({ hash, target }: { readonly hash: BlockHash; readonly target: string }) =>
      `hash ${quoteValue(hash)}, wanted at most ${quoteValue(target)}`,
  },
  "block-over-capacity": {
    stage: "block-alone",
    when: "more transactions than the capacity",
    verdict: "reject",
    status: 422,
    sentence: ({ got, max }: { readonly got: number; readonly max: number }) =>
      `${got} transactions, wanted at most ${max}`,
  },
  "block-empty": {
    stage: "block-alone",
    when: "no transactions, unless the network has empty blocks",
    verdict: "reject",
    status: 422,
    sentence: () => "no transactions, wanted at least one",
  },
  "block-underfull": {
    stage: "block-alone",
    when: "strict network, fewer transactions than the capacity, and not the start-up height " +
      "⌈(n − 1) / capacity⌉",
    verdict: "reject",
    status: 422,
    sentence: ({ got, want }: { readonly got: number; readonly want: number }) =>
      `${got} transactions, wanted ${want}`,
  },
  "block-oversized": {
    stage: "block-alone",
    when: "more than 5 MiB",
    verdict: "reject",
    status: 422,
    sentence: ({ sizeBytes, max }: { readonly sizeBytes: number; readonly max: number }) =>
      `${sizeBytes} bytes, wanted at most ${max}`,
  },
  "block-duplicate-transaction": {
    stage: "block-alone",
    when: "a txid twice",
    verdict: "reject",
    status: 422,
    sentence: ({ txid }: { readonly txid: Txid }) =>
      `transaction ${quoteValue(txid)} again, wanted it once in the chain`,
  },
  "block-bad-merkle-root": {
    stage: "block-alone",
    when: "the root is not the transactions'",
    verdict: "reject",
    status: 422,
    sentence: ({ got, want }: { readonly got: string; readonly want: string }) =>
      `Merkle root ${quoteValue(got)}, wanted ${quoteValue(want)}`,
  },
  "block-bad-transaction": {
    stage: "block-alone",
    when:
      "a transaction breaks a rule, alone or while the block is connected (the cause is in the " +
      "evidence)",
    verdict: "reject",
    status: 422,
    sentence: ({ index, cause }: {
      readonly txid: Txid;
      readonly index: number;
      readonly cause: TransactionError;
    }): string => `transaction ${index} with ${sentenceOf(TRANSACTION_RULES[cause.code], cause)}`,
  },
  "block-foreign-genesis": {
    stage: "block-alone",
    when: "height 0, and not our genesis",
    verdict: "reject",
    status: 422,
    sentence: ({ got, want }: { readonly got: BlockHash; readonly want: BlockHash }) =>
      `genesis ${quoteValue(got)}, wanted ${quoteValue(want)}`,
  },
  "block-parent-unknown": {
    stage: "block-against-parent",
    when: "the parent is not here: held as an orphan, headers are asked for",
    verdict: "retry-later",
    status: 409,
    sentence: ({ parent }: { readonly parent: BlockHash }) =>
      `unknown parent ${quoteValue(parent)}, wanted a known one`,
  },
  "block-parent-invalid": {
    stage: "block-against-parent",
    when: "the parent is invalid",
    verdict: "ignore",
    status: 422,
    sentence: ({ parent }: { readonly parent: BlockHash }) =>
      `invalid parent ${quoteValue(parent)}, wanted a valid one`,
  },
  "block-bad-height": {
    stage: "block-against-parent",
    when: "not parent + 1",
    verdict: "reject",
    status: 422,
    sentence: ({ got, want }: { readonly got: number; readonly want: number }) =>
      `height ${got}, wanted ${want}`,
  },
  "block-time-too-old": {
    stage: "block-against-parent",
    when: "not later than the median of the last 11 timestamps",
    verdict: "reject",
    status: 422,
    sentence: ({ got, min }: { readonly got: number; readonly min: number }) =>
      `time ${got}, wanted at least ${min}`,
  },
  "block-time-too-new": {
    stage: "block-against-parent",
    when: "more than two hours ahead of the node's clock",
    verdict: "retry-later",
    status: 422,
    sentence: ({ got, max }: { readonly got: number; readonly max: number }) =>
      `time ${got}, wanted at most ${max}`,
  },
  "block-already-known": {
    stage: "block-against-parent",
    when: "seen before",
    verdict: "ignore",
    status: 409,
    sentence: ({ hash }: { readonly hash: BlockHash }) =>
      `${quoteValue(hash)} again, wanted a new one`,
  },
  "block-invalidated": {
    stage: "block-against-parent",
    when: "invalid by an earlier check, or by hand",
    verdict: "ignore",
    status: 409,
    sentence: ({ hash }: { readonly hash: BlockHash }) =>
      `${quoteValue(hash)}, which is known as invalid, wanted a valid one`,
  },
} as const satisfies Readonly<Record<`block-${string}`, Rule>>;

/** A rule of consensus that a block breaks, or a reason why it cannot be judged yet. */
export type BlockError = ErrorsOf<typeof BLOCK_RULES>;

export type RuleError = TransactionError | BlockError;
export type RuleCode = RuleError["code"];

/** Every rule, in the order of the documents. */
export const RULES: Readonly<Record<RuleCode, Rule>> = { ...TRANSACTION_RULES, ...BLOCK_RULES };

/**
 * What a rule says of the peer.
 *
 * @example
 * ```ts
 * import { peerVerdictOf } from "./rule_table.ts";
 * import assert from "node:assert/strict";
 *
 * assert.equal(peerVerdictOf("tx-bad-signature"), "reject");
 * assert.equal(peerVerdictOf("block-already-known"), "ignore");
 * assert.equal(peerVerdictOf("block-parent-unknown"), "retry-later");
 * ```
 */
export function peerVerdictOf(code: RuleCode): PeerVerdict {
  return RULES[code].verdict;
}

/** What was got and what was wanted, in words. */
export function ruleSentence(error: RuleError): string {
  return sentenceOf(RULES[error.code], error);
}

function sentenceOf(rule: Rule, evidence: unknown): string {
  return rule.sentence(evidence);
}

function sumsText({ inputSum, outputSum, fee }: Sums): string {
  return `inputs of ${inputSum} NBC, wanted ${outputSum} for the outputs and ${fee} for the fee`;
}
