/**
 * The bugs that `mutation_score.ts` seeds: comparisons turned round, checks left out, undos forgotten.
 *
 * @module
 */

export interface Mutation {
  readonly name: string;
  readonly file: string;
  /** Stands in the file exactly once. */
  readonly find: string;
  readonly replace: string;
}

const CHAIN = "lib/consensus/chain.ts";
const CHECK_BLOCK = "lib/consensus/check_block.ts";
const CHECK_TRANSACTION = "lib/consensus/check_transaction.ts";
const CONNECT = "lib/consensus/connect_block.ts";
const UTXO = "lib/consensus/utxo_set.ts";
const MEMPOOL = "lib/mempool/mempool.ts";
const DOORS = "lib/node/doors.ts";
const ADMISSION = "lib/node/admission.ts";
const MEMBERSHIP = "lib/node/membership.ts";
const FETCH_HEADERS = "lib/node/fetch_headers.ts";
const WORK = "lib/node/work.ts";
const RESTORE_NODE = "lib/node/restore_node.ts";

export const MUTATIONS: readonly Mutation[] = [
  {
    name: "signature-in-block-unchecked",
    file: CONNECT,
    find: "if (!this.#verifier.verify(transaction))",
    replace: "if (false)",
  },
  {
    name: "signature-in-pool-unchecked",
    file: MEMPOOL,
    find: "if (verifier.verify(transaction)) return ok(undefined);",
    replace: "return ok(undefined);",
  },
  {
    name: "work-unchecked",
    file: CHECK_BLOCK,
    find: "if (hash > target)",
    replace: "if (false)",
  },
  {
    name: "target-unchecked",
    file: CHECK_BLOCK,
    find: "if (header.compactTarget !== want)",
    replace: "if (false)",
  },
  {
    name: "capacity-off-by-one",
    file: CHECK_BLOCK,
    find: "if (count > params.capacity)",
    replace: "if (count > params.capacity + 1)",
  },
  {
    name: "empty-block-allowed",
    file: CHECK_BLOCK,
    find: "if (count === 0 && !params.emptyBlocks)",
    replace: "if (false)",
  },
  {
    name: "merkle-root-unchecked",
    file: CHECK_BLOCK,
    find: "if (root !== header.merkleRoot)",
    replace: "if (false)",
  },
  {
    name: "height-unchecked",
    file: CHECK_BLOCK,
    find: "if (header.height !== wantedHeight)",
    replace: "if (false)",
  },
  {
    name: "median-time-off-by-one",
    file: CHECK_BLOCK,
    find: "const minMs = medianTimePast(parent) + 1;",
    replace: "const minMs = medianTimePast(parent);",
  },
  {
    name: "overspending-allowed",
    file: CHECK_TRANSACTION,
    find: "if (inputSum < wanted)",
    replace: "if (false)",
  },
  {
    name: "burning-allowed",
    file: CHECK_TRANSACTION,
    find: "if (inputSum > wanted)",
    replace: "if (false)",
  },
  {
    name: "foreign-coins-allowed",
    file: CHECK_TRANSACTION,
    find: "if (utxo.owner !== transaction.sender)",
    replace: "if (false)",
  },
  {
    name: "same-input-twice-allowed",
    file: CHECK_TRANSACTION,
    find: "if (seen.has(outpoint))",
    replace: "if (false)",
  },
  {
    name: "zero-amount-allowed",
    file: CHECK_TRANSACTION,
    find: "if (paymentAmountOf(amount) === undefined)",
    replace: "if (false)",
  },
  {
    name: "misdirected-change-allowed",
    file: CHECK_TRANSACTION,
    find: "if (change !== undefined && change.owner !== sender)",
    replace: "if (false)",
  },
  {
    name: "fee-ignored",
    file: CHECK_TRANSACTION,
    find: "const wanted = outputSum + params.fee;",
    replace: "const wanted = outputSum;",
  },
  {
    name: "spent-in-block-forgotten",
    file: CONNECT,
    find: "spentHere.set(named[0], true);",
    replace: "",
  },
  {
    name: "reward-forgotten",
    file: CONNECT,
    find: "if (earned > 0) {",
    replace: "if (earned > 1e9) {",
  },
  {
    name: "undo-forgets-spent",
    file: UTXO,
    find:
      "    for (const [outpoint] of delta.created) this.remove(outpoint);\n    for (const [outpoint, utxo] of delta.spent) this.add(outpoint, utxo);",
    replace: "    for (const [outpoint] of delta.created) this.remove(outpoint);",
  },
  {
    name: "overlay-revert-forgets-created",
    file: UTXO,
    find:
      "    for (const [outpoint] of delta.created) changes.set(outpoint, null);\n    for (const [outpoint, utxo] of delta.spent) changes.set(outpoint, utxo);",
    replace: "    for (const [outpoint, utxo] of delta.spent) changes.set(outpoint, utxo);",
  },
  {
    name: "tie-replaces-tip",
    file: "lib/consensus/fork_choice/most_work.ts",
    find: "isBetter: (a, b) => a.work > b.work,",
    replace: "isBetter: (a, b) => a.work >= b.work && a !== b,",
  },
  {
    name: "ties-never-settle",
    file: CHAIN,
    find: "(rival) => rival.hash < this.tip.hash",
    replace: "() => false",
  },
  {
    name: "pool-keeps-confirmed",
    file: MEMPOOL,
    find: "          this.#confirm(entry);\n",
    replace: "",
  },
  {
    name: "pool-keeps-conflicting",
    file: MEMPOOL,
    find: "const loser = this.#spenders.get(outpoint);",
    replace: "const loser = undefined as Txid | undefined;",
  },
  {
    name: "reorg-forgets-transactions",
    file: MEMPOOL,
    find: "    for (const { block } of disconnected.toReversed()) {",
    replace: "    for (const { block } of disconnected.slice(0, 0)) {",
  },
  {
    name: "children-stay-behind",
    file: MEMPOOL,
    find:
      '          waiting.push({ entry: childEntry, reason: { code: "parent-removed", parent } });',
    replace: "",
  },
  {
    name: "failed-payments-unrecorded",
    file: DOORS,
    find: "    network.failed.set(txid, failed);\n",
    replace: "",
  },
  {
    name: "pool-not-persisted",
    file: DOORS,
    find:
      "  if (from === undefined || own) writeNow(turn, network, accepted.value);\n  else writeLater",
    replace: "  writeLater",
  },
  {
    name: "child-without-its-parent-on-disk",
    file: "lib/node/pool_on_disk.ts",
    find: "      unwritten.delete(parent.transaction.txid);\n      entries.push(parent);\n",
    replace: "",
  },
  {
    name: "confirmed-stay-on-disk",
    file: DOORS,
    find:
      "  for (const { transaction } of confirmed) takeFromDisk(turn, network, transaction.txid);\n",
    replace: "",
  },
  {
    name: "same-key-gets-a-second-id",
    file: ADMISSION,
    find: "  const id = ringIdOf(network, from);\n  if (message.observer",
    replace: "  const id = undefined as number | undefined;\n  if (message.observer",
  },
  {
    name: "payouts-forgotten-on-disk",
    file: MEMBERSHIP,
    find: "  changeMembership(turn, network, { payoutsMade: true });",
    replace: "  network.membership = { ...network.membership, payoutsMade: true };",
  },
  {
    name: "stale-block-mined",
    file: WORK,
    find: "if (current?.draft.tip !== chain.tip) return undefined;",
    replace: "if (current === undefined) return undefined;",
  },
  {
    name: "mined-on-while-a-block-comes",
    file: WORK,
    find: "  if (network.staged !== undefined) return stopWork(turn, work);\n",
    replace: "",
  },
  {
    name: "stored-block-forgotten",
    file: RESTORE_NODE,
    find: "  adoptStored(turn, node.network);\n",
    replace: "",
  },
  {
    name: "validity-forgotten-on-disk",
    file: "lib/consensus/chain_change.ts",
    find: "      into.marked = withItem(into.marked, left.entry);\n",
    replace: "",
  },
  {
    name: "restored-pool-dropped",
    file: RESTORE_NODE,
    find: "  restorePool(turn, node.network);",
    replace: "",
  },
  {
    name: "headers-never-time-out",
    file: FETCH_HEADERS,
    find: "const wait = goOnWaiting(turn, request);",
    replace: "const wait = goOnWaiting(turn, request) ?? request;",
  },
];
