/**
 * What the HTTP side needs of the node behind it. The runtime implements it.
 *
 * Reading goes straight to the node's state, between two steps; whatever changes anything goes through
 * the runtime's queue and comes back as a reply.
 *
 * @module
 */
import type { PublicKey } from "../crypto/keys.ts";
import type { NodeEvent, Reply } from "../node/effect.ts";
import type { ControlCommand } from "../node/input.ts";
import type { NodeState } from "../node/state.ts";
import type { Amount } from "../primitives/amount.ts";
import type { Block } from "../primitives/block.ts";
import type { Transaction } from "../primitives/transaction.ts";

/** Why the runtime does not even ask the node. */
export type RuntimeError =
  /** The queue is full. */
  | { readonly code: "node-busy" }
  /** The process is on its way out. */
  | { readonly code: "node-stopping" }
  /** The store cannot write: nothing is accepted that could be lost. */
  | { readonly code: "store-failed"; readonly reason: string };

export type RuntimeReply = Reply | { readonly ok: false; readonly error: RuntimeError };

/** One number, or one number for each value of a label, in the way of Prometheus. */
export interface Metric {
  /** `noobcash_…`, ending with its unit; counters end with `_total`. */
  readonly name: string;
  readonly help: string;
  readonly type: "counter" | "gauge";
  readonly samples: readonly {
    readonly labels?: Readonly<Record<string, string>>;
    readonly value: number;
  }[];
}

export interface ApiPorts {
  /** Read only. */
  readonly node: NodeState;
  /** The program's version. */
  readonly version: string;
  readonly startedAtMs: number;
  /** What a request that spends or controls has to bring: `Authorization: Bearer …`. */
  readonly token: string;
  /**
   * Host names, without port, under which the node may be called beside IP addresses and `localhost`:
   * the one it listens on and the one it advertises. Any other name may be somebody's trick to make a
   * browser call a node that it cannot see (DNS rebinding).
   */
  readonly hostNames: readonly string[];
  /** Fires when the process is about to end: streams close. */
  readonly stopping: AbortSignal;

  /** Steady time; the wall clock is {@link NodeState.wallOffsetMs} ahead of it. */
  nowMs(): number;
  pay(payment: {
    readonly receiver: PublicKey;
    readonly amount: Amount;
    readonly key?: string | undefined;
  }): Promise<RuntimeReply>;
  submit(transaction: Transaction): Promise<RuntimeReply>;
  submitBlock(block: Block): Promise<RuntimeReply>;
  control(command: ControlCommand): Promise<RuntimeReply>;
  /** Hears every event from now on; the returned function ends that. */
  subscribe(listener: (event: NodeEvent) => void): () => void;
  mining(): { readonly isSearching: boolean; readonly hashesPerSecond: number };
  /** The runtime's own counters: queue, steps, messages and bytes by type, hashes. */
  metrics(): readonly Metric[];
  /** Why the node is not healthy; `undefined` when it is. */
  sickness(): string | undefined;
}
