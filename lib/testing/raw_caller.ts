/**
 * A caller that keeps no rule: it shakes hands with any key, and sends what it is told to.
 *
 * Used by tests and by the attacks of `scripts/soak/strangers`.
 *
 * @module
 */
import type { KeyPair, PublicKey } from "../crypto/keys.ts";
import { openFrame, sealFrame } from "../crypto/noise_frame.ts";
import type { NoiseCiphers } from "../crypto/noise_handshake.ts";
import { concatBytes } from "../bytes.ts";
import { encodeAck, encodeBatch } from "../wire/batch.ts";
import { decodeBatch } from "../wire/batch.ts";
import { decodeMessage, encodeMessage } from "../wire/codec.ts";
import { linkIdentityOf, P2P_PATH } from "../wire/handshake.ts";
import type { Message } from "../wire/message.ts";
import { signRecord } from "../wire/ring.ts";
import { shakeHands } from "../peers/shake_hands.ts";

export interface RawCallerOptions {
  readonly url: string;
  readonly keyPair: KeyPair;
  /** What its record says; `undefined` where nothing is said. */
  readonly advertised?: string;
  readonly joinToken?: string;
  readonly wanted?: PublicKey;
  readonly client: Deno.HttpClient;
}

/** Shakes hands; the stream that it may open, or why there is none. */
export async function call(options: RawCallerOptions) {
  const { keyPair, url, client } = options;
  const record = signRecord({ url: options.advertised ?? "", sequence: Date.now() }, keyPair);
  const own = linkIdentityOf(keyPair, record, options.joinToken ?? "");
  const host = await shakeHands({ own, client, nextNumber: () => Date.now() }, {
    url,
    wanted: options.wanted,
    timeoutMs: 10_000,
    signal: new AbortController().signal,
  });
  if ("code" in host) return host;
  return { ...host, open: () => RawStream.open(url, host) };
}

/** An open stream whose frames are made by hand. */
export class RawStream {
  readonly received: Message[] = [];
  readonly closed: Promise<{ readonly code: number; readonly reason: string }>;
  acknowledged = 0;
  /** Each acknowledgement: how many batches were taken by then. */
  readonly acknowledgements: number[] = [];
  #batchesReceived = 0;
  /** Whether it takes the other end's batches. */
  isAcknowledging = true;

  private constructor(readonly socket: WebSocket, readonly ciphers: NoiseCiphers) {
    socket.binaryType = "arraybuffer";
    socket.onmessage = ({ data }) => this.#receive(new Uint8Array(data));
    socket.onerror = (event) => event.preventDefault();
    this.closed = new Promise((resolve) => {
      socket.onclose = ({ code, reason }) => resolve({ code, reason });
    });
  }

  /** Resolves when the stream is open; `undefined` when it was refused. */
  static async open(
    url: string,
    { streamRequest, ciphers }: {
      readonly streamRequest: Uint8Array;
      readonly ciphers: NoiseCiphers;
    },
  ): Promise<RawStream | undefined> {
    const socket = new WebSocket(`${url.replace(/^http/, "ws")}${P2P_PATH}/stream`, {
      headers: { authorization: `Noise ${streamRequest.toBase64()}` },
    });
    const stream = new RawStream(socket, ciphers);
    const isOpen = await Promise.race([
      new Promise((resolve) => socket.addEventListener("open", () => resolve(true))),
      stream.closed.then(() => false),
    ]);
    return isOpen ? stream : undefined;
  }

  /** Seals any content as the next frame. */
  sendContent(content: Uint8Array): void {
    if (this.socket.readyState !== WebSocket.OPEN) return;
    this.socket.send(sealFrame(this.ciphers.send, content));
  }

  sendBatch(messages: readonly Uint8Array[]): void {
    this.sendContent(concatBytes([new Uint8Array([1]), encodeBatch(messages)]));
  }

  send(message: Message): void {
    this.sendBatch([encodeMessage(message)]);
  }

  async close(): Promise<void> {
    this.socket.close();
    await this.closed;
  }

  #receive(sealed: Uint8Array): void {
    const frame = openFrame(this.ciphers.receive, sealed);
    if (frame === undefined) return;
    if (frame[0] === 0) {
      this.acknowledged = new DataView(frame.buffer).getUint32(1);
      this.acknowledgements.push(this.acknowledged);
      return;
    }
    for (const bytes of decodeBatch(frame.subarray(1)) ?? []) {
      const message = decodeMessage(bytes);
      if (message !== undefined) this.received.push(message);
    }
    if (!this.isAcknowledging) return;
    this.sendContent(concatBytes([new Uint8Array([0]), encodeAck(++this.#batchesReceived)]));
  }
}
