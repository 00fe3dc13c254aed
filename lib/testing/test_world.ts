/**
 * A handful of nodes for unit tests: the simulator's world on links of five milliseconds that lose nothing,
 * with a node's events and replies at hand, and mining at once or when the test says so.
 *
 * A view of the engine, no second one: time, transport, disks and restarts are the simulator's.
 *
 * @module
 */
import assert from "node:assert/strict";
import { commitmentOf } from "../consensus/utxo_commitment.ts";
import { type KeyPair, keyPairOfSeed, type PublicKey } from "../crypto/keys.ts";
import { sha256 } from "../crypto/hash.ts";
import { utf8Bytes } from "../bytes.ts";
import type { NodeEffect, NodeEvent, Reply } from "../node/effect.ts";
import type { NodeInput, RequestId } from "../node/input.ts";
import { DEFAULT_TIMING, type Network, type NodeConfig, type NodeState } from "../node/state.ts";
import type { Params, ParamsChoice } from "../params.ts";
import type { Amount } from "../primitives/amount.ts";
import type { BlockHash } from "../primitives/header.ts";
import { invariant } from "../result.ts";
import { PERFECT_LINKS } from "../simulation/link_model.ts";
import { SimulatedDisk } from "../simulation/simulated_disk.ts";
import { type SimNode, urlOfNode, WORLD_EPOCH_MS } from "../simulation/sim_node.ts";
import { World } from "../simulation/world.ts";
import type { NodeStore } from "../store/node_store.ts";
import { OwnCoins } from "../wallet/own_coins.ts";
import type { CoinTiers } from "../wallet/payment.ts";
import { signRecord } from "../wire/ring.ts";
import { testParams } from "./test_params.ts";

const DELAY_MS = 5;

/** A node of the world, with what it has said. */
export class TestNode {
  readonly sim: SimNode;
  readonly events: NodeEvent[] = [];
  readonly replies = new Map<RequestId, Reply>();
  /** Why it gave up, if it did. */
  gaveUp: string | undefined;
  #lastState: NodeState | undefined;

  constructor(sim: SimNode) {
    this.sim = sim;
  }

  get url(): string {
    return this.sim.url;
  }

  get keyPair(): KeyPair {
    return this.sim.plan.keyPair;
  }

  get store(): NodeStore {
    return this.sim.plan.disk;
  }

  get job(): SimNode["job"] {
    return this.sim.job;
  }

  /** What it knows; of a node that is off, what it knew. */
  get state(): NodeState {
    this.#lastState = this.sim.state ?? this.#lastState;
    invariant(this.#lastState !== undefined, "A test's node has been started");
    return this.#lastState;
  }
}

export interface TestWorldOptions extends Partial<ParamsChoice> {
  /** Mines each template at once; otherwise {@link TestWorld.mine} does. */
  readonly isAutomatic?: boolean;
  /** How many do so: the first ones, for a chain without rivals; all when left out. */
  readonly minersMax?: number;
}

/** A test's own world. */
export class TestWorld {
  readonly nodes: TestNode[] = [];
  readonly params: Params;
  readonly engine: World;
  readonly #minersMax: number;

  constructor(options: TestWorldOptions = {}) {
    const { isAutomatic = true, minersMax = Infinity, ...choice } = options;
    this.#minersMax = isAutomatic ? minersMax : 0;
    this.params = testParams({
      nodes: 3,
      capacity: 2,
      blockWaitMs: 100,
      genesisTimeMs: WORLD_EPOCH_MS,
      bootstrapKey: keyOf(0).publicKey,
      ...choice,
    });
    this.engine = new World({
      seed: 1,
      nodes: [],
      links: { ...PERFECT_LINKS, latency: { kind: "constant", value: DELAY_MS } },
      observers: [{ onEffect: (sim, effect) => this.#note(sim, effect) }],
    });
  }

  /** The nodes' steady time. */
  get nowMs(): number {
    return Math.floor(WORLD_EPOCH_MS + this.engine.nowMs);
  }

  /** Starts a node; the first one is the bootstrap node. */
  add(config: Partial<NodeConfig> = {}): TestNode {
    const name = this.nodes.length;
    const sim = this.engine.add({
      keyPair: keyOf(name),
      role: name === 0
        ? { kind: "bootstrap", params: this.params }
        : { kind: "member", bootstrapUrl: urlOfNode(0), expectations: {} },
      isMining: true,
      isFullMesh: true,
      timing: DEFAULT_TIMING,
      blocksPerMs: 0,
      clockOffsetMs: 0,
      clockDrift: 0,
      startAtMs: Infinity,
      batchDelayMs: 0,
      disk: new SimulatedDisk(),
    });
    const node = new TestNode(sim);
    this.nodes.push(node);
    this.restart(node, config);
    return node;
  }

  /** Starts the whole ring and waits until everybody has coins. */
  addAll(): void {
    for (let name = 0; name < this.params.nodes; name++) this.add();
    this.runUntil(() => this.nodes.every(({ state }) => state.phase === "ready"));
  }

  /** Loses everything that was not committed. */
  crash(node: TestNode): void {
    invariant(node.state !== undefined, "Only what was started can crash");
    this.engine.crash(node.sim);
  }

  /** Comes back with what was committed. */
  restart(node: TestNode, config: Partial<NodeConfig> = {}): void {
    const { sim } = node;
    const record = signRecord({ url: sim.url, sequence: this.nowMs }, node.keyPair);
    sim.config = { ...sim.config, record, ...config };
    this.engine.start(sim);
  }

  /** From its next start on a node is reached elsewhere, and says so. */
  move(node: TestNode, url: string): void {
    this.engine.move(node.sim, url);
  }

  /** Stops (or lets through) everything between two groups. */
  partition(left: readonly TestNode[], right: readonly TestNode[], isCut = true): void {
    for (const { sim: { index: a } } of left) {
      for (const { sim: { index: b } } of right) {
        this.engine.links.setCut(a, b, isCut);
        this.engine.links.setCut(b, a, isCut);
      }
    }
  }

  /** Pays from a node's wallet and gives the node's answer. */
  pay(node: TestNode, receiver: PublicKey, amount: number): Reply {
    return this.ask(
      node,
      (requestId) => ({ type: "pay", requestId, receiver, amount: amount as Amount }),
    );
  }

  control(node: TestNode, command: (NodeInput & { type: "control" })["command"]): Reply {
    return this.ask(node, (requestId) => ({ type: "control", requestId, command }));
  }

  /** Gives a node a request, and its reply, which comes at once. */
  ask(node: TestNode, inputOf: (requestId: RequestId) => NodeInput): Reply {
    const reply = node.replies.get(this.engine.request(node.sim, inputOf));
    invariant(reply !== undefined, "A request is answered at once");
    return reply;
  }

  /** Solves what a node is mining, if it is mining. */
  mine({ sim }: TestNode): boolean {
    const { job } = sim;
    const isMined = this.engine.mine(sim);
    if (sim.job === job) sim.job = undefined;
    return isMined;
  }

  /** Lets a node take one input, now. */
  input(node: TestNode, input: NodeInput): void {
    this.engine.give(node.sim, input);
  }

  /** Lets time pass until something holds; throws when it does not within a virtual minute. */
  runUntil(holds: () => boolean, limitMs = 60_000): void {
    const endMs = this.engine.nowMs + limitMs;
    while (!holds()) {
      invariant(this.engine.nowMs < endMs, "Cannot get there within the time");
      this.engine.run(endMs, () => true);
    }
  }

  /** Lets time pass. */
  run(durationMs: number): void {
    this.engine.run(this.engine.nowMs + durationMs);
  }

  #note(sim: SimNode, effect: NodeEffect): void {
    const node = this.nodes[sim.index];
    invariant(node !== undefined, "Whoever speaks was added to the world");
    switch (effect.type) {
      case "reply":
        node.replies.set(effect.requestId, effect.reply);
        return;
      case "event":
        node.events.push(effect.event);
        return;
      case "give-up":
        invariant(node.state !== undefined, "Whoever gives up has been on");
        node.gaveUp = effect.code;
        return;
      case "mine":
        if (sim.index < this.#minersMax) this.engine.at(this.engine.nowMs, () => this.mine(node));
        return;
    }
  }
}

/** The network of a node that has joined one. */
export function networkOf(node: TestNode): Network {
  const { network } = node.state;
  invariant(network !== undefined, "The node has joined");
  return network;
}

/** A wallet's spendable coins. */
export function coinTiersOf(network: Network, owner: PublicKey): CoinTiers {
  return new OwnCoins(owner, network).tiers;
}

/** Waits until nothing waits anywhere, and all have the same coins. */
export function settle(world: TestWorld): void {
  world.runUntil(() => world.nodes.every((node) => networkOf(node).mempool.size === 0));
  world.run(6_000);
  const commitments = world.nodes.map((node) =>
    commitmentOf(networkOf(node).chain.utxos.entries())
  );
  assert.equal(new Set(commitments).size, 1, "F09 all nodes have the same coins");
}

/** The block that a node stands on. */
export function tipOf(node: TestNode): BlockHash {
  return networkOf(node).chain.tip.hash;
}

/** What each ring member owns, as the first node sees it. */
export function balances(world: TestWorld): number[] {
  const { chain, membership } = networkOf(world.nodes[0] as TestNode);
  return (membership.ring?.publicKeys ?? []).map((publicKey) => {
    let sum = 0;
    for (const { amount } of chain.utxos.coinsOf(publicKey).values()) sum += amount;
    return sum;
  });
}

function keyOf(name: number): KeyPair {
  return keyPairOfSeed(sha256(utf8Bytes(`test node ${name}`)));
}
