/**
 * Refusals in words, for people: what cannot be done, and why.
 *
 * Nothing reads these texts but people; programs read the code.
 *
 * @module
 */
import { quoteValue } from "../bytes.ts";
import { type RuleError, ruleSentence } from "../consensus/rule_table.ts";
import type { PolicyError } from "../mempool/policy_error.ts";
import type { ApiError } from "./api_error.ts";

/**
 * Writes a refusal as one sentence without a full stop.
 *
 * @example
 * ```ts
 * import { errorText } from "./error_text.ts";
 * import assert from "node:assert/strict";
 *
 * assert.equal(
 *   errorText({ code: "insufficient-funds", have: 3, want: 5 }),
 *   "Cannot pay 5 NBC: the wallet has 3 to spend",
 * );
 * ```
 */
export function errorText(error: ApiError): string {
  return isOwn(error) ? ownText(error) : ruleText(error);
}

/** What the node's own doors refuse; rules and the pool have sentences of their own. */
type OwnError = Exclude<ApiError, RuleError | PolicyError>;

const TEXTS: { readonly [Code in OwnError["code"]]: (error: ErrorOf<Code>) => string } = {
  "request-malformed": (error) => `Cannot read the request: got ${error.problems.join("; ")}`,
  "json-malformed": () => "Cannot read the request: got malformed JSON, wanted one JSON object",
  "amount-invalid": (error) =>
    `Cannot pay: got amount ${quoteValue(error.got)}, wanted a whole number of NBC from 1 to ` +
    `${Number.MAX_SAFE_INTEGER}`,
  "wallet-unknown": (error) =>
    `Cannot find the wallet: got ${quoteValue(error.got)}, wanted a node's id from 0 to ` +
    `${error.nodes - 1} or an address "nbc1…"`,
  "address-malformed": (error) =>
    `Cannot read the address ${quoteValue(error.got)}: got ${error.problem}, wanted it as its ` +
    "owner wrote it",
  "prefix-ambiguous": (error) =>
    `Cannot tell what is meant: got ${quoteValue(error.got)}, with which ` +
    `${error.candidates.map((each) => each.slice(0, 20)).join(" and ")} begin, wanted more of it`,
  "transaction-malformed": (error) =>
    `Cannot accept the transaction: got ${error.sizeBytes} bytes that are none, wanted ` +
    "one encoded transaction",
  "block-malformed": (error) =>
    `Cannot accept the block: got ${error.sizeBytes} bytes that are none, wanted ` +
    "one encoded block",
  "block-not-found": (error) =>
    `Cannot find the block: got ${quoteValue(error.got)}, wanted a height up to ` +
    `${error.tipHeight}, a known hash or "tip"`,
  "route-unknown": (error) =>
    `Cannot find the page: got ${quoteValue(error.got)}, wanted a path of /api/v1/openapi.json`,
  "method-not-allowed": (error) =>
    `Cannot do that here: got ${error.got}, wanted ${error.allowed.join(" or ")}`,
  "body-too-large": (error) => `Cannot read the request: its body has more than ${error.max} bytes`,
  "media-type-unsupported": (error) =>
    `Cannot read the request: got content type ${quoteValue(error.got)}, wanted ` +
    '"application/json"',
  "token-missing": () =>
    "Cannot authorise the request: it carries no token, and this needs the node's bearer token",
  "token-wrong": () => "Cannot authorise the request: its token is not this node's",
  "host-forbidden": (error) =>
    `Cannot answer under this name: got ${quoteValue(error.got)}, wanted an IP address, ` +
    '"localhost" or the name that the node advertises',
  "origin-forbidden": (error) =>
    `Cannot take orders from another site: got origin ${quoteValue(error.got)}, wanted this ` +
    "node's own or none",
  "too-many-listeners": (error) =>
    `Cannot open the stream: there are ${error.max} listeners already`,
  "internal": () => "Cannot answer: the node made a mistake; its log says which",
  "payment-key-reused": (error) =>
    `Cannot pay: got the key ${quoteValue(error.key)} of another payment, ` +
    `${error.txid.slice(0, 16)}…, wanted a new key`,
  "node-busy": () => "Cannot do it now: the node's queue is full; try again in a moment",
  "node-stopping": () => "Cannot do it now: the node is stopping",
  "store-failed": (error) =>
    `Cannot store anything: got ${quoteValue(error.reason)}, wanted a writable data folder`,
  "not-ready": (error) =>
    `Cannot do it yet: the node is in phase ${quoteValue(error.phase)}, and this waits for "ready"`,
  "clock-behind": (error) =>
    `Cannot follow the network: got a clock that is ${error.seconds} s behind those of the peers, ` +
    `wanted one that agrees with them; they are at block ${error.peersHeight}, this node at ${error.height}`,
  "observer-has-no-wallet": () =>
    "Cannot pay: this node is an observer and has no wallet; ask a node of the ring",
  "not-mining": () => "Cannot mine: this node was started with --no-mine",
  "mempool-empty": () => "Cannot mine now: no transaction waits",
  "cursor-gone": (error) =>
    `Cannot go on with the list: got after ${
      quoteValue(error.txid)
    }, which is no longer in it; begin anew`,
  "transaction-unknown": (error) =>
    `Cannot find the transaction: got ${quoteValue(error.txid)}, wanted one that this node knows`,
  "block-unknown": (error) =>
    `Cannot find the block: got ${quoteValue(error.hash)}, wanted one that this node knows`,
  "genesis-immutable": () =>
    "Cannot touch the block: genesis stands for good; name a block above it",
  "insufficient-funds": (error) =>
    `Cannot pay ${error.want} NBC: the wallet has ${error.have} to spend`,
  "too-many-coins-needed": (error) =>
    `Cannot pay ${error.want} NBC at once: a payment spends at most ${error.max} coins, and ` +
    `the largest ${error.max} are worth ${error.payable} NBC; pay so much, or join coins first ` +
    "(noobcash client consolidate)",
};

type ErrorOf<Code> = Extract<OwnError, { readonly code: Code }>;

function isOwn(error: ApiError): error is OwnError {
  return Object.hasOwn(TEXTS, error.code);
}

function ownText<Code extends OwnError["code"]>(error: ErrorOf<Code>): string {
  return TEXTS[error.code as Code](error);
}

/** The rules of consensus and the pool's policy, in words. */
function ruleText(error: RuleError | PolicyError): string {
  const cannot = error.code.startsWith("block-")
    ? "Cannot accept the block"
    : "Cannot accept the transaction";
  return `${cannot}: got ${gotAndWanted(error)}`;
}

function gotAndWanted(error: RuleError | PolicyError): string {
  switch (error.code) {
    case "tx-already-known":
      return `${quoteValue(error.txid)} again, wanted a new one`;
    case "tx-conflicts":
      return `input ${quoteValue(error.outpoint)} that ${
        quoteValue(error.with)
      } spends already, wanted a ` +
        "free one";
    case "mempool-full":
      return `a pool of ${error.max} waiting transactions, wanted room in it`;
    default:
      return ruleSentence(error);
  }
}
