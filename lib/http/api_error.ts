/**
 * Every reason for which the API refuses, and the HTTP status of each.
 *
 * The node's codes and the HTTP side's own ones are one closed union: a code without a status does not
 * compile. Prose is made in `error_text.ts`.
 *
 * @module
 */
import { type RuleCode, RULES } from "../consensus/rule_table.ts";
import type { LeftBehind } from "../node/clock.ts";
import type { RequestError } from "../node/effect.ts";
import type { Txid } from "../primitives/outpoint.ts";
import type { RuntimeError } from "./ports.ts";

/** What the HTTP side refuses by itself. */
export type HttpError =
  | { readonly code: "request-malformed"; readonly problems: readonly string[] }
  | { readonly code: "json-malformed" }
  | { readonly code: "amount-invalid"; readonly got: number | string | boolean | null }
  | { readonly code: "wallet-unknown"; readonly got: string; readonly nodes: number }
  | { readonly code: "address-malformed"; readonly got: string; readonly problem: string }
  | {
    readonly code: "prefix-ambiguous";
    readonly got: string;
    readonly candidates: readonly string[];
  }
  | { readonly code: "cursor-gone"; readonly txid: Txid }
  | { readonly code: "transaction-malformed"; readonly sizeBytes: number }
  | { readonly code: "block-malformed"; readonly sizeBytes: number }
  | { readonly code: "block-not-found"; readonly got: string; readonly tipHeight: number }
  | { readonly code: "route-unknown"; readonly got: string }
  | {
    readonly code: "method-not-allowed";
    readonly got: string;
    readonly allowed: readonly string[];
  }
  | { readonly code: "body-too-large"; readonly max: number }
  | { readonly code: "media-type-unsupported"; readonly got: string }
  | { readonly code: "token-missing" }
  | { readonly code: "token-wrong" }
  | { readonly code: "host-forbidden"; readonly got: string }
  | { readonly code: "origin-forbidden"; readonly got: string }
  | { readonly code: "too-many-listeners"; readonly max: number }
  | ({ readonly code: "clock-behind" } & LeftBehind)
  | { readonly code: "internal" };

export type ApiError = RequestError | RuntimeError | HttpError;

/** Every status of a refusal. */
export const ERROR_STATUSES = [400, 401, 403, 404, 405, 409, 413, 415, 421, 422, 500, 503] as const;
export type ErrorStatus = (typeof ERROR_STATUSES)[number];

/** A code that is no rule of consensus: the others stand in the table of rules. */
export type ApiCode = Exclude<ApiError["code"], RuleCode>;

/** Every code that is no rule: its status, and when it is said. A code without an entry does not compile. */
export const API_CODES: Readonly<
  Record<ApiCode, { readonly status: ErrorStatus; readonly when: string }>
> = {
  "request-malformed": { status: 400, when: "a field is missing, unknown, or of another shape" },
  "json-malformed": { status: 400, when: "the body is no JSON" },
  "transaction-malformed": { status: 400, when: "the bytes are no encoded transaction" },
  "block-malformed": { status: 400, when: "the bytes are no encoded block" },
  "address-malformed": {
    status: 400,
    when: "an address is mistyped; `problem` says how and, where it can, at which letter",
  },
  "token-missing": { status: 401, when: "the request spends or controls and brings no token" },
  "token-wrong": { status: 401, when: "the token is not this node's" },
  "origin-forbidden": { status: 403, when: "a page of another site asks" },
  "route-unknown": { status: 404, when: "there is no such path" },
  "wallet-unknown": { status: 404, when: "no node has this id, and it is no address" },
  "transaction-unknown": { status: 404, when: "this node has never heard of the transaction" },
  "cursor-gone": {
    status: 404,
    when: "the transaction behind which a page was to begin is no longer in the list: begin anew",
  },
  "block-unknown": { status: 404, when: "this node does not have the block that an order names" },
  "block-not-found": { status: 404, when: "no block has this height or hash" },
  "method-not-allowed": { status: 405, when: "the path has other methods; `Allow` names them" },
  "prefix-ambiguous": {
    status: 409,
    when: "more than one txid or block hash begins like that; `candidates` are two of them",
  },
  "insufficient-funds": { status: 409, when: "the wallet has less to spend, the fee included" },
  "too-many-coins-needed": {
    status: 409,
    when: "the payment would spend more coins than a transaction may; `payable` is what it can pay",
  },
  "observer-has-no-wallet": { status: 409, when: "an observer is asked to pay" },
  "payment-key-reused": {
    status: 409,
    when: "an `Idempotency-Key` comes again with another receiver or amount",
  },
  "not-mining": { status: 409, when: "a node that does not mine is told to" },
  "mempool-empty": { status: 409, when: "there is nothing to mine now" },
  "genesis-immutable": { status: 409, when: "genesis is to be invalidated" },
  "tx-already-known": { status: 409, when: "the transaction waits or is confirmed already" },
  "tx-conflicts": { status: 409, when: "a transaction that waits spends the same output" },
  "body-too-large": { status: 413, when: "the body has more bytes than `max`" },
  "media-type-unsupported": { status: 415, when: "the body is not `application/json`" },
  "host-forbidden": { status: 421, when: "the `Host` is not this node's" },
  "amount-invalid": {
    status: 422,
    when: "the amount is no whole number of NBC from 1 to 2^53 − 1",
  },
  "internal": { status: 500, when: "the node made a mistake; its log says which" },
  "not-ready": { status: 503, when: "the node is not `ready` yet; `phase` says how far it is" },
  "clock-behind": {
    status: 503,
    when: "a ready node's clock is so far behind its peers' that it cannot follow them",
  },
  "mempool-full": { status: 503, when: "the pool has no room; mining makes some" },
  "node-busy": { status: 503, when: "the node's queue is full" },
  "node-stopping": { status: 503, when: "the process is about to end" },
  "store-failed": { status: 503, when: "the data folder cannot be written" },
  "too-many-listeners": { status: 503, when: "more event streams than `max`" },
};

/** The status of a refusal: rules have theirs in their own table. */
export function statusOfCode(code: ApiError["code"]): ErrorStatus {
  return isRuleCode(code) ? RULES[code].status : API_CODES[code].status;
}

function isRuleCode(code: ApiError["code"]): code is RuleCode {
  return code in RULES;
}
