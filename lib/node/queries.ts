/**
 * What can be asked of a node without changing it: wallets, transactions, tips, peers.
 *
 * Read-only and synchronous, on the state between two steps. Answers are the core's own values; how they
 * look as JSON is the API's concern. The simulator's checkers ask here, too.
 *
 * @module
 */
import { compareText } from "../bytes.ts";
import type { BlockEntry } from "../consensus/block_tree.ts";
import type { UtxoView } from "../consensus/utxo.ts";
import type { PublicKey } from "../crypto/keys.ts";
import type { MempoolEntry } from "../mempool/mempool.ts";
import type { Amount } from "../primitives/amount.ts";
import type { BlockHash, Height } from "../primitives/header.ts";
import type { Txid } from "../primitives/outpoint.ts";
import { receiverOf, type Transaction } from "../primitives/transaction.ts";
import { invariant } from "../result.ts";
import type { Candidate, Peer } from "./peer.ts";
import type { ChainArchive, FailedPayment, TransactionLocation } from "./persistence.ts";
import type { ChainView, LedgerView, NodeState, StagedPart } from "./state.ts";

/** The part of a node that knows coins. */
export type Ledger = Pick<LedgerView, "params" | "chain" | "mempool" | "failed">;

/** What a wallet has. */
export interface Balance {
  /** In the main chain. */
  readonly confirmed: Amount;
  /** Once everything that waits is confirmed: also what it can spend now (D6). */
  readonly available: Amount;
  /** How many coins that is. */
  readonly coins: number;
}

/** What became of a transaction. */
export type TransactionState =
  | {
    readonly kind: "confirmed";
    readonly transaction: Transaction;
    readonly entry: BlockEntry;
    readonly index: number;
  }
  | { readonly kind: "pending"; readonly transaction: Transaction; readonly entry: MempoolEntry }
  | { readonly kind: "failed"; readonly transaction: Transaction; readonly failure: FailedPayment };

/** A branch's end. */
export interface Tip {
  readonly entry: BlockEntry;
  readonly isActive: boolean;
  /** Where the branch leaves the main chain. */
  readonly forkHeight: Height;
}

/** How well a peer is reached. */
export type PeerHealth = "connected" | "unreachable" | "backed-off" | "disconnected" | "unknown";

/** How many statuses a peer may miss before it counts as unreachable. */
const STATUSES_MISSED_MAX = 4;

/** The ring's keys in the order of their ids; while it is not complete, those that have a place. */
export function ringKeysOf(node: Readonly<Pick<NodeState, "network">>): readonly PublicKey[] {
  const membership = node.network?.membership;
  return membership?.ring?.publicKeys ?? membership?.joined ?? [];
}

/** How many nodes have a place so far: as counted here, or as the bootstrap node has told last. */
export function joinedCountOf(node: Readonly<Pick<NodeState, "network" | "joining">>): number {
  return Math.max(ringKeysOf(node).length, node.joining.joinedCount);
}

export function balanceOf(ledger: Ledger, owner: PublicKey): Balance {
  const { chain: { utxos }, mempool } = ledger;
  const spent: Spent = { sum: 0, count: 0 };
  // Whichever is shorter: the owner's coins, or what waits.
  if (utxos.coinsOf(owner).size <= mempool.size) {
    for (const [outpoint, { amount }] of utxos.coinsOf(owner)) {
      if (mempool.spenderOf(outpoint) !== undefined) addSpent(spent, amount);
    }
  } else {
    for (const { transaction } of mempool.entries()) {
      if (transaction.sender === owner) addInputs(spent, transaction, utxos);
    }
  }
  return balanceFrom(ledger, owner, spent);
}

/** The balances of many, with one look at what waits. */
export function balancesOf(ledger: Ledger, owners: readonly PublicKey[]): Balance[] {
  const spentBy = new Map<PublicKey, Spent>();
  for (const { transaction } of ledger.mempool.entries()) {
    const spent = spentBy.get(transaction.sender) ?? { sum: 0, count: 0 };
    addInputs(spent, transaction, ledger.chain.utxos);
    spentBy.set(transaction.sender, spent);
  }
  return owners.map((owner) =>
    balanceFrom(ledger, owner, spentBy.get(owner) ?? { sum: 0, count: 0 })
  );
}

/** Confirmed coins that waiting transactions spend. */
interface Spent {
  sum: number;
  count: number;
}

function addSpent(spent: Spent, amount: number): void {
  spent.sum += amount;
  spent.count++;
}

/** Whoever spends an output owns it: the rules see to that. */
function addInputs(spent: Spent, { inputs }: Transaction, utxos: UtxoView): void {
  for (const outpoint of inputs) {
    const coin = utxos.get(outpoint);
    if (coin !== undefined) addSpent(spent, coin.amount);
  }
}

function balanceFrom({ chain, mempool }: Ledger, owner: PublicKey, spent: Spent): Balance {
  const confirmed = chain.utxos.sumOf(owner);
  const unconfirmed = mempool.unconfirmedCoinsOf(owner);
  let available = confirmed - spent.sum;
  for (const { amount } of unconfirmed.values()) available += amount;
  const coins = chain.utxos.coinsOf(owner).size - spent.count + unconfirmed.size;
  return { confirmed, available: available as Amount, coins };
}

/** Everybody who has coins, or would have some once what waits is confirmed; ordered by key. */
export function ownersOf({ chain, mempool }: Ledger): PublicKey[] {
  const owners = new Set([...chain.utxos.owners(), ...mempool.owners()]);
  return [...owners].sort(compareText);
}

/** Finds a transaction; `undefined` when the node has never heard of it, or only in a losing branch. */
export function transactionStateOf(
  ledger: Ledger,
  archive: ChainArchive,
  txid: Txid,
): TransactionState | undefined {
  const { chain, mempool, failed, params } = ledger;
  const waiting = mempool.entry(txid);
  if (waiting !== undefined) {
    return { kind: "pending", transaction: waiting.transaction, entry: waiting };
  }

  const coins = params.genesis.transactions[0];
  const location = coins?.txid === txid
    ? { blockHash: params.genesis.hash, index: 0 }
    : archive.findTransaction(txid);
  if (location !== undefined) return confirmedAt(chain, location);

  const failure = failed.get(txid);
  return failure && { kind: "failed", transaction: failure.transaction, failure };
}

/**
 * The ids that begin with a text, two at most: enough to know whether it is one. Looks at every waiting
 * and failed transaction; both are bounded.
 */
export function txidsWithPrefix(
  { mempool, failed, params }: Ledger,
  archive: ChainArchive,
  prefix: string,
): readonly Txid[] {
  const found = new Set<Txid>(archive.txidsWithPrefix(prefix, 2));
  const rest = [params.genesis.transactions[0]?.txid, ...mempool.txids(), ...failed.keys()];
  for (const txid of rest) {
    if (found.size > 1) break;
    if (txid?.startsWith(prefix)) found.add(txid);
  }
  return [...found].slice(0, 2);
}

/**
 * A wallet's transactions: failed ones, waiting ones, then confirmed ones, each the newest first.
 *
 * Behind a transaction the list goes on from where that one stands now: what waited when it was listed and
 * has been confirmed since is in the same order there, so nothing is left out and nothing comes twice.
 * `undefined` when it stands nowhere any more. Looks at every waiting transaction; the pool is bounded.
 */
export function historyOf(
  ledger: Ledger,
  archive: ChainArchive,
  { owner, limit, behind }: {
    readonly owner: PublicKey;
    readonly limit: number;
    readonly behind?: Txid | undefined;
  },
): TransactionState[] | undefined {
  const start = behind && transactionStateOf(ledger, archive, behind);
  if (behind !== undefined && start === undefined) return undefined;
  if (start === undefined || start.kind !== "confirmed") {
    const open = openHistoryOf(ledger, owner);
    const from = open.findIndex(({ transaction }) => transaction.txid === behind) + 1;
    if (behind !== undefined && from === 0) return undefined;
    const states = open.slice(from, from + limit);
    return states.concat(
      confirmedHistoryOf(ledger, archive, { owner, limit: limit - states.length }),
    );
  }
  // Only genesis stands in no list of the archive, and nothing is behind it.
  if (start.entry.header.height === 0) return [];
  const place = { blockHash: start.entry.hash, index: start.index };
  return confirmedHistoryOf(ledger, archive, { owner, limit, behind: place });
}

/** What is not confirmed. */
function openHistoryOf({ mempool, failed }: Ledger, owner: PublicKey): TransactionState[] {
  const states: TransactionState[] = [];
  for (const failure of [...failed.values()].reverse()) {
    const { transaction } = failure;
    if (concerns(transaction, owner)) states.push({ kind: "failed", transaction, failure });
  }

  const waiting = [...mempool.entries()].filter((entry) => concerns(entry.transaction, owner));
  for (const entry of waiting.reverse()) {
    states.push({ kind: "pending", transaction: entry.transaction, entry });
  }

  return states;
}

function confirmedHistoryOf(
  { chain, params }: Ledger,
  archive: ChainArchive,
  { owner, limit, behind }: {
    readonly owner: PublicKey;
    readonly limit: number;
    readonly behind?: TransactionLocation;
  },
): TransactionState[] {
  if (limit === 0) return [];
  const states: TransactionState[] = archive.transactionsOf(owner, limit, behind)
    .map((location) => confirmedAt(chain, location));
  const coins = params.genesis.transactions[0];
  const genesisEntry = chain.atHeight(0);
  if (
    states.length < limit && coins && genesisEntry && concerns(coins, owner) &&
    !states.some(({ transaction }) => transaction.txid === coins.txid)
  ) {
    states.push({ kind: "confirmed", transaction: coins, entry: genesisEntry, index: 0 });
  }
  return states;
}

/** The block that is stored and not yet connected, if there is one: nobody is to see half of it. */
export function unconnectedOf({ staged }: Partial<StagedPart>): BlockEntry | undefined {
  return staged !== undefined && "entry" in staged ? staged.entry : undefined;
}

/** How many blocks the tree has, genesis and side branches included. */
export function blockCountOf(network: Pick<Ledger, "chain"> & Partial<StagedPart>): number {
  return network.chain.size - (unconnectedOf(network) === undefined ? 0 : 1);
}

/** The ends of all branches, the active one first. A block that is not yet connected is none of them. */
export function tipsOf(network: Pick<Ledger, "chain"> & Partial<StagedPart>): Tip[] {
  const { chain } = network;
  const pending = unconnectedOf(network);
  const ends = chain.tips().filter((entry) => entry !== pending);
  const tips = ends.map((entry) => {
    let fork = entry;
    while (!chain.isOnMain(fork)) {
      invariant(fork.parent !== undefined, "Every branch leaves the main chain somewhere");
      fork = fork.parent;
    }
    return { entry, isActive: entry === chain.tip, forkHeight: fork.header.height };
  });
  return tips.sort((a, b) => Number(b.isActive) - Number(a.isActive));
}

/** How many blocks deep a block is: 1 for the tip, 0 outside the main chain. */
export function confirmationsOf(
  chain: Pick<ChainView, "isOnMain" | "height">,
  entry: BlockEntry,
): number {
  return chain.isOnMain(entry) ? chain.height - entry.header.height + 1 : 0;
}

/** How well a peer is reached, judged by what was heard of it and what could not be delivered. */
export function healthOf(
  node: Readonly<Pick<NodeState, "config">>,
  peer: Candidate & Readonly<Pick<Peer, "heardAtMs">>,
  nowMs: number,
): PeerHealth {
  if (peer.isCut) return "disconnected";
  if (peer.backedOffUntilMs > nowMs) return "backed-off";
  if (peer.failureCount > 0) return "unreachable";
  if (peer.heardAtMs === 0) return "unknown";
  const silentMsMax = STATUSES_MISSED_MAX * node.config.timing.statusIntervalMs;
  return nowMs - peer.heardAtMs > silentMsMax ? "unreachable" : "connected";
}

function confirmedAt(
  chain: ChainView,
  { blockHash, index }: { readonly blockHash: BlockHash; readonly index: number },
): TransactionState {
  const entry = chain.entry(blockHash);
  const transaction = chain.block(blockHash)?.transactions[index];
  invariant(entry && transaction, `A transaction is where the archive says: ${blockHash} ${index}`);
  return { kind: "confirmed", transaction, entry, index };
}

function concerns(transaction: Transaction, owner: PublicKey): boolean {
  return transaction.sender === owner || receiverOf(transaction) === owner;
}
