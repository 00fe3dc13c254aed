/**
 * Coins against the reference ledger: a node's unspent outputs, and its pool with all that it says of
 * coins.
 *
 * @module
 */
import type { Network } from "../node/state.ts";
import { type Outpoint, outpointOf } from "../primitives/outpoint.ts";
import type { LedgerCoin, LedgerState, ReferenceLedger } from "./reference_ledger.ts";
import type { SimNode } from "../simulation/sim_node.ts";
import { demand } from "./violation.ts";
import { OwnCoins } from "../wallet/own_coins.ts";

/** The UTXO set is what a replay from genesis gives. */
export function checkCoins(node: SimNode, network: Network, { coins }: LedgerState): void {
  const { utxos } = network.chain;
  const fail = (what: string) => () => `node ${node.index}: ${what}`;
  let supply = 0;
  let count = 0;
  for (const [outpoint, utxo] of utxos.entries()) {
    const coin = coins.get(outpoint);
    demand(coin !== undefined, "utxo-extra", fail(outpoint));
    demand(
      coin.amount === utxo.amount && coin.owner === utxo.owner,
      "utxo-other",
      fail(outpoint),
    );
    supply += utxo.amount;
    count++;
  }
  let indexed = 0;
  for (const owner of utxos.owners()) {
    for (const [outpoint, utxo] of utxos.coinsOf(owner)) {
      const coin = coins.get(outpoint);
      demand(utxo.owner === owner && coin?.owner === owner, "utxo-index", fail(outpoint));
      indexed++;
    }
  }
  demand(indexed === count, "utxo-index", fail(`got ${indexed} by owner, wanted ${count}`));
  demand(count === coins.size, "utxo-missing", fail(`got ${count}, wanted ${coins.size}`));
  demand(supply === utxos.supply, "utxo-supply", fail(`got ${utxos.supply}, wanted ${supply}`));
}

/**
 * Each coin is there when it is asked for by its name, and what the tip spends is not. Unlike {@link checkCoins}
 * this leaves what a block has moved late as it lies: whatever comes next finds it so.
 */
export function lookCoinsUp(node: SimNode, { chain }: Network, { coins }: LedgerState): void {
  const { utxos, tip } = chain;
  const fail = (what: string) => () => `node ${node.index}: ${what}`;
  let supply = 0;
  for (const [outpoint, { owner, amount }] of coins) {
    const utxo = utxos.get(outpoint);
    demand(utxo?.owner === owner && utxo.amount === amount, "utxo-other", fail(outpoint));
    supply += amount;
  }
  for (const { inputs } of chain.block(tip.hash)?.transactions ?? []) {
    for (const outpoint of inputs) {
      demand(utxos.get(outpoint) === undefined, "utxo-extra", fail(outpoint));
    }
  }
  demand(supply === utxos.supply, "utxo-supply", fail(`got ${utxos.supply}, wanted ${supply}`));
}

/** The pool is disjoint from the chain and free of conflicts; each parent stands before its children. */
export function checkPool(
  node: SimNode,
  network: Network,
  { state, ledger }: { readonly state: LedgerState; readonly ledger: ReferenceLedger },
): void {
  const coins = new Map<Outpoint, LedgerCoin>(state.coins);
  for (const { transaction } of network.mempool.entries()) {
    const { txid } = transaction;
    demand(!state.txids.has(txid), "pool-confirmed", () => `node ${node.index} ${txid}`);
    ledger.judgeTransaction(transaction, coins);
  }
}

/** The pool's own bookkeeping: who spends what, what is still to be had, the digest. */
export function auditPool(node: SimNode, network: Network, state: LedgerState): void {
  const { mempool } = network;
  const coins = new Map<Outpoint, LedgerCoin>(state.coins);
  const created = new Map<Outpoint, LedgerCoin>();
  let digest = 0n;
  const fail = (what: string) => () => `node ${node.index}: ${what}`;
  for (const { transaction } of mempool.entries()) {
    const { txid, inputs, outputs } = transaction;
    digest ^= BigInt(`0x${txid.slice(0, 16)}`);
    for (const outpoint of inputs) {
      demand(mempool.spenderOf(outpoint) === txid, "pool-spender", fail(outpoint));
      demand(mempool.get(outpoint) === undefined, "pool-spent", fail(outpoint));
      coins.delete(outpoint);
      created.delete(outpoint);
    }
    outputs.forEach((output, index) => created.set(outpointOf(txid, index), output));
  }
  for (const [outpoint, { owner, amount }] of [...coins, ...created]) {
    const got = mempool.get(outpoint);
    demand(got?.owner === owner && got.amount === amount, "pool-coin", fail(outpoint));
  }
  let unconfirmedCount = 0;
  for (const owner of mempool.owners()) {
    for (const outpoint of mempool.unconfirmedCoinsOf(owner).keys()) {
      demand(created.has(outpoint), "pool-created", fail(outpoint));
      unconfirmedCount++;
    }
  }
  demand(unconfirmedCount === created.size, "pool-created", fail("some are missing"));
  demand(digest === mempool.digest, "pool-digest", fail("another digest"));
  auditWallet(node, network);
}

/** The own wallet's coins, which follow every change, are those that a new count finds. */
function auditWallet(node: SimNode, network: Network): void {
  const { wallet } = network;
  if (wallet === undefined) return;
  const counted = new OwnCoins(wallet.owner, network);
  for (const [index, tier] of wallet.tiers.entries()) {
    const outpoints = [tier, counted.tiers[index]].map((each) =>
      Array.from(each?.largestFirst() ?? [], ([outpoint]) => outpoint).sort().join()
    );
    demand(
      outpoints[0] === outpoints[1],
      "wallet-coins",
      () => `node ${node.index} tier ${index}: got ${outpoints[0]}, wanted ${outpoints[1]}`,
    );
  }
}
