/**
 * Where strangers become peers: answers hellos, and hands out the sessions that open a stream.
 *
 * A hello is believed when the node at the URL that it claims confirms it: the one call that a stranger
 * can make us do, and it is bounded in number, time and size. A session opens one stream, once, soon.
 *
 * @module
 */
import type { KeyPair, PublicKey } from "../crypto/keys.ts";
import { err, ok, type Result } from "../result.ts";
import {
  decodeHello,
  decodeIdentity,
  encodeHelloAnswer,
  encodeIdentity,
  type HandshakeCode,
  type Hello,
} from "../wire/handshake.ts";
import { fetchBytes } from "./fetch_bytes.ts";
import { type PendingHellos, randomNonce } from "./pending_hellos.ts";

/** Why a hello is refused. */
export interface HelloError {
  readonly code: HandshakeCode | "peers-busy";
  /** For people. */
  readonly text: string;
}

export interface SessionDeskOptions {
  readonly own: { readonly keyPair: KeyPair; readonly url: string };
  readonly client: Deno.HttpClient;
  readonly pendingHellos: PendingHellos;
  readonly signal: AbortSignal;
  readonly callBackTimeoutMs: number;
  /** Peers of the node: strangers who hang cannot take their places. */
  readonly isPeer: (publicKey: PublicKey) => boolean;
  /** A peer proved who and where it is. */
  readonly onGreeted: (publicKey: PublicKey, url: string) => void;
}

/** Hellos of strangers, and of peers, that are being answered at a time; all that are looked at in a second. */
const HELLOS_MAX = 64;
const HELLOS_PER_SECOND_MAX = 500;
const SESSIONS_MAX = 1024;
const SESSION_LIFE_MS = 15_000;
const IDENTITY_SIZE_BYTES_MAX = 512;

export class SessionDesk {
  readonly #options: SessionDeskOptions;
  readonly #sessions = new Map<
    string,
    { readonly publicKey: PublicKey; readonly expiresAtMs: number }
  >();
  readonly #helloCounts = { peers: 0, strangers: 0 };
  #secondStartMs = 0;
  #secondCount = 0;

  constructor(options: SessionDeskOptions) {
    this.#options = options;
  }

  /** Answers a hello with a session, or says why not. */
  async answerHello(bytes: Uint8Array): Promise<Result<Uint8Array<ArrayBuffer>, HelloError>> {
    const { own, isPeer, onGreeted } = this.#options;
    if (!this.#hasTime()) {
      return refuse(
        "peers-busy",
        `Cannot take a hello: got one more, wanted at most ${HELLOS_PER_SECOND_MAX} a second`,
      );
    }
    const hello = decodeHello(bytes);
    if (!hello.ok) return refuse(hello.error.code, HELLO_TEXTS[hello.error.code]);
    const { recipient, nonce, publicKey, url } = hello.value;
    if (recipient !== undefined && recipient !== own.keyPair.publicKey) {
      return refuse(
        "identity-mismatch",
        `Cannot take a hello: got one for key ${recipient}, wanted ${own.keyPair.publicKey}`,
      );
    }
    const kind = isPeer(publicKey) ? "peers" : "strangers";
    if (this.#helloCounts[kind] >= HELLOS_MAX) {
      return refuse(
        "peers-busy",
        `Cannot take a hello: got one more, wanted at most ${HELLOS_MAX} at a time`,
      );
    }

    this.#helloCounts[kind]++;
    const refusal = await this.#callBack(hello.value);
    this.#helloCounts[kind]--;
    if (refusal !== undefined) return err(refusal);

    const session = this.#createSession(publicKey);
    onGreeted(publicKey, url);
    return ok(encodeHelloAnswer({ nonce, sender: publicKey, session }, own.keyPair));
  }

  /** Confirms a hello of our own; `undefined` when we did not send it. */
  confirm(
    { challenge, nonce }: { readonly challenge: string; readonly nonce: string },
  ): Uint8Array<ArrayBuffer> | undefined {
    const { own, pendingHellos } = this.#options;
    if (!pendingHellos.has(nonce)) return undefined;
    return encodeIdentity({ challenge, nonce, url: own.url }, own.keyPair);
  }

  /** Takes a session in for a stream: whose it is, once. */
  claim(session: string): PublicKey | undefined {
    const claimed = this.#sessions.get(session);
    this.#sessions.delete(session);
    if (claimed === undefined || claimed.expiresAtMs < performance.now()) return undefined;
    return claimed.publicKey;
  }

  /** Checking a signature costs something: strangers get a part of a second, not all of it. */
  #hasTime(): boolean {
    const nowMs = performance.now();
    if (nowMs - this.#secondStartMs >= 1000) {
      this.#secondStartMs = nowMs;
      this.#secondCount = 0;
    }
    return ++this.#secondCount <= HELLOS_PER_SECOND_MAX;
  }

  async #callBack(hello: Hello): Promise<HelloError | undefined> {
    const { client, signal, callBackTimeoutMs } = this.#options;
    const { nonce, url, publicKey } = hello;
    const challenge = randomNonce();
    const outcome = await fetchBytes(
      `${url}/p2p/v1/identity?challenge=${challenge}&nonce=${nonce}`,
      { client, signal, timeoutMs: callBackTimeoutMs, sizeBytesMax: IDENTITY_SIZE_BYTES_MAX },
    );
    if (outcome.kind !== "answer") {
      return {
        code: "address-unreachable",
        text: `Cannot reach the advertised URL: got ${outcome.kind} from "${url}", ` +
          "wanted a node that answers there",
      };
    }
    const identity = decodeIdentity(outcome.bytes, { challenge, nonce });
    if (outcome.status === 200 && identity?.publicKey === publicKey && identity.url === url) {
      return undefined;
    }
    return {
      code: "identity-mismatch",
      text: `Cannot trust the advertised URL: got somebody else at "${url}", wanted ${publicKey}`,
    };
  }

  #createSession(publicKey: PublicKey): string {
    const nowMs = performance.now();
    for (const [session, { expiresAtMs }] of this.#sessions) {
      if (expiresAtMs >= nowMs && this.#sessions.size < SESSIONS_MAX) break;
      this.#sessions.delete(session);
    }
    const session = randomNonce();
    this.#sessions.set(session, { publicKey, expiresAtMs: nowMs + SESSION_LIFE_MS });
    return session;
  }
}

const HELLO_TEXTS: Readonly<Record<HandshakeCode, string>> = {
  "hello-malformed": "Cannot read the hello: got other bytes, wanted those of docs/protocol.md",
  "hello-bad-signature": "Cannot trust the hello: got a wrong signature, wanted the sender's",
  "protocol-version-unsupported": "Cannot talk: got another protocol version, wanted 1",
  "address-unreachable": "Cannot reach the advertised URL",
  "identity-mismatch": "Cannot trust the advertised URL",
};

function refuse(code: HelloError["code"], text: string): Result<never, HelloError> {
  return err({ code, text });
}
