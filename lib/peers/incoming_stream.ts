/**
 * The stream that one peer opened to us: takes its frames apart, in order, one after the other.
 *
 * A frame is acknowledged when whoever stands behind has room for it, so that a full queue slows the
 * peer down instead of filling memory. Bytes that are no message end the stream.
 *
 * @module
 */
import { decodeBatch, encodeAck } from "../wire/batch.ts";
import type { PublicKey } from "../crypto/keys.ts";
import { decodeMessage } from "../wire/codec.ts";
import type { Message } from "../wire/message.ts";
import type { Traffic } from "./traffic.ts";

/** Frames that may wait to be taken; a sender of ours never has more than four on their way. */
const FRAMES_WAITING_MAX = 8;

export interface StreamOptions {
  /** Whose stream it is. */
  readonly publicKey: PublicKey;
  readonly traffic: Traffic;
  /** Resolves when there is room for more. */
  readonly deliver: (from: PublicKey, messages: readonly Message[]) => Promise<void>;
  readonly onMisbehaved: (from: PublicKey, code: string) => void;
  readonly onClosed: () => void;
}

export function serveStream(socket: WebSocket, options: StreamOptions): void {
  const { publicKey, traffic, deliver, onMisbehaved } = options;
  const waiting: Uint8Array[] = [];
  let isTaking = false;
  let frameCount = 0;

  socket.binaryType = "arraybuffer";
  socket.onmessage = ({ data }) => {
    if (socket.readyState !== WebSocket.OPEN) return;
    if (!(data instanceof ArrayBuffer)) return refuse("frame-malformed");
    if (waiting.length >= FRAMES_WAITING_MAX) return refuse("peer-floods");
    waiting.push(new Uint8Array(data));
    if (!isTaking) void takeAll();
  };
  socket.onerror = (event) => event.preventDefault();
  socket.onclose = () => {
    waiting.length = 0;
    options.onClosed();
  };

  async function takeAll(): Promise<void> {
    isTaking = true;
    for (let frame = waiting.shift(); frame !== undefined; frame = waiting.shift()) {
      const messages = readFrame(frame);
      if (messages === undefined) {
        refuse("message-malformed");
        break;
      }
      await deliver(publicKey, messages);
      frameCount++;
      if (socket.readyState === WebSocket.OPEN) socket.send(encodeAck(frameCount));
    }
    isTaking = false;
  }

  function readFrame(frame: Uint8Array): Message[] | undefined {
    traffic.framesReceived++;
    const messages: Message[] = [];
    for (const bytes of decodeBatch(frame) ?? []) {
      const message = decodeMessage(bytes);
      if (message === undefined) return undefined;
      traffic.countReceived(message.type, bytes.length);
      messages.push(message);
    }
    return messages.length > 0 ? messages : undefined;
  }

  function refuse(code: string): void {
    waiting.length = 0;
    socket.close(1008, code);
    onMisbehaved(publicKey, code);
  }
}
