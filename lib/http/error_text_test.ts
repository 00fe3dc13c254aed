/** Every refusal: its status, and a sentence that says what was got and what was wanted. */
import assert from "node:assert/strict";
import type { PublicKey } from "../crypto/keys.ts";
import type { BlockHash } from "../primitives/header.ts";
import type { Outpoint, Txid } from "../primitives/outpoint.ts";
import { type ApiError, ERROR_STATUSES, statusOfCode } from "./api_error.ts";
import { errorText } from "./error_text.ts";
import { errorJson } from "./refuse.ts";

const txid = "aa".repeat(32) as Txid;
const hash = "bb".repeat(32) as BlockHash;
const owner = "cc".repeat(32) as PublicKey;
const outpoint = `${txid}:0` as Outpoint;

type SampleOf<Refusal, Code> = Refusal extends { readonly code: infer Codes }
  ? Code extends Codes ? Omit<Refusal, "code"> : never
  : never;

/** One refusal of each code; a new code does not compile until it has one. */
const SAMPLES: { readonly [Code in ApiError["code"]]: SampleOf<ApiError, Code> } = {
  "request-malformed": { problems: ["to: no name, wanted one"] },
  "json-malformed": {},
  "amount-invalid": { got: "1e400" },
  "wallet-unknown": { got: "id9", nodes: 5 },
  "address-malformed": { got: "nbc1x", problem: "5 characters instead of 62" },
  "prefix-ambiguous": { got: "0000aa", candidates: ["0000aa1", "0000aa2"] },
  "transaction-malformed": { sizeBytes: 3 },
  "block-malformed": { sizeBytes: 3 },
  "block-not-found": { got: "99", tipHeight: 7 },
  "route-unknown": { got: "/nope" },
  "method-not-allowed": { got: "PUT", allowed: ["GET"] },
  "body-too-large": { max: 65_536 },
  "media-type-unsupported": { got: "text/plain" },
  "token-missing": {},
  "token-wrong": {},
  "host-forbidden": { got: "evil.example" },
  "origin-forbidden": { got: "https://evil.example" },
  "too-many-listeners": { max: 64 },
  "internal": {},
  "node-busy": {},
  "payment-key-reused": { key: "k", txid: "00".repeat(32) as Txid },
  "node-stopping": {},
  "store-failed": { reason: "disk full" },
  "not-ready": { phase: "joining" },
  "clock-behind": { seconds: 10_800, height: 0, peersHeight: 57 },
  "observer-has-no-wallet": {},
  "not-mining": {},
  "mempool-empty": {},
  "cursor-gone": { txid },
  "transaction-unknown": { txid },
  "block-unknown": { hash },
  "genesis-immutable": {},
  "insufficient-funds": { have: 1, want: 2 },
  "too-many-coins-needed": { max: 256, payable: 256, want: 700 },
  "tx-already-known": { txid },
  "tx-conflicts": { outpoint, with: txid },
  "mempool-full": { max: 50_000 },
  "tx-sender-reserved": { sender: owner },
  "tx-no-inputs": {},
  "tx-duplicate-input": { outpoint },
  "tx-output-count": { got: 3, max: 2 },
  "tx-amount-invalid": { index: 0, amount: 0 },
  "tx-outputs-overflow": {},
  "tx-change-misdirected": { owner },
  "tx-input-missing": { outpoint },
  "tx-input-foreign": { outpoint, owner },
  "tx-overspends": { inputSum: 1, outputSum: 2, fee: 0 },
  "tx-underspends": { inputSum: 2, outputSum: 1, fee: 0 },
  "tx-bad-signature": { txid },
  "block-bad-target": { got: 1, want: 2 },
  "block-bad-work": { hash, target: "00ff" },
  "block-oversized": { sizeBytes: 5, max: 4 },
  "block-over-capacity": { got: 5, max: 4 },
  "block-empty": {},
  "block-underfull": { got: 1, want: 2 },
  "block-duplicate-transaction": { txid },
  "block-bad-merkle-root": { got: "aa", want: "bb" },
  "block-foreign-genesis": { got: hash, want: hash },
  "block-bad-height": { got: 1, want: 2 },
  "block-time-too-old": { got: 1, min: 2 },
  "block-time-too-new": { got: 2, max: 1 },
  "block-bad-transaction": { txid, index: 0, cause: { code: "tx-no-inputs" } },
  "block-parent-invalid": { parent: hash },
  "block-invalidated": { hash },
  "block-parent-unknown": { parent: hash },
  "block-already-known": { hash },
};

const errors = Object.entries(SAMPLES).map((
  [code, evidence],
) => ({ code, ...evidence } as ApiError));

Deno.test("errorText() says for every code what cannot be done, and why", () => {
  for (const error of errors) {
    assert.match(errorText(error), /^Cannot .+: .+[^.]$/);
    assert(errorText(error).length < 400, error.code);
  }
});

Deno.test("statusOfCode() gives every code the status of a refusal", () => {
  for (const { code } of errors) assert(ERROR_STATUSES.includes(statusOfCode(code)), code);
});

Deno.test("errorJson() keeps the evidence apart from code and message", () => {
  assert.deepEqual(errorJson({ code: "insufficient-funds", have: 1, want: 2 }), {
    error: {
      code: "insufficient-funds",
      message: "Cannot pay 2 NBC: the wallet has 1 to spend",
      evidence: { have: 1, want: 2 },
    },
  });
});

Deno.test("errorText() keeps a stranger's long or odd text on one short line", () => {
  const text = errorText({
    code: "wallet-unknown",
    got: `\n\u001b[31m${"x".repeat(5_000)}`,
    nodes: 2,
  });
  assert(text.length < 300);
  // deno-lint-ignore no-control-regex -- control characters are what must not come through
  assert.doesNotMatch(text, /[\u0000-\u001f]/);
});
