/**
 * The nodes of a simulated world: how they are planned, what is remembered of each while it runs or lies
 * switched off, who may wrap one, and who may look on.
 *
 * @module
 */
import type { KeyPair } from "../crypto/keys.ts";
import type { Template } from "../mining/template.ts";
import type { NodeEffect } from "../node/effect.ts";
import type { NodeInput } from "../node/input.ts";
import type { NodeConfig, NodeState, NodeTiming, Role } from "../node/state.ts";
import type { NodeStore } from "../store/node_store.ts";
import type { Message } from "../wire/message.ts";
import { type AddressRecord, signRecord } from "../wire/ring.ts";
import type { LinkModel } from "./link_model.ts";
import { type RandomStream, randomStream, type Seed } from "../random/random_stream.ts";

/** When virtual time 0 is: genesis of test networks and one second. */
export const WORLD_EPOCH_MS = 1_704_067_201_000;

/** A node as it is planned. */
export interface SimNodePlan {
  readonly keyPair: KeyPair;
  /** Its word on where it is, if there is one already. */
  readonly record?: AddressRecord;
  readonly role: Role;
  readonly isMining: boolean;
  readonly isFullMesh: boolean;
  /** From so many transactions on a block is taken in by stages, if not as usual. */
  readonly stagedTransactionsMin?: number | undefined;
  readonly timing: NodeTiming;
  /** Blocks a millisecond that this node finds on average while it mines. */
  readonly blocksPerMs: number;
  readonly clockOffsetMs: number;
  /** How much faster than true time its clock runs: 0.0001 is 100 ppm. */
  readonly clockDrift: number;
  /** Infinity for a node that somebody starts by hand. */
  readonly startAtMs: number;
  /** What an input waits for at most until its batch is taken up; 0 for no batches. */
  readonly batchDelayMs: number;
  readonly disk: SimDisk;
}

/** A store that can be cut off. */
export interface SimDisk extends NodeStore {
  crash(): void;
}

/** A node that runs, or lies there switched off. */
export interface SimNode {
  readonly index: number;
  readonly plan: SimNodePlan;
  /** Where it is reached. Changed by the world that it is moved in. */
  url: string;
  /** What it is started with. */
  config: NodeConfig;
  readonly miningStream: RandomStream;
  readonly timingStream: RandomStream;
  /** `undefined` while it is off. */
  state: NodeState | undefined;
  /** Grows with each start: what was meant for an earlier life is dropped. */
  life: number;
  /** Of its steady time: it stands still while the node sleeps. */
  clockOffsetMs: number;
  /** How far its machine's wall clock is ahead of its steady time. */
  wallOffsetMs: number;
  /** Since when it neither hears nor does anything. */
  asleepSinceMs: number | undefined;
  job: { readonly jobId: number; readonly template: Template } | undefined;
  /** When its clock strikes next, in true time. */
  strikeAtMs: number;
  /** The work of what it mines, against that of the first block. */
  strikeWork: number;
  inbox: NodeInput[];
  isBatchPlanned: boolean;
  /** When the earliest planned tick comes, in true time. */
  tickAtMs: number;
  hasGivenUp: boolean;
  /** The next batch ends in a crash, there. */
  crashAt: CrashPoint | undefined;
  adversary: Adversary | undefined;
  /** Until when its processor is busy with what has arrived. */
  busyUntilMs: number;
}

/** Where in a batch the power goes: before its commits are durable, right after, or between two effects. */
export type CrashPoint =
  | { readonly kind: "before-durable" }
  | { readonly kind: "after-durable"; readonly effectsDone: number };

/** Wraps an honest node: sees and changes what goes in and what comes out. */
export interface Adversary {
  /** What the node gets instead of this input. */
  intake?(input: NodeInput, context: AdversaryContext): readonly NodeInput[];
  /** What is done instead of this effect. */
  outlet?(effect: NodeEffect, context: AdversaryContext): readonly NodeEffect[];
}

export interface AdversaryContext {
  readonly world: SimWorld;
  readonly node: SimNode;
}

/** What an adversary and the transport see of the world that they are in. */
export interface SimWorld {
  readonly nodes: readonly SimNode[];
  /** When a message arrives, if at all. */
  readonly links: LinkModel;
  /** True time since the world began. */
  readonly nowMs: number;
  /** Lets something happen at a time. */
  at(timeMs: number, act: () => void): void;
  /** What a node's own clock says now. */
  clockOf(node: SimNode): number;
  /** Gives a node an input as its own shell would. */
  give(node: SimNode, input: NodeInput): void;
  /** Sends a message as if `from` had sent it. */
  sendMessage(from: SimNode, to: SimNode, message: Message): void;
  /** Tells whether nothing would come of a message that is sent now, for anybody: it need not be sent. */
  leavesOut(from: SimNode, to: number, message: Message): boolean;
}

/** Whoever looks on: checkers, statistics. Throws to stop the world. */
export interface WorldObserver {
  /** A node took an input; its commit is not durable yet. */
  onStep?(node: SimNode, input: NodeInput, effects: readonly NodeEffect[]): void;
  /** A node's commits are durable; effects follow. */
  onDurable?(node: SimNode): void;
  /** Something leaves a node for the outside. */
  onEffect?(node: SimNode, effect: NodeEffect): void;
  /** A message arrived, or was lost on the way or at a node that is off. */
  onMessage?(passed: PassedMessage): void;
  /** A node lost its memory. The state is the one that it had. */
  onCrash?(node: SimNode, state: NodeState): void;
  /** A node came up, with what its disk gave it. */
  onStart?(node: SimNode, state: NodeState): void;
}

/** A message that has come to its end. */
export interface PassedMessage {
  readonly from: SimNode;
  readonly to: SimNode;
  readonly message: Message;
  readonly sentAtMs: number;
  readonly atMs: number;
  readonly isLost: boolean;
}

/** A node that has not been switched on yet. */
export function createSimNode(plan: SimNodePlan, index: number, seed: Seed): SimNode {
  const url = urlOfNode(index);
  // What every message reads comes first: it lies together.
  return {
    index,
    state: undefined,
    life: 0,
    plan,
    asleepSinceMs: undefined,
    adversary: undefined,
    crashAt: undefined,
    clockOffsetMs: plan.clockOffsetMs,
    tickAtMs: Infinity,
    job: undefined,
    inbox: [],
    config: {
      keyPair: plan.keyPair,
      record: plan.record ?? signRecord({ url, sequence: WORLD_EPOCH_MS }, plan.keyPair),
      role: plan.role,
      isMining: plan.isMining,
      isFullMesh: plan.isFullMesh,
      ...(plan.stagedTransactionsMin !== undefined &&
        { stagedTransactionsMin: plan.stagedTransactionsMin }),
      timing: plan.timing,
    },
    isBatchPlanned: false,
    strikeAtMs: Infinity,
    strikeWork: 1,
    url,
    miningStream: randomStream(seed, `node/${index}/mining`),
    timingStream: randomStream(seed, `node/${index}/timing`),
    wallOffsetMs: 0,
    hasGivenUp: false,
    busyUntilMs: 0,
  };
}

/** Forgets what a node had in memory. */
export function powerOff(node: SimNode): void {
  node.state = undefined;
  node.job = undefined;
  node.inbox = [];
  node.isBatchPlanned = false;
  node.crashAt = undefined;
  node.tickAtMs = Infinity;
}

/** Where a simulated node is reached. */
export function urlOfNode(index: number): string {
  return `http://n${index}.sim:5000`;
}
