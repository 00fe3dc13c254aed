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
import type { BlockCheck } from "../consensus/check_block.ts";
import type { TransactionVerifier } from "../consensus/transaction_verifier.ts";
import { createTransactionVerifier } from "../consensus/transaction_verifier.ts";
import type { NodeEffect } from "../node/effect.ts";
import type { NodeInput, RequestId } from "../node/input.ts";
import { createNode, step } from "../node/node.ts";
import type { Commit, Snapshot } from "../node/persistence.ts";
import type { NodeState } from "../node/state.ts";
import type { Params } from "../params.ts";
import { targetHexOf } from "../consensus/check_block.ts";
import { hashHeader } from "../primitives/header.ts";
import { type CompactTarget, targetOfCompact, workOfTarget } from "../primitives/target.ts";
import { invariant } from "../result.ts";
import { decodeMessage, encodeMessage } from "../wire/codec.ts";
import type { Message } from "../wire/message.ts";
import { EventQueue } from "./event_queue.ts";
import { sizeOfMessageBytes } from "./message_size.ts";
import { LinkModel, type LinkProfile } from "./link_model.ts";
import { type ProcessingCost, processingMs } from "./processing.ts";
import { OldNews } from "./old_news.ts";
import type { Seed } from "../random/random_stream.ts";
import {
  type CrashPoint,
  createSimNode,
  type PassedMessage,
  type SimNode,
  type SimNodePlan,
  type SimWorld,
  WORLD_EPOCH_MS,
  type WorldObserver,
} from "./sim_node.ts";
import { describeEffect, describeInput } from "./describe.ts";
import type { Trace } from "./trace.ts";
import { Transport } from "./transport.ts";

export interface WorldOptions {
  readonly seed: Seed;
  readonly nodes: readonly SimNodePlan[];
  readonly links: LinkProfile;
  /** All of one process share verdicts over signatures. */
  readonly verifierOf?: (params: Params) => TransactionVerifier;
  /** Whether each message goes through the codec. */
  readonly isEncoded?: boolean;
  /** Whether all transport sessions are told to the nodes; those that a join opens always are. */
  readonly hasSessions?: boolean;
  readonly observers?: readonly WorldObserver[];
  readonly trace?: Trace;
  /**
   * Leaves out the arrival of a block that its receiver has by then: what a node does with it is nothing.
   * Only where nodes never crash and nobody counts events.
   */
  readonly skipsOldNews?: boolean;
  /**
   * All nodes are up from the beginning and know that of each other: what a node says to its peers when it
   * starts is not sent. Only where every node starts at once.
   */
  readonly isSettled?: boolean;
  /** How blocks are looked into, in place of all rules. */
  readonly checkBlock?: BlockCheck;
  /** What messages cost a node; processors are infinitely fast without it. */
  readonly processing?: ProcessingCost;
  /** What each block weighs on the wire beside what it carries. */
  readonly blockSizeBytes?: number;
}

interface Delivery {
  readonly kind: "deliver";
  readonly node: SimNode;
  readonly life: number;
  readonly from: SimNode;
  readonly fromLife: number;
  readonly message: Message;
  readonly sentAtMs: number;
  readonly sizeBytes: number;
}

type WorldEvent =
  | Delivery
  /** A message's processor time is spent. */
  | { readonly kind: "handle"; readonly delivery: Delivery }
  | { readonly kind: "batch"; readonly node: SimNode; readonly life: number }
  | { readonly kind: "tick"; readonly node: SimNode; readonly life: number }
  | { readonly kind: "strike"; readonly node: SimNode; readonly atMs: number }
  | { readonly kind: "act"; readonly act: () => void };

export class World implements SimWorld {
  readonly seed: Seed;
  readonly #nodes: SimNode[] = [];
  readonly links: LinkModel;
  readonly #options: WorldOptions;
  readonly #observers: readonly WorldObserver[];
  readonly #queue = new EventQueue<WorldEvent>();
  readonly #transport: Transport;
  readonly #verifiers = new Map<string, TransactionVerifier>();
  readonly #oldNews: OldNews<Delivery> | undefined;
  #nowMs = 0;
  #eventCount = 0;
  #nextRequestId: RequestId = 1;

  constructor(options: WorldOptions) {
    this.seed = options.seed;
    this.#options = options;
    this.#observers = options.observers ?? [];
    this.links = new LinkModel(options.seed, options.links);
    this.#transport = new Transport(this);
    // With processor time even old news cost some.
    const skipsOldNews = options.skipsOldNews === true && options.processing === undefined;
    if (skipsOldNews) this.#oldNews = new OldNews(options.nodes.length);
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
    const isExpected = this.#oldNews === undefined || index < this.#options.nodes.length;
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
      verifierOf: (params) => this.#verifierOf(params),
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
    node.state = undefined;
    node.job = undefined;
    node.inbox = [];
    node.isBatchPlanned = false;
    node.crashAt = undefined;
    node.tickAtMs = Infinity;
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
    const { header } = job.template;
    const params = state.network?.params;
    invariant(params !== undefined, "A node that mines knows its network");
    const targetHex = targetHexOf(header.compactTarget, params);
    const timestampMs = Math.max(
      header.timestampMs,
      this.clockOf(node) + state.wallOffsetMs,
    ) as typeof header.timestampMs;
    let nonce = node.miningStream.u32();
    while (hashHeader({ ...header, timestampMs, nonce }) > targetHex) nonce = (nonce + 1) >>> 0;
    this.#takeIn(node, { type: "mined", jobId: job.jobId, timestampMs, nonce });
    return true;
  }

  /** Sends a message as if `from` had sent it. */
  sendMessage(from: SimNode, to: SimNode, message: Message): void {
    const sent = this.#options.isEncoded === true ? recode(message) : message;
    const route = {
      from: from.index,
      to: to.index,
      sizeBytes: this.#sizeBytesOf(message),
      nowMs: this.#nowMs,
    };
    const isNews = this.#oldNews !== undefined && message.type === "compact-block" &&
      to.adversary === undefined && from.adversary === undefined;
    // The link and its random numbers go on as if it had been sent: all else stays the same.
    if (isNews && this.#oldNews.isKnown(to.index, message.hash)) {
      return this.links.send(route, NOBODY);
    }
    const sentAtMs = this.#nowMs;
    const delivery = (): Delivery => ({
      kind: "deliver",
      node: to,
      life: to.life,
      from,
      fromLife: from.life,
      message: sent,
      sentAtMs,
      sizeBytes: route.sizeBytes,
    });
    let arrivalCount = 0;
    this.links.send(route, (arrivalMs) => {
      arrivalCount++;
      const isEvent = !isNews ||
        this.#oldNews.plan({ node: to.index, news: message, arrivalMs }, delivery);
      if (isEvent) this.#push(arrivalMs, delivery());
    });
    if (arrivalCount === 0) this.#tellMessage({ from, to, message, sentAtMs, isLost: true });
  }

  /** Where nothing depends on it, a size is not computed. */
  #sizeBytesOf(message: Message): number {
    const { processing, blockSizeBytes } = this.#options;
    const isWanted = this.links.profile.uplink !== undefined || (processing?.kilobyteUs ?? 0) > 0;
    return isWanted ? sizeOfMessageBytes(message, blockSizeBytes) : 0;
  }

  #tellMessage(passed: Omit<PassedMessage, "atMs">): void {
    for (const observer of this.#observers) {
      if (observer.onMessage !== undefined) observer.onMessage({ ...passed, atMs: this.#nowMs });
    }
  }

  #process(event: WorldEvent): void {
    switch (event.kind) {
      case "deliver":
        return this.#deliver(event);
      case "handle":
        return this.#handle(event.delivery);
      case "batch":
        if (event.node.life === event.life) this.#runBatch(event.node);
        return;
      case "tick":
        return this.#tick(event.node, event.life);
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

  #deliver(event: Delivery): void {
    const { node, from, message, sentAtMs } = event;
    const isLost = node.state === undefined || node.life !== event.life;
    this.#tellMessage({ from, to: node, message, sentAtMs, isLost });
    if (isLost) return;
    const { processing } = this.#options;
    if (processing === undefined) return this.#handle(event);
    const costMs = processingMs(message, event.sizeBytes, processing);
    node.busyUntilMs = Math.max(this.#nowMs, node.busyUntilMs) + costMs;
    // What is known already costs its time, and nothing comes of it.
    if (this.#options.hasSessions !== true && this.#isOldNews(node, message)) return;
    this.#push(node.busyUntilMs, { kind: "handle", delivery: event });
  }

  #isOldNews(node: SimNode, message: Message): boolean {
    return message.type === "compact-block" && node.adversary === undefined &&
      node.state?.network?.chain.entry(message.hash) !== undefined;
  }

  #handle(event: Delivery): void {
    const { node, from, fromLife, message } = event;
    if (node.asleepSinceMs !== undefined || node.life !== event.life) return;
    const hasSession = this.#options.hasSessions === true || message.type === "join";
    if (hasSession) this.#transport.shakeHands(from, fromLife, node);
    this.#takeIn(node, { type: "message", from: from.config.keyPair.publicKey, message });
    if (this.#oldNews === undefined || message.type !== "compact-block") return;
    for (const { arrivalMs, delivery } of this.#oldNews.settle(node.index, message.hash)) {
      this.#push(arrivalMs, delivery);
    }
  }

  #takeIn(node: SimNode, input: NodeInput): void {
    if (node.state === undefined || node.asleepSinceMs !== undefined) return;
    const { adversary, plan } = node;
    const isDirect = plan.batchDelayMs === 0 && adversary === undefined &&
      node.crashAt === undefined && node.inbox.length === 0;
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
      this.#noteStored(node, commit);
    }
    for (const observer of this.#observers) observer.onStep?.(node, input, effects);
    if (commit !== undefined) disk.end();
    for (const observer of this.#observers) observer.onDurable?.(node);
    for (let index = commit === undefined ? 0 : 1; index < effects.length; index++) {
      this.#perform(node, effects[index] as NodeEffect);
    }
    this.#planTick(node, state);
  }

  #noteStored(node: SimNode, { stored }: Commit): void {
    if (this.#oldNews === undefined) return;
    for (const { block } of stored) this.#oldNews.note(node.index, block.hash);
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
          this.#noteStored(node, effect.commit);
        }
      }
      for (const observer of this.#observers) observer.onStep?.(node, input, effects);
    }
    if (node.crashAt?.kind === "before-durable") return this.crash(node);
    disk.end();
    for (const observer of this.#observers) observer.onDurable?.(node);

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
    for (const observer of this.#observers) observer.onEffect?.(node, effect);
    switch (effect.type) {
      case "send":
        return this.#transport.send(node, effect);
      case "mine":
        node.job = effect;
        this.#retarget(node, effect.template.header.compactTarget);
        return;
      case "stop-mining":
        node.job = undefined;
        return;
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

  /** A node's Poisson clock: when it strikes, a node that mines has found a block. */
  #planStrike(node: SimNode): void {
    const waitMs = node.miningStream.exponential(1 / node.plan.blocksPerMs) * node.strikeWork;
    node.strikeAtMs = this.#nowMs + waitMs;
    this.#push(node.strikeAtMs, { kind: "strike", node, atMs: node.strikeAtMs });
  }

  /** A node mines at another difficulty: what is left until its clock strikes grows or shrinks with the work. */
  #retarget(node: SimNode, compactTarget: CompactTarget): void {
    const params = node.state?.network?.params;
    if (params === undefined || params.difficultyAdjustment === "none") return;
    const target = targetOfCompact(compactTarget);
    invariant(target !== undefined, "A template has a target");
    const work = Number(workOfTarget(target)) / Number(params.workPerBlock);
    if (work === node.strikeWork || !(node.plan.blocksPerMs > 0)) return;
    const leftMs = (node.strikeAtMs - this.#nowMs) * work / node.strikeWork;
    node.strikeWork = work;
    node.strikeAtMs = this.#nowMs + leftMs;
    this.#push(node.strikeAtMs, { kind: "strike", node, atMs: node.strikeAtMs });
  }

  #verifierOf(params: Params): TransactionVerifier {
    const make = this.#options.verifierOf ?? createTransactionVerifier;
    const { hash } = params.genesis;
    const known = this.#verifiers.get(hash);
    if (known !== undefined) return known;
    const verifier = make(params);
    this.#verifiers.set(hash, verifier);
    return verifier;
  }

  #push(timeMs: number, event: WorldEvent): void {
    this.#queue.push(timeMs, event);
  }

  #note(node: SimNode, text: string): void {
    this.#options.trace?.add(`${this.#nowMs.toFixed(3)} ${node.index} ${text}`);
  }
}

const NOBODY = () => {};

/** A message as the other side reads it. */
function recode(message: Message): Message {
  const decoded = decodeMessage(encodeMessage(message));
  invariant(decoded !== undefined, `A message survives its encoding: ${message.type}`);
  return decoded;
}
