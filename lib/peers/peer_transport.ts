/**
 * Carries messages between this node and others: encrypted, both ends proved, in order per peer, losses
 * allowed.
 *
 * ```
 * send → the stream that its owner has opened → own link to that key → a new link, for a member
 * ```
 *
 * Members open a stream each, and each sends over the other's: a socket that was called for has Nagle's
 * algorithm off. A caller's has it on, and Deno has no switch for that: there every second frame of those that
 * share an acknowledgement waited for the next one, 20 ms, and a socket that both send over took 44 ms for an
 * answer, not 0.1. Acknowledgements go the other way, and nobody waits for one of them.
 *
 * Only members of the ring are called, and whoever is at the URL that the operator gave; everybody else is
 * answered over the stream that it has opened itself. Knows who a message is from and nothing of what it
 * means. What a node hears of a link is `peer-connected` and `peer-failed`; whether that matters is the
 * node's business. A dead peer costs one attempt at a time, ever more rarely.
 *
 * Called by the runtime; `lib/http/p2p_routes.ts` is its door for what others open.
 *
 * @module
 */
import type { PublicKey } from "../crypto/keys.ts";
import type { KeyPair } from "../crypto/keys.ts";
import { ok, type Result } from "../result.ts";
import { encodeMessage } from "../wire/codec.ts";
import { linkIdentityOf } from "../wire/handshake.ts";
import type { Message } from "../wire/message.ts";
import type { AddressRecord } from "../wire/ring.ts";
import { AddressProofs } from "./address_proofs.ts";
import { HandshakeDesk, type ProvenCaller } from "./handshake_desk.ts";
import { IncomingStreams } from "./incoming_streams.ts";
import {
  HANDSHAKE_TEXTS,
  type HandshakeCode,
  type HandshakeError,
  type StreamEndCode,
} from "./link_error.ts";
import { type LinkFaults, NO_FAULTS } from "./link_faults.ts";
import { Outbox } from "./outbox.ts";
import {
  DEFAULT_LINK_TIMING,
  type LinkContext,
  type LinkTiming,
  OutgoingLink,
} from "./outgoing_link.ts";
import { PeerBudgets, type PeerKind } from "./peer_budgets.ts";
import { PeerStream } from "./peer_stream.ts";
import type { Caller } from "./shake_hands.ts";
import { Traffic, type TrafficStats } from "./traffic.ts";

export interface PeerTransportOptions {
  readonly keyPair: KeyPair;
  /** Where this node is reached: its own signed word. */
  readonly record: AddressRecord;
  /** The fleet's shared secret; empty when there is none. */
  readonly joinToken: string;
  readonly faults?: LinkFaults;
  readonly timing?: Partial<LinkTiming>;
  /** The most links at a time: the one that was not used for the longest time gives way. */
  readonly linksMax?: number;
  /** How long a stranger's stream may stay one. */
  readonly strangerMsMax?: number;
  /** Who somebody is to the node now. */
  readonly kindOf: (publicKey: PublicKey) => PeerKind;
  /** Whether those who want to join have to be where they say, now. */
  readonly wantsProof: () => boolean;
  /** Whether all members are known, so that no stranger is one who is about to become a member. */
  readonly knowsMembers: () => boolean;
  /** Resolves when there is room for more. */
  readonly deliver: (from: PublicKey, messages: readonly Message[]) => Promise<void>;
  /** Takes a message at once, before what its peer has sent earlier and waits; false leaves it to its turn. */
  readonly overtake: (from: PublicKey, message: Message) => boolean;
  readonly onConnected: (connection: PeerConnection) => void;
  readonly onFailed: (failure: PeerFailure) => void;
  readonly onMisbehaved: (from: PublicKey, code: StreamEndCode) => void;
  /** Told of every caller that was turned away. */
  readonly onRefused?: (code: HandshakeCode) => void;
}

export interface PeerConnection {
  readonly publicKey: PublicKey;
  readonly url: string;
  /** This node has called it there; otherwise the URL is no more than its own word. */
  readonly isCalled: boolean;
}

export interface PeerFailure {
  readonly url: string;
  readonly publicKey: PublicKey | undefined;
  readonly code: string;
}

export interface PeerStats extends TrafficStats {
  readonly linksOpen: number;
  readonly streamsOpen: number;
  /** Addresses that were called to prove themselves. */
  readonly addressesProbed: number;
  /** Handshakes that were refused, by code. */
  readonly handshakesRefused: Readonly<Record<string, number>>;
}

/** A URL, and whose it is to be; whoever is there when nobody is named. */
export interface Destination {
  readonly url: string;
  readonly publicKey: PublicKey | undefined;
}

/** A stream that may be opened. */
export interface OpenedStream {
  /** Serves the socket that was opened for it. */
  readonly serve: (socket: WebSocket) => void;
  /**
   * Tells whether so much of a frame that is on its way may be kept. Without it frames may come whole: of who may
   * be a member, for what looks into frames on their way costs a member's stream a part of its speed.
   */
  readonly mayKeep?: ((sizeBytes: number) => boolean) | undefined;
}

export interface PeerTransport {
  /** Sends to a URL, if that node's key is this one. */
  send(to: Destination, message: Message): void;
  /** Answers an opening that came in. */
  answerOpening(
    bytes: Uint8Array,
    address: string,
  ): Result<Uint8Array<ArrayBuffer>, HandshakeError>;
  /** Takes a handshake's end in; the answer serves the socket that it opens. */
  openStream(
    request: Uint8Array,
    address: string,
  ): Result<OpenedStream, HandshakeError>;
  stats(): PeerStats;
  /** How far most of the members are behind with what this node says, or it with what they say. */
  lagMs(): number;
  /** Milliseconds that strangers have taken so far. */
  strangersMs(): number;
  /** Address groups from which members have opened streams. */
  memberAddresses(): Iterable<string>;
  /** Closes all links and streams. */
  close(): Promise<void>;
}

/** The most links at a time if nobody says. */
const LINKS_MAX = 4096;

export function createPeerTransport(options: PeerTransportOptions): PeerTransport {
  return new Transport(options);
}

class Transport implements PeerTransport {
  readonly #options: PeerTransportOptions;
  readonly #client = Deno.createHttpClient({ poolIdleTimeout: 30_000, poolMaxIdlePerHost: 2 });
  readonly #closing = new AbortController();
  readonly #traffic = new Traffic();
  readonly #context: LinkContext;
  readonly #caller: Caller;
  readonly #budgets: PeerBudgets;
  readonly #desk: HandshakeDesk;
  readonly #proofs: AddressProofs;
  readonly #streams: IncomingStreams;
  /** By key, or by URL while nobody is named; the one that was not used for the longest time stands first. */
  readonly #links = new Map<string, OutgoingLink>();
  readonly #encoded = new WeakMap<Message, Uint8Array>();
  readonly #refused = new Map<string, number>();
  #lastNumber = 0;

  constructor(options: PeerTransportOptions) {
    this.#options = options;
    const { keyPair, record, joinToken, kindOf, deliver, overtake, onMisbehaved } = options;
    const nowMs = () => performance.now();
    const own = linkIdentityOf(keyPair, record, joinToken);
    const timing = { ...DEFAULT_LINK_TIMING, ...options.timing };
    const faults = options.faults ?? NO_FAULTS;
    this.#context = { timing, faults, traffic: this.#traffic, deliver, overtake, onMisbehaved };
    this.#caller = {
      own,
      client: this.#client,
      nextNumber: () => this.#lastNumber = Math.max(Date.now(), this.#lastNumber + 1),
    };
    this.#budgets = new PeerBudgets(kindOf, nowMs, options.knowsMembers);
    this.#desk = new HandshakeDesk({
      own,
      budgets: this.#budgets,
      nowMs,
      onRefused: (code) => this.#countRefused(code),
    });
    this.#proofs = new AddressProofs({
      caller: this.#caller,
      budgets: this.#budgets,
      signal: this.#closing.signal,
      nowMs,
      patienceMs: timing.connectTimeoutMs / 2,
    });
    this.#streams = new IncomingStreams(kindOf, options.strangerMsMax);
  }

  send({ url, publicKey }: Destination, message: Message): void {
    if (this.#closing.signal.aborted) return;
    const outgoing = { type: message.type, bytes: this.#encodeOnce(message) };
    const link = this.#linkTo({ url, publicKey });
    const stream = publicKey === undefined ? undefined : this.#streams.of(publicKey);
    const own = link ??
      (this.#mayCall({ url, publicKey }) ? this.#createLink({ url, publicKey }) : undefined);
    if (stream === undefined) {
      if (own === undefined) this.#traffic.messagesDropped++;
      return own?.send(outgoing);
    }
    // The other one sends over it.
    own?.open();
    stream.send(outgoing);
  }

  answerOpening(bytes: Uint8Array, address: string) {
    return this.#desk.answer(bytes, address);
  }

  openStream(
    request: Uint8Array,
    address: string,
  ): Result<OpenedStream, HandshakeError> {
    const caller = this.#desk.claim(request);
    if (!caller.ok) return caller;
    const isStranger = this.#options.kindOf(caller.value.record.publicKey) === "stranger";
    if (isStranger && !this.#streams.hasRoomForStranger(address)) {
      this.#countRefused("peers-busy");
      return { ok: false, error: { code: "peers-busy", text: HANDSHAKE_TEXTS["peers-busy"] } };
    }
    let stream: PeerStream | undefined;
    return ok({
      serve: (socket) => {
        stream = this.#serve(socket, caller.value, { address, isStranger });
      },
      ...(isStranger && this.#options.knowsMembers() &&
        { mayKeep: (sizeBytes: number) => stream?.mayKeep(sizeBytes) ?? true }),
    });
  }

  stats(): PeerStats {
    const linksOpen = [...this.#links.values()].filter((link) => link.isOpen).length;
    return {
      ...this.#traffic.stats(),
      linksOpen,
      streamsOpen: this.#streams.count,
      addressesProbed: this.#proofs.callCount,
      handshakesRefused: Object.fromEntries(this.#refused),
    };
  }

  lagMs(): number {
    const nowMs = performance.now();
    const lags = this.#streams.lagsOfMembers(nowMs);
    for (const link of this.#links.values()) {
      const { publicKey } = link;
      if (publicKey === undefined || this.#options.kindOf(publicKey) !== "member") continue;
      lags.set(publicKey, Math.max(lags.get(publicKey) ?? 0, link.lagMs(nowMs)));
    }
    const sorted = [...lags.values()].sort((a, b) => a - b);
    return sorted[Math.floor((sorted.length - 1) / 2)] ?? 0;
  }

  strangersMs(): number {
    return this.#budgets.strangersMs;
  }

  memberAddresses(): Iterable<string> {
    return this.#streams.memberAddresses;
  }

  async close(): Promise<void> {
    this.#closing.abort();
    const streams = this.#streams.endAll("stream-ended");
    await Promise.all([
      ...[...this.#links.values()].map((link) => link.close()),
      ...streams.map((stream) => stream.close()),
    ]);
    this.#client.close();
  }

  #serve(
    socket: WebSocket,
    { record, ciphers }: ProvenCaller,
    { address, isStranger }: { readonly address: string; readonly isStranger: boolean },
  ): PeerStream {
    const { publicKey, url } = record;
    const proof = isStranger && url !== "" && this.#options.wantsProof()
      ? this.#proofs.prove(record, address)
      : undefined;
    const stream = new PeerStream(socket, {
      publicKey,
      ciphers,
      outbox: new Outbox(),
      budget: this.#budgets.ofStream(publicKey),
      ackTimeoutMs: this.#context.timing.ackTimeoutMs,
      faults: this.#context.faults,
      traffic: this.#traffic,
      ...(proof !== undefined && { admitted: proof.then((outcome) => outcome === "proven") }),
      deliver: this.#context.deliver,
      overtake: this.#context.overtake,
      onMisbehaved: this.#context.onMisbehaved,
      onProgress: () => {},
      onEnded: (code) => {
        this.#streams.remove(stream);
        if (!this.#reaches(publicKey)) this.#options.onFailed({ url, publicKey, code });
      },
    });
    this.#streams.add(stream, address);
    if (this.#closing.signal.aborted) stream.end("stream-ended");
    else if (proof === undefined) this.#greet(record);
    void proof?.then((outcome) => {
      if (outcome === "proven") this.#greet(record);
      else stream.end(outcome);
    });
    return stream;
  }

  #greet({ publicKey, url }: AddressRecord): void {
    this.#links.get(publicKey)?.revive();
    this.#links.get(nameOfUrl(url))?.revive();
    this.#options.onConnected({ publicKey, url, isCalled: false });
  }

  /** Whether anything that is sent to this key has a way that is open. */
  #reaches(publicKey: PublicKey): boolean {
    return this.#links.get(publicKey)?.isOpen === true || this.#streams.of(publicKey) !== undefined;
  }

  #mayCall({ url, publicKey }: Destination): boolean {
    return url !== "" &&
      (publicKey === undefined || this.#options.kindOf(publicKey) === "member");
  }

  /** The link to that key, which has become the most recently used one. */
  #linkTo({ url, publicKey }: Destination): OutgoingLink | undefined {
    const name = publicKey ?? nameOfUrl(url);
    const link = this.#links.get(name) ?? this.#linkFound({ url, publicKey });
    if (link === undefined) return undefined;
    this.#links.delete(name);
    if (link.url !== url && url !== "" && !link.isOpen) {
      void link.close();
      return undefined;
    }
    this.#links.set(name, link);
    return link;
  }

  /** The link that asked for whoever is there, if that is the node. */
  #linkFound({ url, publicKey }: Destination): OutgoingLink | undefined {
    const link = this.#links.get(nameOfUrl(url));
    if (link === undefined || publicKey === undefined || !link.keepTo(publicKey)) return undefined;
    this.#links.delete(nameOfUrl(url));
    return link;
  }

  #createLink({ url, publicKey }: Destination): OutgoingLink {
    for (const [name, oldest] of this.#links) {
      if (this.#links.size < (this.#options.linksMax ?? LINKS_MAX)) break;
      this.#links.delete(name);
      void oldest.close();
    }
    const link = new OutgoingLink({
      url,
      publicKey,
      context: this.#context,
      caller: this.#caller,
      budgetOf: (remote) => this.#budgets.ofStream(remote),
      onConnected: (remote) =>
        this.#options.onConnected({ publicKey: remote, url, isCalled: true }),
      onFailed: (remote, code) => {
        if (remote !== undefined && this.#streams.of(remote) !== undefined) return;
        this.#options.onFailed({ url, publicKey: remote, code });
      },
    });
    this.#links.set(publicKey ?? nameOfUrl(url), link);
    return link;
  }

  /** A message to all peers is one object: encoded once. */
  #encodeOnce(message: Message): Uint8Array {
    const known = this.#encoded.get(message);
    if (known !== undefined) return known;
    const bytes = encodeMessage(message);
    this.#encoded.set(message, bytes);
    return bytes;
  }

  #countRefused(code: HandshakeCode): void {
    this.#options.onRefused?.(code);
    this.#refused.set(code, (this.#refused.get(code) ?? 0) + 1);
  }
}

function nameOfUrl(url: string): string {
  return `at ${url}`;
}
