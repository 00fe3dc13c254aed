/**
 * An announced block, put together from the transactions that wait here.
 *
 * ```
 * compact block → header looked at → all here: taken in
 *                                  → some missing: asked for → they come: taken in
 *                                                            → they do not: the whole block is asked for
 * ```
 *
 * A large one is put off after each of the first two arrows, see staged_block.ts.
 *
 * @module
 */
import type { BlockEntry } from "../consensus/block_tree.ts";
import { checkHeaderWork } from "../consensus/check_block.ts";
import { type BlockError, peerVerdictOf } from "../consensus/rule_table.ts";
import type { PublicKey } from "../crypto/keys.ts";
import { HexMap } from "../hex_map.ts";
import { assembleBlock, type Block } from "../primitives/block.ts";
import type { Header } from "../primitives/header.ts";
import type { Txid } from "../primitives/outpoint.ts";
import type { Transaction } from "../primitives/transaction.ts";
import type { Result } from "../result.ts";
import type { BlockTransactionsMessage, CompactBlockMessage } from "../wire/message.ts";
import { takeBlock } from "./doors.ts";
import { fetchBlock, onBlockArrived } from "./fetch_blocks.ts";
import { fetchHeaders } from "./fetch_headers.ts";
import type { Source, Suspect } from "./peer.ts";
import { penalise, SCORE_MAX } from "./peer_table.ts";
import { beginWait, goOnWaiting, penaliseStall } from "./silence.ts";
import { isTried, needsStages, putOff } from "./staged_block.ts";
import type {
  Ledger,
  LedgerView,
  PartialBlock,
  PoolView,
  RelayPart,
  StagedPart,
  SyncPart,
} from "./state.ts";
import { type DoorTurn, type PeersTurn, sendTo } from "./turn.ts";

/** The most compact blocks that wait for transactions. */
const PARTIAL_BLOCKS_MAX = 16;
/** How deep a fork may be for its blocks to be built from each other's transactions. */
const RIVAL_BLOCKS_MAX = 8;
/** What it costs a peer not to send the transactions of a block that it has announced. */
const PARTIAL_STALL_POINTS = 10;

const NO_TRANSACTIONS: readonly Transaction[] = [];

/**
 * Builds the announced block from the pool, or asks for what is missing.
 *
 * One whose parent is not here is built all the same and held: branches overtake each other faster than
 * questions are answered, and a block that was dropped would be missed until the next status. One that
 * waits for somebody's transactions is tried again with whatever else names it: that one may never answer.
 */
export function onCompactBlock(
  turn: DoorTurn & PeersTurn,
  network: Ledger & SyncPart & RelayPart & StagedPart,
  { peer, message }: { peer: Source & Suspect; message: CompactBlockMessage },
): void {
  const { hash, header, txids } = message;
  const { chain, orphanBlocks, partialBlocks } = network;
  if (chain.entry(hash) !== undefined || orphanBlocks.has(hash)) return;
  const pending = partialBlocks.get(hash);
  if (pending?.from === peer.publicKey) return;

  const work = checkHeaderWork(header, hash, network.params);
  if (!work.ok) return penalise(turn, peer, SCORE_MAX, work.error.code);
  if (txids.length > network.params.capacity) {
    return penalise(turn, peer, SCORE_MAX, "block-over-capacity");
  }
  const isUntried = !isTried(network, hash);
  if (isUntried && needsStages(turn, network, { hash, header, transactionCount: txids.length })) {
    return putOff(turn, network, { stage: "announced", from: peer.publicKey, message });
  }
  takeCompactBlock(turn, network, { peer, message });
}

/** The body of an announced block whose header was looked at. */
export function takeCompactBlock(
  turn: DoorTurn & PeersTurn,
  network: Ledger & SyncPart & RelayPart & StagedPart,
  { peer, message }: { peer: Source & Suspect; message: CompactBlockMessage },
): void {
  const { hash, header, txids, prefilled } = message;
  const { partialBlocks } = network;
  const pending = partialBlocks.get(hash);
  const toldOf = header.previousHash;
  if (!isExpected(network, toldOf)) fetchHeaders(turn, network, { peer, toldOf });

  const known = knownTransactions(network, message);
  if (known !== undefined) {
    return finishPartial(turn, network, {
      header,
      hash,
      transactions: known,
      from: peer.publicKey,
    });
  }
  const found: PartialBlock["found"] = new Map();
  for (const came of prefilled) {
    found.set(came.txid, copyOf(network.mempool, came.txid, came) ?? came);
  }
  let missing: number[] = [];
  for (const [index, txid] of txids.entries()) {
    if (found.has(txid)) continue;
    const waiting = network.mempool.entry(txid);
    if (waiting === undefined) missing.push(index);
    else found.set(txid, waiting.transaction);
  }
  if (missing.length > 0) {
    findInRivals(network, header, found);
    missing = missing.filter((index) => !found.has(txids[index] as Txid));
  }
  const from = peer.publicKey;
  if (missing.length === 0) {
    const transactions = transactionsOf({ txids, found });
    return finishPartial(turn, network, { header, hash, transactions, from });
  }
  if (pending !== undefined) return;

  for (const oldest of partialBlocks.keys()) {
    if (partialBlocks.size < PARTIAL_BLOCKS_MAX) break;
    partialBlocks.delete(oldest);
  }
  partialBlocks.set(hash, { ...beginWait(turn), header, hash, txids, found, from });
  sendTo(turn, peer, { type: "get-block-transactions", hash, indexes: missing });
}

/** The transactions of a block of which all wait here or came along, as is the rule. */
function knownTransactions(
  { mempool }: LedgerView,
  { txids, prefilled }: CompactBlockMessage,
): readonly Transaction[] | undefined {
  if (txids.length === 0) return NO_TRANSACTIONS;
  const came = new HexMap<Txid, Transaction>(prefilled.length);
  for (const each of prefilled) came.set(each.txid, each);
  const transactions: Transaction[] = [];
  for (const txid of txids) {
    const transaction = copyOf(mempool, txid, came.get(txid));
    if (transaction === undefined) return undefined;
    transactions.push(transaction);
  }
  return transactions;
}

/**
 * A transaction that came along or waits here. Of two copies with one signature the one that waits: its
 * signature was verified when it came in.
 */
function copyOf(
  mempool: PoolView,
  txid: Txid,
  came: Transaction | undefined,
): Transaction | undefined {
  const waiting = mempool.entry(txid)?.transaction;
  return came === undefined || waiting?.signature === came.signature ? waiting : came;
}

function transactionsOf(
  { txids, found }: Pick<PartialBlock, "txids" | "found">,
): readonly Transaction[] {
  return txids.flatMap((txid) => found.get(txid) ?? []);
}

/**
 * Adds what our own branch has confirmed above the fork: two blocks of one height mostly carry the same
 * transactions, and a question costs a round trip.
 */
function findInRivals({ chain }: LedgerView, header: Header, found: PartialBlock["found"]): void {
  let fork = chain.entry(header.previousHash);
  for (let depth = 0; depth < RIVAL_BLOCKS_MAX; depth++) {
    if (fork === undefined || chain.isOnMain(fork)) break;
    fork = fork.parent;
  }
  if (fork === undefined) return;
  let own: BlockEntry | undefined = chain.tip;
  for (let depth = 0; depth < RIVAL_BLOCKS_MAX; depth++) {
    if (own === undefined || own.header.height <= fork.header.height) return;
    for (const transaction of chain.block(own.hash)?.transactions ?? []) {
      if (!found.has(transaction.txid)) found.set(transaction.txid, transaction);
    }
    own = own.parent;
  }
}

/** Completes an announced block with the transactions that were missing. */
export function onBlockTransactions(
  turn: DoorTurn & PeersTurn,
  network: Ledger & SyncPart & RelayPart & StagedPart,
  { peer, message }: { peer: Source & Suspect; message: BlockTransactionsMessage },
): void {
  const partial = network.partialBlocks.get(message.hash);
  if (partial === undefined || partial.from !== peer.publicKey) {
    turn.node.ignored["block-transactions"]++;
    return;
  }
  network.partialBlocks.delete(message.hash);
  for (const transaction of message.transactions) partial.found.set(transaction.txid, transaction);

  if (partial.txids.every((txid) => partial.found.has(txid))) {
    return finishPartial(turn, network, { ...partial, transactions: transactionsOf(partial) });
  }
  fetchBlock(turn, network, { hash: partial.hash, header: partial.header, peer });
}

/** Gives up on compact blocks whose transactions did not come; the whole block is asked for elsewhere. */
export function expirePartialBlocks(
  turn: PeersTurn,
  network: LedgerView & SyncPart & RelayPart,
): void {
  for (const partial of network.partialBlocks.values()) {
    const { hash, header, from } = partial;
    const wait = goOnWaiting(turn, partial);
    if (wait !== undefined) {
      if (wait.isRenewed !== partial.isRenewed) {
        network.partialBlocks.set(hash, { ...partial, ...wait });
      }
      continue;
    }
    network.partialBlocks.delete(hash);
    penaliseStall(turn, from, { wait: partial, points: PARTIAL_STALL_POINTS });
    fetchBlock(turn, network, { hash, header, peer: undefined });
  }
}

/** A block whose transactions are together. */
export type AssembledBlock = Pick<PartialBlock, "header" | "hash" | "from"> & {
  readonly transactions: readonly Transaction[];
};

function finishPartial(
  turn: DoorTurn & PeersTurn,
  network: Ledger & SyncPart & RelayPart & StagedPart,
  { header, hash, transactions, from }: AssembledBlock,
): void {
  const transactionCount = transactions.length;
  if (!isTried(network, hash) && needsStages(turn, network, { hash, header, transactionCount })) {
    return putOff(turn, network, { stage: "assembled", header, hash, transactions, from });
  }
  const block = assembleBlock(header, transactions, hash);
  judgeBody(turn, network, { block, from, taken: takeBlock(turn, network, block, from) });
}

/** What follows when an announced block was taken in, or refused. */
export function judgeBody(
  turn: PeersTurn,
  network: LedgerView & SyncPart & RelayPart,
  { block: { hash, header }, from, taken }: {
    readonly block: Block;
    readonly from: PublicKey;
    readonly taken: Result<unknown, BlockError>;
  },
): void {
  const peer = turn.node.peers.get(from);
  onBlockArrived(network, hash);
  const isOtherBody = !taken.ok && taken.error.code === "block-bad-merkle-root";
  if (!isOtherBody) network.partialBlocks.delete(hash);
  if (taken.ok || peer === undefined) return;

  // The pool may hold another signature for the same txid: then the whole block settles it.
  const { code } = taken.error;
  if (isOtherBody) {
    if (network.partialBlocks.has(hash)) return;
    return fetchBlock(turn, network, { hash, header, peer });
  }
  if (code === "block-parent-unknown") {
    const toldOf = header.previousHash;
    if (!isExpected(network, toldOf)) fetchHeaders(turn, network, { peer, toldOf });
    return;
  }
  if (peerVerdictOf(code) === "reject") penalise(turn, peer, SCORE_MAX, code);
}

/** Tells whether the block is here or on its way. */
function isExpected(
  { chain, orphanBlocks, partialBlocks, sync }: LedgerView & SyncPart & RelayPart,
  hash: PartialBlock["hash"],
): boolean {
  return chain.entry(hash) !== undefined || orphanBlocks.has(hash) || partialBlocks.has(hash) ||
    sync.wanted.has(hash);
}
