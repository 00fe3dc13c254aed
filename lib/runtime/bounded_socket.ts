/**
 * A WebSocket of somebody of whom little is known: what has come of a frame is looked at before all of it is kept.
 *
 * ```
 * piece of a frame → how much of it is there now → may that be kept? → … → whole → message
 *                                                ↘ no: told why by whoever serves it; cut when it goes on
 * ```
 *
 * The runtime's own sockets are faster, but take up to 64 MiB of a frame before anybody hears of it, and go on
 * doing so while they are being closed. A frame comes in one part here, as every node sends it.
 *
 * Called by `http_server.ts`.
 *
 * @module
 */
import type { Buffer } from "node:buffer";
import type { IncomingMessage } from "node:http";
import type { Socket } from "node:net";
import { WebSocketServer } from "ws";

/** How long the other end may take to close, too, and what it may send meanwhile. */
const CLOSE_MS_MAX = 1_000;
const CLOSING_SIZE_BYTES_MAX = 64 * 1024;

/** The most that stands in front of a frame's content. */
const HEADER_SIZE_BYTES_MAX = 14;

/** The part of `ws` that is used here; it brings no types. */
interface BoundedSocket extends WebSocket {
  on(event: "message" | "ping" | "pong", listener: (content: Uint8Array) => void): void;
  on(event: "error", listener: () => void): void;
  terminate(): void;
}

const sockets: {
  handleUpgrade(
    request: IncomingMessage,
    socket: Socket,
    head: Uint8Array,
    onOpen: (opened: BoundedSocket) => void,
  ): void;
} = new WebSocketServer({
  noServer: true,
  clientTracking: false,
  perMessageDeflate: false,
  maxFragments: 1,
  // Its bound is asked for with each piece.
  maxPayload: 0,
  closeTimeout: CLOSE_MS_MAX,
});

/** Opens it; nothing when the request is no good one, which the caller has been told then. */
export function openBoundedSocket(
  request: IncomingMessage,
  { socket, head, mayKeep }: {
    readonly socket: Socket;
    /** What has come already. */
    readonly head: Uint8Array;
    readonly mayKeep: (sizeBytes: number) => boolean;
  },
): { readonly socket: WebSocket; readonly response: Response } | undefined {
  let opened: BoundedSocket | undefined;
  sockets.handleUpgrade(request, socket, head, (it) => opened = it);
  if (opened === undefined) return undefined;
  bound(opened, socket, mayKeep);
  // Nothing has been read since the upgrade was told of.
  readOn(socket);
  return { socket: opened, response: new Response(null) };
}

function bound(
  opened: BoundedSocket,
  socket: Socket,
  mayKeep: (sizeBytes: number) => boolean,
): void {
  /** What has come and is in no whole frame. */
  let sizeBytes = 0;
  const take = (content: { readonly byteLength: number }) => {
    sizeBytes -= frameSizeBytes(content.byteLength);
  };
  for (const event of ["message", "ping", "pong"] as const) opened.on(event, take);
  // The socket's owner hears of it by its end.
  opened.on("error", () => {});
  // Comes behind the one that reads frames, so what is whole has been taken.
  socket.on("data", (piece: Buffer) => {
    sizeBytes += piece.length;
    if (opened.readyState === WebSocket.OPEN) {
      const contentSizeBytes = sizeBytes - HEADER_SIZE_BYTES_MAX;
      if (contentSizeBytes > 0 && !mayKeep(contentSizeBytes)) sizeBytes = 0;
    } else if (sizeBytes > CLOSING_SIZE_BYTES_MAX) {
      opened.terminate();
    }
  });
}

/** The size of a caller's frame around so much content. */
function frameSizeBytes(contentSizeBytes: number): number {
  const lengthSizeBytes = contentSizeBytes < 126 ? 0 : contentSizeBytes < 65_536 ? 2 : 8;
  return 2 + lengthSizeBytes + 4 + contentSizeBytes;
}

function readOn(socket: Socket): void {
  (socket as unknown as { readonly _handle?: { readStart(): void } | null })._handle?.readStart();
}
