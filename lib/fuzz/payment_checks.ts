/**
 * What may become of payments: none vanishes, none is paid out twice, none is called failed while it lives.
 *
 * @module
 */
import type { Network } from "../node/state.ts";
import type { Txid } from "../primitives/outpoint.ts";
import type { Transaction } from "../primitives/transaction.ts";
import type { SimNode } from "../simulation/sim_node.ts";
import type { LedgerState } from "./reference_ledger.ts";
import { demand } from "./violation.ts";

/** What a node has promised, and what it has named as removed. */
export interface PaymentWatch {
  readonly acknowledged: ReadonlyMap<Txid, Transaction>;
  readonly removed: ReadonlySet<Txid>;
}

/** Each node is paid its first coins once at most. */
export function checkPayouts(node: SimNode, network: Network): void {
  const { params } = network;
  const paid = new Set<string>();
  for (let height = 1; height <= network.chain.height; height++) {
    const entry = network.chain.atHeight(height);
    const block = entry === undefined ? undefined : network.chain.block(entry.hash);
    for (const { sender, outputs } of block?.transactions ?? []) {
      const receiver = outputs[0];
      if (sender !== params.bootstrapKey || receiver?.amount !== params.coinsPerNode) continue;
      demand(
        !paid.has(receiver.owner),
        "paid-twice",
        () => `node ${node.index} ${receiver.owner}`,
      );
      paid.add(receiver.owner);
    }
  }
}

export function checkAcknowledged(
  node: SimNode,
  network: Network,
  { watch, state }: { readonly watch: PaymentWatch; readonly state: LedgerState },
): void {
  const ownKey = node.config.keyPair.publicKey;
  for (const [txid, transaction] of watch.acknowledged) {
    const isNamed = transaction.sender === ownKey
      ? network.failed.has(txid)
      : watch.removed.has(txid);
    demand(
      state.txids.has(txid) || network.mempool.has(txid) || isNamed,
      "payment-vanished",
      () => `node ${node.index} ${txid}`,
    );
  }
}

/** A payment is not called failed while it stands in the chain or waits. */
export function checkFailed(node: SimNode, network: Network, state: LedgerState): void {
  for (const txid of network.failed.keys()) {
    demand(
      !state.txids.has(txid) && !network.mempool.has(txid),
      "failed-and-alive",
      () => `node ${node.index} ${txid}`,
    );
  }
}

/** What was removed cannot stand beside what is left: some input is gone. */
export function checkRemoved(node: SimNode, network: Network, txid: Txid): void {
  const transaction = network.failed.get(txid)?.transaction;
  if (transaction === undefined) return;
  const isPossible = transaction.inputs.every((outpoint) =>
    network.mempool.get(outpoint) !== undefined
  );
  demand(!isPossible, "removed-for-nothing", () => `node ${node.index} ${txid}`);
}
