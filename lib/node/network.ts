/**
 * Makes what a node needs once it knows its network's parameters: chain, pool, orphans, sync, work.
 *
 * @module
 */
import { Chain, type ChainContext } from "../consensus/chain.ts";
import { HexMap } from "../hex_map.ts";
import { LazyMap } from "../lazy_map.ts";
import { Mempool } from "../mempool/mempool.ts";
import { OrphanTransactions } from "../mempool/orphan_transactions.ts";
import type { Params } from "../params.ts";
import { OrphanBlocks } from "./orphan_blocks.ts";
import { rememberPaid } from "./paid_keys.ts";
import type { Membership, Snapshot } from "./persistence.ts";
import type { Network, NodeState } from "./state.ts";
import { newSyncState } from "./sync.ts";
import { newWorkState } from "./work.ts";

/** What a node brings along for its network. */
type Maker = Readonly<Pick<NodeState, "verifierOf" | "forestOf" | "checkBlock" | "archive">>;

/** A network of which nothing is known but genesis. */
export function createNetwork(node: Maker, membership: Membership): Network {
  const { params } = membership;
  return networkOf(membership, new Chain(params, chainContextOf(node, params)));
}

function chainContextOf(node: Maker, params: Params): ChainContext {
  const { archive: reader, checkBlock, verifierOf, forestOf } = node;
  return {
    verifier: verifierOf(params),
    reader,
    forest: forestOf(params),
    ...(checkBlock === undefined ? {} : { checkBlock }),
  };
}

/** A network as a store remembers it. The pool comes back through its door, when the node starts. */
export function restoreNetwork(node: Maker, snapshot: Snapshot): Network {
  const { params } = snapshot.membership;
  const context = chainContextOf(node, params);
  const network = networkOf(snapshot.membership, Chain.restore(params, context, snapshot));
  for (const { hash, invalidCode } of snapshot.entries) {
    if (invalidCode === "block-time-too-new") network.postponed.add(hash);
  }
  for (const paid of snapshot.paid ?? []) rememberPaid(network.paid, paid);
  for (const failed of snapshot.failed) {
    const { txid } = failed.transaction;
    if (node.archive.findTransaction(txid) === undefined) network.failed.set(txid, failed);
  }
  return network;
}

function networkOf(membership: Membership, chain: Chain): Network {
  const { params } = membership;
  const verifier = chain.verifier;
  return {
    params,
    verifier,
    chain,
    mempool: new Mempool({ params, utxos: chain.utxos, verifier }),
    orphanTransactions: new OrphanTransactions(),
    confirmedLately: new HexMap(),
    unwritten: new HexMap(),
    orphanBlocks: new OrphanBlocks(),
    membership,
    partialBlocks: new LazyMap(),
    staged: undefined,
    rivalSources: new LazyMap(),
    sync: newSyncState(),
    work: newWorkState(),
    wallet: undefined,
    postponed: new Set(),
    failed: new LazyMap(),
    paid: new LazyMap(),
  };
}
