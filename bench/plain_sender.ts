/**
 * Sends the same request over and over on connections that stay open, the next one when the answer is there:
 * a sender that costs next to nothing, so that what is measured is the server.
 *
 * On the two cores that it shares with the server it takes 10 us a request, `fetch` takes 88, the sender of
 * the npm package autocannon 50. It reads as much of an answer as it has to: its status and its length.
 *
 * @module
 */
import { Buffer } from "node:buffer";
import { connect } from "node:net";

export interface PlainSending {
  readonly url: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly connections: number;
  readonly durationMs: number;
  /** Told of each answer. */
  readonly onAnswer: (status: number) => void;
}

/** Sends until the time is over; resolves when every answer is there, fails when a connection breaks. */
export async function sendPlainly(sending: PlainSending): Promise<void> {
  const endAtMs = performance.now() + sending.durationMs;
  await Promise.all(
    Array.from({ length: sending.connections }, () => sendOverOne(sending, endAtMs)),
  );
}

async function sendOverOne(
  { url, path, headers, body, onAnswer }: PlainSending,
  endAtMs: number,
): Promise<void> {
  const { hostname, port, host } = new URL(url);
  const lines = [
    `POST ${path} HTTP/1.1`,
    `Host: ${host}`,
    ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`),
    `Content-Length: ${Buffer.byteLength(body)}`,
  ];
  const request = `${lines.join("\r\n")}\r\n\r\n${body}`;
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const socket = connect({ host: hostname, port: Number(port), noDelay: true }, send);
  let status = 0;
  let missing = 0;
  socket.on("error", reject);
  socket.on("close", () => reject(new Error("Cannot go on: the node closed the connection")));
  socket.on("data", (piece: Buffer) => {
    if (missing === 0) {
      const head = piece.toString("latin1");
      const [, statusText, sizeText] =
        /^HTTP\/1\.1 (\d{3})[^]*?\r\ncontent-length: (\d+)\r\n/i.exec(head) ?? [];
      if (statusText === undefined) {
        return void socket.destroy(new Error("Cannot read an answer: its head came in parts"));
      }
      status = Number(statusText);
      missing = head.indexOf("\r\n\r\n") + 4 + Number(sizeText);
    }
    missing -= piece.length;
    if (missing > 0) return;
    onAnswer(status);
    if (performance.now() < endAtMs) return send();
    resolve();
    socket.destroy();
  });
  return await promise;

  function send(): void {
    socket.write(request);
  }
}
