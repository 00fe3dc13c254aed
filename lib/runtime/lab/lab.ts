/**
 * A node in the hands of the cluster that started it: its links can be cut, slowed and made to lose, its
 * clock moved, its blocks kept back, and what it says and hears is traced.
 *
 * Stands between the node and its transport, and only in a node that was given a secret. Knows nothing of
 * HTTP (`lib/http/lab_routes.ts` is its door) and decides nothing for the node: a message that is dropped
 * is one that the network lost. Order on a link is kept, also while its latency changes.
 *
 * @module
 */
import type { LabListener } from "../../http/lab_routes.ts";
import type { PublicKey } from "../../crypto/keys.ts";
import type { NodeEvent } from "../../node/effect.ts";
import { ringKeysOf, unconnectedOf } from "../../node/queries.ts";
import type { NodeState } from "../../node/state.ts";
import type { LabBlock, LabDetail, LabFaults } from "../../wire/lab.ts";
import type { Message } from "../../wire/message.ts";
import { messageDetail } from "../../wire/message_detail.ts";
import type { OutwardEffect } from "../outward_effect.ts";
import { LabTrace } from "./lab_trace.ts";
import { NodeTeller } from "./node_teller.ts";
import { Withholding } from "./withholding.ts";

const GAUGE_INTERVAL_MS = 1_000;
const DETAIL_LENGTH_MAX = 120;

type SendEffect = Extract<OutwardEffect, { readonly type: "send" }>;
type Link = LabFaults["links"][number];

/** What the lab needs of the node's shell. */
export interface LabHands {
  readonly node: NodeState;
  /** The node's own clock without skew, with fractions. */
  readonly clockMs: () => number;
  readonly send: (effect: SendEffect) => void;
  readonly setHashRateLimit: (hashesPerSecond: number | null) => Promise<void>;
  /** The node looks at its clock anew. */
  readonly tick: () => void;
  readonly hashRate: () => number;
}

export class Lab {
  readonly #hands: LabHands;
  readonly #trace: LabTrace;
  readonly #teller: NodeTeller;
  #faults: LabFaults;
  #links = new Map<PublicKey, Link>();
  #ringSize = -1;
  #withholding: Withholding | undefined;
  /** What waits to leave later, by link: when the last of it leaves. */
  readonly #leaveAtMs = new Map<string, number>();
  readonly #timers = new Set<ReturnType<typeof setTimeout>>();
  readonly #gaugeTimer: ReturnType<typeof setInterval>;

  constructor(faults: LabFaults, hands: LabHands) {
    this.#hands = hands;
    this.#faults = faults;
    this.#teller = new NodeTeller(hands.node, (key) => this.#idOf(key));
    this.#trace = new LabTrace(
      () => this.clockMs(),
      () => this.#teller.firstEvents(this.clockMs()),
      () => Date.now(),
    );
    this.#gaugeTimer = setInterval(() => this.#addGauge(), GAUGE_INTERVAL_MS);
  }

  get faults(): LabFaults {
    return this.#faults;
  }

  /** The node's clock as it reads it. */
  clockMs(): number {
    return this.#hands.clockMs() + this.#faults.clockSkewMs;
  }

  async apply(faults: LabFaults): Promise<void> {
    const before = this.#faults;
    this.#faults = faults;
    this.#ringSize = -1;
    this.#followWithholding();
    if (faults.clockSkewMs !== before.clockSkewMs) this.#hands.tick();
    if (faults.hashRateLimit !== before.hashRateLimit) {
      await this.#hands.setHashRateLimit(faults.hashRateLimit);
    }
  }

  listen(detail: LabDetail): LabListener {
    return this.#trace.listen(detail);
  }

  setDetail(detail: LabDetail): void {
    this.#trace.setDetail(detail);
  }

  close(): void {
    clearInterval(this.#gaugeTimer);
    for (const timer of this.#timers) clearTimeout(timer);
  }

  blocksBetween(from: number, to: number): readonly LabBlock[] {
    return this.#teller.blocksBetween(from, to);
  }

  /** The node wants to send. */
  send(effect: SendEffect): void {
    this.#followWithholding();
    const message = this.#withholding?.filter(effect.message) ??
      (this.#withholding === undefined ? effect.message : undefined);
    if (message === undefined) return;
    const sent = message === effect.message ? effect : { ...effect, message };
    this.#traceMessage("sent", effect.publicKey, message);

    const link = this.#linkTo(effect.publicKey);
    if (link?.isCut === true) return;
    if (link !== undefined && link.loss > 0 && Math.random() < link.loss) return;
    this.#leave(sent, link?.latencyMs ?? 0);
  }

  /** A message has come in; false when it is to be lost. */
  receive(from: PublicKey, message: Message): boolean {
    // A cut is told to both ends at slightly different times: what crosses it then is lost as well.
    if (this.#linkTo(from)?.isCut === true) return false;
    this.#traceMessage("got", from, message);
    return true;
  }

  event(event: NodeEvent): void {
    this.#followWithholding();
    if (!this.#trace.isHeard) return;
    if (event.type === "transaction" && !this.#trace.takesTransaction(event.transaction.txid)) {
      return;
    }
    for (const told of this.#teller.eventsOf(event, this.clockMs())) this.#trace.add(told);
  }

  /** A rule or a policy has stopped something. */
  refused(code: string): void {
    this.#trace.addRefusal(code);
  }

  #leave(effect: SendEffect, latencyMs: number): void {
    if (latencyMs === 0 && this.#leaveAtMs.size === 0) return this.#hands.send(effect);
    const name = `${effect.publicKey ?? ""} ${effect.url}`;
    const nowMs = performance.now();
    const lastMs = this.#leaveAtMs.get(name) ?? 0;
    const leaveMs = Math.max(nowMs + latencyMs, lastMs);
    if (leaveMs <= nowMs) {
      this.#leaveAtMs.delete(name);
      return this.#hands.send(effect);
    }
    this.#leaveAtMs.set(name, leaveMs);
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      if (this.#linkTo(effect.publicKey)?.isCut !== true) this.#hands.send(effect);
    }, leaveMs - nowMs);
    this.#timers.add(timer);
  }

  #linkTo(publicKey: PublicKey | undefined): Link | undefined {
    if (publicKey === undefined || this.#faults.links.length === 0) return undefined;
    const ring = ringKeysOf(this.#hands.node);
    if (ring.length !== this.#ringSize) {
      this.#ringSize = ring.length;
      this.#links = new Map();
      for (const link of this.#faults.links) {
        const key = ring[link.to];
        if (key !== undefined) this.#links.set(key, link);
      }
    }
    return this.#links.get(publicKey);
  }

  /** Begins or ends to keep blocks back, once there is a chain. */
  #followWithholding(): void {
    const { node } = this.#hands;
    const { network } = node;
    if (network === undefined) return;
    if (this.#faults.isWithholding && this.#withholding === undefined) {
      this.#withholding = new Withholding(network.chain, node.config.keyPair.publicKey);
    }
    if (this.#faults.isWithholding || this.#withholding === undefined) return;
    this.#withholding = undefined;
    // An own block that is not yet connected stands on the tip, and its node believes it announced.
    const pending = unconnectedOf(network);
    const isOwn = pending?.header.miner === node.config.keyPair.publicKey;
    const newest = pending !== undefined && isOwn ? pending : network.chain.tip;
    const block = network.chain.block(newest.hash);
    if (block === undefined || block.header.height === 0) return;
    const { hash, header, transactions } = block;
    const txids = transactions.map(({ txid }) => txid);
    const message: Message = { type: "compact-block", hash, header, txids, prefilled: [] };
    for (const { url, publicKey } of node.peers.values()) {
      this.send({ type: "send", url, publicKey, message });
    }
  }

  #traceMessage(e: "sent" | "got", key: PublicKey | undefined, message: Message): void {
    const carried = message.type === "transactions" ? message.transactions[0]?.txid : undefined;
    if (!this.#trace.takesMessage(message.type, carried ?? "")) return;
    this.#trace.add({
      e,
      at: this.clockMs(),
      peer: key === undefined ? -1 : this.#idOf(key),
      type: message.type,
      detail: messageDetail(message).slice(0, DETAIL_LENGTH_MAX),
    });
  }

  #ids: ReadonlyMap<PublicKey, number> = new Map();
  #idsOf: readonly PublicKey[] | undefined;
  #idOf(key: PublicKey): number {
    const ring = ringKeysOf(this.#hands.node);
    if (ring !== this.#idsOf) {
      this.#idsOf = ring;
      this.#ids = new Map(ring.map((each, id) => [each, id]));
    }
    return this.#ids.get(key) ?? -1;
  }

  #addGauge(): void {
    const { node, hashRate } = this.#hands;
    const { network } = node;
    let peers = 0;
    for (const { heardAtMs } of node.peers.values()) {
      if (this.clockMs() - heardAtMs < 3 * node.config.timing.statusIntervalMs) peers++;
    }
    this.#trace.add({
      e: "gauge",
      at: this.clockMs(),
      height: network?.chain.height ?? 0,
      pool: network?.mempool.size ?? 0,
      hashRate: Math.round(hashRate()),
      peers,
      isPaused: network?.work.isPaused ?? false,
    });
  }
}
