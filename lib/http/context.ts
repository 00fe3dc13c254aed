/**
 * What the routes share: the application's type, the node's answers to "which wallet", "which block",
 * "are you ready", and the common shape of a documented route.
 *
 * @module
 */
import { OpenAPIHono } from "@hono/zod-openapi";
import type { z } from "zod";
import type { BlockEntry } from "../consensus/block_tree.ts";
import { addressProblem } from "../crypto/address.ts";
import type { PublicKey } from "../crypto/keys.ts";
import { type Ledger, ringKeysOf, unconnectedOf } from "../node/queries.ts";
import type { NodeState } from "../node/state.ts";
import type { BlockHash } from "../primitives/header.ts";
import { err, ok, type Result } from "../result.ts";
import { parseBlockName, parseWalletName } from "../wire/names.ts";
import type { HttpError } from "./api_error.ts";
import { SortedHashes } from "./sorted_hashes.ts";
import { type WalletNames, walletNamesOf } from "./present.ts";
import type { ApiPorts } from "./ports.ts";
import { errorResponses, refuse } from "./refuse.ts";

type NotReady = { readonly code: "not-ready"; readonly phase: NodeState["phase"] };

/** What most answers are made of. */
export interface LedgerContext {
  readonly ledger: Ledger;
  readonly walletOf: WalletNames;
}

/** Makes an application whose refused shapes answer like every other refusal. */
export function createRoutes(): OpenAPIHono {
  return new OpenAPIHono({
    defaultHook: (result, c) => {
      if (result.success) return;
      const problems = result.error.issues.slice(0, 10).map(problemText);
      return refuse(c, { code: "request-malformed", problems });
    },
  });
}

/** What is wrong with a field, in words. */
function problemText(issue: z.core.$ZodIssue): string {
  const place = issue.path.length === 0 ? "" : `${issue.path.map(String).join(".")} with `;
  switch (issue.code) {
    case "unrecognized_keys":
      return `unknown field ${JSON.stringify(issue.keys[0])}, wanted none`;
    case "invalid_type":
      return issue.expected === "nonoptional"
        ? `${place}no value, wanted one`
        : `${place}no value of its type, wanted ${issue.expected}`;
    case "invalid_union": {
      // Of several shapes, the one that the value has at the outside is the one that was meant.
      const meant = issue.errors.find(([first]) => first !== undefined && !isOtherKind(first));
      if (meant?.[0] !== undefined) return problemText(meant[0]);
      return `${place}another shape, wanted one of those in the description`;
    }
    case "too_small":
      return `${place}too little, wanted at least ${issue.minimum}`;
    case "too_big":
      return `${place}too much, wanted at most ${issue.maximum}`;
    default:
      return `${place}${issue.message}`;
  }
}

/** True when a whole value is of another type. */
function isOtherKind(issue: z.core.$ZodIssue): boolean {
  return issue.code === "invalid_type" && issue.path.length === 0;
}

/** The documented answers of a route: its success and every refusal. */
export function responses<Schema extends z.ZodType>(schema: Schema, description: string) {
  return {
    200: { description, content: { "application/json": { schema } } },
    ...errorResponses,
  };
}

/** The ledger, as soon as the node knows its network; for what only reads the chain. */
export function ledgerOf({ node }: ApiPorts): Result<LedgerContext, NotReady> {
  const { network: ledger, phase } = node;
  if (ledger === undefined) return err({ code: "not-ready", phase });
  return ok({ ledger, walletOf: walletNamesOf(node) });
}

/** The ledger of a node that is ready: for what spends and what reads wallets (N09). */
export function readyLedgerOf(ports: ApiPorts): Result<LedgerContext, NotReady> {
  const { phase } = ports.node;
  return phase === "ready" ? ledgerOf(ports) : err({ code: "not-ready", phase });
}

/** Finds the wallet that a text or a number names (T11). */
export function findWallet(
  node: NodeState,
  name: string | number,
): Result<PublicKey, HttpError> {
  const keys = ringKeysOf(node);
  const parsed = parseWalletName(String(name));
  const unknown = () => err({ code: "wallet-unknown", got: String(name), nodes: keys.length });
  switch (parsed?.kind) {
    case undefined: {
      const problem = addressProblem(String(name));
      return problem === undefined
        ? unknown()
        : err({ code: "address-malformed", got: String(name), problem });
    }
    case "self":
      return ok(node.config.keyPair.publicKey);
    case "address":
      return ok(parsed.publicKey);
    case "node": {
      const publicKey = keys[parsed.nodeId];
      return publicKey === undefined ? unknown() : ok(publicKey);
    }
  }
}

const sortedHashes = new WeakMap<Ledger["chain"], SortedHashes>();

function hashesOf(chain: Ledger["chain"]): SortedHashes {
  const known = sortedHashes.get(chain) ?? new SortedHashes(chain);
  sortedHashes.set(chain, known);
  return known;
}

/** Finds the block that a text or a number names; one that is not yet connected is not there yet. */
export function findBlock(
  ledger: Ledger & Parameters<typeof unconnectedOf>[0],
  name: string | number,
): Result<BlockEntry, HttpError> {
  const { chain } = ledger;
  const pending = unconnectedOf(ledger);
  const parsed = parseBlockName(String(name));
  if (parsed?.kind === "hash-prefix") {
    const { prefix } = parsed;
    const [first, second] = hashesOf(chain).startingWith(prefix, 3)
      .filter((entry) => entry !== pending);
    if (first !== undefined && second !== undefined) {
      const candidates = [first.hash, second.hash];
      return err({ code: "prefix-ambiguous", got: parsed.prefix, candidates });
    }
    if (first !== undefined) return ok(first);
  }
  const entry = parsed === undefined
    ? undefined
    : parsed.kind === "tip"
    ? chain.tip
    : parsed.kind === "height"
    ? chain.atHeight(parsed.height)
    : parsed.kind === "hash"
    ? chain.entry(parsed.hash as BlockHash)
    : undefined;
  return entry === undefined || entry === pending
    ? err({ code: "block-not-found", got: String(name), tipHeight: chain.height })
    : ok(entry);
}
