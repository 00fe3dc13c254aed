/**
 * Requests at a high rate for little work: bytes that were made before, many on one connection, answers
 * only counted.
 *
 * @module
 */
import { Buffer } from "node:buffer";
import { connect, type Socket } from "node:net";
import { concatBytes, utf8Bytes } from "../../../lib/bytes.ts";
import { OPEN_REQUESTS_MAX } from "../../../lib/runtime/http_server.ts";
import { pause } from "./attack.ts";

export interface FloodOptions {
  readonly url: string;
  readonly addresses: readonly string[];
  readonly path: string;
  readonly bodies: readonly Uint8Array[];
  readonly perSecond: number;
  readonly connections: number;
  readonly signal: AbortSignal;
}

export interface FloodCounts {
  readonly sent: number;
  readonly answered: number;
  readonly ok: number;
}

/** Requests of one connection that are not answered yet: a node closes one that asks for more. */
const UNANSWERED_MAX = OPEN_REQUESTS_MAX;
const TICK_MS = 20;

/** Sends POSTs until the signal fires; what finds no room is not sent. */
export async function flood(options: FloodOptions): Promise<FloodCounts> {
  const { url, addresses, path, bodies, perSecond, connections, signal } = options;
  const { hostname, port } = new URL(url);
  const requests = bodies.map((body) =>
    concatBytes([
      utf8Bytes(
        `POST ${path} HTTP/1.1\r\nHost: ${hostname}:${port}\r\n` +
          `Content-Type: application/octet-stream\r\nContent-Length: ${body.length}\r\n\r\n`,
      ),
      body,
    ])
  );
  const pipes = Array.from({ length: connections }, (_, index) => {
    const localAddress = addresses[index % addresses.length] ?? "127.0.0.1";
    return new Pipe({ host: hostname, port: Number(port), localAddress });
  });
  let sent = 0;
  let due = 0;
  let lastMs = performance.now();
  while (!signal.aborted) {
    await pause(signal, TICK_MS);
    const nowMs = performance.now();
    due = Math.min(due + (nowMs - lastMs) * perSecond / 1000, perSecond / 5);
    lastMs = nowMs;
    for (let turn = 0; due >= 1 && turn < due + connections; turn++) {
      const pipe = pipes[turn % pipes.length];
      const request = requests[sent % requests.length];
      if (request === undefined || !pipe?.send(request)) continue;
      sent++;
      due--;
    }
  }
  for (const pipe of pipes) pipe.close();
  const sum = (of: (pipe: Pipe) => number) => pipes.reduce((all, pipe) => all + of(pipe), 0);
  return { sent, answered: sum((pipe) => pipe.answered), ok: sum((pipe) => pipe.ok) };
}

/** One connection, opened again when it breaks. */
class Pipe {
  answered = 0;
  ok = 0;
  #unanswered = 0;
  #socket: Socket | undefined;
  #isReady = false;
  #isClosed = false;

  constructor(readonly where: { host: string; port: number; localAddress: string }) {
    this.#open();
  }

  send(request: Uint8Array): boolean {
    if (!this.#isReady || this.#unanswered >= UNANSWERED_MAX) return false;
    this.#socket?.write(request);
    this.#unanswered++;
    return true;
  }

  close(): void {
    this.#isClosed = true;
    this.#socket?.destroy();
  }

  #open(): void {
    if (this.#isClosed) return;
    this.#isReady = false;
    this.#unanswered = 0;
    const socket = connect(this.where);
    this.#socket = socket;
    socket.on("connect", () => this.#isReady = true);
    socket.on("data", (data: Buffer) => this.#count(data.toString("latin1")));
    socket.on("error", () => {});
    socket.on("close", () => setTimeout(() => this.#open(), 50));
  }

  #count(text: string): void {
    for (const [, status] of text.matchAll(/HTTP\/1\.1 (\d{3})/g)) {
      this.answered++;
      this.#unanswered--;
      if (status === "200") this.ok++;
    }
  }
}
