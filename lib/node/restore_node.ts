/**
 * What a node does before anything else: it founds its network, or goes on where its store ends.
 *
 * @module
 */
import { MEMPOOL_RETURNED_MAX, type MempoolEntry } from "../mempool/mempool.ts";
import { invariant } from "../result.ts";
import { rememberRecords } from "./address_book.ts";
import { putFutureAside } from "./clock.ts";
import { changeChain, recordRemoved } from "./doors.ts";
import { introduce } from "./join_network.ts";
import { newMembership } from "./membership_record.ts";
import { createNetwork, restoreNetwork } from "./network.ts";
import { newPeer, ringIdOf } from "./peer_table.ts";
import type { Snapshot } from "./persistence.ts";
import type { Ledger, NodeState } from "./state.ts";
import { type DoorTurn, log, type Turn, wallMsOf } from "./turn.ts";

/** Founds the network or goes on in it: the pool comes back through its door, peers hear of us. */
export function start(turn: Turn): void {
  const { node } = turn;
  node.isStarted = true;
  const { role, keyPair } = node.config;
  if (node.network === undefined && role.kind === "bootstrap") {
    const { params } = role;
    invariant(params.bootstrapKey === keyPair.publicKey, "The founder's key is in the parameters");
    const joined = [keyPair.publicKey];
    node.network = createNetwork(node, newMembership(params, { id: 0, joined, records: [] }));
    turn.draft.membership = node.network.membership;
    log(turn, "info", "Founded a network", { genesis: params.genesis.hash });
  }
  if (node.network === undefined) return;
  restorePool(turn, node.network);
  adoptStored(turn, node.network);
  putFutureAside(turn, node.network);
  rememberRecords(turn, node.network);
  introduce(turn);
}

export function restore(node: NodeState, snapshot: Snapshot): void {
  const network = restoreNetwork(node, snapshot);
  node.network = network;
  for (const record of snapshot.membership.records) {
    if (record.publicKey === node.config.keyPair.publicKey) continue;
    node.peers.set(record.publicKey, newPeer(record, ringIdOf(network, record.publicKey), 0));
  }
  node.restoredPool = snapshot.pool;
}

/**
 * What waited before the restart waits again, unless it is not valid any more: then that is recorded.
 * Own payments are sent again (M06): the crash may have come before anybody heard of them.
 * A reorganisation may have put a parent behind its child in the store, so those whose inputs are
 * missing are tried again for as long as others come in.
 */
function restorePool(
  turn: DoorTurn & { readonly node: Pick<NodeState, "restoredPool"> },
  network: Ledger,
): void {
  const { node } = turn;
  let waiting = node.restoredPool;
  node.restoredPool = [];
  for (let hasProgress = true; hasProgress;) {
    hasProgress = false;
    const missing: MempoolEntry[] = [];
    for (const entry of waiting) {
      const { transaction, arrivedAtMs } = entry;
      // An arrival that lies in the future, since the clock once ran ahead, counts as now.
      const sinceMs = Math.min(arrivedAtMs, wallMsOf(turn));
      const accepted = network.mempool.accept(transaction, sinceMs, MEMPOOL_RETURNED_MAX);
      if (accepted.ok) {
        hasProgress = true;
        network.failed.delete(transaction.txid);
        if (transaction.sender === node.config.keyPair.publicKey) {
          turn.accepted.push({ transaction, from: undefined });
        }
      } else if (accepted.error.code === "tx-input-missing") missing.push(entry);
      else recordLost(turn, network, { entry, cause: accepted.error.code });
    }
    waiting = missing;
  }
  for (const entry of waiting) recordLost(turn, network, { entry, cause: "tx-input-missing" });
}

/** A crash may have come after a block was stored and before it was connected. */
function adoptStored(turn: DoorTurn, network: Ledger): void {
  changeChain(turn, network, undefined, (chain, change) => chain.adoptStored(change));
}

function recordLost(
  turn: DoorTurn,
  network: Ledger,
  { entry, cause }: { readonly entry: MempoolEntry; readonly cause: string },
): void {
  recordRemoved(turn, network, [{ ...entry, reason: { code: "no-longer-valid", cause } }]);
}
