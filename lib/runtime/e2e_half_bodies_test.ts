import assert from "node:assert/strict";
import { readToken } from "../store/data_folder.ts";
import { askNode, withNodeProcesses } from "../testing/spawned_node.ts";
import { P2P_PATH } from "../wire/handshake.ts";

const CONNECTIONS = 600;
const IDLE_CONNECTIONS = 8_000;
const OPENERS = 50;

Deno.test("X03 half-sent openings and idle connections of one address keep neither owner nor readers out", async () => {
  await withNodeProcesses(async (processes) => {
    const [node] = await processes.network(1);
    assert(node !== undefined);
    const { hostname, port } = new URL(node.url);
    const half = `POST ${P2P_PATH}/handshake HTTP/1.1\r\nHost: ${hostname}\r\n` +
      "Content-Type: application/octet-stream\r\nContent-Length: 100\r\n\r\nhalf";
    const connections = await Promise.all(
      Array.from({ length: CONNECTIONS }, () => Deno.connect({ hostname, port: Number(port) })),
    );
    try {
      for (const [index, connection] of connections.entries()) {
        const text = index % 3 === 0 ? "" : index % 3 === 1 ? "GET / HT" : half;
        if (text !== "") await connection.write(new TextEncoder().encode(text));
      }
      const token = readToken(`${processes.folder}/node-0`) as string;
      for (let count = 0; count < 5; count++) {
        const paid = await askNode(node, "/payments", { body: { to: "id0", amount: 1 }, token });
        assert.equal(paid.status, 202);
        assert.equal((await askNode(node, "/status")).status, 200);
      }
    } finally {
      for (const connection of connections) connection.close();
    }
  });
});

Deno.test("X07 8,000 idle connections and half-sent headers are all closed, and meanwhile the owner pays", async () => {
  await withNodeProcesses(async (processes) => {
    const [node] = await processes.network(1);
    assert(node !== undefined);
    const { hostname, port } = new URL(node.url);
    const token = readToken(`${processes.folder}/node-0`) as string;
    const half = new TextEncoder().encode("GET /api/v1/status HTTP/1.1\r\nHos");
    const closed: Promise<void>[] = [];
    let openCount = 0;
    await Promise.all(Array.from({ length: OPENERS }, async () => {
      while (openCount++ < IDLE_CONNECTIONS) {
        const connection = await Deno.connect({ hostname, port: Number(port) });
        if (openCount % 2 === 0) await connection.write(half).catch(() => {});
        closed.push(untilClosed(connection));
        if (openCount % 1_000 !== 0) continue;
        const paid = await askNode(node, "/payments", { body: { to: "id0", amount: 1 }, token });
        assert.equal(paid.status, 202);
        assert.equal((await askNode(node, "/status")).status, 200);
      }
    }));
    assert.equal(closed.length, IDLE_CONNECTIONS);
    await Promise.all(closed);
  });
});

/** Resolves when the other end has closed. */
async function untilClosed(connection: Deno.Conn): Promise<void> {
  const buffer = new Uint8Array(512);
  while ((await connection.read(buffer).catch(() => null)) !== null);
  connection.close();
}
