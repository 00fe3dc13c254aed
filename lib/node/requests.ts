/**
 * What people and programs ask of a node: pay, submit, control.
 *
 * A payment that is answered with yes is in the pool and in the turn's commit; the answer leaves after
 * it is durable. No answer waits for peers or for mining.
 *
 * @module
 */
import type { BlockError, TransactionError } from "../consensus/rule_table.ts";
import type { PublicKey } from "../crypto/keys.ts";
import type { PolicyError } from "../mempool/policy_error.ts";
import type { Amount } from "../primitives/amount.ts";
import type { Block } from "../primitives/block.ts";
import type { Transaction } from "../primitives/transaction.ts";
import { err, ok, type Result } from "../result.ts";
import { OwnCoins } from "../wallet/own_coins.ts";
import { createPayment, type PaymentError } from "../wallet/payment.ts";
import { changeChain, recordRemoved, takeBlock, takeTransaction } from "./doors.ts";
import type { Reply, RequestError } from "./effect.ts";
import type { ControlCommand, RequestId } from "./input.ts";
import { type PaidKey, rememberPaid } from "./paid_keys.ts";
import type { Peer, PeerGreeting } from "./peer.ts";
import { transactionStateOf } from "./queries.ts";
import type { Ledger, LedgerView, NodeState, WorkPart } from "./state.ts";
import { answer, type DoorTurn, log, type PeersOf, type Turn, wakeBy } from "./turn.ts";

/** Lets an operator's order change the ledger, or cut peers off. */
type ControlTurn = DoorTurn & {
  readonly node: PeersOf<Pick<Peer, "publicKey" | "isCut"> & PeerGreeting>;
};

/** Pays from the node's own wallet. */
export function onPay(
  turn: Turn,
  request: {
    readonly requestId: RequestId;
    readonly receiver: PublicKey;
    readonly amount: Amount;
    readonly key?: string | undefined;
  },
): void {
  const { node } = turn;
  const { network } = node;
  if (network === undefined || node.phase !== "ready") {
    return refuseNotReady(turn, request.requestId);
  }
  if (network.membership.id === undefined) {
    const error = { code: "observer-has-no-wallet" } as const;
    return answer(turn, request.requestId, { ok: false, error });
  }
  const { key, receiver, amount } = request;
  const before = key === undefined ? undefined : network.paid.get(key);
  if (before !== undefined) {
    return answer(turn, request.requestId, replyOfBefore(node, network, { before, ...request }));
  }
  const paid = payFromOwnWallet(turn, network, request);
  if (paid.ok && key !== undefined) {
    const entry = { key, txid: paid.value.txid, receiver, amount };
    rememberPaid(network.paid, entry);
    turn.draft.paid.push(entry);
  }
  answer(turn, request.requestId, replyOf(paid));
}

/** The answer to a request that was answered before: the same payment, or that it is another one. */
function replyOfBefore(
  { archive }: Pick<NodeState, "archive">,
  network: LedgerView,
  { before, receiver, amount }: {
    readonly before: PaidKey;
    readonly receiver: PublicKey;
    readonly amount: Amount;
  },
): Reply {
  const { key, txid } = before;
  const state = transactionStateOf(network, archive, txid);
  if (before.receiver !== receiver || before.amount !== amount || state === undefined) {
    return { ok: false, error: { code: "payment-key-reused", key, txid } };
  }
  return { ok: true, transaction: state.transaction, isKnown: true };
}

/** Takes in a transaction that was signed elsewhere. One that is known already is no mistake (T08). */
export function onSubmit(
  turn: Turn,
  { requestId, transaction }: { requestId: RequestId; transaction: Transaction },
): void {
  const { network, phase } = turn.node;
  if (network === undefined || phase !== "ready") return refuseNotReady(turn, requestId);
  const { txid } = transaction;
  if (turn.node.archive.findTransaction(txid) !== undefined) {
    return answer(turn, requestId, { ok: false, error: { code: "tx-already-known", txid } });
  }
  const taken = takeTransaction(turn, network, transaction, undefined);
  answer(turn, requestId, taken.ok ? { ok: true, transaction } : { ok: false, error: taken.error });
}

/** Takes in a block that was mined elsewhere, by the same door as the node's own. */
export function onSubmitBlock(
  turn: Turn,
  { requestId, block }: { requestId: RequestId; block: Block },
): void {
  const { network } = turn.node;
  if (network === undefined) return refuseNotReady(turn, requestId);
  const taken = takeBlock(turn, network, block, undefined);
  answer(turn, requestId, taken.ok ? { ok: true } : { ok: false, error: taken.error });
}

/** Carries out an operator's order. */
export function onControl(
  turn: Turn,
  { requestId, command }: { requestId: RequestId; command: ControlCommand },
): void {
  const { network } = turn.node;
  if (network === undefined) return refuseNotReady(turn, requestId);
  log(turn, "info", "The operator takes a hand", { ...command });
  const error = control(turn, network, command);
  turn.isWorkStale = true;
  answer(turn, requestId, error === undefined ? { ok: true } : { ok: false, error });
}

/** Builds, signs and takes in a payment of this node's wallet, through the one door. */
export function payFromOwnWallet(
  turn: DoorTurn,
  network: Ledger,
  payment: { readonly receiver: PublicKey; readonly amount: Amount },
): Result<Transaction, PaymentError | TransactionError | PolicyError> {
  const { keyPair } = turn.node.config;
  network.wallet ??= new OwnCoins(keyPair.publicKey, network);
  const transaction = createPayment(payment, network.wallet.tiers, {
    keyPair,
    params: network.params,
  });
  if (!transaction.ok) return transaction;
  // The transaction was signed here and now; verifying it would only repeat the same arithmetic, 40 us of it.
  network.verifier.remember(transaction.value);
  const taken = takeTransaction(turn, network, transaction.value, undefined);
  return taken.ok ? ok(transaction.value) : err(taken.error);
}

function control(
  turn: ControlTurn,
  network: Ledger & WorkPart,
  command: ControlCommand,
): RequestError | undefined {
  const { node } = turn;
  const { chain, mempool, params, work } = network;
  switch (command.kind) {
    case "pause-mining":
      work.isPaused = true;
      return undefined;
    case "resume-mining":
      if (!node.config.isMining) return { code: "not-mining" };
      work.isPaused = false;
      return undefined;
    case "mine-now": {
      if (!node.config.isMining) return { code: "not-mining" };
      if (mempool.size === 0 && !params.emptyBlocks) return { code: "mempool-empty" };
      if (params.strict && mempool.size < params.capacity) {
        return { code: "block-underfull", got: mempool.size, want: params.capacity };
      }
      work.flushBlocks = command.blocks;
      return undefined;
    }
    case "disconnect-peers":
      setCut(node, command.publicKeys, true);
      return undefined;
    case "reconnect-peers":
      setCut(node, command.publicKeys, false);
      for (const peer of node.peers.values()) peer.nextStatusAtMs = turn.nowMs;
      wakeBy(turn, turn.nowMs);
      return undefined;
    case "drop-transaction": {
      const { txid } = command;
      const removed = mempool.remove(txid, { code: "dropped-by-operator" });
      if (removed.length === 0) return { code: "transaction-unknown", txid };
      recordRemoved(turn, network, removed);
      return undefined;
    }
    case "invalidate-block":
    case "reconsider-block": {
      const { hash } = command;
      if (chain.entry(hash) === undefined) return { code: "block-unknown", hash };
      if (hash === params.genesis.hash) return { code: "genesis-immutable" };
      changeChain(
        turn,
        network,
        undefined,
        (chain, change) =>
          command.kind === "invalidate-block"
            ? chain.invalidate(hash, change)
            : chain.reconsider(hash, change),
      );
      return undefined;
    }
  }
}

function setCut(
  { peers }: PeersOf<Pick<Peer, "publicKey" | "isCut">>,
  publicKeys: readonly PublicKey[],
  isCut: boolean,
): void {
  const chosen = new Set(publicKeys);
  for (const peer of peers.values()) {
    if (chosen.size === 0 || chosen.has(peer.publicKey)) peer.isCut = isCut;
  }
}

function refuseNotReady(
  turn: Pick<Turn, "effects"> & { readonly node: Readonly<Pick<NodeState, "phase">> },
  requestId: RequestId,
): void {
  const { phase } = turn.node;
  answer(turn, requestId, { ok: false, error: { code: "not-ready", phase } });
}

function replyOf(
  paid: Result<Transaction, PaymentError | TransactionError | PolicyError | BlockError>,
): Reply {
  return paid.ok ? { ok: true, transaction: paid.value } : { ok: false, error: paid.error };
}
