/**
 * A peer without a node behind it: a real transport with a real server, which says what a test tells it to
 * and writes down what it hears.
 *
 * @module
 */
import { Hono } from "hono";
import type { KeyPair, PublicKey } from "../crypto/keys.ts";
import { createP2pRoutes, LateRefusals } from "../http/p2p_routes.ts";
import {
  createPeerTransport,
  type PeerTransport,
  type PeerTransportOptions,
} from "../peers/peer_transport.ts";
import { invariant } from "../result.ts";
import { P2P_PATH } from "../wire/handshake.ts";
import type { Message } from "../wire/message.ts";
import { signRecord } from "../wire/ring.ts";
import { numberedKeyPair } from "../crypto/numbered_key_pair.ts";

/** What takes a moment alone may take long on a machine that does ten other things. */
const WAIT_MS_MAX = 180_000;

/** A transport with a real server, and everything that it told. */
export class TestPeer {
  readonly keyPair: KeyPair;
  readonly url: string;
  readonly transport: PeerTransport;
  readonly received: { from: PublicKey; message: Message }[] = [];
  readonly told: { what: string; publicKey: PublicKey | undefined; detail: string }[] = [];
  #server: Deno.HttpServer<Deno.NetAddr>;
  #waiters: (() => void)[] = [];

  constructor(
    number: number,
    options: Partial<PeerTransportOptions> & { port?: number; url?: string } = {},
  ) {
    const app = new Hono();
    this.#server = Deno.serve(
      { port: options.port ?? 0, hostname: "127.0.0.1", onListen: () => {} },
      (request, { remoteAddr }) => app.fetch(request, { remoteAddress: remoteAddr.hostname }),
    );
    this.keyPair = numberedKeyPair(number);
    this.url = options.url ?? `http://127.0.0.1:${this.#server.addr.port}`;
    this.transport = createPeerTransport({
      keyPair: this.keyPair,
      record: signRecord({ url: this.url, sequence: Date.now() }, this.keyPair),
      joinToken: "",
      kindOf: () => "member",
      wantsProof: () => false,
      knowsMembers: () => false,
      deliver: (from, messages) => {
        for (const message of messages) this.received.push({ from, message });
        this.#wake();
        return Promise.resolve();
      },
      overtake: () => false,
      onConnected: ({ publicKey, url, isCalled }) =>
        this.#tell(isCalled ? "connected" : "called", publicKey, url),
      onFailed: ({ publicKey, code }) => this.#tell("failed", publicKey, code),
      onMisbehaved: (publicKey, code) => this.#tell("misbehaved", publicKey, code),
      ...options,
    });
    app.route(P2P_PATH, createP2pRoutes(this.transport, new LateRefusals(1)));
  }

  get port(): number {
    return this.#server.addr.port;
  }

  sendTo(peer: { url: string; keyPair: KeyPair }, message: Message): void {
    this.transport.send({ url: peer.url, publicKey: peer.keyPair.publicKey }, message);
  }

  /** Resolves as soon as the condition holds; throws when that takes too long. */
  async until(condition: () => boolean): Promise<void> {
    const deadlineMs = performance.now() + WAIT_MS_MAX;
    while (!condition()) {
      const { promise, resolve } = Promise.withResolvers<void>();
      this.#waiters.push(resolve);
      const timer = setTimeout(resolve, deadlineMs - performance.now());
      await promise;
      clearTimeout(timer);
      invariant(
        condition() || performance.now() < deadlineMs,
        `Cannot get there within ${WAIT_MS_MAX} ms: heard ${this.told.length} things`,
      );
    }
  }

  async close(): Promise<void> {
    await this.transport.close();
    await this.#server.shutdown();
  }

  has(what: string, detail: string): boolean {
    return this.told.some((entry) => entry.what === what && entry.detail === detail);
  }

  #tell(what: string, publicKey: PublicKey | undefined, detail: string): void {
    this.told.push({ what, publicKey, detail });
    this.#wake();
  }

  #wake(): void {
    for (const resolve of this.#waiters.splice(0)) resolve();
  }
}
