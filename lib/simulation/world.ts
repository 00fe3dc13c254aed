/**
 * A world of nodes: the production state machine on simulated time, network, disks and hash power.
 *
 * ```
 * event queue → inbox of a node → step() → commits → disk durable → other effects → events
 * ```
 *
 * Does what the shell does, in the same order: a batch of inputs, their commits, then everything that
 * the outside hears. A crash takes memory and whatever was not durable. Mining is a Poisson process at
 * each node's hash rate; when its clock strikes, a nonce is really searched for, so the block meets its
 * target like any other. Everything follows from the seed: no clock, no other randomness.
 *
 * @module
 */
import { BlockForest } from "../consensus/block_tree.ts";
import {
  createTransactionVerifier,
  type TransactionVerifier,
} from "../consensus/transaction_verifier.ts";
import type { NodeEffect } from "../node/effect.ts";
import type { NodeInput, RequestId } from "../node/input.ts";
import { createNode, step } from "../node/node.ts";
import type { Snapshot } from "../node/persistence.ts";
import type { NodeState } from "../node/state.ts";
import type { Params } from "../params.ts";
import { invariant } from "../result.ts";
import type { Message } from "../wire/message.ts";
import { EventQueue } from "./event_queue.ts";
import { LinkModel } from "./link_model.ts";
import type { Seed } from "../random/random_stream.ts";
import {
  type CrashPoint,
  createSimNode,
  powerOff,
  type SimNode,
  type SimNodePlan,
  type SimWorld,
  WORLD_EPOCH_MS,
  type WorldObserver,
} from "./sim_node.ts";
import { describeEffect, describeInput } from "./describe.ts";
import { Transport } from "./transport.ts";
import { Mail, type MailEvent } from "./mail.ts";
import { retarget, searchNonce, windUp } from "./mining_clock.ts";
import { sharedByNetwork } from "./shared_by_network.ts";
import type { WorldOptions } from "./world_options.ts";

type WorldEvent =
  | MailEvent
  | { readonly kind: "batch"; readonly node: SimNode; readonly life: number }
  | { readonly kind: "tick"; readonly node: SimNode; readonly life: number }
  | { readonly kind: "continue"; readonly node: SimNode; readonly life: number }
  | { readonly kind: "strike"; readonly node: SimNode; readonly atMs: number }
  | { readonly kind: "act"; readonly act: () => void };

export class World implements SimWorld {
  readonly seed: Seed;
  readonly #nodes: SimNode[] = [];
  readonly links: LinkModel;
  readonly #options: WorldOptions;
  readonly #observers: readonly WorldObserver[];
  /** Those who look on at what happens most. */
  readonly #stepObservers: readonly WorldObserver[];
  readonly #durableObservers: readonly WorldObserver[];
  readonly #effectObservers: readonly WorldObserver[];
  readonly #queue = new EventQueue<WorldEvent>();
  readonly #transport: Transport;
  readonly #mail: Mail;
  readonly #verifierOf: (params: Params) => TransactionVerifier;
  readonly #forestOf = sharedByNetwork((params) => new BlockForest(params));
  #nowMs = 0;
  #eventCount = 0;
  #nextRequestId: RequestId = 1;

  constructor(options: WorldOptions) {
    this.seed = options.seed;
    this.#options = options;
    this.#observers = options.observers ?? [];
    this.#stepObservers = this.#observers.filter(({ onStep }) => onStep !== undefined);
    this.#durableObservers = this.#observers.filter(({ onDurable }) => onDurable !== undefined);
    this.#effectObservers = this.#observers.filter(({ onEffect }) => onEffect !== undefined);
    this.links = new LinkModel(options.seed, options.links);
    this.#transport = new Transport(this);
    this.#verifierOf = sharedByNetwork(options.verifierOf ?? createTransactionVerifier);
    this.#mail = new Mail(this, options, {
      push: (timeMs, event) => this.#push(timeMs, event),
      takeIn: (node, input) => this.#takeIn(node, input),
      shakeHands: (from, fromLife, node) => this.#transport.shakeHands(from, fromLife, node),
    });
    for (const plan of options.nodes) this.add(plan);
  }

  get nodes(): readonly SimNode[] {
    return this.#nodes;
  }

  /** True time since the world began. */
  get nowMs(): number {
    return this.#nowMs;
  }

  /** How many events have been processed. */
  get eventCount(): number {
    return this.#eventCount;
  }

  /** A node's steady time. */
  clockOf(node: SimNode): number {
    return Math.floor(
      WORLD_EPOCH_MS + node.clockOffsetMs + this.#nowMs * (1 + node.plan.clockDrift),
    );
  }

  /** Lets something happen at a time. */
  at(timeMs: number, act: () => void): void {
    this.#push(timeMs, { kind: "act", act });
  }

  /** Runs until a time, or until nothing is left to happen, or until the condition holds. */
  run(untilMs: number, isDone?: () => boolean): void {
    while (this.#queue.nextTimeMs <= untilMs) {
      this.#nowMs = this.#queue.nextTimeMs;
      this.#process(this.#queue.pop() as WorldEvent);
      this.#eventCount++;
      if (isDone?.() === true) return;
    }
    this.#nowMs = Math.max(this.#nowMs, Math.min(untilMs, Number.MAX_SAFE_INTEGER));
  }

  /** Puts one more node into the world; it is switched on when its plan says so. */
  add(plan: SimNodePlan): SimNode {
    const index = this.#nodes.length;
    const isExpected = !this.#mail.isFixed || index < this.#options.nodes.length;
    invariant(isExpected, "A world that leaves out old news keeps its nodes");
    const node = createSimNode(plan, index, this.seed);
    this.#nodes.push(node);
    this.#transport.place(node, node.url);
    if (plan.startAtMs < Infinity) this.at(plan.startAtMs, () => this.start(node));
    if (plan.blocksPerMs > 0) this.#planStrike(node);
    return node;
  }

  /** From now on a node is reached elsewhere; what it says of itself is in its configuration. */
  move(node: SimNode, url: string): void {
    this.#transport.place(node, url);
  }

  /** Switches a node on, with what is on its disk. */
  start(node: SimNode): void {
    if (node.state !== undefined || node.hasGivenUp) return;
    const snapshot: Snapshot | undefined = node.plan.disk.load();
    // A process takes the wall clock as it stands for the beginning of its steady time.
    node.clockOffsetMs += node.wallOffsetMs;
    node.wallOffsetMs = 0;
    node.asleepSinceMs = undefined;
    const state = createNode(node.config, node.plan.disk, {
      ...(snapshot === undefined ? {} : { snapshot }),
      verifierOf: this.#verifierOf,
      forestOf: this.#forestOf,
      ...(this.#options.checkBlock === undefined ? {} : { checkBlock: this.#options.checkBlock }),
    });
    node.state = state;
    node.life++;
    node.tickAtMs = Infinity;
    this.#note(node, "start");
    for (const observer of this.#observers) observer.onStart?.(node, state);
    if (this.#options.isSettled === true) this.#startSettled(node, state);
    else this.#takeIn(node, { type: "start" });
  }

  /** The first step of a node whose peers have heard of it. */
  #startSettled(node: SimNode, state: NodeState): void {
    invariant(this.#nowMs === 0, "Nodes of a settled world start at once");
    for (const effect of step(state, { type: "start" }, this.clockOf(node))) {
      if (effect.type !== "send") this.#perform(node, effect);
    }
  }

  /** Takes a node's power away, now or within its next batch. */
  crash(node: SimNode, point?: CrashPoint): void {
    if (node.state === undefined) return;
    if (point !== undefined) {
      node.crashAt = point;
      return;
    }
    const { state } = node;
    this.#note(node, "crash");
    node.plan.disk.crash();
    powerOff(node);
    for (const observer of this.#observers) observer.onCrash?.(node, state);
  }

  /** Moves a node's wall clock, as a time server or a hand does; its steady time does not notice. */
  shiftClock(node: SimNode, byMs: number): void {
    node.wallOffsetMs += byMs;
    this.give(node, { type: "clock", wallOffsetMs: node.wallOffsetMs });
  }

  /** A node's machine sleeps for a while: the world goes on without it, and its steady time stands still. */
  sleep(node: SimNode, forMs: number): void {
    if (node.state === undefined || node.asleepSinceMs !== undefined) return;
    this.#note(node, "falls asleep");
    const sinceMs = this.#nowMs;
    node.asleepSinceMs = sinceMs;
    this.at(sinceMs + forMs, () => {
      if (node.asleepSinceMs === sinceMs) this.wake(node);
    });
  }

  /** A sleeping node goes on where it stood. */
  wake(node: SimNode): void {
    if (node.state === undefined || node.asleepSinceMs === undefined) return;
    const sleptMs = Math.round(this.#nowMs - node.asleepSinceMs);
    node.asleepSinceMs = undefined;
    node.clockOffsetMs -= sleptMs;
    node.wallOffsetMs += sleptMs;
    node.isBatchPlanned = false;
    node.tickAtMs = Infinity;
    this.give(node, { type: "clock", wallOffsetMs: node.wallOffsetMs });
  }

  /** Gives a node an input as its own shell would. */
  give(node: SimNode, input: NodeInput): void {
    if (node.state !== undefined) this.#takeIn(node, input);
  }

  /** Asks a node for something; whoever looks on sees the reply. */
  request(node: SimNode, make: (requestId: RequestId) => NodeInput): RequestId {
    const requestId = this.#nextRequestId++;
    this.give(node, make(requestId));
    return requestId;
  }

  /** A node finds the block that it mines; false where it mines nothing. */
  mine(node: SimNode): boolean {
    const { job, state } = node;
    if (job === undefined || state === undefined || node.asleepSinceMs !== undefined) return false;
    const params = state.network?.params;
    invariant(params !== undefined, "A node that mines knows its network");
    const found = searchNonce(node, job.template.header, {
      params,
      wallMs: this.clockOf(node) + state.wallOffsetMs,
    });
    this.#takeIn(node, { type: "mined", jobId: job.jobId, ...found });
    return true;
  }

  /** Sends a message as if `from` had sent it. */
  sendMessage(from: SimNode, to: SimNode, message: Message): void {
    this.#mail.send(from, to, message);
  }

  /** Tells whether nothing would come of a message that is sent now, for anybody: it need not be sent. */
  leavesOut(from: SimNode, to: number, message: Message): boolean {
    return this.#mail.leavesOut(from, to, message);
  }

  #process(event: WorldEvent): void {
    switch (event.kind) {
      case "deliver":
        return this.#mail.arrive(event);
      case "handle":
        return this.#mail.handle(event.delivery);
      case "batch":
        if (event.node.life === event.life) this.#runBatch(event.node);
        return;
      case "tick":
        return this.#tick(event.node, event.life);
      case "continue":
        if (event.node.life === event.life) this.#takeIn(event.node, { type: "continue" });
        return;
      case "strike":
        // One that was put off or brought forward strikes at another time.
        if (event.atMs !== event.node.strikeAtMs) return;
        this.#planStrike(event.node);
        this.mine(event.node);
        return;
      case "act":
        return event.act();
    }
  }

  #takeIn(node: SimNode, input: NodeInput): void {
    if (node.state === undefined || node.asleepSinceMs !== undefined) return;
    const { adversary, plan } = node;
    // Without a delay nothing is ever left in the inbox.
    const isDirect = plan.batchDelayMs === 0 && adversary === undefined &&
      node.crashAt === undefined;
    if (isDirect) return this.#runOne(node, node.state, input);
    const inputs = adversary?.intake?.(input, { world: this, node }) ?? [input];
    node.inbox.push(...inputs);
    if (node.isBatchPlanned || node.inbox.length === 0) return;
    if (node.plan.batchDelayMs === 0) return this.#runBatch(node);
    node.isBatchPlanned = true;
    const delayMs = node.timingStream.uniform(0, node.plan.batchDelayMs);
    this.#push(this.#nowMs + delayMs, { kind: "batch", node, life: node.life });
  }

  /** A batch of one input without anything that could go wrong: what large networks do all the time. */
  #runOne(node: SimNode, state: NodeState, input: NodeInput): void {
    const { disk } = node.plan;
    if (this.#options.trace !== undefined) this.#note(node, describeInput(input));
    const effects = step(state, input, this.clockOf(node));
    const [first] = effects;
    const commit = first?.type === "commit" ? first.commit : undefined;
    if (commit !== undefined) {
      disk.begin();
      disk.commit(commit);
      this.#mail.noteStored(node, commit);
    }
    for (const observer of this.#stepObservers) observer.onStep?.(node, input, effects);
    if (commit !== undefined) {
      disk.end();
      state.network?.chain.releasePersisted();
    }
    for (const observer of this.#durableObservers) observer.onDurable?.(node);
    for (let index = commit === undefined ? 0 : 1; index < effects.length; index++) {
      this.#perform(node, effects[index] as NodeEffect);
    }
    this.#planTick(node, state);
  }

  /** One group commit: steps and their commits, then durability, then effects in order. */
  #runBatch(node: SimNode): void {
    const { state } = node;
    if (state === undefined || node.asleepSinceMs !== undefined) return;
    node.isBatchPlanned = false;
    const inputs = node.inbox;
    node.inbox = [];
    const { disk } = node.plan;
    const outside: NodeEffect[] = [];

    disk.begin();
    for (const input of inputs) {
      const nowMs = this.clockOf(node);
      if (this.#options.trace !== undefined) this.#note(node, describeInput(input));
      const effects = step(state, input, nowMs);
      for (const effect of effects) {
        if (effect.type !== "commit") outside.push(effect);
        else {
          disk.commit(effect.commit);
          this.#mail.noteStored(node, effect.commit);
        }
      }
      for (const observer of this.#stepObservers) observer.onStep?.(node, input, effects);
    }
    if (node.crashAt?.kind === "before-durable") return this.crash(node);
    disk.end();
    for (const observer of this.#durableObservers) observer.onDurable?.(node);

    let effectsLeft = node.crashAt?.effectsDone ?? Infinity;
    for (const effect of outside) {
      if (effectsLeft-- <= 0) break;
      this.#release(node, effect);
    }
    if (node.crashAt !== undefined) return this.crash(node);
    this.#planTick(node, state);
  }

  #release(node: SimNode, effect: NodeEffect): void {
    const { adversary } = node;
    if (adversary?.outlet === undefined) return this.#perform(node, effect);
    for (const changed of adversary.outlet(effect, { world: this, node })) {
      this.#perform(node, changed);
    }
  }

  #perform(node: SimNode, effect: NodeEffect): void {
    if (this.#options.trace !== undefined && effect.type !== "log") {
      this.#note(node, describeEffect(effect));
    }
    for (const observer of this.#effectObservers) observer.onEffect?.(node, effect);
    switch (effect.type) {
      case "send":
        return this.#transport.send(node, effect);
      case "mine":
        node.job = effect;
        if (retarget(node, effect.template.header.compactTarget, this.#nowMs)) {
          this.#awaitStrike(node);
        }
        return;
      case "stop-mining":
        node.job = undefined;
        return;
      case "continue":
        return this.#push(this.#nowMs, { kind: "continue", node, life: node.life });
      case "give-up":
        node.hasGivenUp = true;
        node.state = undefined;
        return;
    }
  }

  #planTick(node: SimNode, state: NodeState): void {
    if (state.wakeAtMs === Infinity) return;
    const { clockOffsetMs, plan } = node;
    const dueMs = (state.wakeAtMs - WORLD_EPOCH_MS - clockOffsetMs) / (1 + plan.clockDrift);
    // A clock counts whole milliseconds: a hair later it has surely reached the time.
    const atMs = Math.max(dueMs + 0.001, this.#nowMs);
    if (atMs >= node.tickAtMs) return;
    node.tickAtMs = atMs;
    this.#push(atMs, { kind: "tick", node, life: node.life });
  }

  #tick(node: SimNode, life: number): void {
    const { state } = node;
    if (state === undefined || node.asleepSinceMs !== undefined) return;
    if (node.life !== life || node.tickAtMs > this.#nowMs) return;
    node.tickAtMs = Infinity;
    if (state.wakeAtMs <= this.clockOf(node)) this.#takeIn(node, { type: "tick" });
    else this.#planTick(node, state);
  }

  #planStrike(node: SimNode): void {
    windUp(node, this.#nowMs);
    this.#awaitStrike(node);
  }

  #awaitStrike(node: SimNode): void {
    this.#push(node.strikeAtMs, { kind: "strike", node, atMs: node.strikeAtMs });
  }

  #push(timeMs: number, event: WorldEvent): void {
    this.#queue.push(timeMs, event);
  }

  #note(node: SimNode, text: string): void {
    this.#options.trace?.add(`${this.#nowMs.toFixed(3)} ${node.index} ${text}`);
  }
}
