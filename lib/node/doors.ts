/**
 * The two doors of a node: every new transaction and every block comes in here, whoever brings it. Whatever
 * else changes the chain goes through {@link changeChain}, as blocks do.
 *
 * ```
 * transaction: API, peer       → takeTransaction → pool → kept, announced
 * block:       peer, own miner → takeBlock       → chain → pool follows → kept, announced
 * ```
 *
 * Children that waited for what came in are taken in behind it, each through the same checks. What a store
 * kept of the pool has come in here before: `node.ts` gives it straight to the pool, which checks it anew.
 *
 * @module
 */
import type { BlockEntry } from "../consensus/block_tree.ts";
import type { AcceptedBlock, Chain } from "../consensus/chain.ts";
import { addChange, type ChainChange, isNoChange, noChange } from "../consensus/chain_change.ts";
import type { BlockError, TransactionError } from "../consensus/rule_table.ts";
import type { PublicKey } from "../crypto/keys.ts";
import type { MempoolEntry, RemovedEntry } from "../mempool/mempool.ts";
import type { PolicyError } from "../mempool/policy_error.ts";
import type { Block } from "../primitives/block.ts";
import type { Height } from "../primitives/header.ts";
import type { Txid } from "../primitives/outpoint.ts";
import type { Transaction } from "../primitives/transaction.ts";
import { err, type Result } from "../result.ts";
import { rememberConfirmed } from "./ignored.ts";
import { takeFromDisk, writeLater, writeNow } from "./pool_on_disk.ts";
import { FAILED_PAYMENTS_MAX, type Ledger, type LedgerView, type Network } from "./state.ts";
import { type DoorTurn, emit, log, type SpeakingTurn, wallMsOf } from "./turn.ts";

/** A transaction of the pool that is younger than this may still be on its way to a peer. */
const YOUNG_MS_MAX = 100;
/** So many coins are moved in a turn: well under a millisecond. */
const SETTLED_COINS = 512;
/** A side block that lies further below the tip than this is not announced. */
const SIDE_DEPTH_MAX = 128;

/** Takes a transaction in; one whose inputs nobody knows yet is held when a peer brought it. */
export function takeTransaction(
  turn: DoorTurn,
  network: Ledger,
  transaction: Transaction,
  from: PublicKey | undefined,
): Result<unknown, TransactionError | PolicyError> {
  const accepted = admit(turn, network, transaction, from);
  if (!accepted.ok) {
    if (accepted.error.code === "tx-input-missing" && from !== undefined) {
      return holdOrphan(turn, network, transaction) ?? accepted;
    }
    return accepted;
  }
  takeWaitingChildren(turn, network, [transaction.txid]);
  return accepted;
}

/** Holds a transaction until its parents come. One that is confirmed has spent them itself: it is late news. */
function holdOrphan(
  turn: DoorTurn,
  network: Ledger,
  transaction: Transaction,
): Result<never, PolicyError> | undefined {
  const { txid } = transaction;
  if (network.confirmedLately.has(txid)) {
    turn.node.ignored["confirmed-transaction"]++;
    return err({ code: "tx-already-known", txid });
  }
  network.orphanTransactions.hold(transaction, turn.nowMs);
  return undefined;
}

/**
 * Takes a block in, and with it the blocks that waited for it. One whose parent is unknown is held.
 *
 * @param from the peer that brought it; `undefined` for the node's own miner
 */
export function takeBlock(
  turn: DoorTurn,
  network: Ledger,
  block: Block,
  from: PublicKey | undefined,
): Result<AcceptedBlock, BlockError> {
  const accepted = connect(turn, network, block, from);
  if (accepted.ok) takeHeldChildren(turn, network, accepted.value, from);
  else if (accepted.error.code === "block-parent-unknown") network.orphanBlocks.hold(block);
  return accepted;
}

/** The first half of {@link takeBlock}, for a block whose parent is here: it is kept, and not connected. */
export function storeBlock(
  turn: DoorTurn,
  network: Ledger,
  block: Block,
): Result<BlockEntry, BlockError> {
  return changeChain(
    turn,
    network,
    undefined,
    (chain, change) => chain.store(block, wallMsOf(turn), change),
  );
}

/** The second half of {@link takeBlock}. */
export function adoptBlock(
  turn: DoorTurn,
  network: Ledger,
  entry: BlockEntry,
  from: PublicKey | undefined,
): Result<AcceptedBlock, BlockError> {
  const accepted = adoptWith(turn, network, from, (chain, change) => chain.adopt(entry, change));
  if (accepted.ok) takeHeldChildren(turn, network, accepted.value, from);
  return accepted;
}

/**
 * Does some of what is left of a block that was checked before it was adopted: moves coins in the tables of
 * chain and pool. Nobody sees a difference. True when more is left.
 */
export function settleSome({ chain, mempool }: Pick<Ledger, "chain" | "mempool">): boolean {
  return chain.settle(SETTLED_COINS) || mempool.settle(SETTLED_COINS);
}

/** Takes in the blocks that waited for one that has come in. */
function takeHeldChildren(
  turn: DoorTurn,
  network: Ledger,
  { entry }: AcceptedBlock,
  from: PublicKey | undefined,
): void {
  const isRival = network.chain.rivals.includes(entry);
  if (isRival && from !== undefined) network.rivalSources.set(entry.hash, from);

  if (network.orphanBlocks.size === 0) return;
  const waiting = network.orphanBlocks.takeChildrenOf(entry.hash);
  for (let child = waiting.shift(); child !== undefined; child = waiting.shift()) {
    const result = connect(turn, network, child, from);
    if (result.ok) waiting.push(...network.orphanBlocks.takeChildrenOf(child.hash));
    else log(turn, "warning", "Refused a block that was held", { ...result.error });
  }
}

/**
 * The one way to change the chain: what a change means for all that follows the chain is written down with it.
 *
 * @param from the peer that caused it; `undefined` for nobody
 */
export function changeChain<T>(
  turn: DoorTurn,
  network: Ledger,
  from: PublicKey | undefined,
  act: (chain: Chain, change: ChainChange) => T,
): T {
  const change = noChange();
  const result = act(network.chain, change);
  followChain(turn, network, change, from);
  return result;
}

/** Writes down what a change of the chain means for everything that follows it. The change is the turn's then. */
function followChain(
  turn: DoorTurn,
  network: Ledger,
  change: ChainChange,
  from: PublicKey | undefined,
): void {
  if (isNoChange(change)) return;
  const { draft } = turn;
  if (draft.change === undefined) draft.change = change;
  else addChange(draft.change, change);
  if (change.connected.length === 0 && change.disconnected.length === 0) return;

  const { confirmed, removed, returned } = network.mempool.follow(change, wallMsOf(turn));
  for (const { transaction } of confirmed) takeFromDisk(turn, network, transaction.txid);
  for (const entry of returned) {
    draft.poolAdded.push(entry);
    network.failed.delete(entry.transaction.txid);
  }
  network.wallet?.followChain(change);
  recordRemoved(turn, network, removed);
  for (const { block } of change.disconnected) {
    for (const { txid } of block.transactions) network.confirmedLately.delete(txid);
  }
  for (const { block } of change.connected) {
    if (block.transactions.length === 0) continue;
    const txids = block.transactions.map(({ txid }) => txid);
    if (network.failed.size > 0) { for (const txid of txids) network.failed.delete(txid); }
    rememberConfirmed(network.confirmedLately, txids);
  }

  const { chain, rivalSources } = network;
  if (chain.rivals.length === 0 && rivalSources.size > 0) rivalSources.clear();
  emitChange(turn, network, change);
  turn.newTip = { from, young: youngTransactions(change, confirmed, wallMsOf(turn)) };
  turn.isWorkStale = true;
  if (network.orphanTransactions.size === 0) return;
  takeWaitingChildren(
    turn,
    network,
    change.connected.flatMap(({ block }) => block.transactions.map(({ txid }) => txid)),
  );
}

/** Writes down transactions that left the pool unconfirmed; own payments are remembered as failed. */
export function recordRemoved(
  turn: DoorTurn,
  network: Ledger,
  removed: readonly RemovedEntry[],
): void {
  const ownKey = turn.node.config.keyPair.publicKey;
  const ownTxids: Txid[] = [];
  for (const { transaction, reason } of removed) {
    const { txid } = transaction;
    network.wallet?.reviewTransaction(transaction);
    takeFromDisk(turn, network, txid);
    emit(turn, { type: "transaction-removed", txid, reason });
    turn.isWorkStale = true;
    if (transaction.sender !== ownKey) continue;

    ownTxids.push(txid);
    const failed = { transaction, reasonCode: reason.code, failedAtMs: wallMsOf(turn) };
    network.failed.set(txid, failed);
    turn.draft.failed.push(failed);
    for (const oldest of network.failed.keys()) {
      if (network.failed.size <= FAILED_PAYMENTS_MAX) break;
      network.failed.delete(oldest);
    }
  }
  const [txid] = ownTxids;
  if (txid === undefined) return;
  const reason = network.failed.get(txid)?.reasonCode;
  log(turn, "warning", "Own payments failed", { count: ownTxids.length, txid, reason });
}

function admit(
  turn: DoorTurn,
  network: Ledger,
  transaction: Transaction,
  from: PublicKey | undefined,
): ReturnType<Network["mempool"]["accept"]> {
  const accepted = network.mempool.accept(transaction, wallMsOf(turn));
  if (!accepted.ok) return accepted;
  const own = transaction.sender === turn.node.config.keyPair.publicKey;
  network.wallet?.reviewTransaction(transaction);
  if (from === undefined || own) writeNow(turn, network, accepted.value);
  else writeLater(turn, network, accepted.value);
  if (network.failed.size > 0) network.failed.delete(transaction.txid);
  turn.accepted.push({ transaction, from });
  turn.isWorkStale = true;
  emit(turn, { type: "transaction", transaction, own, isLocal: from === undefined });
  return accepted;
}

/** Transactions of a block that came a moment ago, while the rest of it waits here. */
export function youngInPool(
  { mempool }: LedgerView,
  transactions: readonly Transaction[],
  nowMs: number,
): readonly Transaction[] {
  return transactions.filter(({ txid }) => {
    const entry = mempool.entry(txid);
    return entry === undefined || nowMs - entry.arrivedAtMs < YOUNG_MS_MAX;
  });
}

/** Transactions of the new tip that came a moment ago, or with the block itself. */
function youngTransactions(
  { connected }: ChainChange,
  confirmed: readonly MempoolEntry[],
  nowMs: number,
): readonly Transaction[] {
  const newest = connected.at(-1)?.block.transactions ?? [];
  if (newest.length === 0) return newest;
  const old = new Set<Transaction>();
  for (const { transaction, arrivedAtMs } of confirmed) {
    if (nowMs - arrivedAtMs >= YOUNG_MS_MAX) old.add(transaction);
  }
  return newest.filter((transaction) => !old.has(transaction));
}

function takeWaitingChildren(turn: DoorTurn, network: Ledger, parents: Txid[]): void {
  if (network.orphanTransactions.size === 0) return;
  for (let parent = parents.pop(); parent !== undefined; parent = parents.pop()) {
    for (const child of network.orphanTransactions.takeChildrenOf(parent)) {
      const admitted = admit(turn, network, child, undefined);
      if (admitted.ok) parents.push(child.txid);
      else if (admitted.error.code === "tx-input-missing") {
        network.orphanTransactions.hold(child, turn.nowMs);
      }
    }
  }
}

function connect(
  turn: DoorTurn,
  network: Ledger,
  block: Block,
  from: PublicKey | undefined,
): Result<AcceptedBlock, BlockError> {
  const nowMs = wallMsOf(turn);
  return adoptWith(turn, network, from, (chain, change) => chain.accept(block, nowMs, change));
}

/** Writes down what became of a block, too: it may stand beside the main chain. */
function adoptWith(
  turn: DoorTurn,
  network: Ledger,
  from: PublicKey | undefined,
  adopt: (chain: Chain, change: ChainChange) => Result<AcceptedBlock, BlockError>,
): Result<AcceptedBlock, BlockError> {
  const accepted = changeChain(turn, network, from, adopt);
  if (!accepted.ok) return accepted;
  const { entry, outcome } = accepted.value;
  if (entry !== network.chain.tip) announceBeside(turn, network, entry, from);
  if (outcome !== "side") return accepted;
  const { hash, header } = entry;
  turn.isWorkStale = true;
  emit(turn, { type: "side-block", hash, height: header.height, miner: header.miner });
  return accepted;
}

/** Where side blocks count, others have to know of them as of a tip; of old ones they ask by themselves. */
function announceBeside(
  turn: Pick<DoorTurn, "sideBlocks">,
  { chain }: LedgerView,
  { hash, header }: BlockEntry,
  from: PublicKey | undefined,
): void {
  if (!chain.countsSideBlocks || header.height + SIDE_DEPTH_MAX < chain.height) return;
  turn.sideBlocks.push({ hash, from });
}

function emitChange(turn: SpeakingTurn, network: LedgerView, change: ChainChange): void {
  const ownKey = turn.node.config.keyPair.publicKey;
  if (change.disconnected.length > 0) {
    const lowest = change.disconnected[change.disconnected.length - 1];
    emit(turn, {
      type: "reorg",
      forkHeight: ((lowest?.entry.header.height ?? network.chain.height + 1) - 1) as Height,
      disconnected: change.disconnected.map(({ entry }) => entry.hash),
      connected: change.connected.map(({ entry }) => entry.hash),
    });
  }
  for (const { entry, block } of change.connected) {
    emit(turn, {
      type: "block",
      hash: entry.hash,
      height: entry.header.height,
      miner: entry.header.miner,
      transactionCount: block.transactions.length,
      own: entry.header.miner === ownKey,
    });
  }
}
