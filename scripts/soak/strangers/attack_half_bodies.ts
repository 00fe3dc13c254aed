/**
 * Openings of which half the body is sent and the rest never comes, 1,100 at a time and renewed as they
 * are cut; beside them, connections that say nothing and ones that stop within their headers.
 *
 * @module
 */
import { connect, type Socket } from "node:net";
import { OPENING_SIZE_BYTES, P2P_PATH } from "../../../lib/wire/handshake.ts";
import { type Attack, type AttackCounts, type AttackTarget, pause } from "./attack.ts";

const CONNECTIONS = 1_100;
const IDLE_SHARE = 4;

export const halfBodiesAttack: Attack = {
  what: "1,100 half-sent openings at a time, and idle connections beside them",
  prepare: (target) => () => attack(target),
};

async function attack({ url, addresses, signal }: AttackTarget): Promise<AttackCounts> {
  const counts = { opened: 0, cut: 0, refused: 0 };
  const { hostname, port } = new URL(url);
  const half = `POST ${P2P_PATH}/handshake HTTP/1.1\r\nHost: ${hostname}\r\n` +
    `Content-Type: application/octet-stream\r\nContent-Length: ${OPENING_SIZE_BYTES}\r\n\r\nhalf`;
  const headers = `POST ${P2P_PATH}/handshake HTTP/1.1\r\nHo`;
  await Promise.all(Array.from({ length: CONNECTIONS }, async (_, index) => {
    const localAddress = addresses[index % addresses.length] ?? "127.0.0.1";
    // By rounds of addresses, so that each of them does all of it.
    const turn = Math.floor(index / addresses.length);
    const text = turn % IDLE_SHARE !== 0 ? half : turn % (2 * IDLE_SHARE) === 0 ? headers : "";
    while (!signal.aborted) {
      const socket = connect({ host: hostname, port: Number(port), localAddress });
      const isOpened = await untilClosed(socket, text, signal);
      if (isOpened) counts.opened++;
      else counts.refused++;
      if (isOpened && !signal.aborted) counts.cut++;
      await pause(signal, isOpened ? 100 : 500);
    }
  }));
  return counts;
}

/** Says so much and waits; tells whether it was connected at all. */
async function untilClosed(socket: Socket, text: string, signal: AbortSignal): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const end = () => void socket.destroy();
  let isOpened = false;
  signal.addEventListener("abort", end, { once: true });
  socket.on("connect", () => {
    isOpened = true;
    if (text !== "") socket.write(text);
  });
  socket.on("data", () => {});
  socket.on("error", () => {});
  socket.on("end", end);
  socket.on("close", () => resolve());
  await promise;
  signal.removeEventListener("abort", end);
  return isOpened;
}
