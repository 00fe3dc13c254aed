/**
 * Small simulated networks for scripted scenarios: real nodes on perfect links, with the fuzzer's
 * checkers looking on.
 *
 * @module
 */
import type { KeyPair } from "../crypto/keys.ts";
import type { Reply } from "../node/effect.ts";
import type { NodeEffect } from "../node/effect.ts";
import type { ControlCommand } from "../node/input.ts";
import type { Network, Role } from "../node/state.ts";
import type { Params, ParamsChoice } from "../params.ts";
import type { Amount } from "../primitives/amount.ts";
import type { Transaction } from "../primitives/transaction.ts";
import { invariant } from "../result.ts";
import { numberedKeyPair } from "../crypto/numbered_key_pair.ts";
import { testParams } from "./test_params.ts";
import { FUZZ_TIMING } from "../fuzz/fuzz_run.ts";
import { NodeChecker } from "../fuzz/node_checker.ts";
import { type LinkProfile, PERFECT_LINKS } from "../simulation/link_model.ts";
import { SimulatedDisk } from "../simulation/simulated_disk.ts";
import {
  type SimNode,
  type SimNodePlan,
  urlOfNode,
  type WorldObserver,
} from "../simulation/sim_node.ts";
import { World } from "../simulation/world.ts";

export interface ScenarioChoice {
  readonly seed?: number;
  readonly params?: Partial<ParamsChoice>;
  /** How many nodes, observers and late ones included; the ring's size by default. */
  readonly nodes?: readonly Partial<SimNodePlan>[];
  readonly links?: LinkProfile;
  /** Nodes that may lie without their victims being called unjust. */
  readonly liars?: readonly number[];
  /** The mean time between two blocks while all mine. */
  readonly intervalMs?: number;
}

/** A long time in a scenario: whatever has not happened by then does not happen. */
const PATIENCE_MS = 120_000;

export class Scenario implements WorldObserver {
  readonly params: Params;
  readonly world: World;
  readonly checker: NodeChecker;
  /** What every node said, in order. */
  readonly effects: {
    readonly node: number;
    readonly atMs: number;
    readonly effect: NodeEffect;
  }[] = [];
  readonly #replies = new Map<number, Reply>();

  constructor(choice: ScenarioChoice = {}) {
    const params = testParams({ blockWaitMs: 200, ...choice.params });
    this.params = params;
    const plans = choice.nodes ?? Array.from({ length: params.nodes }, () => ({}));
    const blocksPerMs = 1 / (choice.intervalMs ?? 500) / plans.length;
    this.checker = new NodeChecker(params, {
      world: () => this.world,
      byzantine: new Set(choice.liars ?? []),
    });
    this.world = new World({
      seed: choice.seed ?? 1,
      nodes: plans.map((plan, index) => ({
        ...planOfNode(index, params),
        blocksPerMs,
        ...plan,
      })),
      links: choice.links ?? PERFECT_LINKS,
      hasSessions: true,
      observers: [this.checker, this],
    });
    this.world.run(0);
  }

  onEffect(node: SimNode, effect: NodeEffect): void {
    this.effects.push({ node: node.index, atMs: this.world.nowMs, effect });
    if (effect.type === "reply") this.#replies.set(effect.requestId, effect.reply);
  }

  node(index: number): SimNode {
    const node = this.world.nodes[index];
    invariant(node !== undefined, `Cannot find node ${index} in the scenario`);
    return node;
  }

  network(index: number): Network {
    const network = this.node(index).state?.network;
    invariant(network !== undefined, `Node ${index} is on and knows its network`);
    return network;
  }

  key(index: number): KeyPair {
    return this.node(index).config.keyPair;
  }

  /** Lets time pass. */
  pass(forMs: number): void {
    this.world.run(this.world.nowMs + forMs);
  }

  /** Runs until a condition holds; says how long that took. */
  until(what: string, condition: () => boolean, patienceMs = PATIENCE_MS): number {
    const fromMs = this.world.nowMs;
    if (condition()) return 0;
    let isReached = false;
    this.world.run(fromMs + patienceMs, () => isReached = condition());
    invariant(isReached, `Cannot wait any longer: wanted ${what}; ${this.describe()}`);
    return this.world.nowMs - fromMs;
  }

  /** Runs until every node is ready. */
  untilReady(): number {
    return this.until(
      "everybody ready",
      () => this.#running().every(({ state }) => state?.phase === "ready"),
    );
  }

  /** Runs until all that run are on one tip with empty pools. */
  untilAtRest(): number {
    return this.until("one tip and empty pools", () => this.isAtRest());
  }

  isAtRest(): boolean {
    const networks = this.#running().map(({ state }) => state?.network);
    const [first] = networks;
    return networks.every((network) =>
      network?.chain.tip.hash === first?.chain.tip.hash && network?.mempool.size === 0
    );
  }

  /** Gives a node a request and lets a moment pass; the reply, if there was one. */
  pay(from: number, to: number, amount: number): Reply | undefined {
    return this.#ask((requestId) =>
      this.world.give(this.node(from), {
        type: "pay",
        requestId,
        receiver: this.key(to).publicKey,
        amount: amount as Amount,
      })
    );
  }

  submit(at: number, transaction: Transaction): Reply | undefined {
    return this.#ask((requestId) =>
      this.world.give(this.node(at), { type: "submit", requestId, transaction })
    );
  }

  control(at: number, command: ControlCommand): Reply | undefined {
    return this.#ask((requestId) =>
      this.world.give(this.node(at), { type: "control", requestId, command })
    );
  }

  /** Splits the network into two halves. */
  split(left: readonly number[]): void {
    const groups = this.world.nodes.map(({ index }) =>
      [index, left.includes(index) ? 0 : 1] as const
    );
    this.world.links.partition(new Map(groups));
  }

  heal(): void {
    this.world.links.heal();
  }

  /** Each node's confirmed coins, as the first node sees them. */
  balances(at = 0): number[] {
    const { utxos } = this.network(at).chain;
    return this.world.nodes.slice(0, this.params.nodes).map(({ config }) => {
      let sum = 0;
      for (const { amount } of utxos.coinsOf(config.keyPair.publicKey).values()) sum += amount;
      return sum;
    });
  }

  tips(): string[] {
    return this.#running().map(({ state }) => state?.network?.chain.tip.hash ?? "");
  }

  describe(): string {
    return this.world.nodes.map(({ index, state }) => {
      const network = state?.network;
      if (state === undefined) return `${index} off`;
      if (network === undefined) return `${index} ${state.phase}`;
      const { chain, mempool } = network;
      return `${index} ${state.phase} ${chain.height} ${
        chain.tip.hash.slice(0, 8)
      } pool ${mempool.size}`;
    }).join("; ");
  }

  #nextRequestId = 1_000_000;

  #ask(give: (requestId: number) => void): Reply | undefined {
    const requestId = this.#nextRequestId++;
    give(requestId);
    return this.#replies.get(requestId);
  }

  #running(): SimNode[] {
    return this.world.nodes.filter(({ state, hasGivenUp }) => state !== undefined && !hasGivenUp);
  }
}

function planOfNode(index: number, params: Params): SimNodePlan {
  const bootstrapUrl = urlOfNode(0);
  const role: Role = index === 0
    ? { kind: "bootstrap", params }
    : { kind: "member", bootstrapUrl, expectations: {} };
  return {
    keyPair: numberedKeyPair(index),
    role,
    isMining: true,
    isFullMesh: true,
    timing: FUZZ_TIMING,
    blocksPerMs: 0,
    clockOffsetMs: 0,
    clockDrift: 0,
    startAtMs: 0,
    batchDelayMs: 0,
    disk: new SimulatedDisk(),
  };
}
