/**
 * Carries messages between this node and others: authenticated, in order per peer, losses allowed.
 *
 * Owns one link for each node and URL that is sent to and one stream for each that a peer opened; a node
 * that claims another one's URL has a link of its own, which fails. Knows who a message is from and
 * nothing of what it means. What a node hears of a link is `peer-connected` and
 * `peer-failed`; whether that matters is the node's business. A dead peer costs one attempt at a time,
 * ever more rarely.
 *
 * Called by the runtime; `lib/http/p2p_routes.ts` is its door for what others open.
 *
 * @module
 */
import type { KeyPair, PublicKey } from "../crypto/keys.ts";
import type { Result } from "../result.ts";
import { encodeMessage } from "../wire/codec.ts";
import type { Message } from "../wire/message.ts";
import { serveStream } from "./incoming_stream.ts";
import { type LinkFaults, NO_FAULTS } from "./link_faults.ts";
import {
  closeSocket,
  DEFAULT_LINK_TIMING,
  type LinkTiming,
  OutgoingLink,
} from "./outgoing_link.ts";
import { PendingHellos } from "./pending_hellos.ts";
import { type HelloError, SessionDesk } from "./session_desk.ts";
import { Traffic, type TrafficStats } from "./traffic.ts";

export interface PeerTransportOptions {
  readonly keyPair: KeyPair;
  /** Where this node is reached. */
  readonly url: string;
  readonly faults?: LinkFaults;
  readonly timing?: Partial<LinkTiming>;
  /** The most links at a time: the one that was not used for the longest time gives way. */
  readonly linksMax?: number;
  /** Whether the node knows this one. */
  readonly isPeer: (publicKey: PublicKey) => boolean;
  /** Resolves when there is room for more. */
  readonly deliver: (from: PublicKey, messages: readonly Message[]) => Promise<void>;
  readonly onConnected: (publicKey: PublicKey, url: string) => void;
  readonly onFailed: (failure: PeerFailure) => void;
  readonly onMisbehaved: (from: PublicKey, code: string) => void;
}

export interface PeerFailure {
  readonly url: string;
  readonly publicKey: PublicKey | undefined;
  readonly code: string;
}

export interface PeerStats extends TrafficStats {
  readonly linksOpen: number;
  readonly streamsOpen: number;
}

/** A URL, and whose it is to be; whoever is there when nobody is named. */
export interface Destination {
  readonly url: string;
  readonly publicKey: PublicKey | undefined;
}

export interface PeerTransport {
  /** Sends to a URL, if that node's key is this one. */
  send(to: Destination, message: Message): void;
  /** Answers a hello that came in. */
  answerHello(bytes: Uint8Array): Promise<Result<Uint8Array<ArrayBuffer>, HelloError>>;
  /** Confirms a hello of our own. */
  confirmHello(
    question: { readonly challenge: string; readonly nonce: string },
  ): Uint8Array<ArrayBuffer> | undefined;
  /** Takes a session in; the answer serves the socket that it opened, `undefined` refuses it. */
  openStream(session: string): ((socket: WebSocket) => void) | undefined;
  stats(): PeerStats;
  /** Closes all links and streams. */
  close(): Promise<void>;
}

/** The most links at a time if nobody says. */
const LINKS_MAX = 4096;
/** The most streams at a time, and the most of one peer: those in use, and those that hang. */
const STREAMS_MAX = 4096;
const STREAMS_PER_PEER_MAX = 4;

export function createPeerTransport(options: PeerTransportOptions): PeerTransport {
  const { deliver, onConnected, onMisbehaved } = options;
  const own = { keyPair: options.keyPair, url: options.url };
  const timing = { ...DEFAULT_LINK_TIMING, ...options.timing };
  const faults = options.faults ?? NO_FAULTS;
  const client = Deno.createHttpClient({ poolIdleTimeout: 30_000, poolMaxIdlePerHost: 2 });
  const closing = new AbortController();
  const pendingHellos = new PendingHellos();
  const traffic = new Traffic();
  /** By URL and key; the one that was not used for the longest time stands first. */
  const links = new Map<string, OutgoingLink>();
  const streams = new Map<PublicKey, WebSocket[]>();
  const encoded = new WeakMap<Message, Uint8Array>();
  let streamCount = 0;

  const desk = new SessionDesk({
    own,
    client,
    pendingHellos,
    isPeer: options.isPeer,
    signal: closing.signal,
    callBackTimeoutMs: timing.connectTimeoutMs / 2,
    onGreeted: (publicKey, url) => {
      links.get(nameOf(url, publicKey))?.revive();
      links.get(nameOf(url, undefined))?.revive();
      onConnected(publicKey, url);
    },
  });

  return {
    send,
    answerHello: (bytes) => desk.answerHello(bytes),
    confirmHello: (question) => desk.confirm(question),
    openStream,
    stats,
    close,
  };

  function send(to: Destination, message: Message): void {
    if (closing.signal.aborted) return;
    const name = nameOf(to.url, to.publicKey);
    const link = links.get(name) ?? linkFound(to) ?? createLink(to);
    links.delete(name);
    links.set(name, link);
    link.send({ type: message.type, bytes: encodeOnce(message) });
  }

  /** The link that asked for whoever is there, if that is the node. */
  function linkFound({ url, publicKey }: Destination): OutgoingLink | undefined {
    const name = nameOf(url, undefined);
    const link = links.get(name);
    if (link === undefined || publicKey === undefined || !link.keepTo(publicKey)) return undefined;
    links.delete(name);
    return link;
  }

  /** A message to all peers is one object: encoded once. */
  function encodeOnce(message: Message): Uint8Array {
    const known = encoded.get(message);
    if (known !== undefined) return known;
    const bytes = encodeMessage(message);
    encoded.set(message, bytes);
    return bytes;
  }

  function createLink({ url, publicKey }: Destination): OutgoingLink {
    for (const [name, oldest] of links) {
      if (links.size < (options.linksMax ?? LINKS_MAX)) break;
      links.delete(name);
      void oldest.close();
    }
    return new OutgoingLink({
      url,
      publicKey,
      own,
      timing,
      faults,
      traffic,
      client,
      pendingHellos,
      onConnected: (publicKey) => onConnected(publicKey, url),
      onFailed: (publicKey, code) => options.onFailed({ url, publicKey, code }),
    });
  }

  function openStream(session: string): ((socket: WebSocket) => void) | undefined {
    const publicKey = desk.claim(session);
    if (publicKey === undefined || streamCount >= STREAMS_MAX) return undefined;
    return (socket) => {
      const open = streams.get(publicKey) ?? [];
      streams.set(publicKey, open);
      open.push(socket);
      streamCount++;
      const oldest = open.length > STREAMS_PER_PEER_MAX ? open[0] : undefined;
      if (oldest !== undefined) {
        forget(publicKey, oldest);
        oldest.close();
      }
      serveStream(socket, {
        publicKey,
        traffic,
        deliver,
        onMisbehaved,
        onClosed: () => forget(publicKey, socket),
      });
      if (closing.signal.aborted) socket.close();
    };
  }

  /** A stream that is to be closed counts no more, even if its other end never lets go. */
  function forget(publicKey: PublicKey, socket: WebSocket): void {
    const open = streams.get(publicKey) ?? [];
    const index = open.indexOf(socket);
    if (index < 0) return;
    open.splice(index, 1);
    streamCount--;
    if (open.length === 0) streams.delete(publicKey);
  }

  function stats(): PeerStats {
    const linksOpen = [...links.values()].filter((link) => link.isOpen).length;
    return { ...traffic.stats(), linksOpen, streamsOpen: streamCount };
  }

  async function close(): Promise<void> {
    closing.abort();
    const sockets = [...streams.values()].flat();
    await Promise.all([
      ...[...links.values()].map((link) => link.close()),
      ...sockets.map((socket) => closeSocket(socket)),
    ]);
    client.close();
  }
}

function nameOf(url: string, publicKey: PublicKey | undefined): string {
  return `${publicKey ?? ""} ${url}`;
}
