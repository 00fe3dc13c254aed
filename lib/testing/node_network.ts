/**
 * A handful of nodes in one process on one clock: messages arrive after a fixed delay, in order; blocks
 * are mined the moment they are wanted, or when the test says so.
 *
 * The smallest world in which nodes can be tested without sockets. Faults, loads and thousands of nodes
 * are the simulator's.
 *
 * @module
 */
import { sha256 } from "../crypto/hash.ts";
import { type KeyPair, keyPairOfSeed, type PublicKey } from "../crypto/keys.ts";
import { utf8Bytes } from "../bytes.ts";
import { hashHeader } from "../primitives/header.ts";
import type { Template } from "../mining/template.ts";
import type { NodeEffect, NodeEvent, Reply } from "../node/effect.ts";
import type { NodeInput, RequestId } from "../node/input.ts";
import { createNode, step } from "../node/node.ts";
import type { Store } from "../node/persistence.ts";
import {
  DEFAULT_TIMING,
  type Network,
  type NodeConfig,
  type NodeState,
  type Role,
} from "../node/state.ts";
import { createParams, DEFAULT_PARAMS, type Params, type ParamsChoice } from "../params.ts";
import { invariant } from "../result.ts";
import type { Amount } from "../primitives/amount.ts";
import { signRecord } from "../wire/ring.ts";
import { MemoryStore } from "../store/memory_store.ts";
import { OwnCoins } from "../wallet/own_coins.ts";
import type { CoinTiers } from "../wallet/payment.ts";

const START_MS = 1_700_000_000_000;
const DELAY_MS = 5;

/** One node with its disk. */
export interface TestNode {
  readonly name: number;
  readonly url: string;
  readonly keyPair: KeyPair;
  readonly store: Store;
  state: NodeState;
  isUp: boolean;
  readonly events: NodeEvent[];
  readonly replies: Map<RequestId, Reply>;
  job: { readonly jobId: number; readonly template: Template } | undefined;
  gaveUp: string | undefined;
}

interface Delivery {
  readonly atMs: number;
  readonly to: string;
  readonly input: NodeInput;
}

export interface TestNetworkOptions extends Partial<ParamsChoice> {
  /** Mines each template at once; otherwise {@link TestNetwork.mine} does. */
  readonly isAutomatic?: boolean;
  /** How many do so: the first ones, for a chain without rivals; all when left out. */
  readonly minersMax?: number;
}

/** A test's own world. */
export class TestNetwork {
  nowMs = START_MS;
  readonly nodes: TestNode[] = [];
  readonly params: Params;
  readonly #minersMax: number;
  readonly #queue: Delivery[] = [];
  /** Pairs of URLs between which nothing arrives. */
  readonly #cut = new Set<string>();
  #requestId = 0;

  constructor(options: TestNetworkOptions = {}) {
    const { isAutomatic = true, minersMax = Infinity, ...choice } = options;
    this.#minersMax = isAutomatic ? minersMax : 0;
    const params = createParams({
      ...DEFAULT_PARAMS,
      nodes: 3,
      capacity: 2,
      difficulty: 0,
      blockWaitMs: 100,
      genesisTimeMs: START_MS,
      bootstrapKey: keyOf(0).publicKey,
      ...choice,
    });
    invariant(params.ok, "A test's parameters are within bounds");
    this.params = params.value;
  }

  /** Starts a node; the first one is the bootstrap node. */
  add(config: Partial<NodeConfig> = {}): TestNode {
    const name = this.nodes.length;
    const keyPair = keyOf(name);
    const url = urlOf(name);
    const store = new MemoryStore();
    const node: TestNode = {
      name,
      url,
      keyPair,
      store,
      state: createNode(this.#configOf(name, url, config), store),
      isUp: true,
      events: [],
      replies: new Map(),
      job: undefined,
      gaveUp: undefined,
    };
    this.nodes.push(node);
    this.input(node, { type: "start" });
    return node;
  }

  /** Starts the whole ring and waits until everybody has coins. */
  addAll(): void {
    for (let name = 0; name < this.params.nodes; name++) this.add();
    this.runUntil(() => this.nodes.every(({ state }) => state.phase === "ready"));
  }

  /** Loses everything that was not committed. */
  crash(node: TestNode): void {
    node.isUp = false;
    node.job = undefined;
  }

  /** Comes back with what was committed. */
  restart(node: TestNode, config: Partial<NodeConfig> = {}): void {
    const snapshot = node.store.load();
    const full = this.#configOf(node.name, config.record?.url ?? node.url, config);
    node.state = createNode(full, node.store, snapshot === undefined ? {} : { snapshot });
    node.isUp = true;
    this.input(node, { type: "start" });
  }

  /** Stops (or lets through) everything between two groups. */
  partition(left: readonly TestNode[], right: readonly TestNode[], isCut = true): void {
    for (const a of left) {
      for (const b of right) {
        for (const link of [`${a.url} ${b.url}`, `${b.url} ${a.url}`]) {
          if (isCut) this.#cut.add(link);
          else this.#cut.delete(link);
        }
      }
    }
  }

  /** Pays from a node's wallet and gives the node's answer. */
  pay(node: TestNode, receiver: PublicKey, amount: number): Reply {
    const requestId = ++this.#requestId;
    this.input(node, { type: "pay", requestId, receiver, amount: amount as Amount });
    const reply = node.replies.get(requestId);
    invariant(reply !== undefined, "A payment is answered at once");
    return reply;
  }

  control(node: TestNode, command: (NodeInput & { type: "control" })["command"]): Reply {
    const requestId = ++this.#requestId;
    this.input(node, { type: "control", requestId, command });
    const reply = node.replies.get(requestId);
    invariant(reply !== undefined, "A command is answered at once");
    return reply;
  }

  /** Solves what a node is mining, if it is mining. */
  mine(node: TestNode): boolean {
    const { job } = node;
    if (job === undefined || !node.isUp) return false;
    node.job = undefined;
    const { header } = job.template;
    for (let nonce = 0;; nonce++) {
      if (hashHeader({ ...header, nonce }) > this.params.targetHex) continue;
      const { timestampMs } = header;
      this.input(node, { type: "mined", jobId: job.jobId, timestampMs, nonce });
      return true;
    }
  }

  /** Lets a node take one input, now. */
  input(node: TestNode, input: NodeInput): void {
    if (!node.isUp) return;
    for (const effect of step(node.state, input, this.nowMs)) this.#perform(node, effect);
  }

  /** Lets time pass until something holds; throws when it does not within a virtual minute. */
  runUntil(holds: () => boolean, limitMs = 60_000): void {
    const endMs = this.nowMs + limitMs;
    while (!holds()) {
      invariant(this.nowMs < endMs, "Cannot get there within the time");
      this.#advance(endMs);
    }
  }

  /** Lets time pass. */
  run(durationMs: number): void {
    const endMs = this.nowMs + durationMs;
    while (this.nowMs < endMs) this.#advance(endMs);
  }

  #advance(endMs: number): void {
    let nextMs = endMs;
    for (const { atMs } of this.#queue) nextMs = Math.min(nextMs, atMs);
    for (const { isUp, state } of this.nodes) if (isUp) nextMs = Math.min(nextMs, state.wakeAtMs);
    this.nowMs = Math.max(this.nowMs, Math.min(nextMs, endMs));

    for (const node of this.nodes) {
      if (node.isUp && node.state.wakeAtMs <= this.nowMs) this.input(node, { type: "tick" });
    }
    const due = this.#queue.filter(({ atMs }) => atMs <= this.nowMs);
    this.#queue.splice(
      0,
      this.#queue.length,
      ...this.#queue.filter(({ atMs }) => atMs > this.nowMs),
    );
    for (const { to, input } of due) {
      const node = this.nodes.find(({ url }) => url === to);
      if (node !== undefined) this.input(node, input);
    }
    for (const node of this.nodes.slice(0, this.#minersMax)) this.mine(node);
    if (nextMs <= this.nowMs && due.length === 0) this.nowMs += 1;
  }

  #perform(node: TestNode, effect: NodeEffect): void {
    switch (effect.type) {
      case "commit":
        return node.store.commit(effect.commit);
      case "reply":
        node.replies.set(effect.requestId, effect.reply);
        return;
      case "send":
        return this.#send(node, effect);
      case "mine":
        node.job = { jobId: effect.jobId, template: effect.template };
        return;
      case "stop-mining":
        node.job = undefined;
        return;
      case "event":
        node.events.push(effect.event);
        return;
      case "give-up":
        node.gaveUp = effect.code;
        return;
      case "log":
        return;
    }
  }

  #send(node: TestNode, { url, publicKey, message }: NodeEffect & { type: "send" }): void {
    const receiver = this.nodes.find((other) => other.url === url);
    const atMs = this.nowMs + DELAY_MS;
    const isReached = receiver?.isUp === true && !this.#cut.has(`${node.url} ${url}`);
    if (!isReached) {
      const code = "connection-refused";
      this.#queue.push({
        atMs,
        to: node.url,
        input: { type: "peer-failed", url, publicKey, code },
      });
      return;
    }
    if (message.type === "join") {
      const { publicKey } = receiver.keyPair;
      this.#queue.push({
        atMs,
        to: node.url,
        input: { type: "peer-connected", publicKey, url, isCalled: true },
      });
    }
    const from = node.keyPair.publicKey;
    this.#queue.push({ atMs, to: url, input: { type: "message", from, message } });
  }

  #configOf(name: number, url: string, config: Partial<NodeConfig>): NodeConfig {
    const keyPair = keyOf(name);
    const role: Role = name === 0
      ? { kind: "bootstrap", params: this.params }
      : { kind: "member", bootstrapUrl: urlOf(0), expectations: {} };
    return {
      keyPair,
      record: signRecord({ url, sequence: this.nowMs }, keyPair),
      role,
      isMining: true,
      isFullMesh: true,
      timing: DEFAULT_TIMING,
      ...config,
    };
  }
}

/** The network of a node that has joined one. */
export function networkOf(node: TestNode): Network {
  const { network } = node.state;
  invariant(network !== undefined, "The node has joined");
  return network;
}

/** A wallet's spendable coins. */
export function coinTiersOf({ chain: { utxos }, mempool }: Network, owner: PublicKey): CoinTiers {
  return new OwnCoins(owner, { utxos, mempool }).tiers;
}

function keyOf(name: number): KeyPair {
  return keyPairOfSeed(sha256(utf8Bytes(`test node ${name}`)));
}

function urlOf(name: number): string {
  return `http://127.0.0.1:${5000 + name}`;
}
