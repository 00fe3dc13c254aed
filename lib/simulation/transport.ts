/**
 * What the shell's transport tells a node, in a simulated world: sessions that open, calls that fail.
 *
 * Whether a message that was sent arrives, and when, is the network model's.
 *
 * @module
 */
import type { PublicKey } from "../crypto/keys.ts";
import type { NodeEffect } from "../node/effect.ts";
import type { NodeInput } from "../node/input.ts";
import { FlatRows, NO_PLACE } from "./flat_rows.ts";
import type { SimNode, SimWorld } from "./sim_node.ts";

/** How long a call to a node that is there but does not answer takes to fail. */
const CALL_TIMEOUT_MS = 3000;
/** How long a call to a node that is off takes to fail. */
const REFUSAL_MS = 1;

/** As many of a node's receivers are remembered; more peers than that are looked up. */
const RECEIVERS_MAX = 64;

const NOBODY = -1;

export class Transport {
  readonly #world: SimWorld;
  readonly #byUrl = new Map<string, SimNode>();
  /** By node: whom its calls have led to. */
  #receivers = new FlatRows(0);
  /** By place there: at which URL and under which key. */
  #labels: string[] = [];
  /** The lives that a session joins, by its two ends. */
  readonly #sessions = new Map<number, number>();
  /** Calls that are about to fail, by caller and URL: one at a time. */
  readonly #failing = new Set<string>();

  constructor(world: SimWorld) {
    this.#world = world;
  }

  /** From now on a node is reached at this URL, and nowhere else. */
  place(node: SimNode, url: string): void {
    if (this.#byUrl.get(node.url) === node) this.#byUrl.delete(node.url);
    node.url = url;
    this.#byUrl.set(url, node);
    if (this.#labels.length === 0) return;
    this.#receivers = new FlatRows(0);
    this.#labels = [];
  }

  /** Sends a node's message, or lets the call fail. */
  send(node: SimNode, effect: NodeEffect & { readonly type: "send" }): void {
    const { publicKey, url, message } = effect;
    const index = this.#expected(node.index, url, publicKey);
    // Most of what is said in a large network; nothing of the receiver is read for it.
    if (index !== NOBODY && this.#world.leavesOut(node, index, message)) return;
    const to = index === NOBODY ? this.#find(node.index, url) : this.#world.nodes[index];
    const isRightKey = to !== undefined &&
      (index !== NOBODY || publicKey === undefined || publicKey === to.plan.keyPair.publicKey);
    if (to === undefined || to.state === undefined || !isRightKey) {
      const code = isRightKey ? "connection-refused" : "identity-mismatch";
      return this.#fail(node, { url, publicKey, code, afterMs: REFUSAL_MS });
    }
    if (!this.#world.links.isReachable(node.index, to.index)) {
      return this.#fail(node, { url, publicKey, code: "timeout", afterMs: CALL_TIMEOUT_MS });
    }
    this.#world.sendMessage(node, to, message);
  }

  /**
   * Who is at a URL under a key, if it is the one who is expected: a node tells its peers in the same order each
   * time, without the one who has brought what it passes on.
   */
  #expected(from: number, url: string, publicKey: PublicKey | undefined): number {
    const receivers = this.#receivers;
    for (let tries = 2; tries > 0; tries--) {
      const place = receivers.expectedPlaceOf(from);
      if (place === NO_PLACE) break;
      receivers.advance(from);
      // Keys first: of two that differ the first characters are read, of two URLs nearly all.
      const isIt = this.#labels[2 * place + 1] === publicKey && this.#labels[2 * place] === url;
      if (isIt) return receivers.figures[place] as number;
    }
    return NOBODY;
  }

  /** Who is at a URL, whoever was expected; is expected in this place the next time. */
  #find(from: number, url: string): SimNode | undefined {
    const to = this.#byUrl.get(url);
    if (to === undefined) return undefined;
    const receivers = this.#receivers;
    const isKnown = receivers.placeOf(from, to.index) !== NO_PLACE;
    if (isKnown || receivers.countOf(from) >= RECEIVERS_MAX) return to;
    const before = receivers.startOf(from);
    const added = receivers.add(from, to.index);
    const start = receivers.startOf(from);
    // A row that has moved is labelled anew.
    for (let place = start === before ? added : start; place <= added; place++) {
      this.#label(place, this.#world.nodes[receivers.figures[place] as number] as SimNode);
    }
    return to;
  }

  #label(place: number, { config: { record }, plan, url }: SimNode): void {
    // The others write it as its record does: the same string is compared without being read.
    this.#labels[2 * place] = record.url === url ? record.url : url;
    this.#labels[2 * place + 1] = plan.keyPair.publicKey;
  }

  /** The first message between two lives opens a session, of which both ends are told. */
  shakeHands(from: SimNode, fromLife: number, to: SimNode): void {
    const key = pairOf(from.index, to.index);
    const lives = pairOf(fromLife, to.life);
    if (this.#sessions.get(key) === lives) return;
    this.#sessions.set(key, lives);
    const world = this.#world;
    world.give(to, connected(from));
    const { life } = from;
    world.at(world.nowMs + world.links.latencyMs(to.index, from.index), () => {
      if (from.life === life) world.give(from, connected(to));
    });
  }

  #fail(
    node: SimNode,
    { url, publicKey, code, afterMs }: {
      readonly url: string;
      readonly publicKey: PublicKey | undefined;
      readonly code: string;
      readonly afterMs: number;
    },
  ): void {
    const key = `${node.index} ${url}`;
    if (this.#failing.has(key)) return;
    this.#failing.add(key);
    const { life } = node;
    const world = this.#world;
    world.at(world.nowMs + afterMs, () => {
      this.#failing.delete(key);
      if (node.life === life) world.give(node, { type: "peer-failed", url, publicKey, code });
    });
  }
}

function connected({ config, url }: SimNode): NodeInput {
  return { type: "peer-connected", publicKey: config.keyPair.publicKey, url, isCalled: true };
}

/** One number for an ordered pair. */
function pairOf(a: number, b: number): number {
  return a * 0x100_0000 + b;
}
