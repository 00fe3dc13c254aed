import assert from "node:assert/strict";
import { TEST_TOKEN } from "../../lib/testing/test_api.ts";
import { connectionDoor } from "./connection_door.ts";
import { openDoors } from "./doors.ts";
import { firstLookDoor } from "./first_look_door.ts";
import { latinBytes, openingText, paymentText } from "./recorded_requests.ts";
import { fuzzDoors } from "./fuzz_run.ts";
import { mutate } from "./mutate.ts";
import { randomStream } from "../../lib/random/random_stream.ts";

Deno.test("a door that breaks its promise is found, with the input", async () => {
  const door = {
    name: "broken",
    corpus: [new Uint8Array([1, 2, 3])],
    turn: 100,
    take(input: Uint8Array) {
      if (input.length > 3) throw new Error("too long");
    },
  };
  const { findings } = await fuzzDoors([door], { seed: 1, untilMs: performance.now() + 200 });
  assert(findings.length > 0);
  assert.match(findings[0]?.message ?? "", /too long/);
  assert((findings[0]?.inputHex.length ?? 0) > 6);
});

Deno.test("N04 payouts of a founder's earlier life, brought by others, do not end it (seed 12, turn 45)", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const door = (await openDoors(folder)).find(({ name }) => name === "node");
    assert(door !== undefined);
    for (let turn = 0; turn <= 47; turn++) {
      const random = randomStream(12, `${door.name}/${turn}`);
      for (let index = 0; index < door.turn; index++) {
        await door.take(mutate(door.corpus, random), random);
      }
    }
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

/** The listener looks once more, after its answer, whether a body was left unread. */
const LISTENERS = { sanitizeOps: false, sanitizeResources: false };

Deno.test("every door takes spoilt inputs and keeps its promises", LISTENERS, async () => {
  const folder = await Deno.makeTempDir();
  const doors = await openDoors(folder);
  try {
    const report = await fuzzDoors(doors, { seed: 7, untilMs: performance.now() + 15_000 });
    assert.deepEqual(report.findings, []);
    for (const { name } of doors) assert((report.inputsByDoor[name] ?? 0) > 0, name);
  } finally {
    for (const door of doors) await door.close?.();
    await Deno.remove(folder, { recursive: true });
  }
});

/** What once broke a promise at a connection, one character a byte. */
const CONNECTION_FINDINGS = [
  // Names that look like addresses and are no URL's: the node took them for its own mistake.
  openingText("/p2p/v2/handshake", new Uint8Array(141)).replace("127.0.0.1", "1127.0.0.1"),
  // The first look answered what the whole server refuses.
  openingText("/p2p/v2/handshake", new Uint8Array(0)).replace("127.0.0.1", "12?.0.0.1"),
  openingText("/p2p/v2/handshake", new Uint8Array(0)).replace("127.0.0.1", "127.0.0../.1"),
  // Bodies in chunks that break off: the node took them for its own mistake, too.
  "POST /p2p/v2/handshake HTTP/1.1\r\nHost: n\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nabc",
  `POST /api/v1/payments HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer ${TEST_TOKEN}\r\n` +
  "Transfer-Encoding: chunked\r\nContent-Type: application/json\r\n\r\n5\r\nabc",
  // The whole server ends the connection, and so nothing behind it is answered.
  paymentText({ path: "/api/v1/payments", token: TEST_TOKEN }, '{"to":1,"amount":1}')
    .replace("Host", "Proxy-Connection: close\r\nHost"),
];

Deno.test("X02 what once broke a promise at a connection does so no more", LISTENERS, async () => {
  for (const door of [firstLookDoor(), connectionDoor()]) {
    for (const [index, text] of CONNECTION_FINDINGS.entries()) {
      for (let turn = 0; turn < 5; turn++) {
        await door.take(latinBytes(text), randomStream(turn, `${index}`));
      }
    }
    await door.close?.();
  }
});
