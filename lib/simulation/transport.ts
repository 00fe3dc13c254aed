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
import type { SimNode, SimWorld } from "./sim_node.ts";

/** How long a call to a node that is there but does not answer takes to fail. */
const CALL_TIMEOUT_MS = 3000;
/** How long a call to a node that is off takes to fail. */
const REFUSAL_MS = 1;

/** As many of a node's routes are remembered; more peers than that are looked up. */
const ROUTES_MAX = 64;

/**
 * Where a node's calls have led: URL, key and number of the node that is there, one behind the other, so that what
 * is read for a call lies together.
 */
type Routes = (string | number)[];

const ROUTE_FIELDS = 3;
const NO_ROUTES: Routes = [];

export class Transport {
  readonly #world: SimWorld;
  readonly #byUrl = new Map<string, SimNode>();
  /** By node. */
  readonly #routes: (Routes | undefined)[] = [];
  /** By node: which of its routes is expected next. A node tells its peers in the same order each time. */
  readonly #cursors: number[] = [];
  /** The lives that a session joins, by its two ends. */
  readonly #sessions = new Map<number, number>();
  /** Calls that are about to fail, by caller and URL: one at a time. */
  readonly #failing = new Set<string>();

  constructor(world: SimWorld) {
    this.#world = world;
  }

  /** From now on a node is reached at this URL, and nowhere else. */
  place(node: SimNode, url: string): void {
    this.#byUrl.delete(node.url);
    node.url = url;
    this.#byUrl.set(url, node);
    this.#routes.length = 0;
    this.#cursors.length = 0;
  }

  /** Sends a node's message, or lets the call fail. */
  send(node: SimNode, effect: NodeEffect & { readonly type: "send" }): void {
    const { publicKey, url, message } = effect;
    const routes = this.#routes[node.index] ?? NO_ROUTES;
    const place = this.#placeOf(node.index, routes, url);
    if (place >= 0 && publicKey === routes[place + 1]) {
      // Most of what is said in a large network; nothing of the receiver is read for it.
      if (this.#world.isOldNews(node, routes[place + 2] as number, message)) return;
    }
    const to = place < 0
      ? this.#find(node.index, url)
      : this.#world.nodes[routes[place + 2] as number];
    const isRightKey = to !== undefined &&
      (publicKey === undefined || publicKey === to.plan.keyPair.publicKey);
    if (to === undefined || to.state === undefined || !isRightKey) {
      const code = isRightKey ? "connection-refused" : "identity-mismatch";
      return this.#fail(node, { url, publicKey, code, afterMs: REFUSAL_MS });
    }
    if (!this.#world.links.isReachable(node.index, to.index)) {
      return this.#fail(node, { url, publicKey, code: "timeout", afterMs: CALL_TIMEOUT_MS });
    }
    this.#world.sendMessage(node, to, message);
  }

  /** Where a URL stands among a node's routes; negative for nowhere. */
  #placeOf(from: number, routes: Routes, url: string): number {
    const expected = this.#cursors[from] ?? 0;
    const place = routes[expected] === url ? expected : routes.indexOf(url);
    const next = place + ROUTE_FIELDS;
    this.#cursors[from] = place >= 0 && next < routes.length ? next : 0;
    return place;
  }

  /** Who is there, for the first time. */
  #find(from: number, url: string): SimNode | undefined {
    const to = this.#byUrl.get(url);
    const routes = this.#routes[from] ??= [];
    if (to === undefined || routes.length >= ROUTE_FIELDS * ROUTES_MAX) return to;
    routes.push(url, to.plan.keyPair.publicKey, to.index);
    return to;
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
