/**
 * Every rule that a transaction or a block can break: its code, its evidence, and what it says of the
 * peer that sent it.
 *
 * The codes are the stable names that the API, the logs, the tests and `docs/protocol.md` use. Prose is
 * made elsewhere, for people only.
 *
 * @module
 */
import type { PublicKey } from "../crypto/keys.ts";
import type { Outpoint, Txid } from "../primitives/outpoint.ts";
import type { BlockHash } from "../primitives/header.ts";

/** A rule of consensus that a transaction breaks. */
export type TransactionError =
  | { readonly code: "tx-sender-reserved"; readonly sender: PublicKey }
  | { readonly code: "tx-no-inputs" }
  | { readonly code: "tx-duplicate-input"; readonly outpoint: Outpoint }
  | { readonly code: "tx-output-count"; readonly got: number; readonly max: number }
  | { readonly code: "tx-amount-invalid"; readonly index: number; readonly amount: number }
  | { readonly code: "tx-outputs-overflow" }
  | { readonly code: "tx-change-misdirected"; readonly owner: PublicKey }
  | { readonly code: "tx-input-missing"; readonly outpoint: Outpoint }
  | { readonly code: "tx-input-foreign"; readonly outpoint: Outpoint; readonly owner: PublicKey }
  | {
    readonly code: "tx-overspends" | "tx-underspends";
    readonly inputSum: number;
    readonly outputSum: number;
    readonly fee: number;
  }
  | { readonly code: "tx-bad-signature"; readonly txid: Txid };

/** A rule of consensus that a block breaks, or a reason why it cannot be judged yet. */
export type BlockError =
  | { readonly code: "block-bad-target"; readonly got: number; readonly want: number }
  | { readonly code: "block-bad-work"; readonly hash: BlockHash; readonly target: string }
  | { readonly code: "block-oversized"; readonly sizeBytes: number; readonly max: number }
  | { readonly code: "block-over-capacity"; readonly got: number; readonly max: number }
  | { readonly code: "block-empty" }
  | { readonly code: "block-underfull"; readonly got: number; readonly want: number }
  | { readonly code: "block-duplicate-transaction"; readonly txid: Txid }
  | { readonly code: "block-bad-merkle-root"; readonly got: string; readonly want: string }
  | { readonly code: "block-foreign-genesis"; readonly got: BlockHash; readonly want: BlockHash }
  | { readonly code: "block-bad-height"; readonly got: number; readonly want: number }
  | { readonly code: "block-time-too-old"; readonly got: number; readonly min: number }
  | { readonly code: "block-time-too-new"; readonly got: number; readonly max: number }
  | {
    readonly code: "block-bad-transaction";
    readonly txid: Txid;
    readonly index: number;
    readonly cause: TransactionError;
  }
  | { readonly code: "block-parent-invalid"; readonly parent: BlockHash }
  | { readonly code: "block-invalidated"; readonly hash: BlockHash }
  | { readonly code: "block-parent-unknown"; readonly parent: BlockHash }
  | { readonly code: "block-already-known"; readonly hash: BlockHash };

export type RuleError = TransactionError | BlockError;

/**
 * What a broken rule says of the peer that sent the thing.
 *
 * - `reject`: an honest node never sends this; it counts against the peer.
 * - `ignore`: it happens among honest nodes; drop the thing.
 * - `retry-later`: it may become valid; keep or ask again.
 */
export type PeerVerdict = "reject" | "ignore" | "retry-later";

/**
 * Places every code; a new one does not compile until it stands here.
 *
 * @example
 * ```ts
 * import { peerVerdictOf } from "./rule_error.ts";
 * import assert from "node:assert/strict";
 *
 * assert.equal(peerVerdictOf("tx-bad-signature"), "reject");
 * assert.equal(peerVerdictOf("block-already-known"), "ignore");
 * assert.equal(peerVerdictOf("block-parent-unknown"), "retry-later");
 * ```
 */
export function peerVerdictOf(code: RuleError["code"]): PeerVerdict {
  switch (code) {
    case "tx-sender-reserved":
    case "tx-no-inputs":
    case "tx-duplicate-input":
    case "tx-output-count":
    case "tx-amount-invalid":
    case "tx-outputs-overflow":
    case "tx-change-misdirected":
    case "tx-input-foreign":
    case "tx-overspends":
    case "tx-underspends":
    case "tx-bad-signature":
    case "block-bad-target":
    case "block-bad-work":
    case "block-oversized":
    case "block-over-capacity":
    case "block-empty":
    case "block-underfull":
    case "block-duplicate-transaction":
    case "block-bad-merkle-root":
    case "block-foreign-genesis":
    case "block-bad-height":
    case "block-time-too-old":
    case "block-bad-transaction":
      return "reject";
    case "block-parent-invalid":
    case "block-invalidated":
    case "block-already-known":
      return "ignore";
    case "tx-input-missing":
    case "block-parent-unknown":
    case "block-time-too-new":
      return "retry-later";
  }
}
