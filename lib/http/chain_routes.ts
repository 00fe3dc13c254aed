/**
 * Routes that read the chain and the pool: blocks, transactions, tips, audit.
 *
 * They answer as soon as the node knows its network; a block's body is read from the store where it is no
 * longer in memory, so lists are short.
 *
 * @module
 */
import { createRoute, z } from "@hono/zod-openapi";
import { bytesOfHex, ByteWriter } from "../bytes.ts";
import { amountsOf, type Audit, auditInSteps, firstOwners } from "../node/audit.ts";
import { ringKeysOf, tipsOf, transactionStateOf, txidsWithPrefix } from "../node/queries.ts";
import type { PublicKey } from "../crypto/keys.ts";
import { decodeBlock } from "../primitives/block.ts";
import type { Txid } from "../primitives/outpoint.ts";
import { formatCommitment } from "../consensus/utxo_commitment.ts";
import {
  LIST_LIMIT_DEFAULT,
  LIST_LIMIT_MAX,
  TRANSACTION_LIST_MAX,
  txidNameSchema,
} from "../wire/api_basics.ts";
import {
  auditSchema,
  blockListSchema,
  blockSchema,
  blocksQuerySchema,
  blockTakenSchema,
  lastTransactionsSchema,
  mempoolQuerySchema,
  mempoolSchema,
  RAW_BLOCKS_FILL_BYTES,
  RAW_BLOCKS_MAX,
  rawBlocksQuerySchema,
  submitBlockRequestSchema,
  tipsSchema,
  transactionStateSchema,
} from "../wire/api_chain.ts";
import { createRoutes, findBlock, type LedgerContext, ledgerOf, responses } from "./context.ts";
import type { ApiPorts } from "./ports.ts";
import { blockJson, blockSummaryJson, transactionJson, transactionStateJson } from "./present.ts";
import { rationed, rationedSteps } from "./rationed.ts";
import { errorResponses, refuse } from "./refuse.ts";

/** The most blocks that one list carries: each one's body is read. */
export const BLOCK_LIST_MAX = 200;
/** The most wallets that an audit lists, the ring's first; `/balances` has all of them, in pages. */
export const AUDIT_BALANCES_MAX = 1_000;
/** Wallets that are written down in one step. */
const AUDIT_STEP_WALLETS = 64;

const blocksRoute = createRoute({
  method: "get",
  path: "/blocks",
  tags: ["chain"],
  summary: "Main-chain blocks by height; without `from` the newest ones, the tip first",
  request: { query: blocksQuerySchema },
  responses: responses(blockListSchema, `At most ${BLOCK_LIST_MAX} blocks`),
});
const rawBlocksRoute = createRoute({
  method: "get",
  path: "/blocks/raw",
  tags: ["chain"],
  summary: "Encoded main-chain blocks from a height upwards, each with its size (u32) in front",
  request: { query: rawBlocksQuerySchema },
  responses: {
    ...errorResponses,
    200: {
      description: "At most 512 KiB and one block; empty above the tip",
      headers: z.object({
        "x-noobcash-tip-height": z.string().meta({ description: "The height of the tip" }),
      }),
      content: { "application/octet-stream": { schema: z.string().meta({ format: "binary" }) } },
    },
  },
});
const blockRoute = createRoute({
  method: "get",
  path: "/blocks/{block}",
  tags: ["chain"],
  summary: "A block with its transactions, by height, by hash or the beginning of it, or the `tip`",
  request: { params: z.object({ block: z.string().meta({ example: "tip" }) }) },
  responses: responses(blockSchema, "The block"),
});
const submitBlockRoute = createRoute({
  method: "post",
  path: "/blocks",
  tags: ["chain"],
  summary: "Takes in a block that was mined elsewhere",
  security: [{ token: [] }],
  request: {
    body: {
      required: true,
      content: { "application/json": { schema: submitBlockRequestSchema } },
    },
  },
  responses: responses(blockTakenSchema, "Checked, kept and sent on"),
});
const lastTransactionsRoute = createRoute({
  method: "get",
  path: "/transactions",
  tags: ["chain"],
  summary: "The transactions of the last confirmed block",
  responses: responses(lastTransactionsSchema, "The block and its transactions"),
});
const transactionRoute = createRoute({
  method: "get",
  path: "/transactions/{txid}",
  tags: ["chain"],
  summary: "A transaction and what became of it, by its id or the beginning of it",
  request: { params: z.object({ txid: txidNameSchema }) },
  responses: responses(transactionStateSchema, "The transaction and its state"),
});
const mempoolRoute = createRoute({
  method: "get",
  path: "/mempool",
  tags: ["chain"],
  summary: "Transactions that wait for a block, a page at a time",
  request: { query: mempoolQuerySchema },
  responses: responses(
    mempoolSchema,
    `How many wait, and the first of them: at most ${TRANSACTION_LIST_MAX}`,
  ),
});
const tipsRoute = createRoute({
  method: "get",
  path: "/tips",
  tags: ["chain"],
  summary: "The ends of all known branches: the active one, side branches, invalid ones",
  responses: responses(tipsSchema, "The tips"),
});
const auditRoute = createRoute({
  method: "get",
  path: "/audit",
  tags: ["chain"],
  summary: "Supply, unspent outputs and balances, counted anew from the unspent outputs",
  responses: responses(auditSchema, "The audit"),
});

export function chainRoutes(ports: ApiPorts) {
  const audit = rationedSteps(auditInStepsJson, {
    keyOf: ({ ledger: { chain } }: LedgerContext, ring: readonly PublicKey[]) =>
      `${chain.tip.hash} ${ring.length}`,
    nowMs: () => ports.nowMs(),
  });
  const tipsRead = rationed((ledger: Parameters<typeof tipsOf>[0]) => tipsOf(ledger), {
    keyOf: () => undefined,
    nowMs: () => ports.nowMs(),
  });
  return createRoutes()
    .openapi(blocksRoute, (c) => {
      const context = ledgerOf(ports);
      if (!context.ok) return refuse(c, context.error);
      return c.json(blockListJson(context.value, c.req.valid("query")), 200);
    })
    .openapi(rawBlocksRoute, (c) => {
      const context = ledgerOf(ports);
      if (!context.ok) return refuse(c, context.error);
      const { chain } = context.value.ledger;
      const bytes = rawBlocks(chain, c.req.valid("query"));
      c.header("X-Noobcash-Tip-Height", String(chain.height));
      c.header("Content-Type", "application/octet-stream");
      return c.body(bytes, 200);
    })
    .openapi(blockRoute, (c) => {
      const context = ledgerOf(ports);
      if (!context.ok) return refuse(c, context.error);
      const entry = findBlock(context.value.ledger, c.req.valid("param").block);
      if (!entry.ok) return refuse(c, entry.error);
      return c.json(blockJson(entry.value, context.value), 200);
    })
    .openapi(submitBlockRoute, async (c) => {
      const bytes = bytesOfHex(c.req.valid("json").hex);
      const block = decodeBlock(bytes);
      if (block === undefined) {
        return refuse(c, { code: "block-malformed", sizeBytes: bytes.length });
      }
      const reply = await ports.submitBlock(block);
      if (!reply.ok) return refuse(c, reply.error);
      return c.json({ hash: block.hash, height: block.header.height }, 200);
    })
    .openapi(lastTransactionsRoute, (c) => {
      const context = ledgerOf(ports);
      if (!context.ok) return refuse(c, context.error);
      const { transactions, ...block } = blockJson(
        context.value.ledger.chain.tip,
        context.value,
      );
      return c.json({ block, transactions }, 200);
    })
    .openapi(transactionRoute, (c) => {
      const context = ledgerOf(ports);
      if (!context.ok) return refuse(c, context.error);
      const { archive } = ports.node;
      const { txid: name } = c.req.valid("param");
      const candidates = txidsWithPrefix(context.value.ledger, archive, name);
      if (candidates.length > 1) {
        return refuse(c, { code: "prefix-ambiguous", got: name, candidates });
      }
      const txid = candidates[0] ?? name as Txid;
      const state = transactionStateOf(context.value.ledger, archive, txid);
      if (state === undefined) return refuse(c, { code: "transaction-unknown", txid });
      return c.json(transactionStateJson(state, context.value), 200);
    })
    .openapi(mempoolRoute, (c) => {
      const context = ledgerOf(ports);
      if (!context.ok) return refuse(c, context.error);
      const { ledger: { mempool, params }, walletOf } = context.value;
      const { limit: wanted = LIST_LIMIT_DEFAULT, after } = c.req.valid("query");
      const limit = Math.min(wanted, TRANSACTION_LIST_MAX);
      if (after !== undefined && !mempool.has(after as Txid)) {
        return refuse(c, { code: "cursor-gone", txid: after as Txid });
      }
      const entries = [...mempool.entries(after as Txid | undefined).take(limit + 1)];
      const next = entries.length > limit ? entries[limit - 1]?.transaction.txid ?? null : null;
      const transactions = entries.slice(0, limit).map((entry) => ({
        transaction: transactionJson(entry.transaction, { params, walletOf }),
        arrivedAtMs: entry.arrivedAtMs,
      }));
      return c.json({ size: mempool.size, transactions, next }, 200);
    })
    .openapi(tipsRoute, (c) => {
      const context = ledgerOf(ports);
      if (!context.ok) return refuse(c, context.error);
      const { ledger } = context.value;
      const tips = tipsRead(ledger).slice(0, LIST_LIMIT_MAX).map((tip) =>
        tipJson(tip, context.value)
      );
      return c.json({ tips }, 200);
    })
    .openapi(auditRoute, async (c) => {
      const context = ledgerOf(ports);
      if (!context.ok) return refuse(c, context.error);
      return c.json(await audit(context.value, ringKeysOf(ports.node)), 200);
    });
}

function blockListJson(context: LedgerContext, { from, limit }: z.infer<typeof blocksQuerySchema>) {
  const { chain } = context.ledger;
  const count = Math.min(limit ?? LIST_LIMIT_DEFAULT, BLOCK_LIST_MAX);
  const heights = Array.from(
    { length: count },
    (_, index) => from === undefined ? chain.height - index : from + index,
  );
  const blocks = heights.map((height) => chain.atHeight(height))
    .filter((entry) => entry !== undefined)
    .map((entry) => blockSummaryJson(entry, context));
  return { tipHeight: chain.height, blocks };
}

/** Blocks as the chain file holds them, until there are enough for one answer. */
function rawBlocks(
  chain: LedgerContext["ledger"]["chain"],
  { from = 0, limit = RAW_BLOCKS_MAX }: z.infer<typeof rawBlocksQuerySchema>,
) {
  const writer = new ByteWriter(64 * 1024);
  let sizeBytes = 0;
  for (let height = from; height < from + limit; height++) {
    const entry = chain.atHeight(height);
    if (entry === undefined || sizeBytes >= RAW_BLOCKS_FILL_BYTES) break;
    const bytes = chain.encodedBlock(entry.hash);
    if (bytes === undefined) break;
    writer.sized(bytes);
    sizeBytes += 4 + bytes.length;
  }
  return writer.finish();
}

function tipJson(
  { entry, isActive, forkHeight }: ReturnType<typeof tipsOf>[number],
  { ledger: { chain }, walletOf }: LedgerContext,
) {
  const { height, miner, timestampMs } = entry.header;
  const status = isActive
    ? "active" as const
    : chain.statusOf(entry) === "invalid"
    ? "invalid" as const
    : "side" as const;
  return {
    hash: entry.hash,
    height,
    status,
    invalidCode: chain.invalidCodeOf(entry) ?? null,
    work: String(entry.work),
    forkHeight,
    branchLength: height - forkHeight,
    miner: walletOf(miner),
    timestampMs,
  };
}

function* auditInStepsJson({ ledger, walletOf }: LedgerContext, ring: readonly PublicKey[]) {
  return yield* auditJson(yield* auditInSteps(ledger), { ring, walletOf });
}

/** The audit as it is answered; in steps, for it may be of very many wallets. */
export function* auditJson(
  { tip, supply, supplyExpected, utxoCount, commitment, confirmed }: Audit,
  { ring, walletOf }: {
    readonly ring: readonly PublicKey[];
    readonly walletOf: LedgerContext["walletOf"];
  },
) {
  const members = ring.slice(0, AUDIT_BALANCES_MAX);
  const count = AUDIT_BALANCES_MAX - members.length;
  const others = yield* firstOwners(confirmed, { count, but: new Set(members) });
  const amounts = yield* amountsOf(confirmed, new Set([...members, ...others]));
  const balances = [];
  for (const owner of [...members, ...others]) {
    const amount = amounts.get(owner);
    if (amount === undefined) continue;
    balances.push({ wallet: walletOf(owner), confirmed: amount });
    if (balances.length % AUDIT_STEP_WALLETS === 0) yield;
  }
  return {
    height: tip.header.height,
    tipHash: tip.hash,
    supply,
    supplyExpected,
    utxoCount,
    utxoCommitment: formatCommitment(commitment),
    balances,
  };
}
