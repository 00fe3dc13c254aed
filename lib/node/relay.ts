/**
 * Passing on what is new, once, and taking in the transactions that peers pass on.
 *
 * A new tip goes out as a compact block: header, txids, and the transactions that peers may not have yet,
 * because a question costs a round trip in which others mine on the old tip. What becomes of one that was
 * heard is for compact_block.ts. In a full mesh the maker of a block or the sender of a payment tells everybody itself;
 * what came from its maker is then passed on to nodes outside the ring only.
 *
 * @module
 */
import { peerVerdictOf } from "../consensus/rule_table.ts";
import type { PublicKey } from "../crypto/keys.ts";
import type { Block } from "../primitives/block.ts";
import type { BlockHash } from "../primitives/header.ts";
import type { Transaction } from "../primitives/transaction.ts";
import type { CompactBlockMessage, Message, TransactionsMessage } from "../wire/message.ts";
import { messagesOfTransactions } from "../wire/transaction_messages.ts";
import { takeTransaction } from "./doors.ts";
import type { Addressee, Peer, Suspect } from "./peer.ts";
import { penalise, SCORE_MAX } from "./peer_table.ts";
import type { Ledger, LedgerView } from "./state.ts";
import { type DoorTurn, type PeersTurn, sendTo, type Turn } from "./turn.ts";

/** The most transactions that go along with a compact block. */
const PREFILLED_MAX = 64;

const NO_TRANSACTIONS: readonly Transaction[] = [];

/** A peer to whom news goes. */
type Hearer = Addressee & Readonly<Pick<Peer, "id">>;

/** Tells the peers what came in with it. */
type NewsTurn =
  & PeersTurn<Hearer>
  & Readonly<Pick<DoorTurn, "accepted" | "newTip" | "found" | "announced" | "sideBlocks">>;

/**
 * Announces what came in with this turn. Called once, at its end.
 *
 * @param heard what the turn began with: a block's announcement that says all that ours would is passed on as it is
 */
export function announceNews(turn: NewsTurn, network: LedgerView, heard?: Message): void {
  if (turn.accepted.length > 0) announceTransactions(turn);
  if (turn.found !== undefined) {
    announceBlock(turn, network, { ...turn.found, heard: undefined, from: undefined });
  }
  const { hash: tipHash } = network.chain.tip;
  if (turn.newTip !== undefined && tipHash !== turn.announced) {
    announceBlock(turn, network, { hash: tipHash, heard, ...turn.newTip });
  }
  for (const { hash, from } of turn.sideBlocks) {
    announceBlock(turn, network, { hash, heard, from, young: NO_TRANSACTIONS });
  }
}

/** Takes in the transactions that a peer has sent, up to the first that none of ours would send. */
export function onTransactions(
  turn: DoorTurn,
  network: Ledger,
  { peer, message }: { peer: Suspect; message: TransactionsMessage },
): void {
  for (const transaction of message.transactions) {
    const taken = takeTransaction(turn, network, transaction, peer.publicKey);
    if (taken.ok) continue;
    const { code } = taken.error;
    if (code === "tx-already-known" || code === "tx-conflicts" || code === "mempool-full") continue;
    if (peerVerdictOf(code) === "reject") return penalise(turn, peer, SCORE_MAX, code);
  }
}

/**
 * What goes to one peer: all that others have made or brought, as far as it does not know it anyway. What
 * goes to several is one message, which is encoded once.
 */
function announceTransactions(turn: NewsTurn): void {
  const { node, accepted } = turn;
  let toAll: readonly TransactionsMessage[] | undefined;
  for (const peer of node.peers.values()) {
    const isNews = ({ transaction, from }: NewsTurn["accepted"][number]) =>
      from !== peer.publicKey &&
      (from !== transaction.sender || !isToldByMaker(turn, peer, from));
    const messages = accepted.every(isNews)
      ? toAll ??= messagesOfTransactions(accepted.map(({ transaction }) => transaction))
      : messagesOfTransactions(
        accepted.filter(isNews).map(({ transaction }) => transaction),
      );
    for (const message of messages) sendTo(turn, peer, message);
  }
}

function announceBlock(
  turn: NewsTurn,
  network: LedgerView,
  { hash, heard, from, young }: Exclude<Turn["newTip"], undefined> & {
    readonly hash: BlockHash;
    readonly heard: Message | undefined;
  },
): void {
  const block = network.chain.block(hash) as Block;
  const { header } = block;
  if (header.height === 0) return;
  const isSaid = heard?.type === "compact-block" && heard.hash === hash &&
    heard.prefilled.length === 0 && young.length === 0;
  const message = isSaid ? heard : announcementOf(block, young);
  const { peers } = turn.node;
  // Compared by itself, not by its key: in a large simulation each key lies somewhere else.
  const source = from === undefined ? undefined : peers.get(from);
  const maker = from === header.miner ? from : undefined;
  for (const peer of peers.values()) {
    if (peer === source) continue;
    if (maker !== undefined && isToldByMaker(turn, peer, maker)) continue;
    sendTo(turn, peer, message);
  }
}

function announcementOf(
  { hash, header, transactions }: Block,
  young: readonly Transaction[],
): CompactBlockMessage {
  const txids = transactions.map(({ txid }) => txid);
  return { type: "compact-block", hash, header, txids, prefilled: young.slice(0, PREFILLED_MAX) };
}

/** In a full mesh of ring members everybody hears the maker itself. */
function isToldByMaker({ node }: NewsTurn, peer: Hearer, maker: PublicKey): boolean {
  return node.config.isFullMesh && peer.id !== undefined &&
    node.peers.get(maker)?.id !== undefined;
}
