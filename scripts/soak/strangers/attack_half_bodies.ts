/**
 * Openings of which half the body is sent and the rest never comes, 1,100 at a time and renewed as they
 * are cut; beside them, connections that say nothing and ones that stop within their headers.
 *
 * @module
 */
import { OPENING_SIZE_BYTES, P2P_PATH } from "../../../lib/wire/handshake.ts";
import { type Attack, type AttackCounts, type AttackTarget, pause } from "./attack.ts";

const CONNECTIONS = 1_100;
const IDLE_SHARE = 4;

export const halfBodiesAttack: Attack = {
  what: "1,100 half-sent openings at a time, and idle connections beside them",
  prepare: (target) => () => attack(target),
};

async function attack({ url, signal }: AttackTarget): Promise<AttackCounts> {
  const counts = { opened: 0, cut: 0, refused: 0 };
  const { hostname, port } = new URL(url);
  const half = new TextEncoder().encode(
    `POST ${P2P_PATH}/handshake HTTP/1.1\r\nHost: ${hostname}\r\n` +
      `Content-Type: application/octet-stream\r\nContent-Length: ${OPENING_SIZE_BYTES}\r\n\r\nhalf`,
  );
  const headers = new TextEncoder().encode(`POST ${P2P_PATH}/handshake HTTP/1.1\r\nHo`);
  await Promise.all(Array.from({ length: CONNECTIONS }, async (_, index) => {
    const text = index % IDLE_SHARE !== 0
      ? half
      : index % (2 * IDLE_SHARE) === 0
      ? headers
      : undefined;
    while (!signal.aborted) {
      let connection: Deno.TcpConn;
      try {
        connection = await Deno.connect({ hostname, port: Number(port) });
      } catch {
        counts.refused++;
        await pause(signal, 500);
        continue;
      }
      counts.opened++;
      const close = () => {
        try {
          connection.close();
        } catch {
          // The node was faster.
        }
      };
      signal.addEventListener("abort", close, { once: true });
      try {
        if (text !== undefined) await connection.write(text);
        while (await connection.read(new Uint8Array(1024)) !== null);
        counts.cut++;
      } catch {
        if (!signal.aborted) counts.cut++;
      }
      signal.removeEventListener("abort", close);
      close();
      await pause(signal, 100);
    }
  }));
  return counts;
}
