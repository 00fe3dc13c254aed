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

/** A URL and who is there: one for all who call. */
interface Route {
  readonly url: string;
  readonly to: SimNode;
}

export class Transport {
  readonly #world: SimWorld;
  readonly #byUrl = new Map<string, Route>();
  /** By node: where its calls have led, in the order in which it made them last. */
  readonly #routes: (Route[] | undefined)[] = [];
  /** By node: the route after the one that was taken last. A node tells its peers in the same order. */
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
    this.#byUrl.set(url, { url, to: node });
    this.#routes.length = 0;
    this.#cursors.length = 0;
  }

  /** Sends a node's message, or lets the call fail. */
  send(node: SimNode, effect: NodeEffect & { readonly type: "send" }): void {
    const to = this.#routeOf(node.index, effect.url);
    const { publicKey, url } = effect;
    const isRightKey = to !== undefined &&
      (publicKey === undefined || publicKey === to.config.keyPair.publicKey);
    if (to === undefined || to.state === undefined || !isRightKey) {
      const code = isRightKey ? "connection-refused" : "identity-mismatch";
      return this.#fail(node, { url, publicKey, code, afterMs: REFUSAL_MS });
    }
    if (!this.#world.links.isReachable(node.index, to.index)) {
      return this.#fail(node, { url, publicKey, code: "timeout", afterMs: CALL_TIMEOUT_MS });
    }
    this.#world.sendMessage(node, to, effect.message);
  }

  /** Who is there, mostly without looking the URL up. */
  #routeOf(from: number, url: string): SimNode | undefined {
    const routes = this.#routes[from] ??= [];
    const cursor = this.#cursors[from] ?? 0;
    const expected = routes[cursor];
    if (expected?.url === url) {
      this.#cursors[from] = cursor + 1 === routes.length ? 0 : cursor + 1;
      return expected.to;
    }
    const found = routes.findIndex((route) => route.url === url);
    if (found >= 0) {
      this.#cursors[from] = (found + 1) % routes.length;
      return routes[found]?.to;
    }
    const route = this.#byUrl.get(url);
    if (route !== undefined && routes.length < ROUTES_MAX) routes.push(route);
    return route?.to;
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
