/**
 * Every reason for which the API refuses, and the HTTP status of each.
 *
 * The node's codes and the HTTP side's own ones are one closed union: a code without a status does not
 * compile. Prose is made in `error_text.ts`.
 *
 * @module
 */
import { RULES } from "../consensus/rule_table.ts";
import type { RequestError } from "../node/effect.ts";
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
  | { readonly code: "internal" };

export type ApiError = RequestError | RuntimeError | HttpError;

/** Every status of a refusal. */
export const ERROR_STATUSES = [400, 401, 403, 404, 405, 409, 413, 415, 421, 422, 500, 503] as const;
export type ErrorStatus = (typeof ERROR_STATUSES)[number];

/** Places every code: those of rules by their table, the others here, or it does not compile. */
export function statusOfCode(code: ApiError["code"]): ErrorStatus {
  switch (code) {
    case "request-malformed":
    case "json-malformed":
    case "transaction-malformed":
    case "block-malformed":
    case "address-malformed":
      return 400;
    case "token-missing":
    case "token-wrong":
      return 401;
    case "origin-forbidden":
      return 403;
    case "route-unknown":
    case "wallet-unknown":
    case "transaction-unknown":
    case "block-unknown":
    case "block-not-found":
      return 404;
    case "method-not-allowed":
      return 405;
    case "prefix-ambiguous":
    case "insufficient-funds":
    case "too-many-coins-needed":
    case "observer-has-no-wallet":
    case "payment-key-reused":
    case "not-mining":
    case "mempool-empty":
    case "genesis-immutable":
    case "tx-already-known":
    case "tx-conflicts":
      return 409;
    case "body-too-large":
      return 413;
    case "media-type-unsupported":
      return 415;
    case "host-forbidden":
      return 421;
    case "amount-invalid":
      return 422;
    case "internal":
      return 500;
    case "not-ready":
    case "mempool-full":
    case "node-busy":
    case "node-stopping":
    case "store-failed":
    case "too-many-listeners":
      return 503;
    default:
      return RULES[code].status;
  }
}
