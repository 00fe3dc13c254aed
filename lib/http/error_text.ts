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
  switch (error.code) {
    case "request-malformed":
      return `Cannot read the request: got ${error.problems.join("; ")}`;
    case "json-malformed":
      return "Cannot read the request: got malformed JSON, wanted one JSON object";
    case "amount-invalid":
      return `Cannot pay: got amount ${
        quoteValue(error.got)
      }, wanted a whole number of NBC from 1 to ` +
        `${Number.MAX_SAFE_INTEGER}`;
    case "wallet-unknown":
      return `Cannot find the wallet: got ${quoteValue(error.got)}, wanted a node's id from 0 to ` +
        `${error.nodes - 1} or an address "nbc1…"`;
    case "address-malformed":
      return `Cannot read the address ${
        quoteValue(error.got)
      }: got ${error.problem}, wanted it as its ` +
        "owner wrote it";
    case "prefix-ambiguous":
      return `Cannot tell what is meant: got ${quoteValue(error.got)}, with which ` +
        `${
          error.candidates.map((each) => each.slice(0, 20)).join(" and ")
        } begin, wanted more of it`;
    case "transaction-malformed":
      return `Cannot accept the transaction: got ${error.sizeBytes} bytes that are none, wanted ` +
        "one encoded transaction";
    case "block-malformed":
      return `Cannot accept the block: got ${error.sizeBytes} bytes that are none, wanted ` +
        "one encoded block";
    case "block-not-found":
      return `Cannot find the block: got ${quoteValue(error.got)}, wanted a height up to ` +
        `${error.tipHeight}, a known hash or "tip"`;
    case "route-unknown":
      return `Cannot find the page: got ${
        quoteValue(error.got)
      }, wanted a path of /api/v1/openapi.json`;
    case "method-not-allowed":
      return `Cannot do that here: got ${error.got}, wanted ${error.allowed.join(" or ")}`;
    case "body-too-large":
      return `Cannot read the request: its body has more than ${error.max} bytes`;
    case "media-type-unsupported":
      return `Cannot read the request: got content type ${quoteValue(error.got)}, wanted ` +
        '"application/json"';
    case "token-missing":
      return "Cannot authorise the request: it carries no token, and this needs the node's bearer token";
    case "token-wrong":
      return "Cannot authorise the request: its token is not this node's";
    case "host-forbidden":
      return `Cannot answer under this name: got ${quoteValue(error.got)}, wanted an IP address, ` +
        '"localhost" or the name that the node advertises';
    case "origin-forbidden":
      return `Cannot take orders from another site: got origin ${
        quoteValue(error.got)
      }, wanted this ` +
        "node's own or none";
    case "too-many-listeners":
      return `Cannot open the stream: there are ${error.max} listeners already`;
    case "internal":
      return "Cannot answer: the node made a mistake; its log says which";
    case "payment-key-reused":
      return `Cannot pay: got the key ${quoteValue(error.key)} of another payment, ` +
        `${error.txid.slice(0, 16)}…, wanted a new key`;
    case "node-busy":
      return "Cannot do it now: the node's queue is full; try again in a moment";
    case "node-stopping":
      return "Cannot do it now: the node is stopping";
    case "store-failed":
      return `Cannot store anything: got ${
        quoteValue(error.reason)
      }, wanted a writable data folder`;
    case "not-ready":
      return `Cannot do it yet: the node is in phase ${
        quoteValue(error.phase)
      }, and this waits for "ready"`;
    case "observer-has-no-wallet":
      return "Cannot pay: this node is an observer and has no wallet; ask a node of the ring";
    case "not-mining":
      return "Cannot mine: this node was started with --no-mine";
    case "mempool-empty":
      return "Cannot mine now: no transaction waits";
    case "cursor-gone":
      return `Cannot go on with the list: got after ${
        quoteValue(error.txid)
      }, which is no longer in it; begin anew`;
    case "transaction-unknown":
      return `Cannot find the transaction: got ${
        quoteValue(error.txid)
      }, wanted one that this node knows`;
    case "block-unknown":
      return `Cannot find the block: got ${
        quoteValue(error.hash)
      }, wanted one that this node knows`;
    case "genesis-immutable":
      return "Cannot touch the block: genesis stands for good; name a block above it";
    case "insufficient-funds":
      return `Cannot pay ${error.want} NBC: the wallet has ${error.have} to spend`;
    case "too-many-coins-needed":
      return `Cannot pay ${error.want} NBC at once: a payment spends at most ${error.max} coins, and ` +
        `the largest ${error.max} are worth ${error.payable} NBC; pay so much, or join coins first ` +
        "(noobcash client consolidate)";
    default:
      return ruleText(error);
  }
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
