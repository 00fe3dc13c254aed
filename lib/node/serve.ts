/**
 * Answering what peers ask for: headers, blocks, transactions, the pool.
 *
 * An answer is one message, of {@link MESSAGE_FILL_BYTES} and one block or transaction more at most;
 * whoever asks for blocks that are not here is told so in a message of its own before it. A peer gets
 * {@link SERVED_BYTES_PER_SECOND_MAX} at most: more than an honest one can take in, too little to keep this
 * node busy. What is asked beyond that is not answered; the one who asks tries again, or elsewhere.
 *
 * @module
 */
import { blocksAbove, forkPointOf } from "../consensus/locator.ts";
import { HASH_SIZE_BYTES } from "../crypto/hash.ts";
import { type Block, sizeOfBlockBytes } from "../primitives/block.ts";
import { type BlockHash, HEADER_SIZE_BYTES } from "../primitives/header.ts";
import type { Txid } from "../primitives/outpoint.ts";
import { sizeOfTransactionBytes, type Transaction } from "../primitives/transaction.ts";
import { unreachable } from "../result.ts";
import {
  type GetBlocksMessage,
  type GetBlockTransactionsMessage,
  type GetHeadersMessage,
  type GetPoolMessage,
  type GetTransactionsMessage,
  HEADERS_MAX,
  type Message,
  MESSAGE_FILL_BYTES,
  TRANSACTIONS_MAX,
} from "../wire/message.ts";
import type { Addressee, PeerQuota } from "./peer.ts";
import { mayTake } from "./peer_table.ts";
import type { LedgerView } from "./state.ts";
import { sendTo, type SpeakingTurn } from "./turn.ts";

/** A message that wants an answer. */
export type Question =
  | GetHeadersMessage
  | GetBlocksMessage
  | GetBlockTransactionsMessage
  | GetPoolMessage
  | GetTransactionsMessage;

/** Bytes of answers that one peer gets in a second, the last answer not counted. */
export const SERVED_BYTES_PER_SECOND_MAX = 32 * 1024 * 1024;

/** An answer, and roughly how many bytes it takes. */
interface Served {
  readonly message: Message;
  readonly sizeBytes: number;
}

/** Answers a peer's question, unless it has got enough for now. */
export function onQuestion(
  turn: SpeakingTurn,
  network: LedgerView,
  { peer, message }: { readonly peer: Addressee & PeerQuota; readonly message: Question },
): void {
  if (!mayTake(peer, turn.nowMs, SERVED_BYTES_PER_SECOND_MAX)) return;
  for (const answer of answersTo(network, message)) {
    peer.servedBytes += answer.sizeBytes;
    sendTo(turn, peer, answer.message);
  }
}

function answersTo(network: LedgerView, message: Question): readonly Served[] {
  switch (message.type) {
    case "get-headers":
      return [headersAbove(network, message.locator)];
    case "get-blocks":
      return blocksOf(network, message.hashes);
    case "get-block-transactions":
      return [transactionsOfBlock(network, message)];
    case "get-pool":
      return [poolOf(network)];
    case "get-transactions":
      return waitingTransactions(network, message.txids);
    default:
      return unreachable(message);
  }
}

/**
 * Headers above the first hash of the locator that is on our main chain; where side blocks count, those of all
 * branches.
 */
function headersAbove({ chain }: LedgerView, locator: readonly BlockHash[]): Served {
  const fork = forkPointOf(chain, locator);
  const headers = blocksAbove(chain, fork, HEADERS_MAX).map(({ header }) => header);
  return { message: { type: "headers", headers }, sizeBytes: HEADER_SIZE_BYTES * headers.length };
}

/** Blocks that this node vouches for, as many as fit into one message, and which it does not have. */
function blocksOf(network: LedgerView, hashes: readonly BlockHash[]): readonly Served[] {
  const blocks: Block[] = [];
  const missing: BlockHash[] = [];
  let sizeBytes = 0;
  for (const hash of hashes) {
    if (sizeBytes > MESSAGE_FILL_BYTES) break;
    const block = vouchedBlock(network, hash);
    if (block === undefined) {
      missing.push(hash);
      continue;
    }
    blocks.push(block);
    sizeBytes += sizeOfBlockBytes(block.transactions);
  }
  return [
    ...(missing.length > 0 ? [notFound(missing)] : []),
    ...(blocks.length > 0 ? [{ message: { type: "blocks", blocks } as const, sizeBytes }] : []),
  ];
}

function transactionsOfBlock(
  network: LedgerView,
  { hash, indexes }: GetBlockTransactionsMessage,
): Served {
  const block = vouchedBlock(network, hash);
  if (block === undefined) return notFound([hash]);
  const asked = indexes.map((index) => block.transactions[index]);
  const { transactions, sizeBytes } = fill(asked);
  return { message: { type: "block-transactions", hash, transactions }, sizeBytes };
}

function waitingTransactions({ mempool }: LedgerView, txids: readonly Txid[]): readonly Served[] {
  const { transactions, sizeBytes } = fill(txids.map((txid) => mempool.entry(txid)?.transaction));
  if (transactions.length === 0) return [];
  return [{ message: { type: "transactions", transactions }, sizeBytes }];
}

function poolOf({ mempool }: LedgerView): Served {
  const txids: Txid[] = [];
  for (const txid of mempool.txids()) {
    if (txids.length >= TRANSACTIONS_MAX) break;
    txids.push(txid);
  }
  return { message: { type: "pool", txids }, sizeBytes: HASH_SIZE_BYTES * txids.length };
}

/**
 * A block that this node has connected at least once. One that it keeps beside the main chain unseen may
 * break a rule; whoever handed it on would be charged with that.
 */
function vouchedBlock({ chain }: LedgerView, hash: BlockHash): Block | undefined {
  const entry = chain.entry(hash);
  const isVouched = entry !== undefined && chain.statusOf(entry) === "valid";
  return isVouched ? chain.block(hash) : undefined;
}

function notFound(hashes: readonly BlockHash[]): Served {
  return { message: { type: "not-found", hashes }, sizeBytes: HASH_SIZE_BYTES * hashes.length };
}

/** As many of the transactions that are there as fit into one message. */
function fill(
  asked: readonly (Transaction | undefined)[],
): { readonly transactions: readonly Transaction[]; readonly sizeBytes: number } {
  const transactions: Transaction[] = [];
  let sizeBytes = 0;
  for (const transaction of asked) {
    if (transaction === undefined) continue;
    if (sizeBytes > MESSAGE_FILL_BYTES) break;
    transactions.push(transaction);
    sizeBytes += sizeOfTransactionBytes(transaction);
  }
  return { transactions, sizeBytes };
}
