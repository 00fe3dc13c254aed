/**
 * The node's values as the API's JSON: hex stays hex, keys become addresses with the id of their node,
 * big numbers become decimal text.
 *
 * @module
 */
import type { BlockEntry } from "../consensus/block_tree.ts";
import { targetHexOf } from "../consensus/check_block.ts";
import { formatAddress } from "../crypto/address.ts";
import type { PublicKey } from "../crypto/keys.ts";
import type { NodeEvent } from "../node/effect.ts";
import {
  type Balance,
  confirmationsOf,
  type Ledger,
  ringKeysOf,
  type TransactionState,
} from "../node/queries.ts";
import type { NodeState } from "../node/state.ts";
import { choiceOf, type Params } from "../params.ts";
import type { Block, BlockExtent } from "../primitives/block.ts";
import { indexOfOutpoint, txidOfOutpoint } from "../primitives/outpoint.ts";
import {
  changeOf,
  paymentOf,
  receiverOf,
  type Transaction,
  WALLET_ZERO,
} from "../primitives/transaction.ts";
import { invariant } from "../result.ts";
import type { WalletJson } from "../wire/api_basics.ts";
import type {
  BlockJson,
  BlockSummaryJson,
  TransactionJson,
  TransactionStateJson,
} from "../wire/api_chain.ts";
import type { ApiEventJson } from "../wire/api_events.ts";
import type { ParamsJson } from "../wire/api_network.ts";
import type { BalanceJson } from "../wire/api_wallet.ts";

/** Names wallets by the ids of their nodes. */
export type WalletNames = (publicKey: PublicKey) => WalletJson;

/** Names by ring: a ring is one list until it grows, and an address costs about 30 us to write. */
const namesByRing = new WeakMap<readonly PublicKey[], WalletNames>();
/** Names that are kept at hand. */
export const WALLETS_REMEMBERED_MAX = 4096;

export function walletNamesOf(node: NodeState): WalletNames {
  const ring = ringKeysOf(node);
  const before = namesByRing.get(ring);
  if (before !== undefined) return before;
  const names = createWalletNames(ring);
  namesByRing.set(ring, names);
  return names;
}

function createWalletNames(ring: readonly PublicKey[]): WalletNames {
  const ids = new Map(ring.map((publicKey, id) => [publicKey, id]));
  const remembered = new Map<PublicKey, WalletJson>();
  return (publicKey) => {
    const before = remembered.get(publicKey);
    if (before !== undefined) return before;
    if (remembered.size >= WALLETS_REMEMBERED_MAX) remembered.clear();
    const wallet = { address: formatAddress(publicKey), nodeId: ids.get(publicKey) ?? null };
    remembered.set(publicKey, wallet);
    return wallet;
  };
}

export function paramsJson(params: Params): ParamsJson {
  const { bootstrapKey: _, ...choice } = choiceOf(params);
  return {
    ...choice,
    genesisHash: params.genesis.hash,
    bootstrap: formatAddress(params.bootstrapKey),
    target: params.targetHex,
  };
}

export function transactionJson(
  transaction: Transaction,
  { params, walletOf }: { readonly params: Params; readonly walletOf: WalletNames },
): TransactionJson {
  const { txid, sender, signature } = transaction;
  const amount = paymentOf(transaction);
  const change = changeOf(transaction);
  const fee = sender === WALLET_ZERO ? 0 : params.fee;
  return {
    txid,
    sender: walletOf(sender),
    receiver: walletOf(receiverOf(transaction)),
    amount,
    total: amount + change + fee,
    change,
    fee,
    inputs: transaction.inputs.map((outpoint) => ({
      txid: txidOfOutpoint(outpoint),
      index: indexOfOutpoint(outpoint),
    })),
    outputs: transaction.outputs.map((output) => ({
      owner: walletOf(output.owner),
      amount: output.amount,
    })),
    signature,
  };
}

export function transactionStateJson(
  state: TransactionState,
  { ledger, walletOf }: { readonly ledger: Ledger; readonly walletOf: WalletNames },
): TransactionStateJson {
  const transaction = transactionJson(state.transaction, { params: ledger.params, walletOf });
  const nowhere = { blockHash: null, height: null, index: null, confirmations: 0 };
  switch (state.kind) {
    case "confirmed":
      return {
        state: "confirmed",
        transaction,
        blockHash: state.entry.hash,
        height: state.entry.header.height,
        index: state.index,
        confirmations: confirmationsOf(ledger.chain, state.entry),
        timeMs: state.entry.header.timestampMs,
        reasonCode: null,
      };
    case "pending": {
      const { arrivedAtMs: timeMs } = state.entry;
      return { state: "pending", transaction, ...nowhere, timeMs, reasonCode: null };
    }
    case "failed": {
      const { failedAtMs: timeMs, reasonCode } = state.failure;
      return { state: "failed", transaction, ...nowhere, timeMs, reasonCode };
    }
  }
}

/** What lists of blocks say of a body. It never changes, and lies on the disk mostly. */
const extents = new WeakMap<BlockEntry, BlockExtent>();

function knownExtentOf(ledger: Ledger, entry: BlockEntry): BlockExtent {
  const known = extents.get(entry);
  if (known !== undefined) return known;
  const extent = ledger.chain.extent(entry.hash);
  invariant(extent !== undefined, `The body of a stored block is there: ${entry.hash}`);
  extents.set(entry, extent);
  return extent;
}

export function blockSummaryJson(
  entry: BlockEntry,
  { ledger, walletOf }: { readonly ledger: Ledger; readonly walletOf: WalletNames },
): BlockSummaryJson {
  const { header } = entry;
  const status = ledger.chain.statusOf(entry) === "invalid"
    ? "invalid"
    : ledger.chain.isOnMain(entry)
    ? "main"
    : "side";
  return {
    hash: entry.hash,
    height: header.height,
    previousHash: header.previousHash,
    merkleRoot: header.merkleRoot,
    miner: walletOf(header.miner),
    timestampMs: header.timestampMs,
    target: targetHexOf(header.compactTarget, ledger.params),
    nonce: header.nonce,
    ...knownExtentOf(ledger, entry),
    status,
    confirmations: confirmationsOf(ledger.chain, entry),
    work: String(entry.work),
  };
}

export function blockJson(
  entry: BlockEntry,
  context: { readonly ledger: Ledger; readonly walletOf: WalletNames },
): BlockJson {
  const { ledger: { params }, walletOf } = context;
  const transactions = bodyOf(context.ledger, entry).transactions
    .map((transaction) => transactionJson(transaction, { params, walletOf }));
  return { ...blockSummaryJson(entry, context), transactions };
}

export function balanceJson(wallet: WalletJson, balance: Balance): BalanceJson {
  const { confirmed, available, coins } = balance;
  return { wallet, confirmed, pending: available - confirmed, available, coins };
}

/** An event as the stream carries it; `undefined` while the node has no parameters to tell it by. */
export function eventJson(
  event: NodeEvent,
  { node, timeMs }: { readonly node: NodeState; readonly timeMs: number },
): ApiEventJson | undefined {
  const walletOf = walletNamesOf(node);
  switch (event.type) {
    case "phase":
      return { type: "phase", timeMs, phase: event.phase };
    case "block": {
      const { hash, height, transactionCount, own } = event;
      return {
        type: "block",
        timeMs,
        hash,
        height,
        miner: walletOf(event.miner),
        transactionCount,
        own,
      };
    }
    case "side-block": {
      const { hash, height } = event;
      return { type: "side-block", timeMs, hash, height, miner: walletOf(event.miner) };
    }
    case "reorg": {
      const { forkHeight } = event;
      const disconnected = [...event.disconnected];
      return { type: "reorg", timeMs, forkHeight, disconnected, connected: [...event.connected] };
    }
    case "transaction": {
      if (node.network === undefined) return undefined;
      const { params } = node.network;
      const transaction = transactionJson(event.transaction, { params, walletOf });
      return { type: "transaction", timeMs, transaction, own: event.own };
    }
    case "transaction-removed":
      return {
        type: "transaction-removed",
        timeMs,
        txid: event.txid,
        reasonCode: event.reason.code,
      };
    case "peer": {
      const { change, detail = null } = event;
      return { type: "peer", timeMs, wallet: walletOf(event.publicKey), change, detail };
    }
  }
}

function bodyOf({ chain }: Ledger, entry: BlockEntry): Block {
  const block = chain.block(entry.hash);
  invariant(block !== undefined, `The body of a stored block is there: ${entry.hash}`);
  return block;
}
