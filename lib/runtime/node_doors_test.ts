import assert from "node:assert/strict";
import { RawConnection } from "../testing/raw_connection.ts";
import { OPENING_SIZE_BYTES, P2P_PATH } from "../wire/handshake.ts";
import { serveHttp } from "./http_server.ts";
import { NodeDoors } from "./node_doors.ts";
import { DEFAULT_KIND_LIMITS } from "./request_limit.ts";

const OPENING = "o".repeat(OPENING_SIZE_BYTES);

/** Doors behind which everything that reaches the whole server is written down. */
function doorsOf(answerOpening: (bytes: Uint8Array) => Promise<void>) {
  const whole: string[] = [];
  const doors = new NodeDoors();
  doors.setToken("t");
  doors.setAnswers({
    handle(request) {
      whole.push(new URL(request.url).pathname);
      return new Response("whole");
    },
    payPlainly: () => undefined,
    answerOpening: async (bytes) => {
      await answerOpening(bytes);
      return { status: 200, headers: {}, body: "answer" };
    },
  });
  return { doors, whole };
}

function opening(headers = ""): string {
  return `POST ${P2P_PATH}/handshake HTTP/1.1\r\nHost: n\r\n${headers}` +
    `Content-Length: ${OPENING_SIZE_BYTES}\r\n\r\n${OPENING}`;
}

async function answerTo(port: number, request: string): Promise<string> {
  const caller = new RawConnection(await Deno.connect({ hostname: "127.0.0.1", port }));
  await caller.write(request);
  let text = "";
  while (!/(?:whole|answer)$/.test(text)) {
    const part = await caller.read();
    assert.notEqual(part, null, text);
    text += part;
  }
  caller.conn.close();
  return text;
}

Deno.test("X02 an opening is answered before the HTTP server; a page's and an owner's are not", async () => {
  const openings: string[] = [];
  const { doors, whole } = doorsOf((bytes) => {
    openings.push(new TextDecoder().decode(bytes));
    return Promise.resolve();
  });
  for (const serving of [doors.serving(), doors.servingInClear()]) {
    const server = await serveHttp({ hostname: "127.0.0.1", port: 0 }, serving);
    try {
      assert.match(await answerTo(server.port, opening()), /answer$/);
      assert.deepEqual(whole.splice(0), []);
      assert.deepEqual(openings.splice(0), [OPENING]);
      for (const header of ["Origin: http://a\r\n", "Authorization: Bearer t\r\n"]) {
        assert.match(await answerTo(server.port, opening(header)), /whole$/);
        assert.deepEqual(whole.splice(0), [`${P2P_PATH}/handshake`]);
        assert.deepEqual(openings.splice(0), []);
      }
    } finally {
      await server.shutdown();
    }
  }
});

Deno.test("X02 openings of one address have so many places; one more is for the whole server to refuse", async () => {
  const gate = Promise.withResolvers<void>();
  const { doors } = doorsOf(() => gate.promise);
  const door = doors.serving().doors?.find(({ path }) => path.startsWith(P2P_PATH));
  assert(door !== undefined);
  const request = {
    asked: { url: `http://n${P2P_PATH}/handshake`, headers: { get: () => null } },
    bytes: () => new Uint8Array(OPENING_SIZE_BYTES),
    text: () => OPENING,
  };
  const { openPerAddressMax } = DEFAULT_KIND_LIMITS.peer;
  const open = Array.from({ length: openPerAddressMax }, () => door.answer(request, "10.0.0.1"));
  assert(open.every((answer) => answer !== undefined));
  assert.equal(door.answer(request, "10.0.0.1"), undefined);
  assert.notEqual(door.answer(request, "10.0.0.2"), undefined);
  gate.resolve();
  await Promise.all(open);
  assert.notEqual(door.answer(request, "10.0.0.1"), undefined);
});

Deno.test("a token in clear of another machine is refused, unless the operator allows it", async () => {
  const { doors, whole } = doorsOf(() => Promise.resolve());
  const asks = (token: string | undefined) =>
    new Request("http://n/api/v1/status", {
      headers: token === undefined ? {} : { authorization: `Bearer ${token}` },
    });
  const inClear = doors.servingInClear();
  for (const token of ["t", "wrong"]) {
    const refused = await inClear.handle(asks(token), "192.0.2.7");
    assert.equal(refused.status, 403);
    assert.equal((await refused.json()).error.code, "token-in-clear");
  }
  assert.deepEqual(whole, []);
  for (const address of ["127.0.0.1", "127.8.9.1", "::1", "::ffff:127.0.0.1"]) {
    assert.equal((await inClear.handle(asks("t"), address)).status, 200, address);
  }
  assert.equal((await inClear.handle(asks(undefined), "192.0.2.7")).status, 200);
  assert.equal((await doors.serving().handle(asks("t"), "192.0.2.7")).status, 200);
});
