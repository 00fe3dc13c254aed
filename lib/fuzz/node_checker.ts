/**
 * What must hold at every node after every event, whatever fails: the safety half of the fuzzer.
 *
 * Stands outside the product: it reads a node's state and what it says, and holds both to the reference
 * ledger. A broken promise is a {@link Violation}.
 *
 * - The main chain is valid by the reference rules; its UTXO set is a fresh replay's, the supply exact.
 * - The tip is the one that the network's fork choice wants: its work never falls, but where an operator
 *   takes a block away, and among equals the first stays; or it is on the heaviest subtree.
 * - The pool is disjoint from the chain, free of conflicts, each parent before its children, and its
 *   answers about coins are those of a recomputation.
 * - A payment that was answered with yes is in the chain, in the pool, or named as failed.
 * - No block is spoken of that a crash could take away; a restart finds exactly what was durable.
 * - What is being mined stands on the tip, and nothing is mined while a block is being taken in.
 * - A node's id, ring and network never change; no honest node is charged with breaking a rule.
 *
 * @module
 */
import type { BlockEntry } from "../consensus/block_tree.ts";
import type { NodeEffect } from "../node/effect.ts";
import type { NodeInput } from "../node/input.ts";
import type { Network, NodeState } from "../node/state.ts";
import type { Params } from "../params.ts";
import type { Block } from "../primitives/block.ts";
import type { BlockHash } from "../primitives/header.ts";
import type { Txid } from "../primitives/outpoint.ts";
import type { Transaction } from "../primitives/transaction.ts";
import type { Message } from "../wire/message.ts";
import { auditPool, checkCoins, checkPool, lookCoinsUp } from "./coin_checks.ts";
import { checkAcknowledged, checkFailed, checkPayouts, checkRemoved } from "./payment_checks.ts";
import { type LedgerState, ReferenceLedger } from "./reference_ledger.ts";
import { ghostTipOf } from "./ghost_check.ts";
import { auditRestart } from "./restart_audit.ts";
import type { SimulatedDisk } from "../simulation/simulated_disk.ts";
import { demand } from "./violation.ts";
import type { SimNode, WorldObserver } from "../simulation/sim_node.ts";
import type { World } from "../simulation/world.ts";

/** What is remembered of a node between two events. */
interface Watch {
  tipHash: string;
  /** What the network's fork choice goes by. */
  tipStrength: bigint;
  poolDigest: bigint;
  poolSize: number;
  /** The work of the tip that a crash cannot take away. */
  durableWork: bigint;
  id: number | undefined;
  ring: string | undefined;
  /** Payments that this node answered with yes. */
  readonly acknowledged: Map<Txid, Transaction>;
  /** Transactions of which the node said that they left its pool. */
  readonly removed: Set<Txid>;
  changeCount: number;
  tipCount: number;
  durableCount: number;
}

/** Every so many changes of a pool, all its answers are recomputed. */
const POOL_AUDIT_EVERY = 8;
/** Every so many new tips, all coins are gone through, which has all of them moved; else they are looked up. */
const COIN_AUDIT_EVERY = 3;
/** Every so many durable batches, a restart is tried out. */
const RESTART_AUDIT_EVERY = 16;

/** Charges that an honest node may face when messages are lost or late. */
const FORGIVEN_CHARGES: ReadonlySet<string> = new Set(["peer-stalls", "peer-lies-about-work"]);

export class NodeChecker implements WorldObserver {
  readonly ledger: ReferenceLedger;
  readonly #watches = new Map<SimNode, Watch>();
  readonly #byzantine: ReadonlySet<number>;
  readonly #world: () => World;

  /**
   * @param options.world asked for late: the world is made with its observers
   * @param options.byzantine nodes that lie on purpose; their own state is honest, their words are not
   */
  constructor(
    params: Params,
    options: { readonly world: () => World; readonly byzantine: ReadonlySet<number> },
  ) {
    this.ledger = new ReferenceLedger(params);
    this.#world = options.world;
    this.#byzantine = options.byzantine;
  }

  onStart(node: SimNode, state: NodeState): void {
    const watch = this.#watchOf(node);
    watch.tipHash = "";
    watch.poolSize = -1;
    const { network } = state;
    if (network === undefined) {
      demand(watch.durableWork === -1n, "restart-forgot", () => `node ${node.index} is new again`);
      return;
    }
    const { work } = network.chain.tip;
    demand(
      work === watch.durableWork,
      "restart-work",
      () => `node ${node.index} got ${work}, wanted ${watch.durableWork}`,
    );
    watch.tipStrength = strengthOf(network.params, network.chain.tip);
  }

  onStep(node: SimNode, input: NodeInput, effects: readonly NodeEffect[]): void {
    const network = node.state?.network;
    this.#listen(node, effects);
    if (network === undefined) return;
    const watch = this.#watchOf(node);
    const { current } = network.work;
    demand(
      current === undefined ||
        current.template.header.previousHash === network.chain.tip.hash,
      "stale-work",
      () => `node ${node.index} mines on ${current?.template.header.previousHash}`,
    );
    demand(
      current === undefined || network.staged === undefined,
      "mines-on-a-tip-that-goes",
      () => `node ${node.index} mines while it takes in ${network.staged?.stage}`,
    );
    const { chain, mempool } = network;
    const tip = chain.tip;
    demand(
      current !== undefined || network.staged !== undefined ||
        chain.rivals.every(({ hash }) => hash > tip.hash),
      "tie-at-rest",
      () => `node ${node.index} mines nothing and stays with ${tip.hash}`,
    );
    const removed = effects.flatMap((effect) =>
      effect.type === "event" && effect.event.type === "transaction-removed" ? [effect.event] : []
    );
    const hasNewTip = tip.hash !== watch.tipHash;
    const hasNewPool = mempool.size !== watch.poolSize || mempool.digest !== watch.poolDigest;
    if (!hasNewTip && !hasNewPool) return;

    this.#checkMembership(node, network, watch);
    if (hasNewTip) {
      // The node took blocks back by an operator's hand, or because its wrong clock had let blocks of the
      // future in.
      const isByHand = input.type === "control" &&
          (input.command.kind === "invalidate-block" ||
            input.command.kind === "reconsider-block") ||
        hasPutAside(effects);
      this.#checkChoice(node, network, { watch, isByHand });
      this.#checkChain(node, network, watch);
    }
    const state = this.#stateOf(network);
    checkPool(node, network, { state, ledger: this.ledger });
    if (watch.changeCount++ % POOL_AUDIT_EVERY === 0) auditPool(node, network, state);
    checkAcknowledged(node, network, { watch, state });
    checkFailed(node, network, state);
    for (const { txid, reason } of removed) {
      if (reason.code === "dropped-by-operator" || reason.code === "parent-removed") continue;
      checkRemoved(node, network, txid);
    }
    watch.tipHash = tip.hash;
    watch.tipStrength = strengthOf(network.params, tip);
    watch.poolSize = mempool.size;
    watch.poolDigest = mempool.digest;
  }

  /** What is true of a new tip, whichever block it is, by the network's fork choice. */
  #checkChoice(
    node: SimNode,
    { chain, params }: Network,
    { watch, isByHand }: { readonly watch: Watch; readonly isByHand: boolean },
  ): void {
    const { tip } = chain;
    if (params.forkChoice === "ghost") {
      const counted = chain.entries().filter((entry) => chain.statusOf(entry) !== "invalid");
      const wanted = ghostTipOf([...counted]);
      demand(
        wanted === tip,
        "not-heaviest-subtree",
        () => `node ${node.index} has ${tip.hash}, wanted ${wanted?.hash}`,
      );
      return;
    }
    const strength = strengthOf(params, tip);
    demand(
      strength >= watch.tipStrength || isByHand,
      "work-fell",
      () => `node ${node.index} from ${watch.tipStrength} to ${strength}`,
    );
    // Among equals only a lower hash takes the tip's place, so nothing flaps (W01).
    demand(
      strength !== watch.tipStrength || watch.tipHash === "" || tip.hash < watch.tipHash ||
        isByHand,
      "tie-flaps",
      () => `node ${node.index} left ${watch.tipHash} for ${tip.hash}`,
    );
    if (params.forkChoice !== "lower-hash") return;
    for (const entry of chain.entries()) {
      const isLower = entry.work === tip.work && entry.hash < tip.hash &&
        chain.statusOf(entry) === "valid";
      demand(!isLower, "not-lowest-hash", () => `node ${node.index} has ${tip.hash}`);
    }
  }

  onDurable(node: SimNode): void {
    const network = node.state?.network;
    if (network === undefined) return;
    const watch = this.#watchOf(node);
    watch.durableWork = network.chain.tip.work;
    if (watch.durableCount++ % RESTART_AUDIT_EVERY === 0) this.auditRestart(node);
  }

  onEffect(node: SimNode, effect: NodeEffect): void {
    if (effect.type === "send" && !this.#byzantine.has(node.index)) {
      for (const hash of blocksNamedIn(effect.message)) {
        const disk = node.plan.disk as SimulatedDisk;
        demand(
          hash === this.ledger.params.genesis.hash || disk.isDurable(hash),
          "spoke-before-durable",
          () => `node ${node.index} ${effect.message.type} ${hash}`,
        );
      }
    }
    if (effect.type === "reply" && effect.reply.ok && effect.reply.transaction !== undefined) {
      const { transaction } = effect.reply;
      this.#watchOf(node).acknowledged.set(transaction.txid, transaction);
    }
  }

  /** Starts a second node from the same disk and compares it with the one that runs. */
  auditRestart(node: SimNode): void {
    const again = auditRestart(node, this.#world().clockOf(node) + (node.state?.wallOffsetMs ?? 0));
    if (again === undefined) return;
    // At its start a node that mines nothing goes over to the lowest hash of a tie, a tip of nobody's before.
    this.#judge(node, again);
    checkCoins(node, again, this.#stateOf(again));
  }

  /** Payments that nodes answered with yes, and which node. */
  *acknowledged(): Generator<{ readonly node: SimNode; readonly transaction: Transaction }> {
    for (const [node, watch] of this.#watches) {
      for (const transaction of watch.acknowledged.values()) yield { node, transaction };
    }
  }

  /** Tells whether a node has said that a transaction left its pool. */
  hasLeft(node: SimNode, txid: Txid): boolean {
    return this.#watchOf(node).removed.has(txid);
  }

  /** What is true after a node's main chain. */
  stateOfNode(node: SimNode): LedgerState | undefined {
    const network = node.state?.network;
    return network === undefined ? undefined : this.#stateOf(network);
  }

  #stateOf(network: Network): LedgerState {
    const state = this.ledger.stateOf(network.chain.tip.hash);
    demand(state !== undefined, "tip-unjudged", () => network.chain.tip.hash);
    return state;
  }

  /** Judges what nobody's main chain had before. */
  #judge(node: SimNode, { chain }: Network): void {
    const path: Block[] = [];
    for (
      let hash = chain.tip.hash;
      this.ledger.stateOf(hash) === undefined;
    ) {
      const block = chain.block(hash);
      demand(block !== undefined, "body-missing", () => `node ${node.index} ${hash}`);
      path.push(block);
      hash = block.header.previousHash;
    }
    for (const block of path.toReversed()) this.ledger.extend(block);
  }

  #checkChain(node: SimNode, network: Network, watch: Watch): void {
    const { chain } = network;
    this.#judge(node, network);
    demand(
      chain.height === chain.tip.header.height && chain.atHeight(chain.height) === chain.tip,
      "main-chain-index",
      () => `node ${node.index} at ${chain.height}`,
    );
    let below: LedgerState | undefined = this.#stateOf(network);
    for (let height = chain.height; below !== undefined; height--, below = below.parent) {
      const { hash } = below;
      demand(
        chain.atHeight(height)?.hash === hash,
        "main-chain-index",
        () => `node ${node.index} at ${height}`,
      );
    }
    const state = this.#stateOf(network);
    lookCoinsUp(node, network, state);
    if (watch.tipCount++ % COIN_AUDIT_EVERY === 0) checkCoins(node, network, state);
    checkPayouts(node, network);
  }

  #checkMembership(node: SimNode, network: Network, watch: Watch): void {
    const { id, ring, params } = network.membership;
    const fail = (what: string) => () => `node ${node.index}: ${what}`;
    demand(params.genesis.hash === this.ledger.params.genesis.hash, "network", fail("another one"));
    demand(watch.id === undefined || watch.id === id, "id-changed", fail(`${watch.id} to ${id}`));
    watch.id = id;
    if (ring === undefined) return;
    const keys = ring.publicKeys.join();
    for (const [other, { ring: otherKeys }] of this.#watches) {
      demand(
        otherKeys === undefined || otherKeys === keys,
        "ring-differs",
        fail(`from node ${other.index}'s`),
      );
    }
    demand(
      id === undefined || ring.publicKeys[id] === node.config.keyPair.publicKey,
      "ring-id",
      fail(`id ${id}`),
    );
    watch.ring = keys;
  }

  /** Hears what a node says of others: honest ones are never charged with breaking a rule. */
  #listen(node: SimNode, effects: readonly NodeEffect[]): void {
    for (const effect of effects) {
      if (effect.type === "event" && effect.event.type === "transaction-removed") {
        this.#watchOf(node).removed.add(effect.event.txid);
      }
      if (effect.type !== "log") continue;
      const { text, properties } = effect;
      demand(effect.level !== "error", "error-logged", () => {
        return `node ${node.index} ${text} ${JSON.stringify(properties)}`;
      });
      if (text !== "A peer misbehaved") continue;
      const accused = this.#world().nodes.find((other) =>
        other.config.keyPair.publicKey === properties["peer"]
      );
      const isForgiven = FORGIVEN_CHARGES.has(String(properties["code"]));
      demand(
        accused === undefined || this.#byzantine.has(accused.index) || isForgiven,
        "honest-accused",
        () => `node ${node.index} charges ${accused?.index} with ${properties["code"]}`,
      );
    }
  }

  #watchOf(node: SimNode): Watch {
    let watch = this.#watches.get(node);
    if (watch === undefined) {
      watch = {
        tipHash: "",
        tipStrength: -1n,
        poolDigest: -1n,
        poolSize: -1,
        durableWork: -1n,
        id: undefined,
        ring: undefined,
        acknowledged: new Map(),
        removed: new Set(),
        changeCount: 0,
        tipCount: 0,
        durableCount: 0,
      };
      this.#watches.set(node, watch);
    }
    return watch;
  }
}

/** What a tip is compared by: its work, or its height where the longest chain wins. */
function strengthOf({ forkChoice }: Params, { work, header: { height } }: BlockEntry): bigint {
  return forkChoice === "longest" ? BigInt(height) : work;
}

/** The blocks that a message tells of as the sender's own. */
function blocksNamedIn(message: Message): readonly BlockHash[] {
  switch (message.type) {
    case "status":
      return [message.tipHash];
    case "compact-block":
      return [message.hash];
    case "blocks":
      return message.blocks.map(({ hash }) => hash);
    default:
      return [];
  }
}

/** The node took blocks back because its clock says that they are of the future. */
function hasPutAside(effects: readonly NodeEffect[]): boolean {
  return effects.some((effect) =>
    effect.type === "commit" &&
    effect.commit.marked.some(({ invalidCode }) => invalidCode === "block-time-too-new")
  );
}
